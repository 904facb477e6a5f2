"""Other people's metadata, a day before it expires: every rule that it breaks. E01 is EID-MD-01, S01 is SAML-MD-01."""

from pathlib import Path

import pytest

from eidas import times, xml
from metadata.conformance import validate
from metadata.conformance.parts import LIMITS

UNDATED = 1_600_000_000
E_GOV = "E15 E23 E42 E46 E49 E58 E69 E71 E72"
VERIFY = "E42 E46 E49"
"""What all of one publisher have."""

EXPECTED = {
    "e-gov-SpecificConnector/sp-expired-request-signing-cert.xml": (E_GOV, "E35 S21 S22"),
    "e-gov-SpecificConnector/sp-expired-response-encryption-cert.xml": (E_GOV, "E35 S21 S22"),
    "e-gov-SpecificConnector/sp-expired-valid-until.xml": (E_GOV, "E35 S21"),
    "e-gov-SpecificConnector/sp-invalid-entity-id.xml": (E_GOV, "E35 E41 S19 S21 S22"),
    "e-gov-SpecificConnector/sp-invalid-name-id-format.xml": (E_GOV, "E35 S21 S22"),
    "e-gov-SpecificConnector/sp-invalid-schema.xml": (E_GOV, "E35 S06 S21 S22"),
    "e-gov-SpecificConnector/sp-invalid-signature.xml": (E_GOV, "E35 S19 S21 S22"),
    "e-gov-SpecificConnector/sp-invalid-signer-cert.xml": (E_GOV, "E12 E35 S21 S22"),
    "e-gov-SpecificConnector/sp-missing-assertion-consumer-binding.xml": (E_GOV, "E35 E36 S06 S21 S22"),
    "e-gov-SpecificConnector/sp-missing-assertion-consumer.xml": (E_GOV, "E36 S06 S21 S22"),
    "e-gov-SpecificConnector/sp-missing-valid-until.xml": (E_GOV, "E03 E35 S21"),
    "e-gov-SpecificConnector/sp-modified-content.xml": (E_GOV, "E35 S19 S21 S22"),
    "e-gov-SpecificConnector/sp-valid-metadata.xml": (E_GOV, "E35 S21 S22"),
    "e-gov-SpecificConnector/sp1-expired-metadata-signing-cert.xml": (E_GOV, "E09 E35 S22"),
    "e-gov-SpecificConnector/sp1-expired-request-signing-cert.xml": (E_GOV, "E09 E35 S22"),
    "e-gov-SpecificConnector/sp1-expired-response-encryption-cert.xml": (E_GOV, "E09 E35 S22"),
    "e-gov-SpecificConnector/sp1-expired-valid-until.xml": (E_GOV, "E35"),
    "e-gov-SpecificConnector/sp1-untrusted-metadata-signing-cert.xml": (E_GOV, "E35 S22"),
    "e-gov-SpecificConnector/sp1-valid-metadata.xml": (E_GOV, "E35"),
    "verify-proxy-node/connector_node_metadata_template.xml": (
        VERIFY,
        "E01 E06 E09 E10 E11 E40 E41 E54 E61 E64 E67 S06 S15 S19 S20 S33",
    ),
    "verify-proxy-node/eidas_authn_request.xml": ("", "S05"),
    "verify-proxy-node/expired_connector_node_metadata_template.xml": (
        VERIFY,
        "E01 E06 E09 E10 E11 E40 E41 E54 E61 E64 E67 S06 S15 S19 S20 S33",
    ),
    "verify-proxy-node/hub_metadata.xml": (
        VERIFY,
        "E01 E06 E10 E11 E13 E16 E23 E30 E31 E32 E38 E40 E41 E54 E58 E59 E63 E71 E72 S11 S15 S19",
    ),
    "verify-proxy-node/idp_response_unencrypted.xml": ("", "S05"),
    "verify-proxy-node/local-connector-metadata.xml": (
        VERIFY,
        "E01 E09 E10 E11 E13 E23 E30 E32 E40 E58 E59 E71 E72 S19 S22",
    ),
    "verify-proxy-node/proxy-node-metadata.xml": (
        VERIFY,
        "E01 E06 E09 E10 E11 E13 E40 E41 E51 E54 E62 E63 E72 S06 S15 S22 S33",
    ),
    "verify-proxy-node/stub-connector-metadata.xml": (VERIFY, "E01 E06 E10 E11 E13 E17 E22 E23 E40 E41 E62 E72 S15 S33"),
    "verify-proxy-node/test-metadata.xml": (VERIFY, "E05 E20 E51 E54 E62 E63 E72 S09 S33"),
    "verify-proxy-node/test-proxy-node-metadata.xml": (VERIFY, "E05 E20 E51 E54 E62 E63 E72 S09 S33"),
    "verify-proxy-node/test-stub-connector-metadata.xml": (VERIFY, "E05 E20 E51 E54 E62 E63 E72 S09 S33"),
}


def found(path: Path) -> set[str]:
    """The rules that a document breaks."""
    octets = path.read_bytes()
    until = xml.parse(octets, LIMITS).get("validUntil")
    report = validate(octets, now=times.read(until) - 86_400 if until else UNDATED)
    return {one.rule.replace("EID-MD-", "E").replace("SAML-MD-", "S") for one in report.findings}


@pytest.mark.parametrize("name", EXPECTED)
def test_real_metadata_breaks_these_rules(samples: Path, name: str):
    assert found(samples / "metadata" / name) == set(" ".join(EXPECTED[name]).split())
