"""Certificates of every kind, made for the moment of the tests; and metadata that their keys sign."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from certs.authority import _BITS
from eidas import signature, xml
from eidas.keys import LocalSigner
from metadata.trust import vouched
from metadata.trust.links import Policy, read_anchor
from tests.broker.foreign import Node, proxy_metadata
from tests.broker.world import Clock
from tests.eidas.parts import NS, private_key

CLOCK = Clock()
NOW = CLOCK()
DAY = 86_400
PUBLISHED = proxy_metadata(Node("EL", CLOCK))
EL = Policy("EL")


@dataclass(frozen=True)
class Holder:
    """A key with its certificate. `name` is the subject."""

    name: str
    private: object
    der: bytes

    @property
    def fields(self):
        return x509.load_der_x509_certificate(self.der)

    @property
    def pem(self):
        return self.fields.public_bytes(Encoding.PEM)


def usage(*bits: str) -> x509.KeyUsage:
    """The extension with these bits."""
    return x509.KeyUsage(**{bit: bit in bits for bit in _BITS})


CA_BITS, SIGN_BITS = usage("key_cert_sign", "crl_sign"), usage("digital_signature")
_turns: dict[str, int] = {}


def holder(
    name: str,
    issuer: Holder | None = None,
    *,
    ca: bool | None = None,
    length: int | None = None,
    bits: x509.KeyUsage | None = None,
    kind: str = "secp256r1",
    key: object = None,
    start: int = -DAY,
    end: int = 365 * DAY,
    algorithm: HashAlgorithm | None = None,
    pss: bool = True,
    more: Sequence[tuple[x509.ExtensionType, bool]] = (),
    serial: int | None = None,
) -> Holder:
    """A new certificate. `ca=None`: without basic constraints; moments are seconds from NOW."""
    private = key or private_key(kind, _turns.setdefault(name, len(_turns) + 10))
    by = issuer.private if issuer else private
    builder = x509.CertificateBuilder(
        _name(issuer.name if issuer else name),
        _name(name),
        private.public_key(),
        serial or x509.random_serial_number(),
        datetime.fromtimestamp(NOW + start, UTC),
        datetime.fromtimestamp(NOW + end, UTC),
    )
    keys = [
        (x509.SubjectKeyIdentifier.from_public_key(private.public_key()), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), False),
    ]
    for extension, critical in _extensions(ca, length, bits, [*keys, *more]):
        builder = builder.add_extension(extension, critical)
    made = builder.sign(by, algorithm or SHA256(), rsa_padding=_padding(by, pss))
    return Holder(name, private, made.public_bytes(Encoding.DER))


def authority(name: str, issuer: Holder | None = None, **more: object) -> Holder:
    """An authority's certificate."""
    return holder(name, issuer, **{"ca": True, "bits": CA_BITS, **more})  # type: ignore[arg-type]


def signer(name: str, issuer: Holder | None = None, **more: object) -> Holder:
    """The certificate of a key that signs metadata."""
    return holder(name, issuer, **{"ca": False, "bits": SIGN_BITS, **more})  # type: ignore[arg-type]


def with_sha1(made: Holder, issuer: Holder) -> Holder:
    """The certificate as its issuer would have signed it once, by RSASSA-PKCS1-v1_5 and SHA-1: the library makes none."""
    sha256, sha1 = (bytes.fromhex(f"06092a864886f70d0101{last}") for last in ("0b", "05"))
    tbs = made.fields.tbs_certificate_bytes
    assert tbs.count(sha256) == 1
    spoilt = tbs.replace(sha256, sha1)
    value = issuer.private.sign(spoilt, padding.PKCS1v15(), SHA1())
    return replace(made, der=made.der.replace(tbs, spoilt).replace(sha256, sha1)[: -len(value)] + value)


def revoked(issuer: Holder, *serials: int, end: int = DAY, more=(), by: object = None) -> bytes:
    """A list of revoked certificates in DER."""
    builder = x509.CertificateRevocationListBuilder(
        _name(issuer.name), datetime.fromtimestamp(NOW - 7 * DAY, UTC), datetime.fromtimestamp(NOW + end, UTC)
    )
    for number in serials:
        entry = x509.RevokedCertificateBuilder(number, datetime.fromtimestamp(NOW - DAY, UTC)).build()
        builder = builder.add_revoked_certificate(entry)
    for extension, critical in more:
        builder = builder.add_extension(extension, critical)
    return builder.sign(by or issuer.private, SHA256()).public_bytes(Encoding.DER)


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _padding(private: object, pss: bool):
    if not isinstance(private, rsa.RSAPrivateKey):
        return None
    return padding.PSS(padding.MGF1(SHA256()), padding.PSS.DIGEST_LENGTH) if pss else padding.PKCS1v15()


def _extensions(ca, length, bits, more):
    if ca is not None:
        yield x509.BasicConstraints(ca, length if ca else None), True
    if bits is not None:
        yield bits, True
    yield from more


# -- metadata ---------------------------------------------------------------------------------------------------------


def published(by: Holder, *chain: Holder, data: bytes = PUBLISHED, edit: Callable | None = None) -> bytes:
    """Metadata signed by a key, with these certificates beside the signature; `edit` changes the root afterwards."""
    root = xml.parse(data)
    root.set("ID", "_root")
    signature.sign(root, LocalSigner(by.private, SHA256(), by.der))
    beside(root, *(one.der for one in chain or (by,)))
    root = xml.parse(xml.write(root))
    if edit is not None:
        root = edit(root)
        root = xml.parse(xml.write(root), xml.Limits(size=10**7))
    return xml.write(root)


def unsigned(octets: bytes) -> bytes:
    """The document without its signature, if it has one."""
    root = xml.parse(octets)
    for own in root.findall("ds:Signature", NS):
        xml.remove(own)
    return xml.write(root)


def beside(root, *ders: bytes) -> None:
    """Put certificates beside the root's signature, in place of those that are there."""
    info = root.find("ds:Signature/ds:KeyInfo", NS)
    for child in list(info):
        info.remove(child)
    certificates = (xml.make("ds", "X509Certificate", xml.encoded(der)) for der in ders)
    info.append(xml.make("ds", "X509Data", *certificates))


def anchors(*holders: Holder, country: str = "EL"):
    """Certificates as a country's anchors."""
    return [read_anchor(country, one.der) for one in holders]


def vouch(octets: bytes, *on: Holder, policy: Policy = EL, crls: Sequence[bytes] = (), now: int = NOW):
    """Who vouches for a document, if these are the anchors of Greece."""
    return vouched(octets, anchors(*on), policy, now, crls)
