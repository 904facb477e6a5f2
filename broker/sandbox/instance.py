"""The folder of the demo: an ordinary instance in the documented format, with `mode = "sandbox"`.

Keys and secrets are made once. The configuration is written when it is absent, or when it is for another port; otherwise
it is left as it is, so that whoever tries things out may change it. An older demo's, without data providers, gets them.
"""

import json
import secrets
from collections.abc import Iterable
from pathlib import Path

from broker.client_secrets import digest
from broker.sandbox import neighbours
from broker.sandbox.parties import (
    BROKER_AT_PROVIDERS,
    BROKER_HOST,
    BROKER_NAME,
    DATA_PROVIDERS,
    PROVIDERS,
    SERVICES,
    Address,
    DemoDataProvider,
    DemoNeed,
    DemoProvider,
    DemoScope,
    DemoService,
)
from broker.sandbox.service import CALLBACK, SIGNED_OUT, TOLD
from certs.keyring import make_missing, new_key
from certs.keys import State, Use

MARK = "simulated"
"""The subfolder with what the simulated parties hold themselves; it also tells that a folder is a demo's."""
_ALGORITHMS: tuple[str, ...] = ("ES256", "RS256")
_NODE_USES = (Use.SAML_SIGNING, Use.SAML_DECRYPTION, Use.METADATA_SIGNING)
_KEYS = ("pepper-1", "sub-1", "client-secrets.key")


def prepare(folder: Path, address: Address, now: int) -> None:
    """Make the folder of the demo, or what is missing in it."""
    (folder / "var").mkdir(parents=True, exist_ok=True)
    (folder / MARK).mkdir(mode=0o700, exist_ok=True)
    _make_keys(folder / "secrets", now)
    _make_node_keys(folder / "secrets" / "keys", now)
    make_missing(folder / "secrets" / "keys", (Use.LEDGER_SIGNING,), now, BROKER_HOST)
    _make_client_secrets(folder)
    neighbours.prepare(folder, folder / MARK, address, now)
    older = not (folder / "partners/fd").is_dir()
    for name, text in _files(address):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or _is_another(path, address) or (older and "[[fs.data]]" in text):
            path.write_text(text, "utf-8")


def _is_another(path: Path, address: Address) -> bool:
    """Whether a file is for another port."""
    return f":{address.port}" not in path.read_text("utf-8")


def secret_of(folder: Path, party: DemoService | DemoDataProvider) -> str:
    """The client secret that a simulated service or data provider holds; the broker has its HMAC alone."""
    return (folder / MARK / party.id).read_text("ascii")


def secret_at(folder: Path, provider: DemoProvider) -> str:
    """The broker's client secret at a simulated provider."""
    return (folder / "secrets" / f"fi-{provider.id}").read_text("ascii")


# -- secrets ----------------------------------------------------------------------------------------------------------


def _make_keys(folder: Path, now: int) -> None:
    if (folder / "keys").is_dir():
        return
    (folder / "keys").mkdir(mode=0o700, parents=True)
    folder.chmod(0o700)
    for algorithm in _ALGORITHMS:
        new_key(folder / "keys", Use.OP_SIGNING, algorithm, State.ACTIVE, now)
    for name in _KEYS:
        _write_secret(folder / name, secrets.token_hex(32))


def _make_node_keys(folder: Path, now: int) -> None:
    """One for each use; and a second one to encrypt for, so that countries may choose between agreement and transport."""
    if make_missing(folder, _NODE_USES, now, BROKER_HOST):
        new_key(folder, Use.SAML_DECRYPTION, "RSA-3072", State.PUBLISHED, now, BROKER_HOST)


def _make_client_secrets(folder: Path) -> None:
    key = bytes.fromhex((folder / "secrets" / "client-secrets.key").read_text("ascii"))
    held = [("fs", service.id) for service in SERVICES]
    held += [("fd", one.id) for one in DATA_PROVIDERS if not one.encryption]
    for kind, name in held:
        if not (folder / MARK / name).exists():
            secret = secrets.token_urlsafe(32)
            _write_secret(folder / MARK / name, secret)
            _write_secret(folder / "secrets" / f"{kind}-{name}", digest(key, name, secret).hex())
    for provider in PROVIDERS:
        if not (folder / "secrets" / f"fi-{provider.id}").exists():
            _write_secret(folder / "secrets" / f"fi-{provider.id}", secrets.token_urlsafe(32))


