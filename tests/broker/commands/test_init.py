"""passerelle init."""

import stat
from pathlib import Path

import pytest

from broker.settings import load
from certs.keyring import load_keyring
from tests.broker.commands.conftest import Run


def test_a_new_instance_is_valid_and_says_what_comes_next(run: Run, tmp_path: Path):
    result = run("init", "prod", "--public-url", "https://connexion.mairie.fr")
    assert result.exit_code == 0
    assert "passerelle check --production -C prod" in result.output
    assert load(tmp_path / "prod", {}).public_url == "https://connexion.mairie.fr"


def test_secrets_are_for_their_owner_alone_and_out_of_version_control(empty: Path):
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (empty / "secrets").rglob("*") if path.is_file()}
    folders = {stat.S_IMODE(path.stat().st_mode) for path in (empty / "secrets", empty / "secrets/keys", empty / "var")}
    assert (modes, folders) == ({0o600}, {0o700})
    assert (empty / ".gitignore").read_text("ascii") == "secrets/\nvar/\n"


def test_there_is_an_active_key_for_either_algorithm(empty: Path):
    ring = load_keyring(empty / "secrets/keys")
    assert (ring.signing("ES256").algorithm, ring.signing("RS256").algorithm) == ("ES256", "RS256")


def test_two_instances_share_no_secret(run: Run, tmp_path: Path, empty: Path):
    run("init", "other")
    other = tmp_path / "other" / "secrets"
    assert (other / "pepper-1").read_text() != (empty / "secrets/pepper-1").read_text()


def test_an_example_becomes_a_partner_when_it_is_copied(run: Run, empty: Path):
    example = empty / "partners/fs/example.toml.txt"
    (empty / "partners/fs/mairie-demo.toml").write_text(example.read_text("utf-8"), "utf-8")
    run("fs", "rotate-secret", "mairie-demo", "-C", empty)
    assert list(load(empty, {}).parties.services) == ["mairie-demo"]


def test_the_example_of_a_data_provider_is_one(empty: Path):
    example = empty / "partners/fd/example.toml.txt"
    (empty / "partners/fd/revenus-demo.toml").write_text(example.read_text("utf-8"), "utf-8")
    assert list(load(empty, {}).parties.data_scopes) == ["revenu_fiscal"]


def test_the_file_of_a_new_operator_is_short(empty: Path):
    assert len((empty / "passerelle.toml").read_text("utf-8").splitlines()) <= 25


def test_a_folder_that_holds_something_is_left_as_it_is(run: Run, instance: Path):
    before = (instance / "secrets/pepper-1").read_text()
    result = run("init", instance)
    assert (result.exit_code, (instance / "secrets/pepper-1").read_text()) == (2, before)
    assert "is not empty" in result.output


@pytest.mark.parametrize("url", ["http://connexion.mairie.fr", "connexion.mairie.fr", "https://a.fr/app", 'https://a.fr"'])
def test_an_address_that_would_not_be_valid_is_refused_before_anything_is_made(run: Run, tmp_path: Path, url: str):
    assert run("init", "prod", "--public-url", url).exit_code == 2
    assert not (tmp_path / "prod").exists()
