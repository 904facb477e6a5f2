"""The matrix of algorithms, of documents that we write and of real ones."""

from base64 import b64encode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from metadata.diff.facts import read_entities
from metadata.review.algorithms import Cell, NodeRow, algorithms
from metadata.review.documents import ROLES
from tests.eidas.parts import certificate_of
from tests.metadata import past as p
from tests.metadata import versions as v
from tests.metadata.past import DOCUMENT, NAME, NOW, past
from tests.metadata.versions import pem, signed, version


def row(octets: bytes, role: str = "proxy", name: str = NAME) -> NodeRow:
    """The row of a document."""
    made = past([(0, p.in_force(octets, subject=f"EL/{role}", entity_id=name))])
    (found,) = algorithms(made.entries, NOW, made.blob)
    return found


def told(found: NodeRow) -> list[str]:
    """Its cells, a word each."""
    return [f"{what} {cell.value} {cell.strength}" for what, _, cell in found.cells]


def test_what_keeps_to_version_1_4_is_good():
    assert told(row(DOCUMENT)) == [
        "signature ecdsa-sha256 good",
        "digest sha256 good",
        "signing key EC P-256 good",
        "encryption key RSA 3072 good",
        "encryption method aes256-gcm good",
        "encryption method rsa-oaep good",
        "OAEP sha256 mgf1sha256 good",
    ]
    assert row(DOCUMENT).weak == ()


def test_each_key_is_named_by_its_certificate():
    found = row(DOCUMENT)
    assert [len(key.certificate) for key in found.keys] == [64, 64]
    assert {certificate for what, certificate, _ in found.cells if what in ("signature", "digest")} == {""}


WEAK = {
    "unsigned": (version(), ["signature none refused", "digest none refused"]),
    "changed after it was signed": (
        DOCUMENT.replace(b"2.7", b"2.8"),
        ["signature not right by a key that it names refused", "digest not right by a key that it names refused"],
    ),
    "RSA of 2048 bits": (
        signed(version((v.SIGNING, v.key("signing", pem("rsa2048"))))),
        ["signing key RSA 2048 weak"],
    ),
    "OAEP without a digest": (signed(version((v.SHA256, ""))), ["OAEP sha1 mgf1sha256 weak"]),
    "OAEP without a mask": (signed(version((v.MGF, ""))), ["OAEP sha256 mgf1sha1 weak"]),
    "OAEP of XML Encryption 1.0": (
        signed(version((v.OAEP, v.method(f"{v.ENC}rsa-oaep-mgf1p")))),
        ["encryption method rsa-oaep-mgf1p weak", "OAEP sha1 mgf1sha1 weak"],
    ),
    "OAEP with MD5": (
        signed(version((v.SHA256, f'<ds:DigestMethod Algorithm="{v.MORE}md5"/>'))),
        ["OAEP md5 mgf1sha256 refused"],
    ),
    "the worse of two OAEPs": (
        signed(version((v.OAEP, v.OAEP + v.method(f"{v.ENC}rsa-oaep-mgf1p")))),
        ["encryption method rsa-oaep-mgf1p weak", "OAEP sha1 mgf1sha1 weak"],
    ),
    "CBC beside GCM": (
        signed(version((v.GCM, v.GCM + v.method(f"{v.ENC}aes128-cbc")))),
        ["encryption method aes128-cbc weak"],
    ),
    "rsa-1_5": (signed(version((v.OAEP, v.method(f"{v.ENC}rsa-1_5")))), ["encryption method rsa-1_5 refused"]),
    "unknown": (
        signed(version((v.GCM, v.method("urn:x:aes256-gcm")))),
        ["encryption method (urn:x:aes256-gcm) refused"],
    ),
    "AES-192": (signed(version((v.GCM, v.method(f"{v.ENC11}aes192-gcm")))), []),
    "no certificate": (
        signed(version((v.SIGNING, v.SIGNING.replace(pem(), "AAAA")))),
        ["signing key certificate that cannot be read refused"],
    ),
    "a curve that eIDAS does not name": (
        signed(
            version(
                (v.SIGNING, v.key("signing", b64encode(certificate_of(ec.generate_private_key(ec.SECP256K1()))).decode()))
            )
        ),
        ["signing key EC secp256k1 refused"],
    ),
}


@pytest.mark.parametrize("name", WEAK)
def test_what_is_weak_or_refused_is_named(name: str):
    octets, expected = WEAK[name]
    assert [f"{what} {cell.value} {cell.strength}" for what, _, cell in row(octets).weak] == expected


def test_a_document_that_cannot_be_read_is_an_empty_row():
    found = row(b"<broken")
    assert (found.node.subject, found.signature, found.cells) == ("EL/proxy", None, ())


# -- real ones --------------------------------------------------------------------------------------------------------

GOV, VERIFY = "e-gov-SpecificConnector", "verify-proxy-node"
REAL = {
    (f"{GOV}/sp-valid-metadata.xml", "connector"): [
        "signature ecdsa-sha512 good",
        "digest sha512 good",
        "signing key EC P-384 good",
        "encryption key RSA 4096 good",
    ],
    (f"{VERIFY}/stub-connector-metadata.xml", "connector"): [
        "signature rsa-sha256 weak",
        "digest sha256 good",
        "signing key RSA 2048 weak",
        "encryption key RSA 2048 weak",
    ],
    (f"{VERIFY}/connector_node_metadata_template.xml", "proxy"): [
        "signature not right by a key that it names refused",
        "digest not right by a key that it names refused",
        "signing key certificate that cannot be read refused",
        "encryption key certificate that cannot be read refused",
        "encryption method aes128-gcm good",
        "encryption method aes192-gcm good",
        "encryption method aes256-gcm good",
    ],
}


@pytest.mark.parametrize(("name", "role"), REAL)
def test_real_metadata_has_its_algorithms(samples: Path, name: str, role: str):
    octets = (samples / "metadata" / name).read_bytes()
    assert told(row(octets, role, read_entities(octets)[0].name)) == REAL[name, role]


def test_every_node_of_the_samples_has_a_row(samples: Path):
    rows = 0
    for path in sorted((samples / "metadata").rglob("*.xml")):
        octets = path.read_bytes()
        for one in read_entities(octets):
            for role in [word for word, role in ROLES.items() if role in one.keys]:
                found = row(octets, role, one.name)
                assert (found.node.unreadable, isinstance(found.signature, Cell)) == ("", True)
                rows += 1
    assert rows > 25
