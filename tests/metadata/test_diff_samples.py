"""Other people's metadata, compared in pairs."""

from itertools import product
from pathlib import Path

import pytest

from metadata.diff import compare
from metadata.diff.facts import read_entities
from metadata.diff.grades import Grade
from metadata.diff.topics import Entity

GOV, VERIFY = "e-gov-SpecificConnector", "verify-proxy-node"
VALID, VALID_1 = f"{GOV}/sp-valid-metadata.xml", f"{GOV}/sp1-valid-metadata.xml"
TEMPLATE = f"{VERIFY}/connector_node_metadata_template.xml"
PAIRS = {
    (VALID, f"{GOV}/sp-expired-request-signing-cert.xml"): "key-replaced keys-weaker until-later",
    (VALID, f"{GOV}/sp-expired-response-encryption-cert.xml"): "key-replaced until-later",
    (VALID, f"{GOV}/sp-expired-valid-until.xml"): "until-earlier",
    (VALID, f"{GOV}/sp-invalid-entity-id.xml"): "entity-changed signature-unproven until-later",
    (VALID, f"{GOV}/sp-invalid-name-id-format.xml"): "format-gone format-new until-far",
    (VALID, f"{GOV}/sp-invalid-schema.xml"): "address-gone unread until-later",
    (VALID, f"{GOV}/sp-invalid-signature.xml"): "signature-unproven",
    (VALID, f"{GOV}/sp-invalid-signer-cert.xml"): "signer-changed until-later",
    (VALID, f"{GOV}/sp-missing-assertion-consumer-binding.xml"): "address-gone address-new until-later",
    (VALID, f"{GOV}/sp-missing-assertion-consumer.xml"): "address-gone until-later",
    (VALID, f"{GOV}/sp-missing-valid-until.xml"): "until-dropped",
    (VALID, f"{GOV}/sp-modified-content.xml"): "signature-unproven until-earlier",
    (VALID_1, f"{GOV}/sp1-expired-metadata-signing-cert.xml"): "signer-changed until-far",
    (VALID_1, f"{GOV}/sp1-expired-request-signing-cert.xml"): "key-replaced until-far",
    (VALID_1, f"{GOV}/sp1-expired-response-encryption-cert.xml"): "key-replaced until-far",
    (VALID_1, f"{GOV}/sp1-expired-valid-until.xml"): "until-earlier",
    (VALID_1, f"{GOV}/sp1-untrusted-metadata-signing-cert.xml"): "signer-changed until-far",
    (TEMPLATE, f"{VERIFY}/expired_connector_node_metadata_template.xml"): "until-earlier",
    (TEMPLATE, f"{VERIFY}/hub_metadata.xml"): "entity-gone entity-new",
}


def entities(path: Path) -> tuple[Entity, ...]:
    """What a file describes."""
    return read_entities(path.read_bytes())


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_real_metadata_differs_by_what_was_done_to_it(samples: Path, one: str, other: str):
    found = compare(*(entities(samples / "metadata" / name) for name in (one, other)))
    assert sorted({change.why.value for change in found}) == PAIRS[one, other].split()


def test_any_two_can_be_compared_and_another_entity_is_always_dangerous(samples: Path):
    files = [path for path in sorted((samples / "metadata").rglob("*.xml")) if b"EntityDescriptor" in path.read_bytes()]
    read = [entities(path) for path in files]
    others = [(a, b) for a, b in product(read, read) if {one.name for one in a} - {one.name for one in b}]
    assert len(others) > 100
    assert all(max(change.grade for change in compare(a, b)) is Grade.DANGEROUS for a, b in others)


def test_each_is_the_same_as_itself(samples: Path):
    files = [path for path in (samples / "metadata").rglob("*.xml") if b"EntityDescriptor" in path.read_bytes()]
    assert [path.name for path in files if compare(entities(path), entities(path))] == []
