"""passerelle fs."""

import json
import re
from pathlib import Path

import pytest

from broker.client_secrets import matches
from broker.settings import load
from tests.broker.commands.conftest import Run
from tests.broker.signing import KEY, NEXT, jwks

SECRET = re.compile(r"client_secret (\S+)")
KEPT = "k" * 43
URI = "https://ecole.example/retour"


def accepts(instance: Path, service_id: str, secret: str, now: int = 0) -> bool:
    settings = load(instance, {})
    return matches(settings.parties.services[service_id], settings.client_secret_key, secret, now)


def test_the_list_has_a_row_for_each_service(run: Run, instance: Path):
    (row,) = json.loads(run("fs", "list", "-C", instance, "--format", "json").output)
    assert row == {
        "id": "mairie",
        "name": "Town Hall",
        "public": True,
        "level": "substantial",
        "scopes": ["identite_pivot", "openid"],
    }


def test_a_list_of_nothing_says_so(run: Run, empty: Path):
    assert run("fs", "list", "-C", empty).output == "(none)\n"
    assert run("fs", "list", "-C", empty, "--format", "csv").output == ""


def test_a_service_is_shown_without_its_secret(run: Run, instance: Path):
    shown = run("fs", "show", "mairie", "-C", instance, "--format", "json").output
    facts = json.loads(shown)
    assert (facts["sector"], facts["secrets"]) == ("mairie.example", 1)
    assert "d4d4" not in shown


def test_a_service_that_does_not_exist_is_wrong_usage(run: Run, instance: Path):
    result = run("fs", "show", "ecole", "-C", instance)
    assert (result.exit_code, result.output) == (2, 'passerelle: no service "ecole": passerelle fs list\n')


# -- new --------------------------------------------------------------------------------------------------------------


def test_a_new_service_can_sign_in_with_the_secret_that_was_printed_once(run: Run, instance: Path):
    result = run("fs", "new", "ecole", "--redirect-uri", URI, "--name-fr", 'L’"École"', "-C", instance)
    secret = SECRET.search(result.output)
    assert secret is not None
    assert accepts(instance, "ecole", secret[1])
    assert secret[1] not in (instance / "secrets/fs-ecole").read_text()


def test_a_new_service_is_what_the_options_say(run: Run, instance: Path):
    more = ("--private", "--client-id", "6925fb81", "--name-fr", "École", "--redirect-uris", "https://ecole.example/b")
    run("fs", "new", "ecole", "--redirect-uri", URI, *more, "-C", instance)
    service = load(instance, {}).parties.clients["6925fb81"]
    assert (service.public, service.name.fr, service.name.en) == (False, "École", "École")
    assert (service.redirect_uris, service.home) == ((URI, "https://ecole.example/b"), "https://ecole.example/")


def test_a_service_keeps_the_secret_that_it_has(run: Run, instance: Path):
    result = run("fs", "new", "ecole", "--redirect-uri", URI, "--secret-file", "-", "-C", instance, stdin=f"{KEPT}\n")
    assert KEPT not in result.output
    assert accepts(instance, "ecole", KEPT)


def test_a_secret_that_is_too_short_is_not_kept(run: Run, instance: Path):
    result = run("fs", "new", "ecole", "--redirect-uri", URI, "--secret-file", "-", "-C", instance, stdin="hunter2")
    assert (result.exit_code, result.output) == (2, "passerelle: a client secret has at least 22 random characters\n")
    assert not (instance / "partners/fs/ecole.toml").exists()


def test_a_public_client_has_no_secret(run: Run, instance: Path):
    result = run("fs", "new", "ecole", "--redirect-uri", URI, "--no-secret", "-C", instance)
    assert "client_secret" not in result.output
    assert load(instance, {}).parties.services["ecole"].authentication == {"none"}


def test_a_dry_run_prints_the_file_and_writes_nothing(run: Run, instance: Path):
    result = run("fs", "new", "ecole", "--redirect-uri", URI, "--dry-run", "-C", instance)
    assert result.output.startswith('[fs]\nid   = "ecole"\n')
    assert not list(instance.rglob("*ecole*"))


