"""What is in force, and what has changed."""

import pytest

from broker.settings import inventory
from tests.broker.settings.instance import MAIN_FILE, MAIRIE, Folder


def facts(folder: Folder) -> dict[str, tuple[str, str]]:
    return {fact.key: (fact.value, fact.source) for fact in inventory.facts(folder.load(), folder.environ)}


def snapshot(folder: Folder) -> dict[str, str]:
    return inventory.snapshot(folder.load(), folder.environ)


def test_a_value_is_shown_with_its_line_or_as_a_default(folder: Folder):
    known = facts(folder)
    assert known["session.sso_minutes"] == ("20", "passerelle.toml:9")
    assert known["session.step_minutes"] == ("30", "default")
    assert known["broker.name"] == ("fr: Connexion, en: Sign-in", "passerelle.toml:4")


def test_a_value_of_the_environment_is_shown_with_its_variable_and_without_its_password(folder: Folder):
    folder.environ = {"PASSERELLE_DATABASE_URL": "postgresql://u:hunter2@h/d"}
    assert facts(folder)["broker.database"] == ("postgresql://…@h/d", "PASSERELLE_DATABASE_URL")


def test_the_folders_are_shown_with_the_variable_that_named_them(folder: Folder):
    secrets = str(folder.path / "secrets")
    folder.environ = {"PASSERELLE_CONFIG": str(folder.path), "PASSERELLE_SECRETS_DIR": secrets}
    known = facts(folder)
    assert known["folder"] == (str(folder.path), "PASSERELLE_CONFIG")
    assert known["folder of the secrets"] == (secrets, "PASSERELLE_SECRETS_DIR")


def test_a_secret_is_shown_by_size_and_digest_alone(folder: Folder):
    value, source = facts(folder)["secrets/fi-impots"]
    assert value == "(file, 20 bytes, sha256 6736dd9e…)"
    assert source == str(folder.path / "secrets" / "fi-impots")


def test_no_secret_is_in_a_snapshot(folder: Folder):
    assert "our-secret-at-impots" not in str(snapshot(folder))


@pytest.mark.parametrize(
    ("name", "old", "new", "lines"),
    [
        (MAIN_FILE, "= 20", "= 25", ["~ session.sso_minutes: 20 -> 25"]),
        (
            MAIRIE,
            '["openid", "id',
            '["openid", "email", "id',
            ["~ fs.mairie.scopes: openid identite_pivot -> openid email ident"],
        ),
        (MAIRIE, "public", "public", []),
    ],
)
def test_a_change_is_told_by_its_key(folder: Folder, name: str, old: str, new: str, lines: list[str]):
    before = snapshot(folder)
    folder.change(name, old, new)
    told = inventory.changes(before, snapshot(folder))
    assert len(told) == len(lines)
    assert all(line.startswith(start) for line, start in zip(told, lines, strict=True))


def test_a_new_partner_is_one_line_and_his_secret_another(folder: Folder):
    before = snapshot(folder)
    folder.change(MAIRIE, 'id = "mairie"', 'id = "ecole"')
    folder.hide("fs-ecole", "d4" * 32)
    assert inventory.changes(before, snapshot(folder)) == ["+ secrets/fs-ecole", "+ fs.ecole", "- fs.mairie"]


def test_a_changed_secret_is_told_by_its_digest(folder: Folder):
    before = snapshot(folder)
    folder.hide("fi-impots", "another-secret-at-impots")
    (line,) = inventory.changes(before, snapshot(folder))
    assert line.startswith("~ secrets/fi-impots: (file, 20 bytes, sha256 6736dd9e…) -> (file, 24 bytes")