def _write_secret(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, "ascii")


# -- configuration ----------------------------------------------------------------------------------------------------


def _files(address: Address) -> Iterable[tuple[str, str]]:
    yield "passerelle.toml", _main(address)
    for service in SERVICES:
        yield f"partners/fs/{service.id}.toml", _service(service, address)
    for provider in PROVIDERS:
        yield f"partners/fi/{provider.id}.toml", _provider(provider, address)
    for one in DATA_PROVIDERS:
        yield f"partners/fd/{one.id}.toml", _data_provider(one, address)


def _main(address: Address) -> str:
    return f"""# The demo's broker. Change what you like, then: passerelle reload -C .passerelle-demo
[broker]
mode = "sandbox"
public_url = "{address.broker}"
name = {{ fr = "{BROKER_NAME.fr}", en = "{BROKER_NAME.en}" }}
support = {{ mail = "aide@connexion.example", tel = "+33 1 99 00 00 00", hours = "9 h – 18 h" }}
database = "sqlite:///var/passerelle.db"

[eidas]
country = "FR"
roles = ["connector", "proxy"]
organisation = {{ name = "{BROKER_NAME.fr}", url = "{address.broker}" }}
contacts = [
  {{ type = "technical", mail = "noeud@connexion.example" }},
  {{ type = "support", mail = "aide@connexion.example" }},
]
"""


def _service(service: DemoService, address: Address) -> str:
    return f"""[fs]
id = "{service.id}"
name = {{ fr = "{service.name.fr}", en = "{service.name.en}" }}
public = {str(service.public).lower()}
redirect_uris = ["{address.of(service.host, CALLBACK)}"]
post_logout_redirect_uris = ["{address.of(service.host, SIGNED_OUT)}"]
backchannel_logout_uri = "{address.of(service.host, TOLD)}"
private_addresses = true
home = "{address.of(service.host, "/")}"
scopes = {json.dumps(service.scopes)}
europe = true
auth = "{service.authentication}"
signed_response_alg = "{service.algorithm}"
contacts = [{{ type = "technical", mail = "technique@{service.id}.example" }}]
purpose = "{service.purpose.fr}"
{"".join(_need(need) for need in service.data)}"""


def _need(need: DemoNeed) -> str:
    return f"""
[[fs.data]]
scope = "{need.scope}"
legal_basis = "{need.legal_basis}"
required = {str(need.required).lower()}
"""


def _provider(provider: DemoProvider, address: Address) -> str:
    return f"""[fi]
id = "{provider.id}"
name = {{ fr = "{provider.name.fr}", en = "{provider.name.en}" }}
issuer = "{address.of(provider.host)}"
client_id = "{BROKER_AT_PROVIDERS}"
client_secret_file = "secrets/fi-{provider.id}"
auth = "{provider.authentication}"
levels = {json.dumps(provider.levels)}
algorithms = ["{provider.algorithm}"]
display = {{ order = {10 * (PROVIDERS.index(provider) + 1)} }}
private_addresses = true
contacts = [{{ type = "support", mail = "aide@{provider.id}.example" }}]
"""


def _data_provider(one: DemoDataProvider, address: Address) -> str:
    return f"""[fd]
id = "{one.id}"
name = {{ fr = "{one.name.fr}", en = "{one.name.en}" }}
resource = "{address.resource(one)}"
{_keys(one, address) if one.encryption else 'auth = "client_secret_basic"'}
identity = {json.dumps(one.identity)}
lifetime = "{one.lifetime}"
contacts = [{{ type = "technical", mail = "technique@{one.id}.example" }}]
{"".join(_scope(scope) for scope in one.scopes)}"""


def _keys(one: DemoDataProvider, address: Address) -> str:
    return f"""auth = "private_key_jwt"
jwks_uri = "{address.of(one.host, "/jwks")}"
private_addresses = true
encryption = "{one.encryption}\""""


def _scope(scope: DemoScope) -> str:
    return f"""
[[fd.scope]]
name = "{scope.name}"
label = {{ fr = "{scope.label.fr}", en = "{scope.label.en}" }}
legal_basis = "{scope.legal_basis}"
"""
