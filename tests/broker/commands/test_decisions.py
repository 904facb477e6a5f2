"""Fetching, deciding and suspending at the command line: what is shown first, what is asked, and how it ends."""

import getpass
import json
import time
from pathlib import Path

import pytest

from broker.refreshing import MetadataWays
from metadata.ledger.kinds import CONFIRMED, COUNTRY, DECISION, IN_FORCE, WAITING
from tests.broker.commands.conftest import Run
from tests.broker.commands.recorded import ledger_of
from tests.broker.fetched import ANCHOR, STRANGER, Publisher, Server, digest
from tests.broker.settings.test_countries import NODE
from tests.broker.world import Clock
from tests.eidas.parts import private_key

COUNTRY_FILE = """[country]
code = "EL"
proxy_metadata = "https://node.el.example/metadata"
anchors = ["certs/anchors/EL.pem"]
"""
SURE = ("--by", "Camille", "--yes")


class Abroad:
    """An instance that fetches Greece's metadata, and Greece."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = Server()
        self.greece = Publisher(Clock(int(time.time())))

    def publish(self) -> bytes:
        document = self.greece.document()
        self.server.gives("https://node.el.example/metadata", document)
        return document

    def standing(self) -> dict:
        with ledger_of(self.folder) as ledger:
            return dict(ledger.standing())


@pytest.fixture
def abroad(kept: Path, monkeypatch: pytest.MonkeyPatch) -> Abroad:
    main = kept / "passerelle.toml"
    main.write_text(main.read_text("utf-8") + NODE, "utf-8")
    (kept / "partners/countries").mkdir(exist_ok=True)
    (kept / "partners/countries/EL.toml").write_text(COUNTRY_FILE, "utf-8")
    (kept / "certs/anchors").mkdir(parents=True)
    (kept / "certs/anchors/EL.pem").write_bytes(ANCHOR.pem)
    made = Abroad(kept)
    monkeypatch.setattr("broker.app.ways_to_metadata", lambda _: MetadataWays(made.server, made.server))
    return made


@pytest.fixture
def waiting(abroad: Abroad, run: Run) -> bytes:
    """Greece's first document, which waits."""
    document = abroad.publish()
    assert run("metadata", "fetch", "-C", abroad.folder).exit_code == 0
    return document


# -- fetching ---------------------------------------------------------------------------------------------------------


def test_what_became_of_each_address_is_told(abroad: Abroad, run: Run):
    document = abroad.publish()
    result = run("metadata", "fetch", "EL", "-C", abroad.folder)
    assert result.exit_code == 0
    assert "EL/proxy" in result.stdout
    assert "passerelle trust pending" in result.stdout
    assert "fetching 1 documents" in result.stderr
    assert abroad.standing()[WAITING, "EL/proxy"].after == digest(document)


def test_what_is_refused_ends_with_one(abroad: Abroad, run: Run):
    abroad.greece.by = STRANGER
    abroad.publish()
    result = run("metadata", "fetch", "-C", abroad.folder, "--format", "json")
    assert (result.exit_code, json.loads(result.stdout)[0]["outcome"]) == (1, "refused")


def test_what_cannot_be_fetched_ends_with_four(abroad: Abroad, run: Run):
    result = run("metadata", "fetch", "-C", abroad.folder)
    assert (result.exit_code, "failed" in result.stdout) == (4, True)


@pytest.mark.parametrize(
    ("asked", "why"), [(("DE",), 'no country "DE"'), ((), "nothing is fetched")], ids=["unknown", "pinned alone"]
)
def test_nothing_to_fetch_is_a_wrong_use(abroad: Abroad, run: Run, asked: tuple[str, ...], why: str):
    if not asked:
        (abroad.folder / "partners/countries/EL.toml").unlink()
    result = run("metadata", "fetch", *asked, "-C", abroad.folder)
    assert (result.exit_code, why in result.stderr) == (2, True)


# -- deciding ---------------------------------------------------------------------------------------------------------


def test_the_first_keys_are_shown_before_anything_is_decided(abroad: Abroad, run: Run, waiting: bytes):
    result = run("trust", "approve", "EL/proxy", "--verified-by", "phone", "--dry-run", "-C", abroad.folder)
    assert (result.exit_code, digest(waiting) in result.output, "nothing was changed" in result.output) == (0, True, True)
    assert "It is the first one of this node" in result.output
    assert (DECISION, "EL/proxy") not in abroad.standing()


def test_an_approval_counts(abroad: Abroad, run: Run, waiting: bytes):
    result = run("trust", "approve", digest(waiting)[:12], "--verified-by", "phone", *SURE, "-C", abroad.folder)
    assert (result.exit_code, "approved by Camille" in result.output) == (0, True)
    assert abroad.standing()[IN_FORCE, "EL/proxy"].after == digest(waiting)
    assert run("country", "list", "-C", abroad.folder, "--format", "json").stdout.count("proxy") >= 1


