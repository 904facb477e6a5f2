"""Metadata that is in order, and ways to spoil it, each signed anew so that nothing else is wrong."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256, Hash, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding

from certs.authority import new_authority, self_signed
from certs.keys import Use
from eidas import signature, xml
from eidas.attributes import MANDATORY, Kind
from eidas.keys import LocalSigner
from eidas.vocabulary import LOA_HIGH, LOA_SUBSTANTIAL
from eidas.xml import DS, EIDAS, MD, Element
from metadata.build import AboutUs, Mailbox, build_connector, build_proxy_service
from tests.eidas.parts import private_key, resign

NOW = 1_790_000_000
URL = "https://node.example/metadata"
SIGNATURE, KEY, CERTIFICATE = f"{{{DS}}}Signature", f"{{{MD}}}KeyDescriptor", f"{{{DS}}}X509Certificate"
SIGNING, ENCRYPTION, METADATA = ("secp256r1", 0), ("secp384r1", 0), ("secp256r1", 2)
RSA_ENCRYPTION, METADATA_RSA = ("rsa", 0), ("rsa", 2)


@cache
def certificate(key: tuple[str, int], use: Use = Use.SAML_SIGNING, start: int = NOW - 86_400) -> bytes:
    """A certificate with keyUsage."""
    return self_signed(private_key(*key), use, "node.example", start)


def signer_with(key: tuple[str, int], der: bytes | None = None) -> LocalSigner:
    """Who signs the metadata."""
    return LocalSigner(private_key(*key), SHA256(), der or certificate(key, Use.METADATA_SIGNING))


SIGNER = signer_with(METADATA)
ABOUT = AboutUs(
    entity_id=URL,
    country="FR",
    organisation="Direction du numérique",
    site="https://dn.example",
    contacts=(Mailbox("technical", "noeud@dn.example"), Mailbox("support", "aide@dn.example")),
    signing=(certificate(SIGNING),),
    encryption=(certificate(ENCRYPTION, Use.SAML_DECRYPTION), certificate(RSA_ENCRYPTION, Use.SAML_DECRYPTION)),
    valid_until=NOW + 7 * 86_400,
    version="0.1.0",
)
CONNECTOR = build_connector(ABOUT, "https://node.example/acs", SIGNER)
PROXY = build_proxy_service(ABOUT, "https://node.example/sso", (LOA_SUBSTANTIAL, LOA_HIGH), MANDATORY[Kind.NATURAL], SIGNER)

Change = Callable[[Element], object]
LIST = f'<md:EntitiesDescriptor xmlns:md="{MD}" validUntil="2026-09-25T00:00:00Z">'.encode()


def listed(*entities: bytes) -> bytes:
    """Several entities in one document."""
    return LIST + b"".join(entities) + b"</md:EntitiesDescriptor>"


def signed_anew(octets: bytes, change: Change, signer: LocalSigner = SIGNER) -> bytes:
    """A document that was changed before somebody signed it."""
    root = xml.parse(octets)
    xml.remove(root.find(SIGNATURE))
    change(root)
    signature.sign(root, signer)
    return xml.write(root)


def signed_by(key: tuple[str, int], der: bytes | None = None) -> bytes:
    """The Connector's metadata signed by another key, or under another certificate."""
    return signed_anew(CONNECTOR, lambda _: None, signer_with(key, der))


def replacing(octets: bytes, old: str, new: str, times: int = 1) -> bytes:
    """A text replaced before the document is signed."""
    root = xml.parse(octets)
    xml.remove(root.find(SIGNATURE))
    text = xml.write(root).decode()
    assert old in text
    changed = xml.parse(text.replace(old, new, times).encode())
    signature.sign(changed, SIGNER)
    return xml.write(changed)


def without(octets: bytes, path: str) -> bytes:
    """An element (or several) gone."""

    def change(root: Element) -> None:
        found = root.findall(path)
        assert found
        for one in found:
            xml.remove(one)

    return signed_anew(octets, change)


def adding(octets: bytes, path: str, text: str) -> bytes:
    """An element put behind another one."""
    parsed = xml.parse(f'<w xmlns:md="{MD}" xmlns:eidas="{EIDAS}" xmlns:ds="{DS}">{text}</w>'.encode())[0]
    return signed_anew(octets, lambda root: root.find(path).addnext(parsed))


def setting(octets: bytes, path: str, name: str, value: str | None) -> bytes:
    """An attribute of another value, or gone."""

    def change(root: Element) -> None:
        element = root.find(path)
        if value is None:
            del element.attrib[name]
        else:
            element.set(name, value)

    return signed_anew(octets, change)


