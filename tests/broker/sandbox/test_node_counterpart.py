"""The simulated Connector knows the broker's Proxy-Service by its metadata: if that is whole, signed and in date."""

import pytest
from lxml import etree

from broker.sandbox.node import security
from broker.sandbox.node.counterpart import read_country
from broker.sandbox.node.reading import NotUnderstood
from eidas import xml
from tests.broker.sandbox.connectors import FRENCH, french_metadata
from tests.broker.sandbox.nodes import NOW, node_key
from tests.eidas.parts import KEYS

NS = {"md": xml.MD, "e": xml.EIDAS, "ds": xml.DS}
ROLE = "md:IDPSSODescriptor"
LEVELS = "md:Extensions//*[@Name='urn:oasis:names:tc:SAML:attribute:assurance-certification']"


def without(*paths):
    """The metadata without these elements, signed again."""
    root = etree.fromstring(french_metadata())
    for path in ("ds:Signature", *paths):
        for unwanted in root.xpath(path, namespaces=NS):
            unwanted.getparent().remove(unwanted)
    security.sign(root, node_key("secp256r1", 0))
    return etree.tostring(root)


@pytest.mark.parametrize("kind", KEYS)
def test_france_is_what_its_metadata_says(kind):
    country = read_country(french_metadata(kind), NOW)
    assert (country.entity_id, country.address("post")) == (f"{FRENCH}/metadata", f"{FRENCH}/sso")
    assert country.address("redirect") == country.address("inside") == f"{FRENCH}/sso"
    assert country.signing == (node_key(kind, 0).der,)
    assert country.levels == ("low", "substantial", "high")


def test_levels_are_those_that_are_published():
    assert read_country(french_metadata(levels=("substantial", "low")), NOW).levels == ("low", "substantial")


@pytest.mark.parametrize(
    "path",
    [
        f"{ROLE}/md:SingleSignOnService[contains(@Binding, 'POST')]",
        f"{ROLE}/md:SingleSignOnService[contains(@Binding, 'Redirect')]",
        f"{ROLE}/md:KeyDescriptor",
        f"{ROLE}/md:Extensions",
        LEVELS,
    ],
    ids=["post", "redirect", "key", "country", "levels"],
)
def test_metadata_that_lacks_something_is_not_used(path):
    with pytest.raises(NotUnderstood, match="lacks something"):
        read_country(without(path), NOW)


def test_metadata_of_another_country_is_not_frances():
    with pytest.raises(NotUnderstood, match="lacks something"):
        read_country(french_metadata(code="DE"), NOW)


def test_metadata_that_has_expired_is_not_used():
    assert read_country(french_metadata(), NOW + 30 * 86_400 - 1)
    with pytest.raises(NotUnderstood, match="expired"):
        read_country(french_metadata(), NOW + 30 * 86_400)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (b"localhost:1/sso", b"localhost:2/sso", "signature is wrong"),
        (b"<ds:X509Certificate>", b"<ds:X509SKI>", "not XML"),
        (b"</md:EntityDescriptor>", b"", "not XML"),
    ],
)
def test_metadata_that_was_changed_is_not_used(old, new, words):
    with pytest.raises(NotUnderstood, match=words):
        read_country(french_metadata().replace(old, new), NOW)


def test_metadata_that_nobody_signed_is_not_used():
    root = etree.fromstring(french_metadata())
    root.remove(root.find("ds:Signature", NS))
    with pytest.raises(NotUnderstood, match="not signed"):
        read_country(etree.tostring(root), NOW)
