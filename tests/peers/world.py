"""A Passerelle of two gunicorn workers, npm's oidc-provider as its provider, npm's openid-client as its services.

Two of the services are told of logouts: what hears them are the examples of docs/fs/logout.md, as they stand there.
"""

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from broker.client_secrets import digest
from broker.commands.skeleton import write_instance, write_secret
from tests.peers.browser import Browser, Page

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SECRET = "a secret/with+signs that:a client%must=encode"
SECONDS_TO_START = 30

# The services by name: how each authenticates, and the algorithm of its tokens.
SERVICES = {"basic": ("basic", "ES256"), "post": ("post", "RS256"), "app": ("none", "ES256")}
_AUTH = {"basic": "client_secret", "post": "client_secret_post", "none": "none"}
# Those that are told of logouts: in which language the example is that hears them, and what plays around it.
TOLD = {"basic": ("python", "told.py"), "post": ("js", "told.mjs")}
_LOGOUT = ROOT / "docs/fs/logout.md"
# The clients that we are at the provider by name: how its userinfo comes.
PROVIDERS = {"plain": None, "signed": "ES256"}

_SERVICE = """
[fs]
id = "{name}"
name = {{ fr = "Service {name}", en = "Service {name}" }}
public = true
redirect_uris = ["{home}{name}/callback"]
post_logout_redirect_uris = ["{home}"]
home = "{home}"
scopes = ["openid", "identite_pivot", "preferred_username", "email"]
auth = "{auth}"
signed_response_alg = "{alg}"
{told}contacts = [{{ type = "technical", mail = "x@fs.example" }}]
"""
_PROVIDER = """
[fi]
id = "{name}"
name = {{ fr = "Compte {name}", en = "{name} account" }}
issuer = "{issuer}"
client_id = "passerelle-{name}"
client_secret_file = "secrets/fi-{name}"
levels = ["eidas1", "eidas2"]
private_addresses = true
contacts = [{{ type = "support", mail = "x@fi.example" }}]
"""


@dataclass(frozen=True)
class Peers:
    """Everything that runs. Addresses are origins without a slash, but for `home`; `told` are the ports where services hear
    of logouts.
    """

    broker: str
    provider: str
    home: str
    access_log: Path
    told: Mapping[str, int]

    @property
    def workers(self) -> set[str]:
        """The processes that have answered so far, by their ids."""
        return {line.split()[0] for line in self.access_log.read_text().splitlines()}

    def to_provider(self, browser: Browser, service: str = "basic", provider: str = "plain", query: str = "") -> Page:
        """From the service's button to the provider's login page."""
        choice = browser.open(f"{self.home}{service}/login{query}")
        return browser.press(choice, "provider", provider)

    def to_confirmation(self, browser: Browser, account: str = "angela", acr: str = "eidas2", **at: str) -> Page:
        """To the page that shows what will be sent."""
        return browser.press(self.to_provider(browser, **at), account=account, acr=acr)

    def log_in(self, browser: Browser, account: str = "angela", **how: str) -> dict:
        """A whole login: what the service shows."""
        return shown(browser.press(self.to_confirmation(browser, account, **how), "action", "continue"))


def shown(page: Page) -> dict:
    """What a page of the service says."""
    assert page.headers["Content-Type"] == "application/json", f"{page.status} at {page.url}: {page.text[:2000]}"
    return json.loads(page.text)


@contextmanager
def running(folder: Path, node: str) -> Iterator[Peers]:
    """All of them, started and stopped again; what they print lies in `folder`."""
    broker, provider, service = (free_port() for _ in range(3))
    peers = Peers(
        broker=f"http://fc.localhost:{broker}",
        provider=f"http://fi.localhost:{provider}",
        home=f"http://fs.localhost:{service}/",
        access_log=folder / "access.log",
        told={name: free_port() for name in TOLD},
    )
    instance = folder / "instance"
    _write(instance, peers)
    with ExitStack() as stack:
        stack.enter_context(_program(folder, "provider", provider, _provider(node, provider, peers)))
        stack.enter_context(_program(folder, "broker", broker, _gunicorn(broker, peers), _environ(instance)))
        stack.enter_context(_program(folder, "service", service, _service(node, service, peers)))
        for name, port in peers.told.items():
            told = _told(folder, node, name, port)
            stack.enter_context(_program(folder, f"told-{name}", port, told, _told_environ(peers, name)))
        yield peers


