"""passerelle explain: a code, or the story of a login."""

import gzip
import json
import logging
import re
from pathlib import Path

import pytest

from broker.errors import catalogue
from broker.journal import keep_in
from tests.broker.commands.conftest import Run
from tests.broker.people import CLAIMS
from tests.broker.world import World

# -- a code -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", catalogue())
@pytest.mark.parametrize("lang", ["en", "fr"])
def test_each_code_is_explained_in_both_languages(run: Run, code: str, lang: str):
    entry, said = catalogue()[code], run("explain", code, "--lang", lang).output
    assert said.startswith(f"{code}  {entry.title[lang]}\n")
    assert [text for text in (entry.message[lang], *entry.todo[lang], entry.developer) if text not in said] == []


def test_a_code_says_whose_side_it_is_and_what_the_protocols_say(run: Run):
    said = run("explain", "srv-403").output
    assert "side    the service that asks (FS)" in said
    assert "HTTP 400, OAuth invalid_request, SAML Responder/AuthnFailed" in said
    assert said.endswith("docs/errors.md#SRV-403\n")


def test_a_code_for_programs(run: Run):
    facts = json.loads(run("explain", "TOK-601", "--format", "json").output)
    assert (facts["side"], facts["oidc"], facts["saml"]) == ("service", "invalid_grant", None)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("SRV-499", "there is no code SRV-499; the nearest is SRV-4"),
        ("hello", "'hello' is neither a code, such as SRV-402, nor a reference, such as 7KQF-M3ZD"),
    ],
)
def test_what_is_neither_is_wrong_usage(run: Run, typed: str, said: str):
    result = run("explain", typed)
    assert (result.exit_code, said in result.output) == (2, True)


# -- a reference ------------------------------------------------------------------------------------------------------


@pytest.fixture
def world(instance_folder: Path, tmp_path: Path):
    """A Passerelle whose journal lies in var/journal.log, as `passerelle run` and the demo keep it."""
    journal = logging.getLogger("passerelle.journal")
    before = (journal.handlers, journal.level, journal.propagate)
    keep_in(tmp_path / "instance/var/journal.log")
    yield World(instance_folder)
    for handler in journal.handlers:
        handler.close()
    journal.handlers, journal.propagate = before[0], before[2]
    journal.setLevel(before[1])


@pytest.fixture(scope="session")
def instance_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("explained")


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    (tmp_path / "instance").mkdir()
    return tmp_path / "instance"


def reference(text: str) -> str:
    from broker.story import reference_in

    return reference_in(text.partition('data-testid="reference">')[2][:40])


def test_a_login_that_fails_is_told_with_its_reason_and_no_person(run: Run, empty: Path, world: World):
    browser = world.browser()
    departed = browser.choose(browser.page(browser.authorize()))
    world.fi["impots"].id_token["nonce"] = "another"
    browser.page(browser.prove(departed))
    asked = json.loads((empty / "var/journal.log").read_text().splitlines()[0])["ref"]
    said = run("explain", f"FI-203 · {asked}", "-C", empty).output
    assert said.startswith("FI-203  Answer rejected for safety")
    assert "service mairie → broker → provider impots   asked eidas1" in said
    assert re.search(r"✘ the account's answer did not count +FI-203, .*nonce", said)
    assert "passerelle fi test impots" in said
    assert [value for value in CLAIMS.values() if isinstance(value, str) and len(value) > 4 and value in said] == []


def test_a_login_that_succeeds_is_told_to_its_end(run: Run, empty: Path, world: World):
    browser = world.browser()
    browser.claims()
    asked = json.loads((empty / "var/journal.log").read_text().splitlines()[0])["ref"]
    said = run("explain", asked, "-C", empty).output
    assert said.startswith("the login succeeded")
    assert "the service read the claims" in said


def test_a_page_of_an_error_is_found_by_what_the_citizen_reads(run: Run, empty: Path, world: World):
    page = world.browser().authorize(redirect_uri="https://mairie.example/retour/")
    said = run("explain", reference(page.text), "-C", empty).output
    assert said.startswith("SRV-402  This service is misconfigured")
    assert "service mairie" in said
    assert "passerelle fs show mairie" in said


def test_what_the_token_endpoint_refused_is_found_by_its_ref(run: Run, empty: Path, world: World):
    ref = world.browser().redeem("c" * 43).json["ref"]
    facts = json.loads(run("explain", ref, "-C", empty, "--format", "json").output)
    assert (facts["code"], facts["sent"]) == ("TOK-601", False)


def test_rotated_files_are_read_too(run: Run, empty: Path):
    (empty / "var").mkdir()
    event = {"time": 1_790_000_000, "event": "release.sent", "ref": "7KQF-M3ZD", "service": "mairie", "claims": "email"}
    with gzip.open(empty / "var/journal.log.2.gz", "wt") as packed:
        packed.write(json.dumps(event) + "\n")
    said = run("explain", "7KQF-M3ZD", "-C", empty).output
    assert said.startswith("the code was sent, and the service has not changed it into tokens")


def test_the_journal_may_come_by_a_pipe(run: Run, empty: Path):
    line = json.dumps({"time": 1_790_000_000, "event": "demand.received", "ref": "7KQF-M3ZD", "service": "mairie"})
    said = run("explain", "7KQF-M3ZD", "--journal", "-", "-C", empty, stdin=line).output
    assert said.startswith("nothing went wrong that we know of, and nothing was sent")


def test_a_reference_that_is_nowhere_says_where_was_looked(run: Run, empty: Path):
    result = run("explain", "7KQF-M3ZD", "-C", empty)
    assert (result.exit_code, "nothing is known of 7KQF-M3ZD" in result.output) == (1, True)


def test_a_file_that_is_not_there_is_wrong_usage(run: Run, empty: Path):
    result = run("explain", "7KQF-M3ZD", "--journal", empty / "absent", "-C", empty)
    assert (result.exit_code, "there is no file" in result.output) == (2, True)
