"""A signature over a file that lies beside it; joserfc reads it as well."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from joserfc import jws
from joserfc.jwk import ECKey

from certs.keys import State, Use, key_of
from oidc.detached import sign_detached, verify_detached
from oidc.errors import SignatureRefused

KEY = key_of(ec.generate_private_key(ec.SECP256R1()), Use.LEDGER_SIGNING, "P-256", State.ACTIVE, 0)
OTHER = key_of(ec.generate_private_key(ec.SECP256R1()), Use.LEDGER_SIGNING, "P-256", State.ACTIVE, 0)
RSA = rsa.generate_private_key(65537, 2048).public_key()
CONTENT = b'{"a": "b.c"}\n'
SIGNED = sign_detached(CONTENT, KEY, "report")
HEADER, _, WRITTEN = SIGNED.partition(b"..")


def encoded(data: bytes) -> bytes:
    return urlsafe_b64encode(data).rstrip(b"=")


def refusal(signature: bytes = SIGNED, content: bytes = CONTENT, keys=(KEY.public_key,), typ: str = "report") -> str:
    with pytest.raises(SignatureRefused) as refused:
        verify_detached(signature, content, keys, typ)
    return refused.value.detail


def test_what_was_signed_is_verified_by_whichever_key_it_was():
    verify_detached(SIGNED, CONTENT, [RSA, OTHER.public_key, KEY.public_key], "report")


def test_joserfc_verifies_it():
    read = jws.deserialize_compact(
        SIGNED,
        ECKey.import_key(_pem()),
        payload=CONTENT,
        registry=jws.JWSRegistry(algorithms=["ES256"], strict_check_header=False),
    )
    assert read.headers()["crit"] == ["b64"]


def _pem() -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return KEY.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def test_the_header_says_that_the_content_is_not_encoded():
    header = json.loads(urlsafe_b64decode(HEADER + b"=="))
    assert header == {"alg": "ES256", "b64": False, "crit": ["b64"], "kid": KEY.kid, "typ": "report"}


def test_other_content_is_refused():
    assert refusal(content=CONTENT + b" ") == "the signature is wrong"


def test_another_key_or_none_is_refused():
    assert refusal(keys=[OTHER.public_key, RSA]) == refusal(keys=()) == "it is not by a key that counts here"


def test_what_was_signed_as_something_else_is_refused():
    assert refusal(typ="JWT") == "it is not by a key that counts here"


def test_a_key_that_is_named_and_did_not_sign_is_refused():
    forged = HEADER + b".." + sign_detached(CONTENT, OTHER, "report").partition(b"..")[2]
    assert refusal(forged) == "the signature is wrong"


OTHER_WAYS = {
    "nothing": b"",
    "one point": SIGNED.replace(b"..", b"."),
    "the content in its place": SIGNED.replace(b"..", b"." + encoded(CONTENT) + b"."),
    "no algorithm": encoded(json.dumps({"alg": "none"}).encode()) + b"..",
    "the key as a secret": encoded(json.dumps({"alg": "HS256", "kid": KEY.kid}).encode()) + b".." + WRITTEN,
    "no signature": HEADER + b"..",
    "a newline": SIGNED + b"\n",
    "padding": SIGNED + b"=",
    "cut off": SIGNED[:-2],
    "zeros": HEADER + b".." + encoded(bytes(64)),
    "no ASCII": HEADER + b"..\xff" + WRITTEN[1:],
    "more points": HEADER + b".." + WRITTEN + b"..",
}


@pytest.mark.parametrize("name", OTHER_WAYS)
def test_what_is_written_in_another_way_is_refused(name: str):
    assert refusal(OTHER_WAYS[name])
