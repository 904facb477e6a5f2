"""A report of real metadata: what countries and their software published, one version after the other."""

from pathlib import Path

from metadata.report import facts
from tests.broker.reporting.made import faults, made
from tests.metadata import past as p
from tests.metadata.past import DAY, sha256
from tests.metadata.report.reported import BEFORE, BEGIN, Told

E_GOV = (
    "sp-valid-metadata",
    "sp1-valid-metadata",
    "sp1-expired-request-signing-cert",
    "sp-invalid-schema",
    "sp-modified-content",
)
VERIFY = ("hub_metadata", "proxy-node-metadata", "test-metadata", "expired_connector_node_metadata_template")


def past_of(samples: Path) -> tuple[Told, list[bytes]]:
    """Every file, in force for a day each."""
    told, documents = Told(), []
    for folder, names, subject in (
        ("e-gov-SpecificConnector", E_GOV, "EL/connector"),
        ("verify-proxy-node", VERIFY, "MT/proxy"),
    ):
        for day, name in enumerate(names):
            octets = (samples / "metadata" / folder / f"{name}.xml").read_bytes()
            told.tell((BEGIN if day else BEFORE) + day * DAY, p.in_force(octets, "approval", subject))
            documents.append(octets)
    return told, documents


def test_a_report_of_real_metadata_holds_and_has_every_document_octet_by_octet(samples: Path, tmp_path: Path):
    told, documents = past_of(samples)
    head, note = told.note()
    files = made(told.basis(heads=[head]), note)
    assert faults(files, tmp_path) == []
    assert {name: octets for name, octets in files.items() if name.startswith("snapshots/")} == {
        f"snapshots/{sha256(octets)}.xml": octets for octets in documents
    }


def test_the_changes_of_real_metadata_are_graded(samples: Path):
    told, _ = past_of(samples)
    changes = facts(told.basis())["changes"]
    assert {one["node"] for one in changes} == {"EL/connector", "MT/proxy"}
    assert max(len(one["changes"]) for one in changes) > 3
    assert {"dangerous"} <= {one["grade"] for one in changes}
