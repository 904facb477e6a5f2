"""Messages are taken apart so that nothing stays hidden in them."""

import base64
import json

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from broker.sandbox.decoding import as_curl, entries_answered, entries_sent, page_title, readable
from broker.sandbox.recorder import Exchange

KEY = ECKey.generate_key("P-256", {"kid": "1"})
STRANGER = ECKey.generate_key("P-256", {"kid": "1"})
KEYS = KeySet.import_key_set({"keys": [KEY.as_dict(private=False)]})
ISSUER = "http://fi.localhost:1"
SEALED = "eyJhbGciOiJFQ0RILUVTIn0..iv.content.tag"
FORM = ("Content-Type", "application/x-www-form-urlencoded")


def token(key=KEY, issuer=ISSUER):
    return jwt.encode({"alg": "ES256", "kid": "1"}, {"iss": issuer, "name": "Impôts Démo"}, key)


def keys_of(issuer):
    return KEYS if issuer == ISSUER else None


def exchange(**changes):
    facts = {
        "number": 1,
        "at": 0,
        "sender": "browser",
        "host": "fs.localhost",
        "method": "GET",
        "path": "/",
        "query": "",
        "headers": (),
        "body": b"",
        "status": 200,
        "answer_headers": (),
        "answer": b"",
    }
    return Exchange(**{**facts, **changes})


def answered(kind, answer, **changes):
    return entries_answered(exchange(answer_headers=(("Content-Type", kind),), answer=answer, **changes), keys_of)


def pairs(entries):
    return [(entry.name, entry.value) for entry in entries]


def test_the_query_the_form_and_the_credentials_are_what_is_sent():
    sent = exchange(query="a=1&b=", headers=(FORM, ("Authorization", "Bearer x")), body=b"c=d+e")
    assert pairs(entries_sent(sent, keys_of)) == [("a", "1"), ("b", ""), ("c", "d e"), ("Authorization", "Bearer x")]


def test_a_body_that_is_no_form_has_no_fields():
    assert entries_sent(exchange(headers=(("Content-Type", "text/plain"),), body=b"c=d"), keys_of) == ()


def test_a_redirect_answers_with_its_parameters():
    moved = exchange(status=303, answer_headers=(("Location", "http://x/?code=c&state=s"),))
    assert pairs(entries_answered(moved, keys_of)) == [("code", "c"), ("state", "s")]


def test_json_answers_with_its_members():
    document = json.dumps({"sub": "x", "given_name_array": ["Zoé"]}).encode()
    assert pairs(answered("application/json", document)) == [("sub", "x"), ("given_name_array", '["Zoé"]')]


@pytest.mark.parametrize("document", [b"not json", b"[1]"])
def test_json_that_is_no_object_is_shown_as_it_is(document):
    assert pairs(answered("application/json", document)) == [("body", document.decode())]


def test_a_page_has_a_title_and_no_members():
    page = exchange(answer_headers=(("Content-Type", "text/html; charset=utf-8"),), answer=b"<title>A\n page</title>")
    assert (page_title(page), entries_answered(page, keys_of)) == ("A page", ())


@pytest.mark.parametrize(
    ("signed", "good"), [(token(), True), (token(STRANGER), False), (token(issuer="http://evil.localhost"), False)]
)
def test_a_token_is_judged_by_its_issuers_keys(signed, good):
    entry = answered("application/jwt", signed.encode())[0]
    assert entry.token.good is good
    assert json.loads(entry.token.payload)["name"] == "Impôts Démo"


def test_what_was_encrypted_is_shown_where_its_key_is_at_hand():
    sealed = exchange(
        answer_headers=(("Content-Type", "application/token-introspection+jwt"),),
        answer=SEALED.encode(),
    )
    (entry,) = entries_answered(sealed, keys_of, {SEALED: token()}.get)
    assert (entry.token.sealed, entry.token.good) == (True, True)
    assert entries_answered(sealed, keys_of)[0].token is None


@pytest.mark.parametrize(("maker", "good"), [(KEY, True), (STRANGER, False)])
def test_a_proof_is_judged_by_the_key_in_its_header(maker, good):
    header = {"alg": "ES256", "typ": "dpop+jwt", "jwk": KEY.as_dict(private=False)}
    sent = exchange(headers=(("Dpop", jwt.encode(header, {"htm": "GET"}, maker)),))
    (entry,) = entries_sent(sent, keys_of)
    assert (entry.name, entry.token.proof, entry.token.good) == ("Dpop", True, good)


def test_a_proof_without_a_key_is_false():
    sent = exchange(headers=(("Dpop", jwt.encode({"alg": "ES256", "typ": "dpop+jwt"}, {"htm": "GET"}, KEY)),))
    assert entries_sent(sent, keys_of)[0].token.good is False


def test_a_refusal_of_a_resource_answers_with_its_challenge():
    refused = exchange(status=401, answer_headers=(("WWW-Authenticate", 'Bearer error="invalid_token"'),))
    assert pairs(entries_answered(refused, keys_of)) == [("WWW-Authenticate", 'Bearer error="invalid_token"')]


@pytest.mark.parametrize("text", ["eyJ.eyJ.x", "eyJhIjoxfQ.eyJhIjox.x", "plain"])
def test_what_is_no_token_is_a_value(text):
    assert answered("application/jwt", text.encode())[0].token is None


@pytest.mark.parametrize(
    "hidden",
    [
        "Impôts Démo".encode(),
        b"name=Imp%C3%B4ts+D%C3%A9mo",
        b"url=a%3Fname%3DImp%25C3%25B4ts%2BD%25C3%25A9mo",
        b'{"name": "Imp\\u00f4ts D\\u00e9mo"}',
        token().encode(),
        b"Authorization: Basic " + base64.b64encode("Impôts Démo:x".encode()),
    ],
    ids=["plain", "query", "query in a query", "json", "token", "basic"],
)
def test_a_word_cannot_hide(hidden):
    assert "Impôts Démo" in readable(hidden)


def test_a_word_cannot_hide_in_an_encrypted_token():
    assert "Impôts Démo" in readable(f"{{{SEALED}}}".encode(), {SEALED: token()}.get)


def test_a_request_can_be_repeated_with_curl():
    sent = exchange(method="POST", path="/token", query="a=b", headers=(FORM, ("Host", "x")), body=b"code=it's")
    assert as_curl(sent, 8000) == (
        "curl -i -X POST 'http://fs.localhost:8000/token?a=b' -H 'Content-Type: application/x-www-form-urlencoded' "
        "--data-raw 'code=it'\"'\"'s'"
    )
