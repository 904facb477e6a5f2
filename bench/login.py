"""What a login costs Passerelle: CPU of the gunicorn workers per login, beside its floor, and logins per second.

    python bench/login.py [--logins 400] [--quick]

In one run, with the same gunicorn settings:
  cost   CPU milliseconds of our processes per complete login (authorize, choice, choose, callback, confirm, confirm, token,
         userinfo) behind gunicorn, ES256 keys, SQLite; the provider is another process, whose CPU does not count
  floor  the same signatures, verifications, seals and openings called bare, plus the same number of empty Flask requests
         behind the same gunicorn
  rate   logins per second measured with gunicorn on all cores, with SQLite and with PostgreSQL, beside the CPU share that
         everybody else on the machine took (the load generator and the provider run on the same cores)
  memory of a worker after 1,000 logins, with --preload

PostgreSQL is used when PASSERELLE_BENCH_POSTGRES holds a URL, or when a server can be started here. The last line is
`ratio N.NN`: cost over floor, the worst of the kinds measured.
"""

import argparse
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench import floor, instance  # noqa: E402

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGESIZE")
_HIDDEN = instance.HIDDEN
_COOKIE = re.compile(r"\r\nSet-Cookie: ([^=]+)=([^;]*)")
_LOCATION = re.compile(r"\r\nLocation: ([^\r]+)")
_LENGTH = re.compile(rb"\r\nContent-Length: (\d+)")


# -- processes --------------------------------------------------------------------------------------------------------


@contextmanager
def gunicorn(application: str, port: int, workers: int, environ: dict[str, str]) -> Iterator[int]:
    """A gunicorn with gthread workers; gives the pid of its master."""
    command = [sys.executable, "-m", "gunicorn", "--config", "docs/operator/gunicorn.conf.py", "-w", str(workers)]
    command += ["--keep-alive", "30", "--log-level", "warning", "-b", f"127.0.0.1:{port}", application]
    quiet = subprocess.DEVNULL  # the journal is written, and read by nobody
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environ}, stdout=quiet, stderr=quiet)  # noqa: S603
    try:
        _wait(port)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def _wait(port: int) -> None:
    for _ in range(200):
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


