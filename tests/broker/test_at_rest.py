"""Nothing personal at rest: after whole logins, every file and every log line is searched for the persons."""

import base64
import logging
import tempfile
from pathlib import Path

import pytest

from tests.broker.asking import Asked
from tests.broker.data import DataWorld
from tests.broker.leaks import forms
from tests.broker.people import CLAIMS
from tests.broker.told import end, log_in, parties

PERSON = (
    *(value for name, value in CLAIMS.items() if name not in ("gender", "birthcountry")),
    "Angela",
    "person-at-the-provider",
)


def found_in(content):
    return [value for value in PERSON for form in forms(value) if form in content]


@pytest.fixture
def traces(make_world, tmp_path, caplog, monkeypatch):
    """Everything that a login, a refused one, an error and a logout leave behind: files and log lines."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    caplog.set_level(logging.DEBUG)
    world = make_world(f"sqlite:///{tmp_path}/passerelle.db", parties=parties())
    browser = world.browser()
    tokens = browser.redeem(browser.log_in()["code"]).json
    browser.userinfo(tokens["access_token"])
    log_in(browser, "rsa")
    end(browser, id_token_hint=tokens["id_token"])  # nobody hears the notice, so it stays
    browser.to_confirmation("assurance")
    browser.to_confirmation("rsa")
    world.fi["impots"].claims["birthdate"] = "1962-02-31"
    browser.prove(browser.choose(browser.page(browser.authorize(prompt="login"))))
    world.fi["impots"].claims = None
    browser.prove(browser.choose(browser.page(browser.authorize(prompt="login"))))
    files = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    world.store.close()
    return files | {"log": caplog.text.encode()}


def test_no_file_and_no_log_line_names_a_person(traces):
    assert {name: found_in(content) for name, content in traces.items()} == {name: [] for name in traces}


@pytest.fixture
def traces_of_data(instance_folder, tmp_path, caplog, monkeypatch):
    """The same for a citizen who agrees to data, is checked, withdraws one of them, and refuses all at another service."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    caplog.set_level(logging.DEBUG)
    world = DataWorld(instance_folder, f"sqlite:///{tmp_path}/passerelle.db")
    browser = world.citizen()
    browser.agree(browser.asked(), "revenu_fiscal", "points_permis")
    world.check(browser, "points")
    browser.withdraw("mairie revenus")
    browser.agree(browser.asked("rsa", "openid revenu_fiscal", prompt="login"), action="cancel")
    files = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    world.store.close()
    return files | {"log": caplog.text.encode()}


def test_no_file_and_no_log_line_names_whose_data_were_asked_for(traces_of_data):
    assert {name: found_in(content) for name, content in traces_of_data.items()} == {name: [] for name in traces_of_data}
    events = (b'"data.agreed"', b'"data.refused"', b'"data.withdrawn"')
    assert [event for event in events if event not in traces_of_data["log"]] == []


def test_what_lies_beside_a_check_names_neither_the_service_nor_what_was_agreed_to(traces_of_data):
    stored = b"".join(content for name, content in traces_of_data.items() if name != "log")
    assert [word in stored for word in (b"points", b"mairie", b"points_permis", b"revenu_fiscal")] == [True] + [False] * 3


@pytest.fixture
def traces_of_a_european(make_abroad, tmp_path, caplog, monkeypatch):
    """The same for a citizen of another country: a login, and an answer that is refused."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    caplog.set_level(logging.DEBUG)
    world = make_abroad(f"sqlite:///{tmp_path}/passerelle.db")
    world.nodes["EL"].facts |= {"BirthName": ("Aristotelis Papas",), "EmailAddress": ("ari@courriel.example",)}
    world.traveller().received()
    world.traveller().arrive("assurance")
    traveller = world.traveller()
    fields = traveller.depart()
    world.nodes["EL"].signer = world.nodes["DE"].signer
    traveller.come_back(world.nodes["EL"].answer(world, fields))
    traveller.come_back(world.nodes["DE"].incomplete(world, traveller.depart(code="DE")))
    files = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    world.store.close()
    return files | {"log": caplog.text.encode()}


def test_no_file_and_no_log_line_names_a_european(traces_of_a_european):
    words = ("Onasis", "Ωνάσης", "Aristotelis", "Αριστοτέλης", "Papas", "1966-01-20", "ari@courriel", "Ab-12.34")
    leaks = {
        name: [word for word in words for form in forms(word) if form in content]
        for name, content in traces_of_a_european.items()
    }
    assert leaks == {name: [] for name in traces_of_a_european}
    assert b"country.vouched" in traces_of_a_european["log"]
    assert b"country.failed" in traces_of_a_european["log"]


@pytest.fixture
def traces_from_abroad(tmp_path, caplog, monkeypatch):
    """The same for a citizen at a service abroad: a login, one that ends before, and a request that is refused."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    caplog.set_level(logging.DEBUG)
    world = Asked(tmp_path, database=f"sqlite:///{tmp_path}/passerelle.db")
    world.citizen().identified("BirthName", "Gender")
    world.citizen().proven("ES")
    world.citizen().come(destination="https://elsewhere.example")
    files = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    world.store.close()
    return files | {"log": caplog.text.encode()}


def test_no_file_and_no_log_line_names_who_went_abroad(traces_from_abroad):
    assert {name: found_in(content) for name, content in traces_from_abroad.items()} == {
        name: [] for name in traces_from_abroad
    }
    messages = (b"FR/IT/", b"<saml2p:", b"<saml2:Assertion", b"<saml2:EncryptedAssertion")  # metadata names attributes, too
    assert [name for name, content in traces_from_abroad.items() if any(one in content for one in messages)] == []
    assert b"country.answered" in traces_from_abroad["log"]


def test_a_notice_that_waits_was_searched_as_well(traces):
    assert b'"event": "logout.failed"' in traces["log"]


def test_the_search_looked_at_the_rows(traces):
    assert "passerelle.db" in traces
    assert sum(len(content) for content in traces.values()) > 10_000


def test_the_search_would_find_a_person(tmp_path):
    leak = Path(tmp_path, "leak")
    leak.write_bytes(b"..." + base64.b64encode(b"..angela@courriel.example..") + b"...")
    assert found_in(leak.read_bytes()) == ["angela@courriel.example"]


def test_the_journal_names_claims_and_parties_but_no_values(traces):
    assert b'"event": "release.sent"' in traces["log"]
    assert b"family_name" in traces["log"]