@pytest.mark.parametrize(
    ("name", "uri", "told"),
    [
        ("../ecole", URI, "E011 fs.id"),
        ("ecole", "http://ecole.example/", "E030 fs.redirect_uris"),
        ("ecole", "https://[", "E030 fs.redirect_uris"),
        ("ecole", "https://mairie.example/retour", "is also an address of partners/fs/mairie.toml"),
        ("mairie", URI, "mairie.toml exists already"),
    ],
)
def test_a_service_that_would_not_be_valid_is_refused_before_anything_is_written(run: Run, instance: Path, name, uri, told):
    before = sorted(instance.rglob("*"))
    result = run("fs", "new", name, "--redirect-uri", uri, "-C", instance)
    assert (result.exit_code, told in result.output) == (2, True)
    assert sorted(instance.rglob("*")) == before


def test_without_the_key_of_the_client_secrets_no_service_is_made(run: Run, instance: Path):
    (instance / "secrets/client-secrets.key").unlink()
    result = run("fs", "new", "ecole", "--redirect-uri", URI, "-C", instance)
    assert (result.exit_code, "client-secrets.key cannot be read" in result.output) == (1, True)


def test_a_file_that_is_already_wrong_does_not_keep_a_new_service_away(run: Run, instance: Path):
    (instance / "partners/fs/mairie.toml").write_text("[fs", "utf-8")
    assert run("fs", "new", "ecole", "--redirect-uri", URI, "-C", instance).exit_code == 0


