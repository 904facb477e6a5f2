"""Other people's lists and signed metadata, at a frozen moment: what of them is used, and who vouches for them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from eidas import times, xml
from eidas.algorithms import Compatibility, Deviation
from eidas.errors import Refused
from metadata.mdsl import read_list
from metadata.read import LIMITS
from metadata.trust import vouched
from metadata.trust.links import Policy, read_anchor
from tests.eidas.parts import NS
from tests.eidas.rules import rule_that_fired

NOW = times.read("2026-11-22T12:00:00Z")
EVERYTHING = Compatibility(frozenset(Deviation))

LISTS = {
    "AT": (2, 2, 2, 0),
    "BE": (2, 2, 2, 2),
    "BG": (1, 1, 1, 1),
    "CY": (2, 2, 2, 0),
    "CZ": (2, 2, 2, 0),
    "DE": (1, 1, 1, 0),
    "DK": (2, 2, 2, 0),
    "EE": (2, 2, 2, 0),
    "EL": (1, 1, 1, 0),
    "ES": (2, 2, 2, 0),
    "EU": (2, 2, 3, 0),
    "FI": (2, 2, 2, 0),
    "FI-dev": (1, 1, 1, 0),
    "FR": (2, 2, 2, 0),
    "HR": (2, 2, 2, 0),
    "HU": (2, 2, 2, 0),
    "IE": (2, 2, 2, 0),
    "IS": (2, 2, 2, 0),
    "IT": (2, 2, 2, 2),
    "LI": (2, 2, 2, 0),
    "LT": (2, 2, 2, 0),
    "LU": (2, 2, 2, 0),
    "LV": (2, 2, 2, 0),
    "MT": (2, 2, 2, 0),
    "NL": (2, 2, 8, 0),
    "NO": (2, 2, 4, 0),
    "PL": (2, 2, 2, 0),
    "PT": (2, 2, 2, 0),
    "RO": (2, 2, 2, 0),
    "SE": (2, 2, 2, 0),
    "SE-test": (2, 2, 2, 0),
    "SI": (2, 2, 2, 0),
    "SK": (2, 2, 2, 0),
    "XA": (2, 2, 2, 0),
    "XB": (2, 2, 2, 0),
}
"""Locations, endpoints, certificates, and how many of these have expired."""


@pytest.mark.parametrize("name", LISTS)
def test_a_countrys_list_is_read(samples: Path, name: str):
    found = read_list((samples / f"mdsl/swedenconnect/test/{name}.xml").read_bytes(), NOW)
    links = [anchor.link for one in found.locations for anchor in one.anchors()]
    endpoints = sum(len(one.endpoints) for one in found.locations)
    expired = sum(link.until < NOW for link in links)
    assert (len(found.locations), endpoints, len(links), expired) == LISTS[name]
    assert ({one.territory for one in found.locations}, found.skipped, found.remarks) == ({name[:2]}, (), ())


def anchor_of(file: Path, country: str):
    """The certificate in a file as a country's anchor."""
    return read_anchor(country, x509.load_pem_x509_certificate(file.read_bytes()).public_bytes(Encoding.DER))


def outcome(act: Callable[[], object]) -> str:
    """The rule that refuses what is done; "in order" where none does."""
    try:
        act()
    except Refused as refused:
        return rule_that_fired(refused) or refused.detail
    return "in order"


SIGNED = {
    ("mdservicelist.xml", EVERYTHING, "2018-02-25T00:00:00Z"): "in order",
    ("mdservicelist-badsign.xml", EVERYTHING, "2018-02-25T00:00:00Z"): "check_verified",
    ("mdservicelist.xml", EVERYTHING, "2026-11-22T12:00:00Z"): "check_not_over",
    ("mdservicelist.xml", Compatibility(), "2018-02-25T00:00:00Z"): "check_key_strong",
}


