"""What the folder of the demo has of other countries: the keys that their nodes hold, and what the broker is told of them.

The broker has an address and an anchor of each; their metadata it fetches, as that of any country.
"""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from broker.sandbox.node.published import connector_id, entity_id
from broker.sandbox.node.rollover import Keys, Rollover
from broker.sandbox.node.security import NodeKey, pem_of
from broker.sandbox.parties import COMUNE, NODES, Address, DemoNode
from certs.authority import self_signed
from certs.keys import Use, generate_private

_KEY_DAYS = 3650
_CONNECTOR_KEYS = {"connector-it-signing": Use.SAML_SIGNING, "connector-it-encryption": Use.SAML_DECRYPTION}
_ORIGIN = re.compile(r"(http://[a-z.]+\.localhost):[0-9]+")


def prepare(folder: Path, held: Path, address: Address, now: int) -> None:
    """Make what is missing: keys in `held`, which are the nodes' own; in `folder`, anchors and the countries' files."""
    held.mkdir(mode=0o700, exist_ok=True)
    for node in NODES:
        _make(held / node.id, node, Use.SAML_SIGNING, now)
        _make(held / f"{node.id}-metadata", node, Use.METADATA_SIGNING, now)
        _write_anchor(folder / _anchor(node), held / f"{node.id}-metadata.crt")
        _write_country(folder / f"partners/countries/{node.code}.toml", node, address)
    for name, use in _CONNECTOR_KEYS.items():
        _make(held / name, COMUNE.node, use, now)


# -- keys -------------------------------------------------------------------------------------------------------------


def rollover_of(held: Path, node: DemoNode, now: int) -> Rollover:
    """The keys that a node's messages are signed with; what its operator changes is kept there."""
    stems = {name: held / f"{node.id}{suffix}" for name, suffix in _STEMS.items()}
    found = {name: _read(stem) for name, stem in stems.items() if stem.with_suffix(".pem").exists()}
    return Rollover(Keys(**found), partial(_new, node, Use.SAML_SIGNING, now), partial(_keep, stems))


_STEMS = {"signing": "", "coming": "-coming", "former": "-former"}


def metadata_key(held: Path, node: DemoNode) -> NodeKey:
    """The key that a node's metadata is signed with. Its certificate is the country's anchor."""
    return _read(held / f"{node.id}-metadata")


def connector_keys(held: Path) -> tuple[NodeKey, NodeKey]:
    """The keys that the simulated Connector holds: it signs with the first, others encrypt for the second."""
    signing, encryption = (_read(held / name) for name in _CONNECTOR_KEYS)
    return signing, encryption


def _make(stem: Path, node: DemoNode, use: Use, now: int) -> None:
    if not stem.with_suffix(".pem").exists():
        _write(stem, _new(node, use, now))


def _new(node: DemoNode, use: Use, now: int) -> NodeKey:
    private = generate_private("P-256" if use is Use.METADATA_SIGNING else node.key)
    certificate = x509.load_der_x509_certificate(self_signed(private, use, node.host, now, _KEY_DAYS))
    return NodeKey(pem_of(private), certificate.public_bytes(Encoding.PEM))


def _keep(stems: dict[str, Path], keys: Keys) -> None:
    for name, stem in stems.items():
        key = getattr(keys, name)
        if key:
            _write(stem, key)
        else:
            for kind in (".pem", ".crt"):
                stem.with_suffix(kind).unlink(missing_ok=True)


def _read(stem: Path) -> NodeKey:
    return NodeKey(*(stem.with_suffix(kind).read_bytes() for kind in (".pem", ".crt")))


def _write(stem: Path, key: NodeKey) -> None:
    stem.with_suffix(".crt").write_bytes(key.certificate)
    stem.with_suffix(".pem").touch(mode=0o600)
    stem.with_suffix(".pem").write_bytes(key.private)


# -- what the broker is told ------------------------------------------------------------------------------------------


def _anchor(node: DemoNode) -> str:
    return f"certs/anchors/{node.code}.pem"


def _write_anchor(path: Path, certificate: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(certificate.read_bytes())


def _write_country(path: Path, node: DemoNode, address: Address) -> None:
    """The country's file, or the one that is there with its addresses on this port. One with pins is an older demo's."""
    text = path.read_text("utf-8") if path.exists() else ""
    path.parent.mkdir(parents=True, exist_ok=True)
    if "_metadata_sha256" in text or not text:
        path.write_text(_country(node, address), "utf-8")
    else:
        path.write_text(_ORIGIN.sub(rf"\g<1>:{address.port}", text), "utf-8")


def _country(node: DemoNode, address: Address) -> str:
    sources = "\n".join(_sources(node, address.of(node.host)))
    return f"""[country]
code = "{node.code}"
{sources}
anchors = ["{_anchor(node)}"]
private_addresses = true
updates = "{node.updates}"
"""


def _sources(node: DemoNode, home: str) -> Iterator[str]:
    yield f'proxy_metadata = "{entity_id(home)}"'
    if node == COMUNE.node:
        yield f'connector_metadata = "{connector_id(home)}"'
