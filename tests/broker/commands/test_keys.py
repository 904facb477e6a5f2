"""passerelle keys."""

import json
from pathlib import Path

from certs.keyring import load_keyring
from tests.broker.commands.conftest import Run


def test_the_list_says_what_each_key_is_for_and_how_it_stands(run: Run, instance: Path):
    rows = json.loads(run("keys", "list", "-C", instance, "--format", "json").output)
    assert sorted((row["use"], row["algorithm"], row["state"], row["since"]) for row in rows) == [
        ("op-signing", "ES256", "active", "2026-09-21"),
        ("op-signing", "RS256", "active", "2026-09-21"),
    ]


def test_a_second_key_is_published_and_does_not_sign_yet(run: Run, instance: Path):
    before = load_keyring(instance / "secrets/keys").signing("ES256").kid
    result = run("keys", "new", "op-signing", "-C", instance)
    ring = load_keyring(instance / "secrets/keys")
    assert (len(ring.keys), ring.signing("ES256").kid) == (3, before)
    assert 'write state = "active" into op-signing-es256-' in result.output


def test_the_first_key_of_an_algorithm_signs(run: Run, instance: Path):
    for file in (instance / "secrets/keys").glob("*es256*"):
        file.unlink()
    result = run("keys", "new", "op-signing", "--alg", "ES256", "-C", instance)
    assert result.output.endswith(".pem: active\nnow: passerelle reload\n")
    assert load_keyring(instance / "secrets/keys").signing("ES256").algorithm == "ES256"


def test_a_dry_run_makes_no_key(run: Run, instance: Path):
    result = run("keys", "new", "op-signing", "--dry-run", "-C", instance)
    assert result.output == "a new ES256 key would be published\n"
    assert len(load_keyring(instance / "secrets/keys").keys) == 2


def test_a_key_that_must_not_be_used_is_named_with_what_to_do(run: Run, instance: Path):
    key = next((instance / "secrets/keys").glob("*.pem"))
    key.chmod(0o644)
    result = run("keys", "list", "-C", instance)
    assert (result.exit_code, f"chmod 600 {key.name}" in result.output) == (1, True)
