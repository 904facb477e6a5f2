"""What others encrypt is opened; RFC 7518's own example and joserfc say what is right."""

import json
from base64 import urlsafe_b64decode
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwe
from joserfc.jwk import ECKey, RSAKey

from certs.keys import State, Use, generate_private, key_of
from oidc.errors import BadAnswer
from oidc.opening import agreed_key, is_encrypted, open_compact
from tests.oidc.sealing import BOTH, by_curve, by_rsa, changed_part, opening, opening_key

CONTENT = b'{"sub": "abc"}'
REGISTRY = jwe.JWERegistry(algorithms=["ECDH-ES", "RSA-OAEP-256", "A256GCM", "A128GCM"])
EITHER = frozenset({"A256GCM", "A128GCM"})


def test_the_key_of_rfc_7518_appendix_c_is_derived() -> None:
    secret = bytes.fromhex("9e56d91d817135d372834283bf84269cfb316ea3da806a48f6daa7798cfe90c4")
    derived = agreed_key(secret, {"enc": "A128GCM", "apu": "QWxpY2U", "apv": "Qm9i"}, 16)
    assert derived == urlsafe_b64decode("VqqN6vgjbSBcIijNcacQGg==")


@pytest.mark.parametrize("content", sorted(EITHER))
@pytest.mark.parametrize("algorithm", sorted(BOTH))
def test_what_joserfc_encrypts_we_open(algorithm: str, content: str) -> None:
    key = opening_key(algorithm)
    kind = ECKey if algorithm == "ECDH-ES" else RSAKey
    header = {"alg": algorithm, "enc": content, "kid": key.kid}
    token = jwe.encrypt_compact(header, CONTENT, kind.import_key(key.public_jwk()), registry=REGISTRY)
    assert is_encrypted(token)
    assert open_compact(token, opening(contents=EITHER)) == CONTENT


def test_who_talks_to_whom_goes_into_the_agreed_key() -> None:
    assert open_compact(by_curve(CONTENT, apu="QWxpY2U", apv="Qm9i"), opening()) == CONTENT


def test_without_a_kid_every_key_of_ours_is_tried() -> None:
    other = key_of(generate_private("ECDH-ES"), Use.RP_DECRYPTION, "ECDH-ES", State.ACTIVE, 1)
    assert open_compact(by_curve(CONTENT, kid=None), opening(other, opening_key("ECDH-ES"))) == CONTENT


def test_each_way_in_which_a_key_does_not_fit_sounds_the_same() -> None:
    heard = set()
    for token in (by_rsa(CONTENT, size=16), changed_part(by_rsa(CONTENT), 1, b"w" * 256), by_curve(CONTENT, epk={})):
        with pytest.raises(BadAnswer) as caught:
            open_compact(token, opening())
        heard.add(caught.value.detail)
    assert heard == {"the encrypted token cannot be opened"}


def test_what_has_a_part_too_few_or_too_many_is_none() -> None:
    token = by_rsa(CONTENT)
    for wrong in (token.rpartition(".")[0], f"{token}.AAAA"):
        with pytest.raises(BadAnswer, match="not a compact JWE"):
            open_compact(wrong, opening())


def test_32_kib_are_opened_and_no_more() -> None:
    assert open_compact(by_rsa(b"x" * 20_000), opening()) == b"x" * 20_000
    with pytest.raises(BadAnswer, match="the encrypted token is too long"):
        open_compact(by_rsa(b"x" * 30_000), opening())


def test_a_private_key_that_only_opens_elsewhere_opens_here() -> None:
    asked = []

    class Token:
        def decrypt(self, wrapped: bytes, oaep: object) -> bytes:
            asked.append("decrypt")
            return opening_key("RSA-OAEP-256").private.decrypt(wrapped, oaep)  # type: ignore[arg-type]

    key = replace(opening_key("RSA-OAEP-256"), private=Token())  # type: ignore[arg-type]
    assert open_compact(by_rsa(CONTENT), opening(key)) == CONTENT
    assert asked == ["decrypt"]


@given(
    st.text(alphabet="abcAB-_.=é", max_size=60) | st.builds(lambda parts: ".".join(parts), st.lists(st.text(), max_size=6))
)
def test_whatever_comes_is_refused(token: str) -> None:
    with pytest.raises(BadAnswer):
        open_compact(token, opening())


@given(st.dictionaries(st.sampled_from(["enc", "kid", "epk", "apu", "apv", "zip", "crit", "p2c"]), st.none() | st.text()))
def test_whatever_the_header_says_it_is_opened_or_refused(changes: dict[str, str | None]) -> None:
    token = by_rsa(CONTENT, **changes)
    with suppress(BadAnswer):
        assert json.loads(open_compact(token, opening())) == {"sub": "abc"}
