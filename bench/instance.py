"""An instance to measure: one service, one provider in a process of its own, and the numbers that both sides use."""

import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from broker.client_secrets import digest
from broker.commands.skeleton import write_instance, write_secret
from broker.store.migrate import upgrade

ROOT = Path(__file__).resolve().parent.parent
HIDDEN = re.compile(r'name="(j|step)" value="([^"]+)"')
SECRET = "a-secret-of-the-bench-with-many-characters"  # noqa: S105 - it protects nothing


@dataclass(frozen=True)
class Instance:
    """A running provider, and a configured Passerelle that is not running yet."""

    folder: Path
    port: int
    host: str
    environ: dict[str, str]
    provider_port: int

    def request(self) -> dict[str, str]:
        """What the service asks."""
        return {
            "client_id": "service",
            "redirect_uri": "http://fs.localhost/retour",
            "response_type": "code",
            "scope": "openid identite_pivot email",
            "state": "state-of-the-service",
            "nonce": "nonce-of-the-service-0123456789",
            "acr_values": "eidas1",
        }

    def vouch(self, location: str) -> str:
        """The provider's answer in the browser: its code carries the nonce, so that it needs no memory."""
        asked = parse_qs(urlsplit(location).query)
        return urlencode({"code": asked["nonce"][0], "state": asked["state"][0]})

    def token_request(self, code: str) -> dict[str, str]:
        """How the service changes its code."""
        return {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": "http://fs.localhost/retour",
            "client_id": "service",
            "client_secret": SECRET,
        }


_SERVICE = """
[fs]
id = "service"
name = { fr = "Service", en = "Service" }
public = true
redirect_uris = ["http://fs.localhost/retour"]
home = "http://fs.localhost/"
scopes = ["openid", "identite_pivot", "email"]
contacts = [{ type = "technical", mail = "x@fs.example" }]
"""
_PROVIDER = """
[fi]
id = "fi"
name = {{ fr = "Compte", en = "Account" }}
issuer = "http://fi.localhost:{port}"
client_id = "passerelle"
client_secret_file = "secrets/fi-fi"
levels = ["eidas1", "eidas2"]
private_addresses = true
contacts = [{{ type = "support", mail = "x@fi.example" }}]
"""


@contextmanager
def make(folder: Path, database: str | None = None) -> Iterator[Instance]:
    """An instance in a folder, with its provider running."""
    port, provider_port = free_port(), free_port()
    host = f"fc.localhost:{port}"
    write_instance(folder, f"http://{host}", int(time.time()))
    (folder / "partners/fs/service.toml").write_text(_SERVICE)
    (folder / "partners/fi/fi.toml").write_text(_PROVIDER.format(port=provider_port))
    key = bytes.fromhex((folder / "secrets/client-secrets.key").read_text().strip())
    write_secret(folder / "secrets/fs-service", digest(key, "service", SECRET).hex())
    write_secret(folder / "secrets/fi-fi", SECRET)
    environ = {"PASSERELLE_CONFIG": str(folder), "PASSERELLE_MODE": "sandbox"}
    if database:
        environ["PASSERELLE_DATABASE_URL"] = database
        upgrade(database)
    command = [sys.executable, "-m", "bench.provider", str(provider_port)]
    provider = subprocess.Popen(command, cwd=ROOT)  # noqa: S603 - our own command line
    try:
        yield Instance(folder, port, host, environ, provider_port)
    finally:
        provider.terminate()
        provider.wait(10)


def postgres(_folder: Path) -> AbstractContextManager[str | None]:
    """The URL of a PostgreSQL database of our own; None when there is no server here."""
    from tests.tools.postgres import cluster, programs

    found = programs() if shutil.which("psql") else None
    return cluster(found) if found else nullcontext(None)


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