@pytest.mark.parametrize(("name", "compatibility", "moment"), SIGNED)
def test_a_signed_list_is_proven_or_refused(samples: Path, name: str, compatibility: Compatibility, moment: str):
    folder = samples / "mdsl/opensaml-eidas"
    anchor = anchor_of(folder / "eidas-servicelist-validation-cert.crt", "SE")
    octets, policy = (folder / name).read_bytes(), Policy("SE", compatibility)
    verdict = outcome(lambda: read_list(octets, times.read(moment), [anchor], policy))
    assert verdict == SIGNED[name, compatibility, moment]


# -- metadata ---------------------------------------------------------------------------------------------------------


def own_anchor(octets: bytes):
    """The certificate beside a document's own signature, as the anchor of the country."""
    element = xml.parse(octets, LIMITS).find("ds:Signature/ds:KeyInfo//ds:X509Certificate", NS)
    return read_anchor("XX", xml.octets(element))


MOMENT = times.read("2021-06-01T12:00:00Z")
VALID, VALID1 = "e-gov-SpecificConnector/sp-valid-metadata.xml", "e-gov-SpecificConnector/sp1-valid-metadata.xml"
ANCHORED_BY = {
    "e-gov-SpecificConnector/sp-invalid-signer-cert.xml": VALID,
    "e-gov-SpecificConnector/sp1-untrusted-metadata-signing-cert.xml": VALID1,
}
METADATA = {
    "e-gov-SpecificConnector/sp-expired-request-signing-cert.xml": "in order",
    "e-gov-SpecificConnector/sp-expired-response-encryption-cert.xml": "in order",
    "e-gov-SpecificConnector/sp-expired-valid-until.xml": "in order",
    "e-gov-SpecificConnector/sp-invalid-entity-id.xml": "check_verified",
    "e-gov-SpecificConnector/sp-invalid-name-id-format.xml": "in order",
    "e-gov-SpecificConnector/sp-invalid-schema.xml": "check_schema",
    "e-gov-SpecificConnector/sp-invalid-signature.xml": "check_verified",
    "e-gov-SpecificConnector/sp-invalid-signer-cert.xml": "check_some_path",
    "e-gov-SpecificConnector/sp-missing-assertion-consumer-binding.xml": "check_schema",
    "e-gov-SpecificConnector/sp-missing-assertion-consumer.xml": "check_schema",
    "e-gov-SpecificConnector/sp-missing-valid-until.xml": "in order",
    "e-gov-SpecificConnector/sp-modified-content.xml": "check_verified",
    "e-gov-SpecificConnector/sp-valid-metadata.xml": "in order",
    "e-gov-SpecificConnector/sp1-expired-metadata-signing-cert.xml": "check_not_over",
    "e-gov-SpecificConnector/sp1-expired-request-signing-cert.xml": "in order",
    "e-gov-SpecificConnector/sp1-expired-response-encryption-cert.xml": "in order",
    "e-gov-SpecificConnector/sp1-expired-valid-until.xml": "in order",
    "e-gov-SpecificConnector/sp1-untrusted-metadata-signing-cert.xml": "check_authority",
    "e-gov-SpecificConnector/sp1-valid-metadata.xml": "in order",
    "verify-proxy-node/connector_node_metadata_template.xml": "check_schema",
    "verify-proxy-node/expired_connector_node_metadata_template.xml": "check_schema",
    "verify-proxy-node/hub_metadata.xml": "check_verified",
    "verify-proxy-node/local-connector-metadata.xml": "check_not_over",
    "verify-proxy-node/proxy-node-metadata.xml": "check_schema",
    "verify-proxy-node/stub-connector-metadata.xml": "in order",
}


@pytest.mark.parametrize("name", METADATA)
def test_real_metadata_is_vouched_for_by_its_own_certificate_or_meets_a_rule(samples: Path, name: str):
    octets = (samples / "metadata" / name).read_bytes()
    anchor = own_anchor((samples / "metadata" / ANCHORED_BY.get(name, name)).read_bytes())
    policy = Policy("XX", EVERYTHING)
    assert outcome(lambda: vouched(octets, [anchor], policy, MOMENT)) == METADATA[name]