def holding(key: int, der: bytes, octets: bytes = CONNECTOR) -> bytes:
    """Another certificate in one of the keys (0 signs, 1 is on a curve, 2 is RSA)."""

    def change(root: Element) -> None:
        next(list(root.iter(KEY))[key].iter(CERTIFICATE)).text = xml.encoded(der)

    return signed_anew(octets, change)


def afterwards(octets: bytes, change: Change, again: bool = True) -> bytes:
    """A signature that was changed itself, and computed anew unless it is to be wrong."""
    root = xml.parse(octets)
    change(root)
    if again:
        resign(root, SIGNER)
    return xml.write(root)


def spelled(path: str, name: str, value: str, again: bool = True) -> bytes:
    """An attribute within the signature."""
    return afterwards(CONNECTOR, lambda root: root.find(f"{SIGNATURE}//{{{DS}}}{path}").set(name, value), again)


def digested(uri: str, algorithm: HashAlgorithm) -> bytes:
    """A signature that is right, with another digest in its Reference."""

    def change(root: Element) -> None:
        bare = xml.separate(root)
        xml.remove(bare.find(SIGNATURE))
        digest = Hash(algorithm)
        digest.update(xml.canonical(bare))
        root.find(f"{SIGNATURE}//{{{DS}}}DigestMethod").set("Algorithm", uri)
        root.find(f"{SIGNATURE}//{{{DS}}}DigestValue").text = xml.encoded(digest.finalize())

    return afterwards(CONNECTOR, change)


def signed_by_pkcs1(uri: str) -> bytes:
    """A signature that is right, by a method that eIDAS forbids."""
    root = xml.parse(signed_by(METADATA_RSA))
    root.find(f"{SIGNATURE}//{{{DS}}}SignatureMethod").set("Algorithm", uri)
    value = private_key(*METADATA_RSA).sign(xml.canonical(root.find(f"{SIGNATURE}/*")), PKCS1v15(), SHA256())
    root.find(f"{SIGNATURE}/{{{DS}}}SignatureValue").text = xml.encoded(value)
    return xml.write(root)


def by_name() -> bytes:
    """A key that is only named."""

    def change(root: Element) -> None:
        info = root.find(f".//{KEY}/*")
        info[:] = [xml.make("ds", "KeyName", "ours")]

    return signed_anew(CONNECTOR, change)


def twice(octets: bytes, path: str) -> bytes:
    """An element repeated behind itself."""
    return signed_anew(octets, lambda root: root.find(path).addnext(xml.separate(root.find(path))))


# -- certificates that are odd ----------------------------------------------------------------------------------------


def odd_certificate(private: object, algorithm: object) -> bytes:
    """A certificate around a key of any kind."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "node.example")])
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
    bits = dict.fromkeys(
        "content_commitment key_encipherment data_encipherment key_agreement key_cert_sign crl_sign "
        "encipher_only decipher_only".split(),
        False,
    )
    usage = x509.KeyUsage(digital_signature=True, **bits)
    builder = x509.CertificateBuilder(name, name, private.public_key(), 1, start, end)
    return builder.add_extension(usage, critical=True).sign(private, algorithm).public_bytes(Encoding.DER)


def off_its_curve() -> bytes:
    """A certificate whose point was moved, so that it lies on no curve."""
    numbers = private_key(*SIGNING).public_key().public_numbers()
    point = numbers.y.to_bytes(32, "big")
    return certificate(SIGNING).replace(point, bytes([point[0] ^ 1]) + point[1:])


def issued() -> bytes:
    """A certificate that an authority issued, which is not there."""
    authority = new_authority(private_key("secp256r1", 7), "authority.example", NOW - 86_400)
    return authority.issue(private_key(*METADATA).public_key(), Use.METADATA_SIGNING, "node.example", NOW - 86_400)


URI = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"


def valued(octets: bytes, name: str, value: str, form: str = URI) -> bytes:
    """Another entity attribute."""
    made = (
        f'<saml2:Attribute xmlns:saml2="{xml.SAML}" Name="{name}" NameFormat="{form}">'
        f"<saml2:AttributeValue>{value}</saml2:AttributeValue></saml2:Attribute>"
    )
    return replacing(octets, "</mdattr:EntityAttributes>", f"{made}</mdattr:EntityAttributes>")


def named(octets: bytes, identifier: str, entity_id: str) -> bytes:
    """The same under another ID, and perhaps another name."""

    def change(root: Element) -> None:
        root.set("ID", identifier)
        root.set("entityID", entity_id)

    return signed_anew(octets, change)
