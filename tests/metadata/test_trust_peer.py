"""Another implementation: signxml, over X.509 verification for web servers. What it believes is what we believe."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import signxml
from signxml.exceptions import InvalidCertificate, InvalidDigest, InvalidInput, InvalidSignature

from eidas import xml
from eidas.errors import Refused
from tests.metadata.authorities import NOW, published, signer, vouch
from tests.metadata.test_trust import (
    DEEP,
    EVIL,
    GENUINE,
    LATE_LEAF,
    LEAF,
    LONG,
    MIDDLE,
    NO_CERT_SIGN,
    NOT_CA,
    PSS,
    PSS_ROOT,
    ROOT,
    swapped,
    text_of,
)

MOMENT = datetime.fromtimestamp(NOW, UTC)
INVALID = (InvalidCertificate, InvalidDigest, InvalidInput, InvalidSignature)


@pytest.fixture
def theirs(tmp_path):
    """What signxml verified of a document, if these certificates are its authorities."""

    def verify(octets: bytes, *authorities):
        file = tmp_path / "authorities.pem"
        file.write_bytes(b"".join(one.pem for one in authorities))
        expected = signxml.SignatureConfiguration(location="./", verification_time=MOMENT)
        verifier = signxml.XMLVerifier()
        return verifier.verify(octets, ca_pem_file=str(file), id_attribute="ID", expect_config=expected).signed_xml

    return verify


BELIEVED = {
    "a chain": (lambda: GENUINE, ROOT),
    "a chain without its root": (lambda: published(LEAF, LEAF, MIDDLE), ROOT),
    "below one authority": (lambda: published(PSS), PSS_ROOT),
    "the longest chain": (lambda: published(DEEP, DEEP, *reversed(LONG)), ROOT),
}


@pytest.mark.parametrize("name", BELIEVED)
def test_what_we_vouch_for_is_verified_by_signxml(theirs, name: str):
    make, root = BELIEVED[name]
    octets = make()
    assert xml.canonical(xml.parse(vouch(octets, root).octets)) == xml.canonical(xml.parse(xml.write(theirs(octets, root))))


TAMPERED: dict[str, Callable[[], bytes]] = {
    "an address": lambda: text_of(GENUINE, b"/sso", b"/ss0"),
    "a level": lambda: text_of(GENUINE, b"LoA/high", b"LoA/low"),
    "the country": lambda: text_of(GENUINE, b">EL<", b">DE<"),
    "until when it counts": lambda: text_of(GENUINE, b'validUntil="2026', b'validUntil="2036'),
    "white space": lambda: text_of(GENUINE, b"</md:Extensions>", b" </md:Extensions>"),
    "a transform": lambda: text_of(GENUINE, b"#enveloped-signature", b"#base64"),
    "the reference": lambda: text_of(GENUINE, b'URI="#_root"', b'URI="#_rood"'),
    "the digest method": lambda: text_of(GENUINE, b"xmlenc#sha256", b"xmlenc#sha512"),
    "another key": lambda: published(EVIL, edit=swapped(LEAF.der, MIDDLE.der)),
    "another certificate": lambda: published(LEAF, edit=swapped(EVIL.der, MIDDLE.der)),
    "the attacker's own": lambda: published(EVIL),
    "a step less": lambda: published(LEAF, LEAF, ROOT),
    "a signer that has expired": lambda: published(LATE_LEAF, LATE_LEAF, MIDDLE),
    "an intermediate that is no authority": lambda: published(LEAF, LEAF, NOT_CA),
    "an authority whose key is for something else": lambda: published(LEAF, LEAF, NO_CERT_SIGN),
    "a signer that issues": lambda: published(BELOW_LEAF, BELOW_LEAF, LEAF, MIDDLE),
}
BELOW_LEAF = signer("Below the signer", LEAF)


@pytest.mark.parametrize("name", TAMPERED)
def test_what_signxml_refuses_is_refused_here(theirs, name: str):
    octets = TAMPERED[name]()
    with pytest.raises(INVALID):
        theirs(octets, ROOT)
    with pytest.raises(Refused):
        vouch(octets, ROOT)
