"""What the simulated nodes publish of themselves."""

from base64 import b64decode
from importlib.util import find_spec
from pathlib import Path

import pytest
from lxml import etree

from broker.sandbox.node.people import ATTRIBUTES
from broker.sandbox.node.security import verify
from broker.sandbox.parties import NODES
from eidas import signature
from eidas.attributes import DEFINITIONS, Kind
from eidas.certificates import read_certificate
from eidas.vocabulary import HTTP_POST, HTTP_REDIRECT
from tests.broker.sandbox.connectors import Crossing
from tests.broker.sandbox.nodes import GERMANY, GREECE, ITALY, NOW, Abroad

SCHEMAS = Path(find_spec("saml2").origin).parent / "data" / "schemas"  # type: ignore[union-attr,arg-type]
every_node = pytest.mark.parametrize("node", NODES, ids=lambda one: one.code)
NS = {"md": "urn:oasis:names:tc:SAML:2.0:metadata", "alg": "urn:oasis:names:tc:SAML:metadata:algsupport"}


def metadata(node) -> bytes:  # type: ignore[no-untyped-def]
    """What the node answers at the address that is its name."""
    answer = Abroad(node).browser.get("/metadata")
    assert answer.mimetype == "application/samlmetadata+xml"
    return answer.data


class _Beside(etree.Resolver):
    def resolve(self, system_url, public_id, context):  # type: ignore[no-untyped-def]
        """Whatever a schema names is a file of the same name beside it; without its document type."""
        path = SCHEMAS / str(system_url).rpartition("/")[2]
        return self.resolve_string(etree.tostring(etree.parse(path)), context) if path.exists() else None


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    """SAML's schema of metadata, as pysaml2 ships it."""
    parser = etree.XMLParser(no_network=True, load_dtd=False, resolve_entities=False)
    parser.resolvers.add(_Beside())
    return etree.XMLSchema(etree.parse(SCHEMAS / "saml-schema-metadata-2.0.xsd", parser))


@every_node
def test_metadata_is_valid_by_the_schema_of_saml(node, schema) -> None:  # type: ignore[no-untyped-def]
    assert schema.validate(etree.fromstring(metadata(node))), schema.error_log


def test_a_connectors_metadata_is_valid_by_the_schema_of_saml(schema) -> None:  # type: ignore[no-untyped-def]
    made = Crossing().metadata
    assert schema.validate(etree.fromstring(made)), schema.error_log


@every_node
def test_our_library_reads_it(node) -> None:  # type: ignore[no-untyped-def]
    known = Abroad(node).published
    home = f"http://{node.host}:1"
    assert (known.entity_id, known.node_country) == (f"{home}/metadata", node.code)
    assert dict(known.sso) == {HTTP_POST: f"{home}/sso", HTTP_REDIRECT: f"{home}/sso"}
    assert known.levels == {f"http://eidas.europa.eu/LoA/{level}" for level in node.levels}
    assert known.attributes == {name for name, one in DEFINITIONS.items() if one.kind is Kind.NATURAL}
    assert (known.protocol_versions, known.application) == (("1.4", "1.3", "1.2"), "Demo:node:1.0")
    assert [(contact.kind, bool(contact.mail)) for contact in known.contacts] == [("technical", True), ("support", True)]
    assert known.organisation == node.name.en
    assert not known.wants_requester_id


@every_node
def test_it_is_signed_by_the_nodes_key_for_that(node) -> None:  # type: ignore[no-untyped-def]
    abroad = Abroad(node)
    root = etree.fromstring(metadata(node))
    verify(root, abroad.own.signer.der)
    anchor = read_certificate(b64decode(abroad.own.signer.der))
    assert signature.verify(root, [anchor]).element is not None
    assert anchor not in abroad.published.signing
    assert read_certificate(abroad.published.signing[0].der).key == abroad.published.signing[0].key


def test_it_says_which_algorithms_there_are() -> None:
    root = etree.fromstring(metadata(GREECE))
    assert len(root.findall("md:Extensions/alg:SigningMethod", NS)) == 6
    assert len(root.findall("md:Extensions/alg:DigestMethod", NS)) == 1


def test_every_attribute_has_its_friendly_name() -> None:
    names = [one.friendly for one in ATTRIBUTES.values() if not one.legal]
    assert all(f'FriendlyName="{name}"'.encode() in metadata(GREECE) for name in names)


def test_the_cast_has_a_key_of_either_kind_and_a_country_that_is_late() -> None:
    assert (GREECE.key, GERMANY.key) == ("P-256", "RSA-3072")
    assert Abroad(ITALY).published.valid_until < NOW < Abroad(GREECE).published.valid_until


@every_node
def test_a_node_says_what_it_is(node) -> None:  # type: ignore[no-untyped-def]
    page = Abroad(node).browser.get("/")
    assert (page.status_code, node.name.fr in page.text, node.key in page.text) == (200, True, True)