# -- rotate-secret ----------------------------------------------------------------------------------------------------


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The time that `fs` reads, in its first place."""
    time = [1_790_000_000]
    monkeypatch.setattr("broker.commands.held.now", lambda: time[0])
    return time


def rotate(run: Run, instance: Path, *more: str) -> str:
    result = run("fs", "rotate-secret", "ecole", *more, "-C", instance)
    found = SECRET.search(result.output)
    assert found is not None, result.output
    return found[1]


@pytest.fixture
def ecole(run: Run, instance: Path) -> Path:
    """An instance with a second service, whose secret is KEPT."""
    arguments = ("--redirect-uri", URI, "--client-id", "6925fb81", "--secret-file", "-")
    run("fs", "new", "ecole", *arguments, "-C", instance, stdin=KEPT)
    return instance


def test_the_former_secret_counts_until_the_grace_is_over(run: Run, ecole: Path, clock: list[int]):
    secret = rotate(run, ecole, "--grace", "2h")
    assert accepts(ecole, "ecole", secret, clock[0] + 10**9)
    assert accepts(ecole, "ecole", KEPT, clock[0] + 7199)
    assert not accepts(ecole, "ecole", KEPT, clock[0] + 7200)


def test_without_grace_the_former_secret_ends_at_once(run: Run, ecole: Path, clock: list[int]):
    rotate(run, ecole, "--grace", "0m")
    assert not accepts(ecole, "ecole", KEPT, clock[0])
    assert len((ecole / "secrets/fs-ecole").read_text().splitlines()) == 1


def test_a_second_rotation_keeps_what_the_first_one_promised(run: Run, ecole: Path, clock: list[int]):
    second = rotate(run, ecole, "--grace", "7d")
    clock[0] += 86_400
    rotate(run, ecole, "--grace", "14d")
    assert accepts(ecole, "ecole", KEPT, clock[0] + 6 * 86_400 - 1)
    assert not accepts(ecole, "ecole", KEPT, clock[0] + 6 * 86_400)
    assert accepts(ecole, "ecole", second, clock[0] + 13 * 86_400)


def test_secrets_that_have_ended_are_forgotten(run: Run, ecole: Path, clock: list[int]):
    rotate(run, ecole, "--grace", "1d")
    clock[0] += 86_400
    rotate(run, ecole, "--grace", "1d")
    assert len((ecole / "secrets/fs-ecole").read_text().splitlines()) == 2


def test_a_dry_run_changes_no_secret(run: Run, ecole: Path):
    before = (ecole / "secrets/fs-ecole").read_text()
    result = run("fs", "rotate-secret", "ecole", "--dry-run", "-C", ecole)
    assert (result.output, (ecole / "secrets/fs-ecole").read_text()) == (
        "ecole would have a new secret beside 1 former ones\n",
        before,
    )


@pytest.mark.parametrize("grace", ["14", "d", "-1d", "1y", "²d"])
def test_a_grace_is_a_number_and_a_unit(run: Run, ecole: Path, grace: str):
    result = run("fs", "rotate-secret", "ecole", f"--grace={grace}", "-C", ecole)
    assert (result.exit_code, "such as 14d" in result.output) == (2, True)


def test_a_service_whose_secret_is_lost_gets_a_new_one(run: Run, ecole: Path):
    (ecole / "secrets/fs-ecole").unlink()
    assert accepts(ecole, "ecole", rotate(run, ecole))


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        ('auth = "none"', "is a public client"),
        ("public = 1", "whose file is in order"),
    ],
)
def test_a_secret_is_not_rotated_where_there_can_be_none(run: Run, ecole: Path, spoil: str, told: str):
    file = ecole / "partners/fs/ecole.toml"
    kept = [line for line in file.read_text("utf-8").splitlines() if not line.startswith(spoil.partition(" ")[0])]
    file.write_text("\n".join([*kept, spoil]), "utf-8")
    result = run("fs", "rotate-secret", "ecole", "-C", ecole)
    assert (result.exit_code, told in result.output) == (2, True)


def test_a_file_of_secrets_that_cannot_be_read_is_not_overwritten(run: Run, ecole: Path):
    (ecole / "secrets/fs-ecole").chmod(0o644)
    result = run("fs", "rotate-secret", "ecole", "-C", ecole)
    assert (result.exit_code, "can be read by others" in result.output) == (1, True)


# -- keys -------------------------------------------------------------------------------------------------------------

ADDRESS = "https://ecole.example/jwks.json"


def test_a_new_service_may_come_with_keys_that_it_publishes(run: Run, instance: Path):
    result = run("fs", "new", "ecole", "--redirect-uri", URI, "--jwks-uri", ADDRESS, "-C", instance)
    assert "client_secret" not in result.output
    assert not (instance / "secrets/fs-ecole").exists()
    shown = json.loads(run("fs", "show", "ecole", "-C", instance, "--format", "json").output)
    assert (shown["authentication"], shown["keys"]) == (["private_key_jwt"], f"{ADDRESS} (ES256, PS256, RS256)")


def test_a_new_service_may_come_with_keys_that_it_handed_over(run: Run, instance: Path):
    (instance / "certs").mkdir()
    (instance / "certs/ecole.jwks").write_bytes(jwks(KEY, NEXT))
    run("fs", "new", "ecole", "--redirect-uri", URI, "--jwks-file", "certs/ecole.jwks", "-C", instance)
    shown = json.loads(run("fs", "show", "ecole", "-C", instance, "--format", "json").output)
    assert (shown["keys"], shown["only_pushed"]) == ("signe-1 signe-2 (ES256, PS256, RS256)", False)


def test_an_address_of_keys_that_must_not_be_used_writes_nothing(run: Run, instance: Path):
    result = run("fs", "new", "ecole", "--redirect-uri", URI, "--jwks-uri", "http://ecole.example/j", "-C", instance)
    assert result.exit_code != 0
    assert "is not https" in result.output
    assert not (instance / "partners/fs/ecole.toml").exists()


def test_a_new_service_may_be_told_of_logouts(run: Run, instance: Path):
    told = "https://ecole.example/fin?de=nous"
    run("fs", "new", "ecole", "--redirect-uri", URI, "--backchannel-logout-uri", told, "-C", instance)
    shown = json.loads(run("fs", "show", "ecole", "-C", instance, "--format", "json").output)
    assert shown["backchannel_logout_uri"] == told


def test_a_service_is_known_in_one_way(run: Run, instance: Path):
    ways = ("--jwks-uri", ADDRESS, "--no-secret")
    result = run("fs", "new", "ecole", "--redirect-uri", URI, *ways, "-C", instance)
    assert (result.exit_code, "exclude each other" in result.output) == (2, True)


def test_a_service_with_keys_has_no_secret_to_change(run: Run, instance: Path):
    run("fs", "new", "ecole", "--redirect-uri", URI, "--jwks-uri", ADDRESS, "-C", instance)
    result = run("fs", "rotate-secret", "ecole", "-C", instance)
    assert (result.exit_code, "it changes them itself" in result.output) == (2, True)
