"""What a country publishes: read into what a login needs, odd things left out, each rule broken alone."""

import hashlib
from base64 import b64encode
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eidas import xml
from eidas.algorithms import Compatibility, Deviation
from eidas.attributes import DEFINITIONS, MANDATORY, Kind
from eidas.errors import Refused
from eidas.vocabulary import HTTP_POST, HTTP_REDIRECT, NOTIFIED_LEVELS
from metadata.build import AboutUs, Mailbox, build_connector
from metadata.errors import MetadataExpired
from metadata.read import read_connector, read_proxy_service
from tests.broker.foreign import Node, proxy_metadata
from tests.broker.world import Clock
from tests.eidas.parts import certificate_of, private_key, signer_of
from tests.eidas.rules import refused_by

CLOCK = Clock()
NOW = CLOCK()
NODE = Node("EL", CLOCK)
PROXY = proxy_metadata(NODE)
ABOUT = AboutUs(
    entity_id="https://connexion.example/eidas/connector/metadata",
    country="FR",
    organisation="Direction du numérique",
    site="https://dn.example",
    contacts=(Mailbox("technical", "noeud@dn.example"), Mailbox("support", "", "+33 1 99 00 00 00")),
    signing=(certificate_of(private_key("secp256r1")),),
    encryption=(certificate_of(private_key("secp384r1")), certificate_of(private_key("rsa"))),
    valid_until=NOW + 86_400,
    version="0.1.0",
)
ACS = "https://connexion.example/eidas/connector/acs"
CONNECTOR = build_connector(ABOUT, ACS, signer_of("secp256r1", 2))


def proxy(octets: bytes = PROXY, **how: object):
    """The Proxy-Service of a document."""
    return read_proxy_service(octets, **{"now": NOW, **how})  # type: ignore[arg-type]


def changed(old: str, new: str, octets: bytes = PROXY) -> bytes:
    """The document with a text replaced, which must be there."""
    text = octets.decode()
    assert old in text
    return text.replace(old, new).encode()


# -- in order ---------------------------------------------------------------------------------------------------------


def test_a_proxy_service_is_what_its_metadata_says():
    found = proxy()
    assert (found.entity_id, found.node_country, found.valid_until) == (NODE.entity_id, "EL", NOW + 7 * 86_400)
    assert (found.sso, found.levels) == ({HTTP_POST: NODE.sso, HTTP_REDIRECT: NODE.sso}, frozenset(NOTIFIED_LEVELS))
    assert (found.protocol_versions, found.wants_requester_id) == (("1.4", "1.2"), False)
    assert set(MANDATORY[Kind.NATURAL]) < found.attributes < set(DEFINITIONS)
    assert found.sha256 == hashlib.sha256(PROXY).hexdigest()
    assert [(one.kind, one.mail, one.name) for one in found.contacts] == [("support", "support@node.el.example", "Support")]
    assert [one.der for one in found.signing] == [NODE.signer.certificate]


def test_a_connector_is_what_we_wrote():
    found = read_connector(CONNECTOR, now=NOW)
    assert (found.entity_id, found.acs, found.sp_type, found.node_country) == (ABOUT.entity_id, ACS, None, "FR")
    assert [one.der for one in found.signing] == list(ABOUT.signing)
    assert [key.der for key, _ in found.encryption] == list(ABOUT.encryption)
    assert all("http://www.w3.org/2009/xmlenc11#aes256-gcm" in methods for _, methods in found.encryption)
    assert (found.organisation, found.application) == ("Direction du numérique", "Passerelle:Passerelle:0.1.0")


