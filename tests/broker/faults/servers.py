"""Two gunicorn workers on PostgreSQL, and a browser that speaks with them over a socket."""

import http.client
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from tests.broker.faults.provider import authenticate, new_provider
from tests.broker.world import SECRET, settings_of
from tests.peers.programs import free_port, wait_for

ROOT = Path(__file__).parents[3]
HOST = "connexion.example"
BACK = "https://mairie.example/retour"


class WorkerDied(Exception):
    """The connection ended without an answer."""


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def location(self) -> str:
        """Where it sends the browser, "" for nowhere."""
        return self.headers.get("location", "")

    @property
    def form(self) -> dict[str, str]:
        """The handle and the step token of the page's form."""
        return dict(re.findall(r'name="(j|step)" value="([^"]+)"', self.text))


@dataclass
class Client:
    """A browser, or a service without cookies. `lives` is after how many acts the worker of the next request dies."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    lives: int = -1
    workers: set[str] = field(default_factory=set)

    def send(self, method: str, path: str, form: dict[str, str] | None = None) -> Answer:
        """One request on a connection of its own. Raises WorkerDied."""
        headers = {"Host": HOST, "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        lives, self.lives = self.lives, -1
        if lives >= 0:
            headers["X-Lives"] = str(lives)
        body = urlencode(form) if form is not None else None
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read().decode()
        except (http.client.HTTPException, ConnectionError) as gone:
            raise WorkerDied from gone
        finally:
            connection.close()
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                self.cookies |= {key: morsel.value for key, morsel in SimpleCookie(value).items()}
        found = {name.lower(): value for name, value in response.getheaders()}
        self.workers.add(found["x-worker"])
        return Answer(response.status, found, text)

    def get(self, path: str) -> Answer:
        """Open a path, or an address of the broker."""
        parts = urlsplit(path)
        return self.send("GET", f"{parts.path}?{parts.query}" if parts.query else parts.path)

    def post(self, path: str, form: dict[str, str]) -> Answer:
        """Send a form."""
        return self.send("POST", path, form)


AUTHORIZE = "/api/v2/authorize?" + urlencode(
    {
        "client_id": "mairie",
        "redirect_uri": BACK,
        "response_type": "code",
        "scope": "openid identite_pivot",
        "state": "s" * 22,
        "nonce": "n" * 22,
        "acr_values": "eidas1",
    }
)


def redeem(client: Client, code: str) -> Answer:
    """The service changes a code."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    return client.post("/api/v2/token", {**form, "client_id": "mairie", "client_secret": SECRET})


def go_on(browser: Client, at: Answer) -> Answer:
    """A citizen follows what he is shown until he is back at the service; what brings him there."""
    for _ in range(8):
        if at.location.startswith(BACK):
            return at
        if at.location.startswith("https://impots.example/"):
            at = browser.get(authenticate(at.location))
        elif at.location:
            path = urlsplit(at.location).path
            page = browser.get(at.location)
            act = {"provider": "impots"} if path == "/choisir" else {"action": "continue"}
            at = page if page.location else browser.post(path, {**page.form, **act})
        else:
            break
    raise AssertionError(f"a dead end: {at.status} {at.location} {at.text[:2000]}")


def code_in(answer: Answer) -> str:
    """The code that an answer brings to the service."""
    return re.findall(r"[?&]code=([^&]+)", answer.location)[0]


@contextmanager
def serving(folder: Path, database: str) -> Iterator[int]:
    """Two workers; yields their port. Afterwards nothing runs."""
    settings_of(folder, database)  # makes the keys
    new_provider(folder)
    port, log = free_port(), folder / "gunicorn.log"
    kind = ("-w", "2", "-k", "gthread", "--threads", "4", "--preload", "--no-control-socket", "--graceful-timeout", "1")
    where = ("--bind", f"127.0.0.1:{port}", "tests.broker.faults.worker:application")
    command = [sys.executable, "-m", "gunicorn", *kind, *where]
    environ = {**os.environ, "PASSERELLE_FAULTS": str(folder), "PASSERELLE_DATABASE_URL": database}
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=output, stderr=subprocess.STDOUT)
    try:
        wait_for(process, port, log)
        yield port
    finally:
        process.terminate()
        process.wait(20)
