"""What a piece of work costs behind gunicorn, and the floors under its requests: measured in turns, in one run.

The machine is never quiet, and the same instructions take now more and now less time. So the product and its floors
stand beside each other, and each does a few pieces of work in turn: what disturbs one disturbs all, and what disturbs a
few turns alone is left out.
"""

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from bench import mirror
from bench.citizen import Citizen
from bench.instance import Instance, free_port
from bench.processes import cpu_ms, gunicorn

_TURNS = 16


@dataclass(frozen=True)
class Costs:
    """CPU milliseconds of one piece of work, of the same messages with nothing done, and of as many empty requests."""

    cost: float
    same: float
    empty: float
    requests: int


def measure(world: Instance, pids: list[int], citizen: Citizen, work: Callable[[], None], count: int) -> Costs:
    """Measure a running server of these pids, on which `work` makes the citizen do one piece."""
    for _ in range(20):
        work()
    said = citizen.kept(work)
    with ExitStack() as stack:
        kept = Path(stack.enter_context(tempfile.TemporaryDirectory()), "said.json")
        mirror.hand_over(said, kept)
        environ = {mirror.SAID: str(kept)}
        same, empty = free_port(), free_port()
        same_pids = stack.enter_context(gunicorn("bench.mirror:create()", same, 1, environ))
        empty_pids = stack.enter_context(gunicorn("bench.floor:empty", empty, 1, environ))
        repeating, asking = Citizen(same, world.host), Citizen(empty, world.host)

        def nothing() -> None:
            asking.come_anew()
            for _ in said:
                asking.ask("GET", "/healthz")

        works = [(pids, work), (same_pids, lambda: repeating.repeat(said)), (empty_pids, nothing)]
        cost, of_same, of_empty = in_turns(works, count)
    return Costs(cost, of_same, of_empty, len(said))


def in_turns(works: list[tuple[list[int], Callable[[], None]]], count: int) -> list[float]:
    """CPU milliseconds of each work in its processes, done some `count` times in turns: the mean of the middle half of them
    (a turn is counted in ticks of ten milliseconds, too coarse for a median).
    """
    share = count // _TURNS + 1
    used: list[list[float]] = [[] for _ in works]
    for _ in range(_TURNS + 1):
        for milliseconds, (pids, work) in zip(used, works, strict=True):
            before = cpu_ms(pids)
            for _ in range(share):
                work()
            milliseconds.append(cpu_ms(pids) - before)
    return [_middle(milliseconds[1:]) / share for milliseconds in used]  # the first one warms


def _middle(values: list[float]) -> float:
    """The mean without the least and the greatest quarter."""
    quarter = len(values) // 4
    return mean(sorted(values)[quarter : len(values) - quarter])