def memory_mb(pid: int) -> tuple[float, float]:
    """(resident, proportional) memory of a process in MB."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:])
    return tuple(int(lines[name].split()[0]) / 1024 for name in ("Rss", "Pss"))  # type: ignore[return-value]


# -- a citizen and a service ------------------------------------------------------------------------------------------


class Citizen:
    """Logs in again and again, each time over a new connection (a kept one would stay at the worker that took it).

    It writes HTTP by hand: an ordinary client would take more of the machine than what it measures.
    """

    def __init__(self, port: int, host: str) -> None:
        self._port = port
        self._host = host
        self._connect()
        self.requests = 0

    def come_anew(self) -> None:
        """Begin again: a new connection, no cookies."""
        self._socket.close()
        self._connect()

    def _connect(self) -> None:
        self._socket = socket.create_connection(("127.0.0.1", self._port), 30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._cookies: dict[str, str] = {}

    def ask(self, method: str, target: str, body: str = "", bearer: str = "") -> tuple[int, str, str]:
        """(status, location, text) of one request."""
        lines = [f"{method} {target} HTTP/1.1", f"Host: {self._host}"]
        if self._cookies:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self._cookies.items()))
        if bearer:
            lines.append(f"Authorization: Bearer {bearer}")
        if body:
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        self._socket.sendall(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
        self.requests += 1
        head, text = self._answer()
        for cookie in _COOKIE.findall(head):
            self._cookies[cookie[0]] = cookie[1]
        location = _LOCATION.search(head)
        return int(head[9:12]), location[1] if location else "", text

    def _answer(self) -> tuple[str, str]:
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more()
        head, _, body = received.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        while length and len(body) < int(length[1]):
            body += self._more()
        return head.decode(), body.decode()

    def _more(self) -> bytes:
        piece = self._socket.recv(65536)
        if not piece:
            raise SystemExit("the server closed the connection")
        return piece

    def log_in(self, world: "instance.Instance") -> None:
        """A whole login; raises when anything is not as it should be."""
        self.come_anew()
        _, choice, _ = self.ask("GET", "/api/v2/authorize?" + urlencode(world.request()))
        form = dict(_HIDDEN.findall(self.ask("GET", choice)[2]))
        _, there, _ = self.ask("POST", "/choisir", urlencode({**form, "provider": "fi"}))
        _, confirm, _ = self.ask("GET", "/api/v2/oidc-callback/fi?" + world.vouch(there))
        form = dict(_HIDDEN.findall(self.ask("GET", confirm)[2]))
        _, back, _ = self.ask("POST", "/confirmer", urlencode({**form, "action": "continue"}))
        code = dict(parse_qsl(urlsplit(back).query))["code"]
        _, _, tokens = self.ask("POST", "/api/v2/token", urlencode(world.token_request(code)))
        access_token = tokens.partition('"access_token":"')[2].partition('"')[0]
        status, _, userinfo = self.ask("GET", "/api/v2/userinfo", bearer=access_token)
        if status != 200 or userinfo.count(".") != 2:
            raise SystemExit(f"the login failed: {status} {userinfo[:200]}")


def spread(citizens: list[Citizen], work: Callable[[Citizen], None], count: int) -> float:
    """Do `count` pieces of work on all citizens at once; returns the seconds."""
    share = count // len(citizens)

    def run(citizen: Citizen) -> None:
        for _ in range(share):
            work(citizen)

    threads = [threading.Thread(target=run, args=(citizen,)) for citizen in citizens]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - began


# -- the measurements -------------------------------------------------------------------------------------------------


def measure_cost(world: "instance.Instance", logins: int) -> tuple[float, float]:
    """(CPU ms, requests) of our processes per login, one citizen, one worker."""
    with gunicorn("wsgi:app", world.port, 1, world.environ) as pid:
        citizen = Citizen(world.port, world.host)
        for _ in range(20):
            citizen.log_in(world)
        pids, before, asked = family(pid), cpu_ms(family(pid)), citizen.requests
        for _ in range(logins):
            citizen.log_in(world)
        return (cpu_ms(pids) - before) / logins, (citizen.requests - asked) / logins


def measure_empty(world: "instance.Instance", requests: int, logins: int) -> float:
    """CPU ms of an empty Flask request behind the same gunicorn, as many over one connection as a login has."""
    with gunicorn("bench.floor:empty", world.port, 1, world.environ) as pid:
        citizen = Citizen(world.port, world.host)
        for _ in range(20):
            citizen.ask("GET", "/healthz")
        pids, before = family(pid), cpu_ms(family(pid))
        for _ in range(logins):
            citizen.come_anew()
            for _ in range(requests):
                citizen.ask("GET", "/healthz")
        return (cpu_ms(pids) - before) / (logins * requests)


def measure_rate(world: "instance.Instance", logins: int) -> str:
    """Logins per second on all cores, and how the CPU was shared; with the memory of a worker."""
    cores = os.cpu_count() or 1
    with gunicorn("wsgi:app", world.port, cores, world.environ) as pid:
        citizens = [Citizen(world.port, world.host) for _ in range(8)]
        spread(citizens, lambda citizen: citizen.log_in(world), 80)
        pids = family(pid)
        ours, all_of_it = cpu_ms(pids), machine_ms()
        seconds = spread(citizens, lambda citizen: citizen.log_in(world), logins)
        ours, all_of_it = cpu_ms(pids) - ours, machine_ms() - all_of_it
        resident, proportional = max(memory_mb(worker) for worker in pids[1:])
        done = logins // len(citizens) * len(citizens)
        return (
            f"{done / seconds:6.1f} logins/s on {cores} cores (our share of the CPU in use {ours / all_of_it:.0%}; "
            f"capacity {cores * 1000 / (ours / done):.0f}/s at {ours / done:.2f} ms); "
            f"worker {resident:.1f} MB resident, {proportional:.1f} MB proportional"
        )


def main() -> int:
    """Measure and print; the last line is the ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--logins", type=int, default=400, help="logins of the cost (default 400)")
    parser.add_argument("--quick", action="store_true", help="fewer of everything, no PostgreSQL")
    options = parser.parse_args()
    logins = 60 if options.quick else options.logins
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        world = stack.enter_context(instance.make(folder / "sqlite"))
        print(f"machine   {os.cpu_count()} cores, {logins} logins for the cost", flush=True)
        cost, requests = measure_cost(world, logins)
        empty = measure_empty(world, round(requests), logins)
        bare = floor.bare_ms()
        least = bare.total + empty * requests
        print(f"cost      {cost:6.2f} ms CPU per login in {requests:.0f} requests", flush=True)
        print(
            f"floor     {least:6.2f} ms = {requests:.0f} empty Flask requests of {empty:.3f} ms + {bare.total:.2f} ms bare"
        )
        for name, milliseconds in bare.parts.items():
            print(f"            {milliseconds:6.3f} ms {name}")
        print(f"sqlite    {measure_rate(world, 160 if options.quick else 1000)}", flush=True)
        postgres = None if options.quick else stack.enter_context(instance.postgres(folder))
        if postgres is None:
            print("postgres  not measured: no server here (apt-get install postgresql)")
        else:
            other = stack.enter_context(instance.make(folder / "postgres", postgres))
            print(f"postgres  {measure_rate(other, 1000)}", flush=True)
    print(f"ratio {cost / least:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
