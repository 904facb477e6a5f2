"""Other people's metadata, pinned as a file under its own anchor at a frozen moment: the first step that is wrong."""

from dataclasses import replace
from pathlib import Path

import pytest

from broker.handshake import Course
from eidas import times, xml
from eidas.algorithms import Compatibility, Deviation
from eidas.errors import Refused
from metadata.mdsl import read_list
from metadata.parts import LIMITS
from metadata.trust.links import Anchor, Policy, read_anchor
from tests.broker.handshake.meetings import Handshaking, first_wrong, pin
from tests.eidas.parts import NS
from tests.metadata.test_trust_samples import ANCHORED_BY

MOMENT = times.read("2021-06-01T12:00:00Z")
EVERYTHING = Compatibility(frozenset(Deviation))
EGOV, VERIFY = "e-gov-SpecificConnector", "verify-proxy-node"

CASES = {
    (f"{EGOV}/sp-expired-request-signing-cert.xml", "connector"): "",
    (f"{EGOV}/sp-expired-response-encryption-cert.xml", "connector"): "",
    (f"{EGOV}/sp-expired-valid-until.xml", "connector"): "validity",
    (f"{EGOV}/sp-invalid-entity-id.xml", "connector"): "signature",
    (f"{EGOV}/sp-invalid-name-id-format.xml", "connector"): "",
    (f"{EGOV}/sp-invalid-schema.xml", "connector"): "form",
    (f"{EGOV}/sp-invalid-signature.xml", "connector"): "signature",
    (f"{EGOV}/sp-invalid-signer-cert.xml", "connector"): "signature",
    (f"{EGOV}/sp-missing-assertion-consumer-binding.xml", "connector"): "form",
    (f"{EGOV}/sp-missing-assertion-consumer.xml", "connector"): "form",
    (f"{EGOV}/sp-missing-valid-until.xml", "connector"): "validity",
    (f"{EGOV}/sp-modified-content.xml", "connector"): "signature",
    (f"{EGOV}/sp-valid-metadata.xml", "connector"): "",
    (f"{EGOV}/sp1-expired-metadata-signing-cert.xml", "connector"): "signature",
    (f"{EGOV}/sp1-expired-request-signing-cert.xml", "connector"): "",
    (f"{EGOV}/sp1-expired-response-encryption-cert.xml", "connector"): "",
    (f"{EGOV}/sp1-expired-valid-until.xml", "connector"): "validity",
    (f"{EGOV}/sp1-untrusted-metadata-signing-cert.xml", "connector"): "signature",
    (f"{EGOV}/sp1-valid-metadata.xml", "connector"): "",
    (f"{VERIFY}/connector_node_metadata_template.xml", "proxy"): "form",
    (f"{VERIFY}/expired_connector_node_metadata_template.xml", "proxy"): "form",
    (f"{VERIFY}/hub_metadata.xml", "connector"): "signature",
    (f"{VERIFY}/hub_metadata.xml", "proxy"): "signature",
    (f"{VERIFY}/local-connector-metadata.xml", "connector"): "signature",
    (f"{VERIFY}/proxy-node-metadata.xml", "proxy"): "form",
    (f"{VERIFY}/stub-connector-metadata.xml", "connector"): "validity",
    (f"{VERIFY}/test-metadata.xml", "proxy"): "validity",
    (f"{VERIFY}/test-proxy-node-metadata.xml", "proxy"): "validity",
    (f"{VERIFY}/test-stub-connector-metadata.xml", "proxy"): "validity",
}
"""The last three are signed by nobody: their pin is what is trusted."""


def anchors_beside(octets: bytes) -> tuple[Anchor, ...]:
    """The certificate beside a document's own signature, as the anchor of its country; none where there is none."""
    try:
        element = xml.parse(octets, LIMITS).find("ds:Signature/ds:KeyInfo//ds:X509Certificate", NS)
        return () if element is None else (read_anchor("XX", xml.octets(element)),)
    except Refused:
        return ()


def steps(shaking: Handshaking, octets: bytes, role: str, anchors: tuple[Anchor, ...], code: str = "XX"):
    """The handshake with a country that is allowed everything by name, in the sandbox: samples name local hosts."""
    policy = Policy(code, EVERYTHING)
    pin(shaking, octets, role, anchors=anchors, policy=policy, compatibility=EVERYTHING, code=code)
    meeting = shaking.meeting(role)
    return {one.name: one for one in Course(replace(meeting, settings=replace(meeting.settings, mode="sandbox")))}


@pytest.mark.parametrize(("name", "role"), CASES)
def test_the_first_wrong_step_of_real_metadata(samples: Path, tmp_path: Path, name: str, role: str):
    folder = samples / "metadata"
    anchors = anchors_beside((folder / ANCHORED_BY.get(name, name)).read_bytes())
    found = steps(Handshaking(tmp_path, MOMENT), (folder / name).read_bytes(), role, anchors)
    assert first_wrong(found) == CASES[name, role]


def test_the_anchors_of_todays_list_do_not_vouch_for_metadata_of_then(samples: Path, tmp_path: Path):
    listed = read_list((samples / "mdsl/swedenconnect/test/EE.xml").read_bytes(), MOMENT)
    anchors = tuple(anchor for one in listed.locations for anchor in one.anchors())
    document = (samples / f"metadata/{EGOV}/sp-valid-metadata.xml").read_bytes()
    step = steps(Handshaking(tmp_path, MOMENT), document, "connector", anchors, "EE")["signature"]
    assert (step.verdict, "leads to none of our anchors" in step.found) == ("wrong", True)
    assert sum("our anchor: certificate SHA-256" in fact for fact in step.facts) == len(anchors)