ODD: dict[str, tuple[bytes, Callable[[object], object], object]] = {
    "GR": (changed(">EL<", ">GR<"), lambda it: it.node_country, "EL"),
    "bare words among the levels": (
        changed(">http://eidas.europa.eu/LoA/low<", ">High<"),
        lambda it: len(it.levels),
        2,
    ),
    "unknown attributes": (
        changed(
            "</md:IDPSSODescriptor>",
            '<saml2:Attribute Name="urn:x" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri"/>'
            "</md:IDPSSODescriptor>",
        ),
        lambda it: "urn:x" in it.attributes,
        False,
    ),
    "a certificate that cannot be read beside one that can": (
        changed(
            "</md:KeyDescriptor>",
            '</md:KeyDescriptor><md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">'
            "<ds:X509Data><ds:X509Certificate>AAAA</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>",
        ),
        lambda it: len(it.signing),
        1,
    ),
    "a list with the one entity": (
        b'<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">' + PROXY + b"</md:EntitiesDescriptor>",
        lambda it: it.entity_id,
        NODE.entity_id,
    ),
    "no version": (
        changed("http://eidas.europa.eu/entity-attributes/protocol-version", "urn:other"),
        lambda it: it.protocol_versions,
        (),
    ),
    "it insists on a name": (proxy_metadata(NODE, requester=True), lambda it: it.wants_requester_id, True),
}


@pytest.mark.parametrize("name", ODD)
def test_what_real_metadata_has_is_read(name: str):
    octets, look, expected = ODD[name]
    assert look(proxy(octets)) == expected


def test_a_country_that_may_need_not_say_which_it_is():
    octets = changed("<eidas:NodeCountry xmlns:eidas", '<x:a xmlns:x="urn:x" xmlns:eidas')
    octets = changed("</eidas:NodeCountry>", "</x:a>", octets)
    allowed = Compatibility(frozenset({Deviation.NO_NODE_COUNTRY}))
    assert proxy(octets, compatibility=allowed).node_country == ""
    assert refused_by(lambda: proxy(octets)) == "check_country_stated"


def test_expired_metadata_says_since_when():
    with pytest.raises(MetadataExpired) as caught:
        proxy(now=NOW + 7 * 86_400)
    assert caught.value.until == NOW + 7 * 86_400


# -- each rule, broken alone ------------------------------------------------------------------------------------------

