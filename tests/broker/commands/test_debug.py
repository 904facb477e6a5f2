"""passerelle debug claims."""

import json
from pathlib import Path

import pytest

from broker.sandbox.personas import load_personas
from tests.broker.commands.conftest import Run
from tests.broker.people import CLAIMS


def told(run: Run, instance: Path, person: object, *more: str):
    result = run("debug", "claims", "mairie", person, "-C", instance, "--format", "json", *more)
    assert result.exit_code == 0, result.output
    return {one["claim"]: one["value"] for one in json.loads(result.output)["told"]}


def test_a_french_test_person_is_told_claim_by_claim(run: Run, instance: Path):
    assert told(run, instance, "angela")["family_name"] == '"DUBOIS"'


def test_a_citizen_of_another_country_lacks_what_the_country_does_not_give(run: Run, instance: Path):
    claims = told(run, instance, "el-onasis")
    assert (claims["given_name"], claims["birthplace"]) == ('"Aristotelis"', "")


def test_the_table_ends_with_level_sub_and_what_is_withheld(run: Run, instance: Path):
    said = run("debug", "claims", "mairie", "el-onasis", "-C", instance).output
    assert "acr eidas2 · sub " in said
    assert "withheld: country, amr: scope eidas is not granted to this service" in said
    assert "! europe is false" in said


def test_the_userinfo_of_a_provider_is_read_from_a_file(run: Run, instance: Path, tmp_path: Path):
    (tmp_path / "one.json").write_text(json.dumps(CLAIMS))
    assert told(run, instance, tmp_path / "one.json")["birthdate"] == json.dumps(CLAIMS["birthdate"])


def test_the_attributes_of_a_country_are_read_from_a_file(run: Run, instance: Path, tmp_path: Path):
    names = {"CurrentGivenName": ["Zoé"], "CurrentFamilyName": ["Żółć"], "DateOfBirth": ["1990-01-01"]}
    (tmp_path / "one.json").write_text(json.dumps({"country": "PL", "PersonIdentifier": ["x"], **names}))
    assert told(run, instance, tmp_path / "one.json")["family_name"] == '"Żółć"'


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[]", "must hold one JSON object"),
        ("{", "cannot be read as JSON"),
        ('{"country": "PL", "Name": ["x"]}', "Name must be one of PersonIdentifier"),
        ('{"country": "PL", "Gender": "Male"}', "Gender must be one of"),
    ],
)
def test_a_file_of_another_shape_is_wrong_usage(run: Run, instance: Path, tmp_path: Path, content: str, said: str):
    (tmp_path / "one.json").write_text(content)
    result = run("debug", "claims", "mairie", tmp_path / "one.json", "-C", instance)
    assert (result.exit_code, said in result.output) == (2, True)


@pytest.mark.parametrize("persona", [one for one in load_personas().values() if one.expect != "login"], ids=lambda p: p.id)
def test_a_test_person_who_cannot_log_in_has_the_code_of_the_card(run: Run, instance: Path, persona):
    result = run("debug", "claims", "mairie", persona.id, "-C", instance)
    assert (result.exit_code, result.output.split()[1]) == (1, persona.expect)


def test_a_level_below_what_the_service_needs_is_refused(run: Run, instance: Path):
    result = run("debug", "claims", "mairie", "angela", "--loa", "low", "-C", instance)
    assert (result.exit_code, "FI-204" in result.output) == (1, True)


def test_a_scope_that_is_not_granted_is_refused_and_one_that_is_not_there_named(run: Run, instance: Path):
    granted = run("debug", "claims", "mairie", "angela", "--scope", "openid phone", "-C", instance)
    assert (granted.exit_code, "phone is not granted to mairie; granted: identite_pivot openid" in granted.output) == (
        1,
        True,
    )
    unknown = run("debug", "claims", "mairie", "angela", "--scope", "openid emial", "-C", instance)
    assert "scope emial does not exist and is ignored; the nearest is email" in unknown.output


@pytest.mark.parametrize(("words", "said"), [(("ecole", "angela"), 'no service "ecole"'), (("mairie", "angle"), "angela")])
def test_a_name_that_is_nobodys_is_wrong_usage(run: Run, instance: Path, words: tuple[str, ...], said: str):
    result = run("debug", "claims", *words, "-C", instance)
    assert (result.exit_code, said in result.output) == (2, True)


def test_test_people_do_not_exist_where_real_ones_are_served(run: Run, instance: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PASSERELLE_MODE", "production")
    result = run("debug", "claims", "mairie", "angela", "-C", instance)
    assert (result.exit_code, "describe somebody in a file" in result.output) == (5, True)


# -- a request --------------------------------------------------------------------------------------------------------


def test_a_request_is_one_that_the_broker_takes(run: Run, instance: Path):
    from broker.app import create_app
    from broker.settings import load

    shown = json.loads(run("debug", "authorize-url", "mairie", "-C", instance, "--format", "json").output)
    browser = create_app(load(instance, {})).test_client()
    answer = browser.get(
        shown["address"].partition("https://connexion.mairie.fr")[2], base_url="https://connexion.mairie.fr"
    )
    assert (answer.status_code, answer.location.startswith("/choisir?j=")) == (303, True)


def test_each_request_is_new(run: Run, instance: Path):
    one, other = (run("debug", "authorize-url", "mairie", "-C", instance, "--format", "json").output for _ in range(2))
    new = {name for name, value in json.loads(one).items() if json.loads(other)[name] != value}
    assert new == {"address", "state", "nonce", "code_challenge", "code_verifier"}


def test_no_request_is_made_that_would_be_refused(run: Run, instance: Path):
    refused = [
        run("debug", "authorize-url", "mairie", "-C", instance, *more).exit_code
        for more in (("--scope", "openid phone"), ("--loa", "low"), ("--redirect-uri", "https://a.example/"))
    ]
    assert refused == [1, 1, 2]
