"""Servers to measure, and what a process has used of the machine."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def gunicorn(application: str, port: int, workers: int, environ: dict[str, str]) -> Iterator[list[int]]:
    """A gunicorn with gthread workers, as production runs it; gives the pids of its master and its workers."""
    command = [sys.executable, "-m", "gunicorn", "--config", "docs/operator/gunicorn.conf.py", "-w", str(workers)]
    command += ["--keep-alive", "30", "--log-level", "warning", "-b", f"127.0.0.1:{port}", application]
    quiet = subprocess.DEVNULL  # the journal is written, and read by nobody
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environ}, stdout=quiet, stderr=quiet)  # noqa: S603
    try:
        _wait(port)
        while len(found := family(process.pid)) <= workers:  # one answers before the others are there
            time.sleep(0.05)
        yield found
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def _wait(port: int) -> None:
    for _ in range(400):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit("the server did not start")


def family(pid: int) -> list[int]:
    """A process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(int(child) for child in children)]


def cpu_ms(pids: list[int]) -> float:
    """CPU milliseconds that these processes have used."""
    used = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        used += int(fields[11]) + int(fields[12])
    return used / TICKS * 1000


def machine_ms() -> float:
    """CPU milliseconds that everybody on the machine has used."""
    fields = [int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
    return (sum(fields) - fields[3] - fields[4]) / TICKS * 1000


def memory_mb(pids: list[int]) -> tuple[float, float]:
    """The greatest (resident, proportional) memory of these processes in MB."""
    return max(_memory(pid) for pid in pids)


def _memory(pid: int) -> tuple[float, float]:
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:])
    return tuple(int(lines[name].split()[0]) / 1024 for name in ("Rss", "Pss"))  # type: ignore[return-value]
