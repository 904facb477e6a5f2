"""Keys that providers know as JWKs: what we sign there with, and what they encrypt to."""

from pathlib import Path

import pytest

from certs.keyring import KeyRefused, Keyring, load_keyring, new_key
from certs.keys import State, Use

PAIRS = [(Use.RP_SIGNING, "ES256"), (Use.RP_DECRYPTION, "ECDH-ES"), (Use.OP_SIGNING, "ES256")]


def ring_of(folder: Path, *made: tuple[Use, str, State]) -> Keyring:
    for number, (use, algorithm, state) in enumerate(made):
        new_key(folder, use, algorithm, state, number)
    return load_keyring(folder)


def test_what_is_published_towards_providers_says_what_each_key_is_for(tmp_path: Path) -> None:
    ring = ring_of(tmp_path, *((use, algorithm, State.ACTIVE) for use, algorithm in PAIRS))
    assert [(key["use"], key["alg"]) for key in ring.client_jwks()["keys"]] == [("sig", "ES256"), ("enc", "ECDH-ES")]
    assert [(key["use"], key["alg"]) for key in ring.jwks()["keys"]] == [("sig", "ES256")]


def test_an_rsa_key_opens_as_well(tmp_path: Path) -> None:
    (key,) = ring_of(tmp_path, (Use.RP_DECRYPTION, "RSA-OAEP-256", State.ACTIVE)).client_jwks()["keys"]
    assert (key["kty"], key["use"], key["alg"]) == ("RSA", "enc", "RSA-OAEP-256")


def test_nobody_encrypts_to_a_key_that_waits_or_goes(tmp_path: Path) -> None:
    made = [(Use.RP_DECRYPTION, "ECDH-ES", state) for state in State] + [(Use.RP_SIGNING, "ES256", State.PUBLISHED)]
    ring = ring_of(tmp_path, *made)
    assert [key["use"] for key in ring.client_jwks()["keys"]] == ["sig", "enc"]
    assert len(ring.all(Use.RP_DECRYPTION)) == 3


def test_one_key_of_each_algorithm_is_active(tmp_path: Path) -> None:
    ring_of(tmp_path, (Use.RP_SIGNING, "ES256", State.ACTIVE), (Use.RP_SIGNING, "RS256", State.ACTIVE))
    new_key(tmp_path, Use.RP_SIGNING, "ES256", State.ACTIVE, 5)
    with pytest.raises(KeyRefused, match="two keys for ES256"):
        load_keyring(tmp_path)


def test_a_key_is_found_by_its_use_and_algorithm(tmp_path: Path) -> None:
    ring = ring_of(tmp_path, (Use.OP_SIGNING, "ES256", State.ACTIVE), (Use.RP_SIGNING, "ES256", State.ACTIVE))
    assert ring.signing("ES256", Use.RP_SIGNING).use is Use.RP_SIGNING
    with pytest.raises(LookupError, match="keys new rp-signing --alg RS256"):
        ring.signing("RS256", Use.RP_SIGNING)
