"""Our metadata on its way to a key that is elsewhere, and back: what is signed was shown, and nothing else returns."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from certs.keys import Use
from eidas import xml
from eidas.errors import Refused
from eidas.xml import DS, MD, Element
from metadata.build import connector_entity, proxy_entity
from metadata.errors import MetadataExpired
from metadata.publication import MOST_DAYS, check_publishable, read_signed, read_unsigned, sign
from tests.metadata.conformance_documents import (
    ABOUT,
    CONNECTOR,
    METADATA,
    NOW,
    PROXY,
    SIGNER,
    certificate,
    listed,
    signer_with,
)

UNSIGNED = xml.write(connector_entity(ABOUT, "https://node.example/acs"))
CERTIFICATE = certificate(METADATA, Use.METADATA_SIGNING)
OTHER = ("secp256r1", 3)
SIGNATURE = f"{{{DS}}}Signature"
ROLE = f"{{{MD}}}SPSSODescriptor"


def read(octets: bytes, **changes: str):
    """The document as the instance reads it."""
    return read_signed(octets, CERTIFICATE, **{"role": "connector", "entity_id": ABOUT.entity_id, **changes})


def changed(octets: bytes, change: Callable[[Element], object]) -> bytes:
    """A document with a change that nobody signed."""
    root = xml.parse(octets)
    change(root)
    return xml.write(root)


def _also(root: Element, name: str) -> None:
    """Another role beside the first one, where the schema has it."""
    root.find(ROLE).addnext(xml.parse(PROXY).find(f"{{{MD}}}{name}"))


# -- signing ----------------------------------------------------------------------------------------------------------


def test_the_same_facts_are_the_same_octets_before_they_are_signed():
    assert xml.write(connector_entity(ABOUT, "https://node.example/acs")) == UNSIGNED


def test_what_is_signed_elsewhere_says_what_was_shown():
    shown, signed = read_unsigned(UNSIGNED), sign(UNSIGNED, SIGNER)
    assert read(signed) == shown
    assert (shown.role, shown.entity_id, shown.valid_until) == ("connector", ABOUT.entity_id, ABOUT.valid_until)
    assert [use for use, _ in shown.keys] == ["signing", "encryption", "encryption"]


def test_a_document_that_is_signed_here_reads_the_same():
    assert read(CONNECTOR) == read_unsigned(UNSIGNED)
    assert read(PROXY, role="proxy").role == "proxy"


NOT_OURS = {
    "no XML": b"metadata",
    "signed already": CONNECTOR,
    "two entities": listed(UNSIGNED),
    "two roles": changed(UNSIGNED, lambda root: _also(root, "IDPSSODescriptor")),
    "one role twice": changed(UNSIGNED, lambda root: root.insert(1, xml.parse(UNSIGNED).find(ROLE))),
    "no role": changed(UNSIGNED, lambda root: root.remove(root.find(ROLE))),
    "no last day": changed(UNSIGNED, lambda root: root.attrib.pop("validUntil")),
    "another element": b"<a/>",
    "a document type": b"<!DOCTYPE a>" + UNSIGNED,
}


@pytest.mark.parametrize("name", NOT_OURS)
def test_what_is_no_unsigned_metadata_of_one_role_is_not_signed(name: str):
    with pytest.raises(Refused):
        sign(NOT_OURS[name], SIGNER)
    with pytest.raises(Refused):
        read_unsigned(NOT_OURS[name])


# -- what comes back --------------------------------------------------------------------------------------------------


def _wrapped() -> bytes:
    """The signed entity hidden in another one, which has its signature."""
    evil, signed = xml.parse(UNSIGNED), xml.parse(CONNECTOR)
    evil.set("ID", "_evil")
    evil.insert(0, signed.find(SIGNATURE))
    evil.find(f"{{{MD}}}Extensions").append(signed)
    return xml.write(evil)


def _swap_keys(root: Element) -> None:
    one = root.find(f"{ROLE}//{{{DS}}}X509Certificate")
    one.text = xml.encoded(certificate(OTHER))


def _other_name(root: Element) -> None:
    root.find(f"{SIGNATURE}//{{{DS}}}X509Certificate").text = xml.encoded(certificate(OTHER))


ATTACKS = {
    "signed by another key": (sign(UNSIGNED, signer_with(OTHER)), "signature"),
    "signed by another key under our certificate": (sign(UNSIGNED, signer_with(OTHER, CERTIFICATE)), "signature"),
    "another's certificate beside our signature": (changed(CONNECTOR, _other_name), "beside the signature"),
    "no signature": (UNSIGNED, "0 signatures"),
    "two signatures": (
        changed(CONNECTOR, lambda root: root.insert(0, xml.parse(PROXY).find(SIGNATURE))),
        "schemas|2 signatures",
    ),
    "other keys inside": (changed(CONNECTOR, _swap_keys), "signature"),
    "another last day": (changed(CONNECTOR, lambda root: root.set("validUntil", "2030-01-01T00:00:00Z")), "signature"),
    "a wrapped signature": (_wrapped(), "role|signature|schemas"),
    "the other role": (PROXY, "of a proxy, not of a connector"),
    "an entity that signs for another": (
        sign(xml.write(connector_entity(replace(ABOUT, entity_id="https://other.example"), "https://a.example")), SIGNER),
        "of https://other.example",
    ),
    "a list of one": (listed(CONNECTOR), "EntityDescriptor"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_nothing_else_comes_back(name: str):
    octets, reason = ATTACKS[name]
    with pytest.raises(Refused, match=reason):
        read(octets)


# -- publishing -------------------------------------------------------------------------------------------------------


def test_what_says_the_same_and_counts_longer_is_published():
    said = read(CONNECTOR)
    check_publishable(said, said.content, NOW, replace(said, valid_until=said.valid_until - 1))
    check_publishable(said, said.content, NOW, said)
    check_publishable(said, said.content, NOW, None)


def test_other_keys_than_ours_are_not_published_whoever_signed_them():
    other = replace(ABOUT, signing=(certificate(OTHER),))
    said = read(sign(xml.write(connector_entity(other, "https://node.example/acs")), SIGNER))
    with pytest.raises(Refused, match="does not say what this instance"):
        check_publishable(said, read(CONNECTOR).content, NOW, None)


def test_what_has_ended_is_not_published():
    said = read(CONNECTOR)
    with pytest.raises(MetadataExpired):
        check_publishable(said, said.content, said.valid_until, None)


def test_an_older_one_does_not_come_back():
    said = read(CONNECTOR)
    with pytest.raises(Refused, match=r"counts longer, until .* --replace"):
        check_publishable(said, said.content, NOW, replace(said, valid_until=said.valid_until + 1))


def test_what_counts_for_years_is_not_published():
    said = replace(read(CONNECTOR), valid_until=NOW + (MOST_DAYS + 2) * 86_400)
    with pytest.raises(Refused, match="more than 90 days"):
        check_publishable(said, said.content, NOW, None)


def test_the_document_of_a_proxy_service_is_signed_in_the_same_way():
    octets = xml.write(proxy_entity(ABOUT, "https://node.example/sso", ("http://eidas.europa.eu/LoA/high",), ()))
    assert read(sign(octets, SIGNER), role="proxy").role == "proxy"
