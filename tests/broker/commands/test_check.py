"""passerelle check."""

import json
from pathlib import Path

import pytest

from broker.commands.writing import write_secret
from tests.broker.commands.conftest import Run
from tests.broker.settings.instance import DATA_PROVIDER, GRANTS, SERVICE

Row = dict[str, str]


def findings(run: Run, instance: Path, *more: str) -> list[Row]:
    """Everything that was looked at."""
    rows: list[Row] = json.loads(run("check", "-C", instance, *more, "--format", "json").output)
    return rows


def wanting(rows: list[Row]) -> set[tuple[str, str]]:
    """What is not fine: code and verdict."""
    return {(row["code"], row["verdict"]) for row in rows if row["verdict"] != "fine"}


def change(instance: Path, name: str, old: str, new: str) -> None:
    text = (instance / name).read_text("utf-8")
    assert old in text
    (instance / name).write_text(text.replace(old, new), "utf-8")


def test_an_instance_in_order_has_nothing_to_do(run: Run, instance: Path):
    result = run("check", "-C", instance)
    assert (result.exit_code, result.output) == (0, " ✔ 6 other checks\nnothing to do\n")


def test_what_must_be_decided_does_not_fail(run: Run, empty: Path):
    result = run("check", "-C", empty)
    assert result.exit_code == 0
    assert " ! N01 there is no service yet " in result.output
    assert result.output.endswith("2 to decide, 0 to fix\n")


def test_a_configuration_that_cannot_be_used_ends_with_3_and_every_problem(run: Run, instance: Path):
    change(instance, "passerelle.toml", "sso_minutes", "sso_minute")
    change(instance, "partners/fs/mairie.toml", '"openid"', '"opnid"')
    result = run("check", "-C", instance)
    assert result.exit_code == 3
    assert result.output.endswith("0 to decide, 2 to fix\n")
    assert 'hint: did you mean "sso_minutes"?' in result.output


def test_problems_are_rows_like_the_rest(run: Run, instance: Path):
    change(instance, "partners/fs/mairie.toml", '"si@mairie.example"', '""')
    assert findings(run, instance)[0] == {
        "place": "partners/fs/mairie.toml:9:1",
        "verdict": "decide",
        "code": "W031",
        "what": "fs.contacts: nobody can be reached",
        "todo": 'contacts = [{ type = "technical", mail = "…" }]',
    }


# -- always -----------------------------------------------------------------------------------------------------------


def test_a_key_that_others_can_read_must_be_mended(run: Run, instance: Path):
    key = next((instance / "secrets/keys").glob("*.pem"))
    key.chmod(0o644)
    result = run("check", "-C", instance)
    assert result.exit_code == 1
    assert f" ✘ K01 {key.name}: group or others may read it" in result.output


def test_a_service_whose_algorithm_has_no_key_is_missed(run: Run, instance: Path):
    change(instance, "partners/fs/mairie.toml", "[fs]", '[fs]\nsigned_response_alg = "RS256"')
    for file in (instance / "secrets/keys").glob("*rs256*"):
        file.unlink()
    assert ("K02", "fix") in wanting(findings(run, instance))


def test_a_database_that_is_not_there_yet_is_not_made_by_looking(run: Run, instance: Path):
    assert "the database will be made at the first start" in str(findings(run, instance))
    assert not list((instance / "var").iterdir())


def test_a_database_of_this_program_answers(run: Run, instance: Path):
    run("db", "purge", "-C", instance)
    assert "the database answers and has this program's schema" in str(findings(run, instance))


def test_a_database_of_another_version_must_be_upgraded(run: Run, instance: Path):
    import sqlite3

    run("db", "purge", "-C", instance)
    database = sqlite3.connect(instance / "var/passerelle.db")
    with database:
        database.execute("UPDATE alembic_version SET version_num = '0000'")
    database.close()
    rows = findings(run, instance)
    assert wanting(rows) == {("D02", "fix")}
    assert next(row["todo"] for row in rows if row["code"] == "D02") == "passerelle db upgrade"


