"""Client secrets of services, as we keep them."""

import hashlib
import hmac

import pytest

from broker.client_secrets import SecretTooShort, check_random_enough, digest, matches
from broker.parties import HeldSecret, Service
from tests.broker.world import SERVICES

KEY = b"k" * 32
NOW = 1_800_000_000
SECRET, FORMER = "s" * 43, "f" * 43


def held(secret: str, until: int | None = None) -> HeldSecret:
    return HeldSecret(digest(KEY, "mairie", secret), until)


def service(*secrets: HeldSecret) -> Service:
    from dataclasses import replace

    return replace(SERVICES["mairie"], client_id="mairie", secrets=secrets)


def test_the_digest_is_an_hmac_over_both_with_their_lengths():
    message = b"\0\0\0\6mairie" + b"\0\0\0\2se"
    assert digest(KEY, "mairie", "se") == hmac.new(KEY, message, hashlib.sha256).digest()


def test_the_border_between_client_and_secret_counts():
    assert digest(KEY, "ab", "c") != digest(KEY, "a", "bc")


@pytest.mark.parametrize(("given", "right"), [(SECRET, True), (FORMER, True), ("x" * 43, False), ("", False)])
def test_every_held_secret_matches_and_nothing_else(given: str, right: bool):
    assert matches(service(held(SECRET), held(FORMER, NOW + 1)), KEY, given, NOW) is right


def test_a_former_secret_ends_at_its_second():
    assert not matches(service(held(SECRET), held(FORMER, NOW)), KEY, FORMER, NOW)


def test_the_secret_of_another_client_does_not_match():
    assert not matches(service(HeldSecret(digest(KEY, "ecole", SECRET))), KEY, SECRET, NOW)


def test_without_a_held_secret_nothing_matches():
    assert not matches(service(), KEY, SECRET, NOW)


def test_a_secret_has_128_random_bits():
    check_random_enough("x" * 22)
    with pytest.raises(SecretTooShort, match="at least 22 random characters"):
        check_random_enough("x" * 21)
