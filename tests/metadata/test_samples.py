"""Other people's metadata, at a moment when each says that it counts: which rule of ours each meets first."""

from pathlib import Path

import pytest

from eidas import times, xml
from eidas.algorithms import Compatibility, Deviation
from eidas.errors import Refused
from metadata.read import LIMITS, read_connector, read_proxy_service
from tests.eidas.rules import rule_that_fired

EVERYTHING = Compatibility(frozenset(Deviation))
READERS = {"connector": read_connector, "proxy": read_proxy_service}


def verdict(path: Path, role: str) -> str:
    """The rule that refuses first, every deviation being allowed; "read" where none does."""
    octets = path.read_bytes()
    until = xml.parse(octets, LIMITS).get("validUntil")
    try:
        READERS[role](octets, now=times.read(until) - 1 if until else 0, compatibility=EVERYTHING, sandbox=True)
    except Refused as refused:
        return rule_that_fired(refused) or refused.detail
    return "read"


CASES = {
    ("e-gov-SpecificConnector/sp-expired-request-signing-cert.xml", "connector"): "read",
    ("e-gov-SpecificConnector/sp-expired-response-encryption-cert.xml", "connector"): "read",
    ("e-gov-SpecificConnector/sp-expired-valid-until.xml", "connector"): "read",
    ("e-gov-SpecificConnector/sp-invalid-entity-id.xml", "connector"): "read",
    ("e-gov-SpecificConnector/sp-invalid-name-id-format.xml", "connector"): "read",
    ("e-gov-SpecificConnector/sp-invalid-schema.xml", "connector"): "check_schema",
    ("e-gov-SpecificConnector/sp-invalid-signature.xml", "connector"): "read",
    ("e-gov-SpecificConnector/sp-invalid-signer-cert.xml", "connector"): "read",
    ("e-gov-SpecificConnector/sp-missing-assertion-consumer-binding.xml", "connector"): "check_schema",
    ("e-gov-SpecificConnector/sp-missing-assertion-consumer.xml", "connector"): "check_schema",
    ("e-gov-SpecificConnector/sp-missing-valid-until.xml", "connector"): "check_expiry_stated",
    ("e-gov-SpecificConnector/sp-modified-content.xml", "connector"): "read",
    ("e-gov-SpecificConnector/sp-valid-metadata.xml", "connector"): "read",
    ("e-gov-SpecificConnector/sp1-expired-metadata-signing-cert.xml", "connector"): "read",
    ("e-gov-SpecificConnector/sp1-expired-request-signing-cert.xml", "connector"): "read",
    ("e-gov-SpecificConnector/sp1-expired-response-encryption-cert.xml", "connector"): "read",
    ("e-gov-SpecificConnector/sp1-expired-valid-until.xml", "connector"): "read",
    ("e-gov-SpecificConnector/sp1-untrusted-metadata-signing-cert.xml", "connector"): "read",
    ("e-gov-SpecificConnector/sp1-valid-metadata.xml", "connector"): "read",
    ("verify-proxy-node/connector_node_metadata_template.xml", "proxy"): "check_schema",
    ("verify-proxy-node/expired_connector_node_metadata_template.xml", "proxy"): "check_schema",
    ("verify-proxy-node/hub_metadata.xml", "connector"): "check_expiry_stated",
    ("verify-proxy-node/hub_metadata.xml", "proxy"): "check_expiry_stated",
    ("verify-proxy-node/local-connector-metadata.xml", "connector"): "check_requests_signed",
    ("verify-proxy-node/proxy-node-metadata.xml", "proxy"): "check_schema",
    ("verify-proxy-node/stub-connector-metadata.xml", "connector"): "check_addresses",
    ("verify-proxy-node/test-metadata.xml", "proxy"): "check_some_key",
    ("verify-proxy-node/test-proxy-node-metadata.xml", "proxy"): "check_some_key",
    ("verify-proxy-node/test-stub-connector-metadata.xml", "proxy"): "check_some_key",
}


@pytest.mark.parametrize(("name", "role"), CASES)
def test_real_metadata_meets_the_rule_that_it_breaks(samples: Path, name: str, role: str):
    assert verdict(samples / "metadata" / name, role) == CASES[name, role]
