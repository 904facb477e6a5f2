"""Our metadata: complete by the profile, the same until it is signed, and read by other people's libraries."""

import signxml
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate

from eidas import signature, xml
from eidas.attributes import MANDATORY, Kind
from eidas.schema import check_schema
from eidas.vocabulary import HTTP_POST, HTTP_REDIRECT, LOA_HIGH, LOA_SUBSTANTIAL, NAME_ID_FORMATS
from metadata.build import build_connector, build_proxy_service
from metadata.read import read_proxy_service
from tests.eidas.exchange import PREFIXES, trusted_keys
from tests.eidas.parts import certificate_of, private_key, signer_of
from tests.metadata.test_read import ABOUT, ACS, CONNECTOR

MD = {**PREFIXES, "md": xml.MD, "mdattr": xml.MDATTR, "alg": xml.ALG}
ROOT = xml.parse(CONNECTOR)
ROLE = ROOT.find("md:SPSSODescriptor", MD)


def texts(path):
    """The texts at a path."""
    return [xml.text(element) for element in ROOT.iterfind(path, MD)]


def names(path, attribute):
    """The values of an attribute at a path."""
    return [element.get(attribute) for element in ROOT.iterfind(path, MD)]


def test_it_is_valid_and_signed_by_the_key_for_metadata():
    check_schema(ROOT)
    verified = signature.verify(ROOT, trusted_keys("secp256r1", 2))
    assert verified.element.get("entityID") == ABOUT.entity_id


def test_signxml_verifies_it():
    certificate = load_der_x509_certificate(certificate_of(private_key("secp256r1", 2))).public_bytes(Encoding.PEM).decode()
    expected = signxml.SignatureConfiguration(require_x509=False, location="./")
    signed = signxml.XMLVerifier().verify(CONNECTOR, x509_cert=certificate, id_attribute="ID", expect_config=expected)
    assert signed.signed_xml.get("entityID") == ABOUT.entity_id


def test_it_says_what_the_profile_demands_of_an_entity():
    assert ROOT.get("validUntil") == "2026-09-22T14:13:20Z"
    attributes = "md:Extensions/mdattr:EntityAttributes/saml2:Attribute"
    assert names(attributes, "Name") == [
        "http://eidas.europa.eu/entity-attributes/protocol-version",
        "http://eidas.europa.eu/entity-attributes/application-identifier",
    ]
    assert texts(f"{attributes}/saml2:AttributeValue") == ["1.4", "1.3", "1.2", "Passerelle:Passerelle:0.1.0"]
    assert len(names("md:Extensions/alg:DigestMethod", "Algorithm")) == 3
    assert set(names("md:Extensions/alg:SigningMethod", "MinKeySize")) == {"3072", "256"}
    assert not [uri for uri in names("md:Extensions/alg:SigningMethod", "Algorithm") if "sha1" in uri or "rsa-sha" in uri]


def test_it_says_what_the_profile_demands_of_a_connector():
    assert (ROLE.get("AuthnRequestsSigned"), ROLE.get("WantAssertionsSigned")) == ("true", "false")
    assert texts("md:SPSSODescriptor/md:Extensions/eidas:NodeCountry") == ["FR"]
    assert names("md:SPSSODescriptor/md:KeyDescriptor", "use") == ["signing", "encryption", "encryption"]
    assert texts("md:SPSSODescriptor/md:NameIDFormat") == list(NAME_ID_FORMATS)
    acs = ROLE.find("md:AssertionConsumerService", MD)
    assert (acs.get("Binding"), acs.get("Location"), acs.get("index"), acs.get("isDefault")) == (
        HTTP_POST,
        ACS,
        "0",
        "true",
    )
    assert ROOT.find(".//eidas:SPType", MD) is None


def test_each_key_says_how_to_encrypt_for_it():
    curve, rsa = (
        [method.get("Algorithm").rpartition("#")[2] for method in key.iterfind("md:EncryptionMethod", MD)]
        for key in ROLE.findall("md:KeyDescriptor[@use='encryption']", MD)
    )
    assert curve == ["aes256-gcm", "aes128-gcm", "ECDH-ES", "kw-aes128", "kw-aes256"]
    assert rsa == ["aes256-gcm", "aes128-gcm", "rsa-oaep"]


def test_it_says_who_we_are_and_whom_to_write_to():
    assert texts("md:Organization/md:OrganizationDisplayName") == ["Direction du numérique"] * 2
    assert names("md:ContactPerson", "contactType") == ["technical", "support"]
    assert texts("md:ContactPerson/md:EmailAddress") == ["mailto:noeud@dn.example"]
    assert texts("md:ContactPerson/md:TelephoneNumber") == ["+33 1 99 00 00 00"]


def test_the_same_facts_give_the_same_octets_until_they_are_signed():
    def unsigned():
        root = xml.parse(build_connector(ABOUT, ACS, signer_of()))
        xml.remove(root.find("ds:Signature", MD))
        return xml.write(root)

    assert unsigned() == unsigned()


def test_pysaml2_reads_it():
    from saml2.mdstore import InMemoryMetaData

    store = InMemoryMetaData(None, CONNECTOR.decode(), check_validity=False)
    store.parse(CONNECTOR)
    entity = store.entity[ABOUT.entity_id]
    (role,) = entity["spsso_descriptor"]
    assert role["assertion_consumer_service"][0]["location"] == ACS
    assert [key["use"] for key in role["key_descriptor"]] == ["signing", "encryption", "encryption"]


# -- our Proxy-Service ------------------------------------------------------------------------------------------------

SSO = "https://fc.example/eidas/proxy/sso"
PROXY = build_proxy_service(
    ABOUT, SSO, (LOA_SUBSTANTIAL, LOA_HIGH), MANDATORY[Kind.NATURAL], signer_of("secp256r1", turn=2)
)


def test_the_proxy_service_that_is_built_is_the_one_that_is_read():
    read = read_proxy_service(PROXY, now=0)
    assert (read.entity_id, read.node_country, read.levels) == (ABOUT.entity_id, "FR", {LOA_SUBSTANTIAL, LOA_HIGH})
    assert read.sso == {HTTP_POST: SSO, HTTP_REDIRECT: SSO}
    assert (read.attributes, read.wants_requester_id) == (set(MANDATORY[Kind.NATURAL]), False)


def test_it_is_valid_signed_and_says_how_to_encrypt_for_each_kind_of_key():
    root = xml.parse(PROXY)
    check_schema(root)
    assert signature.verify(root, trusted_keys("secp256r1", 2)).element.get("entityID") == ABOUT.entity_id
    methods = [one.get("Algorithm").rpartition("#")[2] for one in root.iterfind(".//md:EncryptionMethod", MD)]
    assert {"ECDH-ES", "rsa-oaep"} <= set(methods)


def test_pysaml2_reads_the_proxy_service():
    from saml2.mdstore import InMemoryMetaData

    store = InMemoryMetaData(None, PROXY.decode(), check_validity=False)
    store.parse(PROXY)
    (role,) = store.entity[ABOUT.entity_id]["idpsso_descriptor"]
    assert {service["location"] for service in role["single_sign_on_service"]} == {SSO}
    assert [one["friendly_name"] for one in role["attribute"]][1:3] == ["FamilyName", "FirstName"]