def test_a_database_that_does_not_answer_must_be_mended(run: Run, instance: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PASSERELLE_DATABASE_URL", "sqlite:////dev/null")
    assert wanting(findings(run, instance)) == {("D01", "fix")}


@pytest.mark.parametrize(("found", "verdict"), [("1.0", "decide"), ("", "fix")])
def test_a_library_that_was_not_tested_is_named(run: Run, instance: Path, monkeypatch, found: str, verdict: str):
    monkeypatch.setattr("broker.commands.version.parts", lambda: [("joserfc", found, "1.8.0")])
    assert wanting(findings(run, instance)) == {("V01", verdict)}


# -- production -------------------------------------------------------------------------------------------------------


def test_an_instance_for_real_people_has_only_the_database_to_decide(run: Run, instance: Path):
    change(instance, "passerelle.toml", 'mail = ""', 'mail = "aide@mairie.fr"')
    change(instance, "passerelle.toml", "Connexion Démo", "Connexion Mairie")
    result = run("check", "--production", "-C", instance)
    assert result.exit_code == 0
    assert [line[:6] for line in result.output.splitlines()] == [" ! P02", " ✔ 10 ", "1 to d"]


def test_a_fresh_skeleton_tells_what_is_missing(run: Run, tmp_path: Path):
    run("init", "prod")
    assert wanting(findings(run, tmp_path / "prod", "--production")) == {
        ("N01", "decide"),
        ("P02", "decide"),
        ("P03", "fix"),
        ("P04", "fix"),
        ("P04", "decide"),
    }


def test_a_demo_is_far_from_production(run: Run, instance: Path):
    change(instance, "passerelle.toml", '"production"', '"sandbox"')
    change(instance, "passerelle.toml", "https://connexion.mairie.fr", "http://fc.localhost:8000")
    change(instance, "passerelle.toml", "sqlite:///var/passerelle.db", "memory:")
    change(instance, "partners/fs/mairie.toml", "https://mairie.example/retour", "http://localhost:5000/cb")
    change(instance, "partners/fi/impots.toml", "https://impots.example", "http://fi.localhost:8000")
    rows = findings(run, instance, "--production")
    fix = [(row["code"], row["what"]) for row in rows if row["verdict"] == "fix"]
    assert fix == [
        ("P00", "the mode is sandbox"),
        ("P01", "public_url is http://fc.localhost:8000"),
        ("P02", "the database is the memory of one process"),
        ("P03", "citizens have nobody to write to"),
        ("P05", "fs/mairie redirect_uris[0] is a loopback"),
        ("P05", "fi/impots issuer is a loopback"),
    ]


def test_a_loopback_address_after_logout_is_found_too(run: Run, instance: Path):
    uri = 'post_logout_redirect_uris = ["https://mairie.example/", "https://fs.localhost/"]'
    (instance / "partners/fs/mairie.toml").write_text(f"{SERVICE}{uri}\n", "utf-8")
    rows = findings(run, instance, "--production")
    assert "fs/mairie post_logout_redirect_uris[1] is a loopback" in [row["what"] for row in rows]


def test_a_database_server_serves_several_machines(run: Run, instance: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PASSERELLE_DATABASE_URL", "postgresql://passerelle@/x?host=/nowhere")
    rows = findings(run, instance, "--production")
    assert ("D01", "fix") in wanting(rows)
    assert "P02" not in {code for code, _ in wanting(rows)}


def by_key(instance: Path) -> None:
    change(instance, "partners/fi/impots.toml", 'client_secret_file = "secrets/fi-impots"\n', 'auth = "private_key_jwt"\n')


def test_a_key_that_says_at_a_provider_who_we_are_must_be_there(run: Run, instance: Path):
    by_key(instance)
    row = next(row for row in findings(run, instance) if row["code"] == "K04")
    assert (row["verdict"], row["todo"]) == ("fix", "passerelle keys new rp-signing --alg ES256")
    run("keys", "new", "rp-signing", "-C", instance)
    assert wanting(findings(run, instance)) == set()


# -- data providers ---------------------------------------------------------------------------------------------------


def delivering(instance: Path, text: str = DATA_PROVIDER) -> Path:
    (instance / "partners/fd/revenus.toml").write_text(text, "utf-8")
    return instance


def test_a_data_provider_that_nobody_may_ask_is_to_be_decided(run: Run, instance: Path):
    assert wanting(findings(run, delivering(instance))) == {("N03", "decide")}


def test_a_data_provider_whose_scopes_are_granted_is_fine(run: Run, instance: Path):
    (instance / "partners/fs/mairie.toml").write_text(SERVICE + GRANTS, "utf-8")
    rows = findings(run, delivering(instance))
    assert wanting(rows) == set()
    assert "2 of 2 scopes of revenus are granted to services" in [row["what"] for row in rows]


@pytest.mark.parametrize(("until", "wants"), [("2020-01-01", {("K05", "fix")}), ("2999-01-01", set())])
def test_a_secret_that_counts_no_more_is_to_be_mended(run: Run, instance: Path, until: str, wants: set[tuple[str, str]]):
    (instance / "partners/fs/mairie.toml").write_text(SERVICE + GRANTS, "utf-8")
    write_secret(instance / "secrets/fd-revenus", f"{'d4' * 32} until {until}")
    text = DATA_PROVIDER.replace('jwks_uri = "https://revenus.example/jwks.json"', 'auth = "client_secret"')
    assert wanting(findings(run, delivering(instance, text))) == wants


def test_what_a_data_provider_is_told_needs_a_key_of_its_algorithm(run: Run, instance: Path):
    delivering(instance, DATA_PROVIDER.replace("[fd]", '[fd]\nsigned_response_alg = "PS256"'))
    assert ("K02", "fix") in wanting(findings(run, instance))


def test_real_people_are_served_by_no_keys_on_this_machine(run: Run, instance: Path):
    delivering(instance, DATA_PROVIDER.replace("https://revenus.example/jwks", "https://fd.localhost/jwks"))
    rows = findings(run, instance, "--production")
    assert "revenus jwks_uri is a loopback" in [row["what"] for row in rows if row["code"] == "P05"]
