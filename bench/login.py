"""What a login costs Passerelle: CPU of the gunicorn workers per login, beside its floor, and logins per second.

    python bench/login.py [--logins 800] [--quick]

In one run, in turns, with the same gunicorn settings (what the middle half of the turns took):
  cost   CPU milliseconds of our processes per complete login (authorize, choice, choose, callback, confirm, confirm, token,
         userinfo) behind gunicorn, ES256 keys, SQLite; the provider is another process, whose CPU does not count
  floor  the same signatures, verifications, derivations, seals, openings, statements and requests to the provider called
         bare, plus the same messages behind the same gunicorn, read by Flask and answered with the same octets (mirror.py)
  rate   logins per second measured with gunicorn on all cores, with SQLite and with PostgreSQL, beside the CPU share that
         everybody else on the machine took (the load generator and the provider run on the same cores)
  memory of a worker after 1,000 logins, with --preload

Where the messages are counted as empty requests, without query, cookie, form and content, the floor is lower; that ratio
stands beside. PostgreSQL is used when a server can be started here. The last line is `ratio N.NN`: cost over floor.
"""

import argparse
import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench import floor, instance  # noqa: E402
from bench.citizen import Citizen, spread  # noqa: E402
from bench.costs import Costs, measure  # noqa: E402
from bench.processes import cpu_ms, gunicorn, machine_ms, memory_mb  # noqa: E402
from bench.rows import Row, told  # noqa: E402

_CROWD = 8


def measure_cost(world: instance.Instance, logins: int) -> Costs:
    """One citizen, one worker."""
    with gunicorn("wsgi:app", world.port, 1, world.environ) as pids:
        citizen = Citizen(world.port, world.host)
        return measure(world, pids, citizen, lambda: citizen.log_in(world), logins)


def compared(name: str, costs: Costs, parts: dict[str, float], most: str = "") -> tuple[float, list[Row]]:
    """The ratio of a login over its floor, and the rows that say of what the floor consists."""
    bare = sum(parts.values())
    least, ratio = costs.same + bare, costs.cost / (costs.same + bare)
    rows = [
        Row(f"{name}: CPU per login, {costs.requests} requests", f"{costs.cost:.2f} ms", most),
        Row(f"{name}: floor", f"{least:.2f} ms"),
        Row("- the same messages, nothing done", f"{costs.same:.2f} ms"),
        *(Row(f"- {part}", f"{milliseconds:.3f} ms") for part, milliseconds in parts.items()),
        Row(f"{name}: ratio, cost over floor", f"{ratio:.2f}", "≤ 2.0"),
        Row(f"{name}: ratio, were the messages empty ({costs.empty:.2f} ms)", f"{costs.cost / (costs.empty + bare):.2f}"),
    ]
    return ratio, rows


def rate(name: str, world: instance.Instance, logins: int) -> list[Row]:
    """Logins per second on all cores, how the CPU was shared, and the memory of a worker."""
    cores = os.cpu_count() or 1
    with gunicorn("wsgi:app", world.port, cores, world.environ) as pids:
        citizens = [Citizen(world.port, world.host) for _ in range(_CROWD)]
        spread(citizens, lambda citizen: citizen.log_in(world), 80)
        ours, all_of_it = cpu_ms(pids), machine_ms()
        seconds = spread(citizens, lambda citizen: citizen.log_in(world), logins)
        ours, all_of_it = cpu_ms(pids) - ours, machine_ms() - all_of_it
        resident, proportional = memory_mb(pids[1:])
    done = logins // _CROWD * _CROWD
    capacity = cores * 1000 * done / ours
    return [
        Row(f"{name}: logins per second on {cores} cores", f"{done / seconds:.0f}", "≥ 150"),
        Row(f"{name}: our share of the CPU in use meanwhile", f"{ours / all_of_it:.0%}"),
        Row(f"{name}: capacity of {cores} cores, at {ours / done:.2f} ms", f"{capacity:.0f}/s", "≥ 250/s"),
        Row(f"{name}: resident memory of a worker", f"{resident:.1f} MB", "≤ 90 MB"),
        Row(f"{name}: proportional memory of a worker", f"{proportional:.1f} MB", "≤ 45 MB"),
    ]


def run(logins: int, quick: bool) -> tuple[float, list[Row]]:
    """Measure and print everything; the ratio, and the rows."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        world = stack.enter_context(instance.make(folder / "sqlite"))
        costs = measure_cost(world, logins)
        parts = {**floor.bare_ms().parts, **floor.asks_ms(world.provider_port)}
        ratio, rows = compared("French login", costs, parts, "≤ 8 ms")
        told(rows)
        rows += (of_sqlite := rate("SQLite", world, 160 if quick else 1000))
        told(of_sqlite)
        postgres = None if quick else stack.enter_context(instance.postgres(folder))
        if postgres is not None:
            other = stack.enter_context(instance.make(folder / "postgres", postgres))
            rows += (of_postgres := rate("PostgreSQL", other, 1000))
            told(of_postgres)
        else:
            print("PostgreSQL is not measured: no server here (apt-get install postgresql)")
    return ratio, rows


def main() -> int:
    """Measure and print; the last line is the ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--logins", type=int, default=800, help="logins of the cost (default 800)")
    parser.add_argument("--quick", action="store_true", help="fewer of everything, no PostgreSQL")
    options = parser.parse_args()
    ratio, _ = run(60 if options.quick else options.logins, options.quick)
    print(f"ratio {ratio:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
