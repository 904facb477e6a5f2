"""Tokens that only their service can open: which key is taken, which never is, and that others can read what we write."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwe, jwt
from joserfc.jwk import ECKey, RSAKey

from oidc.encryption import WRAPPINGS, Recipient, encrypt_jwt
from oidc.errors import UnknownKey
from oidc.tokens import read_jwks, read_own_jwks, sign_jwt
from tests.oidc.cases import OURS, ec_key

EC = ECKey.generate_key("P-256", {"kid": "ec-enc", "use": "enc"})
LARGE_EC = ECKey.generate_key("P-521", {"kid": "ec-large", "use": "enc"})
RSA = RSAKey.generate_key(2048, {"kid": "rsa-enc", "use": "enc"})
KEYS: Mapping[str, Any] = {"RSA-OAEP-256": RSA, "ECDH-ES": EC, "RSA-OAEP": RSA}


def jwks(*keys: Any, **changes: object) -> bytes:
    public = [key.as_dict(private=False) | changes for key in keys]
    return json.dumps({"keys": [{name: value for name, value in key.items() if value != ""} for key in public]}).encode()


def read_recipient(document: bytes, wrapping: str) -> Recipient:
    return read_jwks(document).recipient(wrapping)


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_what_we_write_is_a_signed_token_inside_that_joserfc_opens(wrapping: str) -> None:
    signed = sign_jwt({"sub": "s", "name": "Éloïse"}, ec_key())
    opened = jwe.decrypt_compact(
        encrypt_jwt(signed, read_recipient(jwks(RSA, EC), wrapping), OURS, "mairie"),
        KEYS[wrapping],
        registry=jwe.JWERegistry(algorithms=[wrapping, "A256GCM"], strict_check_header=False),
    )
    header = {name: value for name, value in opened.headers().items() if name != "epk"}
    kid = KEYS[wrapping].kid
    assert header == {"alg": wrapping, "enc": "A256GCM", "cty": "JWT", "kid": kid, "iss": OURS, "aud": "mairie"}
    inner = jwt.decode(opened.plaintext.decode(), ECKey.import_key(ec_key().public_jwk()), algorithms=["ES256"])  # type: ignore[arg-type, union-attr]
    assert inner.claims["name"] == "Éloïse"


@pytest.mark.parametrize(("named", "taken"), [("RSA-OAEP-256", ["RSA-OAEP-256"]), ("", ["RSA-OAEP-256", "RSA-OAEP"])])
def test_a_key_serves_the_way_that_it_names_or_all_of_its_kind(named: str, taken: list[str]) -> None:
    assert [recipient.wrapping for recipient in read_jwks(jwks(RSA, alg=named)).recipients] == taken


def test_two_tokens_share_no_key() -> None:
    recipient = read_recipient(jwks(EC), "ECDH-ES")
    one, two = (encrypt_jwt("a.b.c", recipient, OURS, "mairie").split(".") for _ in range(2))
    assert not {one[0], *one[2:]} & {two[0], *two[2:]}


def test_the_first_key_that_fits_is_taken() -> None:
    assert read_recipient(jwks(RSA, LARGE_EC, EC), "ECDH-ES").kid == "ec-large"


def test_a_key_without_a_kid_is_named_by_none() -> None:
    token = encrypt_jwt("a.b.c", read_recipient(jwks(EC, kid=""), "ECDH-ES"), OURS, "mairie")
    assert "kid" not in json.loads(urlsafe_b64decode(token.partition(".")[0] + "=="))


REFUSED = {
    "none": jwks(),
    "of the other kind": jwks(RSA),
    "for signatures": jwks(EC, use="sig"),
    "for another algorithm": jwks(EC, alg="ECDH-ES+A256KW"),
    "on a curve of Bitcoin": jwks(ECKey.generate_key("secp256k1")),
    "with a point that is not on the curve": jwks(EC, x="AAAA"),
    "that is a shared secret": json.dumps({"keys": [{"kty": "oct", "k": "c2VjcmV0", "use": "enc"}]}).encode(),
    "that is no object": b'{"keys": ["ec"]}',
}


@pytest.mark.parametrize("document", REFUSED.values(), ids=REFUSED.keys())
def test_a_key_that_is_not_for_this_is_not_taken(document: bytes) -> None:
    with pytest.raises(UnknownKey, match="ECDH-ES"):
        read_recipient(document, "ECDH-ES")


def test_a_weak_rsa_key_is_not_taken(recwarn: pytest.WarningsRecorder) -> None:
    numbers = rsa.generate_private_key(65537, 1024).public_key().public_numbers()
    n = urlsafe_b64encode(numbers.n.to_bytes(128, "big")).rstrip(b"=").decode()
    with pytest.raises(UnknownKey):
        read_recipient(json.dumps({"keys": [{"kty": "RSA", "n": n, "e": "AQAB"}]}).encode(), "RSA-OAEP-256")
    assert not recwarn.list


def test_a_key_whose_private_part_was_published_keeps_no_secret() -> None:
    leaked = json.dumps({"keys": [EC.as_dict(private=True)]}).encode()
    assert (read_jwks(leaked).recipients, read_own_jwks(leaked).recipients) == ((), ())


def test_a_key_without_a_use_serves_both_ways_and_one_with_a_use_only_there() -> None:
    both, one = read_own_jwks(jwks(EC, use="")), read_own_jwks(jwks(EC))
    assert (len(both.keys), len(both.recipients), len(one.keys), len(one.recipients)) == (1, 1, 0, 1)
