"""Debian's Apache with mod_auth_openidc, one virtual host a service, configured as docs/fs/clients.md says."""

import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.peers.programs import ROOT, program
from tests.peers.registrations import SECRET, Service

GUIDE = ROOT / "docs/fs/clients.md"
MODULES = Path("/usr/lib/apache2/modules")
_LOADED = ("mpm_event", "authn_core", "authz_core", "authz_user", "dir", "auth_openidc")
_SERVER = """
ServerRoot {folder}
ServerName localhost
Listen 127.0.0.1:{port}
PidFile {folder}/pid
ErrorLog {folder}/error.log
LogLevel warn auth_openidc:info
User www-data
Group www-data
{modules}
Define ISSUER {issuer}
Define CLIENT_SECRET "{secret}"
Define PASSPHRASE of-this-run-alone
Define KEYS {folder}
DocumentRoot {folder}/www
"""
_HOST = """
<VirtualHost 127.0.0.1:{port}>
ServerName rp-{name}.localhost
Define CLIENT_ID {name}
Define ORIGIN http://rp-{name}.localhost:{port}
{lines}
# the module shows what it knows, for the tests
OIDCInfoHook id_token userinfo
</VirtualHost>
"""


@dataclass(frozen=True)
class Apache:
    """One that runs."""

    port: int

    def origin(self, name: str) -> str:
        """Of the virtual host of a service, without a slash."""
        return origin(name, self.port)


def origin(name: str, port: int) -> str:
    """Where the virtual host of a service is, without a slash."""
    return f"http://rp-{name}.localhost:{port}"


def _documented() -> Sequence[str]:
    """The configurations in the guide, in order."""
    return re.findall(r"^```apache\n(.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL)


_BASE, _BY_SECRET, _IN_FORM, _BY_KEY, _ENCRYPTED, _AGAIN = _documented()
_KEY = """auth = "private_key_jwt"
require_signed_request_object = true
jwks_uri = "{jwks}"
private_addresses = true
algorithms = ["RS256"]
"""
_SEALED = 'jwks_uri = "{jwks}"\nprivate_addresses = true\nencrypt = "RSA-OAEP"'
# The virtual hosts: what stands in the service's file, and what stands in Apache's beside what all have.
HOSTS = {
    "secret": ('auth = "client_secret_basic"', _BY_SECRET),
    "form": ('auth = "client_secret_post"\nsigned_response_alg = "RS256"', _IN_FORM),
    "key": (_KEY, _BY_KEY),
    "sealed": (_SEALED, _BY_SECRET + _ENCRYPTED),
}


def services(port: int) -> list[Service]:
    """The virtual hosts, as the broker knows them."""
    return [_service(name, port) for name in HOSTS]


def _service(name: str, port: int) -> Service:
    at = f"{origin(name, port)}/"
    file = HOSTS[name][0].replace("{jwks}", f"{at}callback?jwks=rsa")
    return Service(name, file, None, at, f"{at}callback", secret="private_key_jwt" not in file)


@contextmanager
def running(folder: Path, apache: str, port: int, issuer: str) -> Iterator[Apache]:
    """Started and stopped again; what it prints lies in `folder`."""
    home = Path(tempfile.mkdtemp(prefix="passerelle-apache-"))  # its workers are of a user of their own
    try:
        home.chmod(0o755)
        _write(home, port, issuer)
        command = [apache, "-DFOREGROUND", "-d", str(home), "-f", str(home / "apache.conf")]
        with program(folder, "apache", port, command):
            yield Apache(port)
    finally:
        shutil.copy(home / "error.log", folder)
        shutil.rmtree(home)


def _write(home: Path, port: int, issuer: str) -> None:
    for page in ("page", "again"):
        (home / "www" / page).mkdir(parents=True)
        (home / "www" / page / "index.html").write_text(f"the {page} behind it")
    (home / "www/index.html").write_text("goodbye")
    _write_key(home)
    modules = "\n".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in _LOADED)
    server = _SERVER.format(folder=home, port=port, modules=modules, issuer=issuer, secret=SECRET)
    lines = {name: _BASE + own + _AGAIN for name, (_, own) in HOSTS.items()}
    virtual = [_HOST.format(name=name, port=port, lines=lines[name]) for name in HOSTS]
    (home / "apache.conf").write_text(server + "".join(virtual))


def _write_key(home: Path) -> None:
    key = rsa.generate_private_key(65537, 2048)
    clear = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, clear)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (home / "rsa.pem").write_bytes(private)
    (home / "rsa.pub").write_bytes(public)
