"""passerelle keys rotate."""

from pathlib import Path

import pytest

from broker.commands import rotating
from certs.keyring import load_keyring
from certs.keys import OP_ALGORITHMS, RP_ENCRYPTION, State, Use
from tests.broker.commands.conftest import Run

NOW = 1_790_000_000


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What the command takes for now."""
    moment = [NOW]
    monkeypatch.setattr(rotating, "now", lambda: moment[0])
    return moment


def states(instance: Path, algorithm: str = "ES256") -> list[str]:
    return sorted(key.state for key in load_keyring(instance / "secrets/keys").keys if key.algorithm == algorithm)


def test_a_key_is_replaced_in_two_steps(run: Run, instance: Path, clock: list[int]):
    first = run("keys", "rotate", "op-signing", "-C", instance)
    assert (first.exit_code, states(instance)) == (0, ["active", "published"])
    assert "from 2026-09-22 14:13 UTC on: passerelle keys rotate op-signing" in first.output
    clock[0] += 24 * 3600
    second = run("keys", "rotate", "op-signing", "-C", instance)
    assert (second.output.count(".pem: "), states(instance)) == (2, ["active", "retiring"])


def test_before_its_time_nothing_changes(run: Run, instance: Path, clock: list[int]):
    run("keys", "rotate", "op-signing", "-C", instance)
    clock[0] += 3600
    early = run("keys", "rotate", "op-signing", "-C", instance)
    assert early.output.startswith("nothing: op-signing ES256 ")
    assert states(instance) == ["active", "published"]


def test_a_dry_run_says_each_step_and_does_none(run: Run, instance: Path, clock: list[int]):
    def said() -> str:
        before = states(instance)
        output = run("keys", "rotate", "op-signing", "--dry-run", "-C", instance).output
        assert states(instance) == before
        return output

    def did() -> str:
        return run("keys", "rotate", "op-signing", "-C", instance).output

    assert ("a new key would be made and published" in said(), "2026-09-22 14:13 UTC" in said()) == (True, True)
    did()
    assert said().startswith("nothing: ")
    clock[0] += 24 * 3600
    assert ("would be active" in said(), "would be retiring" in said()) == (True, True)


def test_a_stolen_key_is_replaced_at_once(run: Run, instance: Path, clock: list[int]):
    for _ in range(2):
        run("keys", "rotate", "op-signing", "--alg", "RS256", "--wait", "0", "-C", instance)
    assert (states(instance, "RS256"), states(instance)) == (["active", "retiring"], ["active"])


def test_a_use_without_a_key_gets_one(run: Run, instance: Path, clock: list[int]):
    said = run("keys", "rotate", "saml-signing", "--dry-run", "-C", instance).output
    made = run("keys", "rotate", "saml-signing", "-C", instance)
    assert ("active at once" in said, made.output.splitlines()[0].endswith(".pem: active")) == (True, True)
    assert load_keyring(instance / "secrets/keys").active(Use.SAML_SIGNING).state is State.ACTIVE


def test_the_next_key_of_a_node_is_of_the_kind_of_the_old_one(run: Run, instance: Path, clock: list[int]):
    run("keys", "new", "saml-signing", "--alg", "P-384", "-C", instance)
    told = run("keys", "rotate", "saml-signing", "-C", instance).output
    assert "from 2026-09-28 14:13 UTC on" in told  # our metadata counts for seven days
    assert states(instance, "P-384") == ["active", "published"]


@pytest.mark.parametrize(
    ("use", "algorithm"), [("saml-signing", "ES256"), ("op-signing", "ECDH-ES"), ("rp-decryption", "RS256")]
)
def test_an_algorithm_is_one_of_the_use_and_for_tokens_alone(
    run: Run, instance: Path, clock: list[int], use: str, algorithm: str
):
    assert run("keys", "rotate", use, "--alg", algorithm, "-C", instance).exit_code == 2


def test_the_key_by_which_providers_know_us_waits_as_that_of_services_does(run: Run, instance: Path, clock: list[int]):
    run("keys", "new", "rp-signing", "--alg", "ES256", "-C", instance)
    run("keys", "new", "rp-signing", "--alg", "RS256", "-C", instance)
    told = run("keys", "rotate", "rp-signing", "--alg", "RS256", "-C", instance).output
    ring = load_keyring(instance / "secrets/keys")
    assert "from 2026-09-22 14:13 UTC on" in told
    assert sorted((key.algorithm, key.state) for key in ring.all(Use.RP_SIGNING)) == [
        ("ES256", "active"),
        ("RS256", "active"),
        ("RS256", "published"),
    ]


def test_the_key_to_encrypt_for_us_waits_for_nobody(run: Run, instance: Path, clock: list[int]):
    run("keys", "new", "rp-decryption", "-C", instance)
    before = load_keyring(instance / "secrets/keys").client_jwks()
    run("keys", "rotate", "rp-decryption", "-C", instance)
    assert load_keyring(instance / "secrets/keys").client_jwks() == before  # the next key opens; nobody encrypts for it yet
    run("keys", "rotate", "rp-decryption", "-C", instance)
    after = load_keyring(instance / "secrets/keys")
    assert sorted(key.state for key in after.all(Use.RP_DECRYPTION)) == ["active", "retiring"]
    assert (len(after.client_jwks()["keys"]), after.client_jwks() != before) == (1, True)


def test_a_key_that_must_not_be_used_is_named(run: Run, instance: Path, clock: list[int]):
    key = next((instance / "secrets/keys").glob("*.pem"))
    key.chmod(0o644)
    result = run("keys", "rotate", "op-signing", "-C", instance)
    assert (result.exit_code, f"chmod 600 {key.name}" in result.output) == (1, True)


def test_the_choices_are_those_of_the_library():
    assert (*OP_ALGORITHMS, *RP_ENCRYPTION) == rotating.OF_TOKENS