# -- the instance -----------------------------------------------------------------------------------------------------


def _write(instance: Path, peers: Peers) -> None:
    write_instance(instance, peers.broker, int(time.time()))
    key = bytes.fromhex((instance / "secrets/client-secrets.key").read_text().strip())
    for name, (method, alg) in SERVICES.items():
        text = _SERVICE.format(name=name, home=peers.home, auth=_AUTH[method], alg=alg, told=_told_at(peers, name))
        (instance / f"partners/fs/{name}.toml").write_text(text)
        if method != "none":
            write_secret(instance / f"secrets/fs-{name}", digest(key, name, SECRET).hex())
    for name in PROVIDERS:
        (instance / f"partners/fi/{name}.toml").write_text(_PROVIDER.format(name=name, issuer=peers.provider))
        write_secret(instance / f"secrets/fi-{name}", SECRET)


def _environ(instance: Path) -> dict[str, str]:
    return {"PASSERELLE_CONFIG": str(instance), "PASSERELLE_MODE": "sandbox"}


# -- the programs -----------------------------------------------------------------------------------------------------


def _gunicorn(port: int, peers: Peers) -> list[str]:
    workers = [
        "-k",
        "gthread",
        "-w",
        "2",
        "--threads",
        "4",
        "--preload",
        "--bind",
        f"127.0.0.1:{port}",
        "--no-control-socket",
    ]
    log = ["--access-logfile", str(peers.access_log), "--access-logformat", "%(p)s %(m)s %(U)s %(s)s"]
    return [sys.executable, "-m", "gunicorn", *workers, *log, "wsgi:app"]


def _provider(node: str, port: int, peers: Peers) -> list[str]:
    clients = [_client(name, userinfo, peers) for name, userinfo in PROVIDERS.items()]
    return [node, str(HERE / "provider.mjs"), json.dumps({"port": port, "issuer": peers.provider, "clients": clients})]


def _client(name: str, userinfo: str | None, peers: Peers) -> Mapping[str, object]:
    return {
        "client_id": f"passerelle-{name}",
        "client_secret": SECRET,
        "redirect_uris": [f"{peers.broker}/api/v2/oidc-callback/{name}"],
        "post_logout_redirect_uris": [f"{peers.broker}/api/v2/client/logout-callback"],
        "id_token_signed_response_alg": "ES256",
        **({"userinfo_signed_response_alg": userinfo} if userinfo else {}),
    }


def _service(node: str, port: int, peers: Peers) -> list[str]:
    registrations = {
        name: {"client_id": name, "client_secret": SECRET, "method": method, "alg": alg}
        for name, (method, alg) in SERVICES.items()
    }
    facts = {"port": port, "home": peers.home, "issuer": f"{peers.broker}/api/v2", "registrations": registrations}
    return [node, str(HERE / "service.mjs"), json.dumps(facts)]


def _told_at(peers: Peers, name: str) -> str:
    if name not in TOLD:
        return ""
    return f'backchannel_logout_uri = "http://told.localhost:{peers.told[name]}/{name}"\nprivate_addresses = true\n'


def _told(folder: Path, node: str, name: str, port: int) -> list[str]:
    """The example, with the algorithm of its service, and what plays around it."""
    language, player = TOLD[name]
    (code,) = re.findall(rf"^```{language}\n(.*?)^```$", _LOGOUT.read_text(), re.MULTILINE | re.DOTALL)
    example = folder / f"told-{name}.{'py' if language == 'python' else 'mjs'}"
    example.write_text(code.replace("ES256", SERVICES[name][1]))
    if language == "python":
        return [sys.executable, "-W", "error", str(HERE / player), str(port), str(example)]
    if not (folder / "node_modules").exists():
        (folder / "node_modules").symlink_to(HERE / "node_modules")
    return [node, str(HERE / player), str(port), str(example)]


def _told_environ(peers: Peers, name: str) -> dict[str, str]:
    return {"ISSUER": f"{peers.broker}/api/v2", "CLIENT_ID": name}


@contextmanager
def _program(
    folder: Path, name: str, port: int, command: Sequence[str], environ: Mapping[str, str] | None = None
) -> Iterator[None]:
    """A program of ours, from when it listens until this block is left."""
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
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"{process.args[:3]} does not listen: {log.read_text()[-4000:]}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
