"""A demo's broker served by two gunicorn workers, and its neighbours by this process, which counts what they are asked."""

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from click.testing import CliRunner
from werkzeug.serving import make_server

from broker.__main__ import group
from broker.refreshing import Pace
from broker.sandbox.world import World, build_world
from tests.broker.sandbox.browsing import Browser
from tests.peers.programs import free_port, wait_for

ROOT = Path(__file__).parents[3]
PACE = Pace(looks=0.5, lease=4, pause=1)
DE = ("node.de.localhost", "/metadata")


@dataclass
class Neighbours:
    """Answers for every node. `held` lets the first request for Germany's metadata wait; `port` is whose it was."""

    world: World
    asked: Counter = field(default_factory=Counter)
    held: threading.Event | None = None
    port: int = 0

    def __call__(self, environ, start_response):
        """One request."""
        place = (environ["HTTP_HOST"].partition(":")[0], environ["PATH_INFO"])
        self.asked[place] += 1
        if place == DE and self.held and not self.port:
            self.port = int(environ["REMOTE_PORT"])
            self.held.wait(30)
        return self.world.application(environ, start_response)


@dataclass
class Workers:
    """Two processes. `port` is theirs."""

    folder: Path
    port: int
    neighbours: Neighbours
    environ: dict[str, str]

    def command(self, *words: str) -> str:
        """What a command says of the instance; it must end well."""
        result = CliRunner().invoke(group, [*words, "-C", str(self.folder)], env=self.environ, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    def say(self, processes: int = 2) -> dict[str, frozenset[str]]:
        """The countries that citizens can choose, as so many processes see it."""
        said: dict[str, frozenset[str]] = {}
        deadline = time.monotonic() + 20
        while len(said) < processes and time.monotonic() < deadline:
            page = Browser().step("GET", f"http://fc.localhost:{self.port}/status.json")
            active = frozenset(one["code"] for one in json.loads(page.source)["countries"] if one["active"])
            said[page.headers["X-Worker"]] = active
        return said

    def wait(self, right: Callable[[frozenset[str]], bool], seconds: float) -> float:
        """How long it took until all processes said something right; fails after `seconds`."""
        began = time.monotonic()
        while not all(map(right, (said := self.say()).values())):
            assert time.monotonic() - began < seconds, said
            time.sleep(0.05)
        return time.monotonic() - began

    def process_at(self, port: int) -> int:
        """The worker whose connection has this port of this machine."""
        table = Path("/proc/net/tcp").read_text().splitlines()[1:]
        inodes = {line.split()[9] for line in table if line.split()[1].endswith(f":{port:04X}")}
        for worker in self.say():
            links = [str(path.readlink()) for path in Path(f"/proc/{worker}/fd").iterdir() if path.is_symlink()]
            if inodes & {link.removeprefix("socket:[").rstrip("]") for link in links}:
                return int(worker)
        raise AssertionError(f"nobody has a connection from {port}")


@contextmanager
def running(folder: Path, database: str | None = None, held: threading.Event | None = None) -> Iterator[Workers]:
    """All of them, started and stopped again. Nothing was fetched before."""
    world = build_world(folder, database=database)
    world.close()
    neighbours = Neighbours(world, held=held)
    server = make_server("127.0.0.1", world.address.port, neighbours, threaded=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    environ = {"PASSERELLE_DATABASE_URL": database} if database else {}
    workers = Workers(folder, free_port(), neighbours, environ)
    listening = ("-w", "2", "-k", "gthread", "--threads", "4", "--bind", f"127.0.0.1:{workers.port}", "--no-control-socket")
    command = [sys.executable, "-m", "gunicorn", *listening, "tests.broker.sandbox.worker:application"]
    log = folder / "gunicorn.log"
    with log.open("wb") as output:
        here = {**os.environ, **environ, "PASSERELLE_CONFIG": str(folder)}
        process = subprocess.Popen(command, cwd=ROOT, env=here, stdout=output, stderr=subprocess.STDOUT)
    try:
        wait_for(process, workers.port, log)
        yield workers
    finally:
        process.terminate()
        process.wait(15)
        server.shutdown()
        server.server_close()
