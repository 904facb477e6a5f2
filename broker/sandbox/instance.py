"""The folder of the demo: an ordinary instance in the documented format, with `mode = "sandbox"`.

Keys and secrets are made once. The configuration is written when it is absent, or when it is for another port; otherwise
it is left as it is, so that whoever tries things out may change it.
"""

import hashlib
import json
import re
import secrets
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from broker.client_secrets import digest
from broker.sandbox.node.published import connector_metadata, node_metadata
from broker.sandbox.node.security import NodeKey, pem_of
from broker.sandbox.parties import (
    BROKER_AT_PROVIDERS,
    BROKER_HOST,
    BROKER_NAME,
    COMUNE,
    NODES,
    PROVIDERS,
    SERVICES,
    Address,
    DemoNode,
    DemoProvider,
    DemoService,
)
from broker.sandbox.service import CALLBACK, SIGNED_OUT
from certs.authority import self_signed
from certs.keyring import make_missing, new_key
from certs.keys import State, Use, generate_private

MARK = "simulated"
"""The subfolder with what the simulated parties hold themselves; it also tells that a folder is a demo's."""
_ALGORITHMS: tuple[str, ...] = ("ES256", "RS256")
_NODE_USES = (Use.SAML_SIGNING, Use.SAML_DECRYPTION, Use.METADATA_SIGNING)
_KEY_DAYS = 3650
_METADATA_AGE = 20 * 86_400  # seconds after which a node's metadata is made anew
_CONNECTOR_KEYS = {"connector-it-signing": Use.SAML_SIGNING, "connector-it-encryption": Use.SAML_DECRYPTION}
_KEYS = ("pepper-1", "sub-1", "client-secrets.key")


def prepare(folder: Path, address: Address, now: int) -> None:
    """Make the folder of the demo, or what is missing in it."""
    (folder / "var").mkdir(parents=True, exist_ok=True)
    (folder / MARK).mkdir(mode=0o700, exist_ok=True)
    _make_keys(folder / "secrets", now)
    _make_node_keys(folder / "secrets" / "keys", now)
    make_missing(folder / "secrets" / "keys", (Use.LEDGER_SIGNING,), now, BROKER_HOST)
    _make_client_secrets(folder)
    _make_nodes(folder, address, now)
    _make_connector(folder, address, now)
    for name, text in _files(address):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or f":{address.port}" not in path.read_text("utf-8"):
            path.write_text(text, "utf-8")


def secret_of(folder: Path, service: DemoService) -> str:
    """The client secret that a simulated service holds; the broker has its HMAC alone."""
    return (folder / MARK / service.id).read_text("ascii")


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
    for service in SERVICES:
        if not (folder / MARK / service.id).exists():
            secret = secrets.token_urlsafe(32)
            _write_secret(folder / MARK / service.id, secret)
            _write_secret(folder / "secrets" / f"fs-{service.id}", digest(key, service.id, secret).hex())
    for provider in PROVIDERS:
        if not (folder / "secrets" / f"fi-{provider.id}").exists():
            _write_secret(folder / "secrets" / f"fi-{provider.id}", secrets.token_urlsafe(32))


def _write_secret(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, "ascii")


# -- other countries --------------------------------------------------------------------------------------------------


def node_key(folder: Path, node: DemoNode) -> NodeKey:
    """The signing key that a simulated node holds."""
    return _held(folder, node.id)


def connector_keys(folder: Path) -> tuple[NodeKey, NodeKey]:
    """The keys that the simulated Connector holds: it signs with the first, others encrypt for the second."""
    signing, encryption = (_held(folder, name) for name in _CONNECTOR_KEYS)
    return signing, encryption


def _held(folder: Path, name: str) -> NodeKey:
    return NodeKey(*((folder / MARK / f"{name}.{kind}").read_bytes() for kind in ("pem", "crt")))


def metadata_of(folder: Path, node: DemoNode) -> bytes:
    """What a simulated node publishes: the file that the broker has pinned."""
    return (folder / _kept(node, "proxy")).read_bytes()


def connector_metadata_of(folder: Path) -> bytes:
    """What the simulated Connector publishes."""
    return (folder / _kept(COMUNE.node, "connector")).read_bytes()


def _kept(node: DemoNode, role: str) -> str:
    return f"metadata/received/{node.code}-{role}.xml"


def _make_nodes(folder: Path, address: Address, now: int) -> None:
    """Key, metadata and pin of each node."""
    for node in NODES:
        _make_node_key(folder / MARK / node.id, node, Use.SAML_SIGNING, now)
        home, key = address.of(node.host), node_key(folder, node)
        _publish(folder, node, "proxy", home, now, partial(node_metadata, node, home, key, now))


def _make_connector(folder: Path, address: Address, now: int) -> None:
    """Keys, metadata and pin of the Connector that the service abroad stands behind."""
    node = COMUNE.node
    for name, use in _CONNECTOR_KEYS.items():
        _make_node_key(folder / MARK / name, node, use, now)
    home, keys = address.of(node.host), connector_keys(folder)
    _publish(folder, node, "connector", home, now, partial(connector_metadata, node, home, *keys, now))


def _make_node_key(stem: Path, node: DemoNode, use: Use, now: int) -> None:
    if stem.with_suffix(".pem").exists():
        return
    private = generate_private(node.key)
    certificate = x509.load_der_x509_certificate(self_signed(private, use, node.host, now, _KEY_DAYS))
    stem.with_suffix(".crt").write_bytes(certificate.public_bytes(Encoding.PEM))
    stem.with_suffix(".pem").touch(mode=0o600)
    stem.with_suffix(".pem").write_bytes(pem_of(private))


def _publish(folder: Path, node: DemoNode, role: str, home: str, now: int, make: Callable[[], bytes]) -> None:
    """A role's metadata and its pin, made anew for another port, or when they have become old."""
    kept = folder / _kept(node, role)
    if kept.exists() and f"{home}/".encode() in kept.read_bytes() and now - kept.stat().st_mtime < _METADATA_AGE:
        return
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(make())
    _pin(folder / f"partners/countries/{node.code}.toml", node, role, hashlib.sha256(kept.read_bytes()).hexdigest())


def _pin(path: Path, node: DemoNode, role: str, digest: str) -> None:
    """Write the country's file, or another pin into the one that is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = path.read_text("utf-8") if path.exists() else _country(node)
    path.write_text(re.sub(rf'(?m)^({role}_metadata_sha256 = )"[0-9a-f]*"', rf'\1"{digest}"', text), "utf-8")


def _country(node: DemoNode) -> str:
    roles = ["proxy", "connector"] if node == COMUNE.node else ["proxy"]
    pins = "".join(f'{role}_metadata = "{_kept(node, role)}"\n{role}_metadata_sha256 = ""\n' for role in roles)
    return f"""[country]
code = "{node.code}"
{pins}"""


# -- configuration ----------------------------------------------------------------------------------------------------


def _files(address: Address) -> Iterable[tuple[str, str]]:
    yield "passerelle.toml", _main(address)
    for service in SERVICES:
        yield f"partners/fs/{service.id}.toml", _service(service, address)
    for provider in PROVIDERS:
        yield f"partners/fi/{provider.id}.toml", _provider(provider, address)


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
home = "{address.of(service.host, "/")}"
scopes = {json.dumps(service.scopes)}
europe = true
auth = "{service.authentication}"
signed_response_alg = "{service.algorithm}"
contacts = [{{ type = "technical", mail = "technique@{service.id}.example" }}]
purpose = "{service.purpose.fr}"
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