WEAK = b64encode(certificate_of(private_key("rsa2048"))).decode()
OWN = b64encode(NODE.signer.certificate).decode()
ROLE = "<md:IDPSSODescriptor"
REFUSED = {
    "not valid": (changed("validUntil=", "until="), "check_schema"),
    "a Connector": (CONNECTOR, "check_one_entity"),
    "a list with two": (
        b'<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">'
        + PROXY * 2
        + b"</md:EntitiesDescriptor>",
        "check_one_entity",
    ),
    "another protocol": (
        changed('Enumeration="urn:oasis:names:tc:SAML:2.0:protocol"', 'Enumeration="urn:x"'),
        "check_protocol",
    ),
    "no end": (changed(f'validUntil="{PROXY.decode().partition("validUntil=")[2][1:21]}"', ""), "check_expiry_stated"),
    "plain http": (
        changed(f'entityID="{NODE.entity_id}"', 'entityID="http://node.el.example/metadata"'),
        "check_addresses",
    ),
    "an endpoint over http": (changed(NODE.sso, "http://node.el.example/sso"), "check_addresses"),
    "loopback over http": (changed(NODE.sso, "http://node.el.localhost/sso"), "check_addresses"),
    "unsigned requests": (changed('WantAuthnRequestsSigned="true"', ""), "check_requests_signed"),
    "a key without a use": (changed('use="signing"', ""), "check_uses"),
    "no key": (changed(OWN, "AAAA"), "check_some_key"),
    "a weak key": (changed(OWN, WEAK), "check_keys_strong"),
    "no address for a browser": (changed("bindings:HTTP-", "bindings:SOAP-"), "check_some_address"),
    "only old versions": (
        changed(">1.4<", ">1.0<", changed(">1.2<", ">1.1<")),
        "check_versions",
    ),
    "no level": (
        changed("urn:oasis:names:tc:SAML:attribute:assurance-certification", "urn:other"),
        "check_levels_published",
    ),
    "not the whole minimum": (changed("naturalperson/DateOfBirth", "naturalperson/Other"), "check_minimum_published"),
    "no country": (changed("eidas:NodeCountry", "eidas:SPType", changed(">EL<", ">public<")), "check_country_stated"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_rule_that_is_broken_alone_is_the_one_that_fires(name: str):
    octets, rule = REFUSED[name]
    assert refused_by(lambda: proxy(octets)) == rule


def test_one_role_has_one_descriptor():
    text = PROXY.decode()
    role = text[text.index(ROLE) : text.index("</md:IDPSSODescriptor>")] + "</md:IDPSSODescriptor>"
    assert refused_by(lambda: proxy(text.replace(role, role * 2).encode())) == "check_one_role"


def test_the_sandbox_may_use_http_on_this_machine():
    octets = PROXY.decode().replace("https://node.el.example", "http://node.el.localhost").encode()
    assert proxy(octets, sandbox=True).entity_id == "http://node.el.localhost/metadata"


def test_a_weak_key_passes_for_a_country_that_may():
    allowed = Compatibility(frozenset({Deviation.RSA_2048}))
    assert proxy(changed(OWN, WEAK), compatibility=allowed).signing


def connector(octets: bytes):
    """The Connector of a document."""
    return read_connector(octets, now=NOW)


SIGNING = b64encode(ABOUT.signing[0]).decode()
FIRST, SECOND = (b64encode(der).decode() for der in ABOUT.encryption)
CONNECTORS = {
    "unsigned requests": (changed('AuthnRequestsSigned="true"', "", CONNECTOR), "check_requests_signed"),
    "one key for both": (changed(FIRST, SIGNING, CONNECTOR), "check_keys_differ"),
    "no key to encrypt for": (changed(SECOND, "AAAA", changed(FIRST, "AAAA", CONNECTOR)), "check_some_key"),
    "a weak key to encrypt for": (changed(SECOND, WEAK, CONNECTOR), "check_keys_strong"),
    "no default": (
        changed(
            "</md:SPSSODescriptor>",
            f'<md:AssertionConsumerService Binding="{HTTP_POST}" Location="https://a.example" index="1" isDefault="true"/>'
            "</md:SPSSODescriptor>",
            CONNECTOR,
        ),
        "check_one_acs",
    ),
    "methods that are too old": (
        changed("aes256-gcm", "aes256-cbc", changed("aes128-gcm", "aes128-cbc", CONNECTOR)),
        "check_some_method",
    ),
    "an answer over http": (changed(ACS, ACS.replace("https", "http"), CONNECTOR), "check_addresses"),
}


@pytest.mark.parametrize("name", CONNECTORS)
def test_a_rule_of_connectors_that_is_broken_alone_is_the_one_that_fires(name: str):
    octets, rule = CONNECTORS[name]
    assert refused_by(lambda: connector(octets)) == rule


def test_a_connector_may_say_for_whom_it_asks():
    octets = changed(
        "<md:SPSSODescriptor",
        "<md:SPSSODescriptor",
        changed(
            "</md:Extensions><md:SPSSODescriptor",
            '<e:SPType xmlns:e="http://eidas.europa.eu/saml-extensions">private</e:SPType></md:Extensions><md:SPSSODescriptor',
            CONNECTOR,
        ),
    )
    assert connector(octets).sp_type == "private"


# -- whatever comes ---------------------------------------------------------------------------------------------------


@settings(max_examples=150)
@given(st.integers(0, len(PROXY) - 1), st.binary(max_size=12), st.integers(0, 12))
def test_whatever_is_published_is_read_or_refused(at: int, put: bytes, gone: int):
    try:
        proxy(PROXY[:at] + put + PROXY[at + gone :])
    except Refused:
        return


def test_a_large_document_is_not_read():
    assert refused_by(lambda: proxy(PROXY + b" " * 1_048_576)) == "check_size"


def test_metadata_is_larger_than_a_message():
    padding = xml.MESSAGE.size
    assert proxy(PROXY + b"\n" * padding).entity_id == NODE.entity_id
