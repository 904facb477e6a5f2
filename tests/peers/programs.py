"""Programs on the loopback interface: started, waited for, and stopped again."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
SECONDS_TO_START = 60


@contextmanager
def program(
    folder: Path, name: str, port: int, command: Sequence[str], environ: Mapping[str, str] | None = None
) -> Iterator[None]:
    """A program of ours, from when it listens until this block is left; what it prints lies in `folder`."""
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **(environ or {})}, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            wait_for(process, port, log)
            yield
        finally:
            process.terminate()
            process.wait(15)


def wait_for(process: subprocess.Popen, port: int, log: Path) -> None:
    """Until it listens. Raises AssertionError, with what it printed, when it does not."""
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"{process.args[:3]} does not listen: {log.read_text()[-4000:]}")


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def gunicorn(port: int, access_log: Path) -> list[str]:
    """The command of a broker of two workers, whose access log begins each line with the worker's process id.

    It keeps connections longer than clients do: whoever sends just when the other side closes gets no answer.
    """
    workers = ["-k", "gthread", "-w", "2", "--threads", "4", "--preload", "--keep-alive", "30"]
    where = ["--bind", f"127.0.0.1:{port}", "--no-control-socket"]
    log = ["--access-logfile", str(access_log), "--access-logformat", "%(p)s %(m)s %(U)s %(s)s"]
    return [sys.executable, "-m", "gunicorn", *workers, *where, *log, "wsgi:app"]