def test_what_changes_is_shown_for_a_new_key(abroad: Abroad, run: Run, waiting: bytes):
    run("trust", "approve", "EL", "--verified-by", "phone", *SURE, "-C", abroad.folder)
    abroad.greece.signing.append(private_key("secp256r1", 2))
    abroad.publish()
    run("metadata", "fetch", "-C", abroad.folder)
    result = run("trust", "approve", "EL", "--verified-by", "phone", "-C", abroad.folder, stdin="n\n")
    assert (result.exit_code, "signing key" in result.output, "Decision needed" in result.output) == (1, True, True)
    assert (WAITING, "EL/proxy") in abroad.standing()


def test_who_decides_is_the_account_where_nobody_is_named(abroad: Abroad, run: Run, waiting: bytes, monkeypatch):
    monkeypatch.setattr(getpass, "getuser", lambda: "c.martin")
    run("trust", "approve", "EL", "--verified-by", "phone", "--yes", "-C", abroad.folder)
    assert abroad.standing()[DECISION, "EL/proxy"].facts["by"] == "c.martin"


def test_a_rejection_leaves_nothing_in_force(abroad: Abroad, run: Run, waiting: bytes):
    result = run("trust", "reject", "EL", "--reason", "unknown to them", *SURE, "-C", abroad.folder)
    assert (result.exit_code, "rejected by Camille" in result.output) == (0, True)
    assert {(WAITING, "EL/proxy"), (IN_FORCE, "EL/proxy")} & abroad.standing().keys() == set()


def test_where_two_must_agree_the_second_word_of_one_person_is_refused_by_policy(abroad: Abroad, run: Run, waiting: bytes):
    main = abroad.folder / "passerelle.toml"
    main.write_text(main.read_text("utf-8") + "\n[trust]\napprovals = 2\n", "utf-8")
    first = run("trust", "approve", "EL", "--verified-by", "phone", *SURE, "-C", abroad.folder)
    second = run("trust", "approve", "EL", "--verified-by", "phone", *SURE, "-C", abroad.folder)
    assert ("another person must approve it too" in first.output, second.exit_code) == (True, 5)
    third = run("trust", "approve", "EL", "--verified-by", "phone", "--by", "Dominique", "--yes", "-C", abroad.folder)
    assert "approved by Dominique" in third.output


@pytest.mark.parametrize("named", ["DE", "EL/connector", "abcdef01"])
def test_what_does_not_wait_cannot_be_decided_on(abroad: Abroad, run: Run, waiting: bytes, named: str):
    result = run("trust", "approve", named, "--verified-by", "phone", *SURE, "-C", abroad.folder)
    assert (result.exit_code, "nothing waits" in result.stderr) == (2, True)


def test_a_decision_without_words_is_a_wrong_use(abroad: Abroad, run: Run, waiting: bytes):
    assert run("trust", "approve", "EL", *SURE, "-C", abroad.folder).exit_code == 2
    assert run("trust", "approve", "EL", "--verified-by", "x", *SURE, "-C", abroad.folder).exit_code == 5


# -- countries --------------------------------------------------------------------------------------------------------


def test_a_country_is_suspended_and_resumed(abroad: Abroad, run: Run):
    first = run("country", "suspend", "EL", "--reason", "stolen key", *SURE, "-C", abroad.folder)
    assert (first.exit_code, abroad.standing()[COUNTRY, "EL"].facts["state"]) == (0, "suspended")
    again = run("country", "suspend", "EL", "--reason", "stolen key", *SURE, "-C", abroad.folder)
    assert (again.exit_code, "suspended already" in again.stderr) == (5, True)
    run("country", "resume", "EL", "--reason", "new key", *SURE, "-C", abroad.folder)
    assert abroad.standing()[COUNTRY, "EL"].facts["state"] == "resumed"


def test_a_suspension_is_asked_about_and_can_be_tried(abroad: Abroad, run: Run):
    tried = run("country", "suspend", "EL", "--reason", "stolen key", "--dry-run", "-C", abroad.folder)
    refused = run("country", "suspend", "EL", "--reason", "stolen key", "-C", abroad.folder, stdin="n\n")
    assert ("nothing was changed" in tried.output, refused.exit_code) == (True, 1)
    assert (COUNTRY, "EL") not in abroad.standing()


def test_an_unknown_country_is_a_wrong_use(abroad: Abroad, run: Run):
    for command in ("suspend", "resume"):
        assert run("country", command, "DE", "--reason", "stolen key", *SURE, "-C", abroad.folder).exit_code == 2


def test_a_confirmation_is_kept(abroad: Abroad, run: Run, waiting: bytes):
    run("trust", "approve", "EL", "--verified-by", "phone", *SURE, "-C", abroad.folder)
    words = ("--verified-by", "phone, all fingerprints read")
    assert run("country", "confirm", "EL", *words, "--by", "Camille", "-C", abroad.folder).exit_code == 0
    assert abroad.standing()[CONFIRMED, "EL"].facts["by"] == "Camille"


def test_what_is_not_in_force_cannot_be_confirmed(abroad: Abroad, run: Run):
    result = run("country", "confirm", "EL", "--verified-by", "phone", "--by", "Camille", "-C", abroad.folder)
    assert (result.exit_code, "no metadata of EL is in force" in result.stderr) == (5, True)
