"""A data provider can do its part or not: one that does everything right, spoilt in one point at a time."""

import json
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from joserfc.jwk import ECKey

from broker.delivering import Candidate, examine, keyed
from broker.fetch import FetchFailed
from broker.parties import DataGrant, DataProvider, DataScope, HeldSecret, Parties, ServiceKeys, Text
from oidc.messages import HttpRequest, HttpResponse
from tests.broker.signing import KEY, NEXT, jwks
from tests.broker.world import service

AT, ISSUER, NOW, TOKEN = "https://revenus.example", "https://connexion.example/api/v2", 1_790_000_000, "a-real-token"
SIG, ENC = (ECKey.generate_key("P-256", {"kid": f"{use}-1", "use": use}) for use in ("sig", "enc"))
REVENUS = DataProvider(
    id="revenus",
    name=Text("Revenus", "Income Office"),
    client_id="revenus",
    resource=f"{AT}/api",
    scopes=(DataScope("revenu_fiscal", Text("Votre revenu", "Your income"), "Loi 1"),),
    authentication=frozenset(("private_key_jwt",)),
    keys=ServiceKeys(frozenset(("ES256",)), f"{AT}/jwks.json"),
    encrypt="ECDH-ES",
)
PARTIES = Parties({"mairie": service("mairie", data={"revenu_fiscal": DataGrant("revenu_fiscal", "Loi 2")})}, {})
REFUSED = HttpResponse(401, {"www-authenticate": 'Bearer error="invalid_token"'}, b"")


class Honest:
    """A data provider that does what it should; `instead` (by path, or by what is asked with) spoils it."""

    def __init__(self) -> None:
        self.instead: dict[str, HttpResponse | str] = {}
        self.keys = jwks(SIG, ENC)
        self.asked: list[HttpRequest] = []

    def __call__(self, request: HttpRequest, *, allow_private: bool = False) -> HttpResponse:
        self.asked.append(request)
        path = urlsplit(request.url).path
        if path == "/jwks.json":
            return self._answer(path, HttpResponse(200, {}, self.keys))
        sent = request.headers.get("Authorization", "nothing")
        known = "good" if sent == f"Bearer {TOKEN}" else "false" if sent.startswith("Bearer ") else sent
        return self._answer(known, HttpResponse(200, {}, b'{"revenu": 1234}') if known == "good" else REFUSED)

    def _answer(self, name: str, otherwise: HttpResponse) -> HttpResponse:
        instead = self.instead.get(name, otherwise)
        if isinstance(instead, str):
            raise FetchFailed(instead, "revenus.example")
        return instead


@pytest.fixture
def fd() -> Honest:
    return Honest()


def examined(fd: Honest, one: DataProvider = REVENUS, token: str = TOKEN) -> list[tuple[str, str, str]]:
    points = examine(Candidate(one, PARTIES, ISSUER, fd, NOW, token))
    return [(point.verdict, point.about, point.what) for point in points]


def test_nothing_is_to_be_mended_of_one_that_does_its_part(fd: Honest):
    assert examined(fd) == [
        ("fine", "authentication", "it has tokens checked by its keys"),
        ("fine", "grants", "revenu_fiscal may be asked for by mairie"),
        ("fine", "keys", "1 to know it by: sig-1"),
        ("fine", "keys", "an answer can be encrypted for it: enc-1"),
        ("fine", "resource", "a request without a token: refused"),
        ("fine", "resource", "a token that nobody issued: refused"),
        ("fine", "delivery", "for the token that was given: 200, 16 bytes"),
    ]


def test_what_was_delivered_and_the_token_are_not_shown(fd: Honest):
    shown = str(list(examine(Candidate(REVENUS, PARTIES, ISSUER, fd, NOW, TOKEN))))
    assert ("1234" in shown, TOKEN in shown) == (False, False)


def test_without_a_token_nothing_is_delivered(fd: Honest):
    assert "delivery" not in {about for _, about, _ in examined(fd, token="")}


def test_the_token_that_nobody_issued_is_another_each_time_and_stands_in_no_address(fd: Honest):
    examined(fd)
    examined(fd)
    sent = [request.headers["Authorization"] for request in fd.asked if "Authorization" in request.headers]
    assert len(set(sent) - {f"Bearer {TOKEN}"}) == 2
    assert not [request.url for request in fd.asked if TOKEN in request.url]


@pytest.mark.parametrize(
    ("path", "answer", "found"),
    [
        ("nothing", HttpResponse(200, {}, b"{}"), ("fix", "resource", "a request without a token: it answers 200")),
        ("nothing", HttpResponse(204, {}, b""), ("fix", "resource", "a request without a token: it answers 204")),
        (
            "nothing",
            HttpResponse(401, {}, b""),
            ("decide", "resource", "a request without a token: 401, but no WWW-Authent"),
        ),
        (
            "nothing",
            HttpResponse(401, {"www-authenticate": "Basic"}, b""),
            ("decide", "resource", "a request without a token: 401, but no WWW-Authent"),
        ),
        ("nothing", HttpResponse(302, {}, b""), ("decide", "resource", "a request without a token: it answers 302")),
        ("nothing", HttpResponse(404, {}, b""), ("decide", "resource", "a request without a token: it answers 404")),
        ("nothing", HttpResponse(500, {}, b""), ("fix", "resource", "a request without a token: it fails with 500")),
        ("false", HttpResponse(200, {}, b"{}"), ("fix", "resource", "a token that nobody issued: it answers 200")),
        ("false", HttpResponse(503, {}, b""), ("fix", "resource", "a token that nobody issued: it fails with 503")),
        ("nothing", "tls", ("fix", "resource", f"no answer from {AT}/api: tls")),
        ("good", "timeout", ("fix", "resource", f"no answer from {AT}/api: timeout")),
        ("good", HttpResponse(401, {}, b""), ("fix", "delivery", "for the token that was given: 401")),
        ("good", REFUSED, ("fix", "delivery", "for the token that was given: 401, invalid_token")),
        ("/jwks.json", "dns", ("fix", "keys", f"no answer from {AT}/jwks.json: dns")),
        (
            "/jwks.json",
            HttpResponse(404, {}, jwks(SIG)),
            ("fix", "keys", f"they cannot be used: {AT}/jwks.json answers 404"),
        ),
        ("/jwks.json", HttpResponse(200, {}, b"<html>"), ("fix", "keys", "they cannot be used: the key set is not JSON")),
        ("/jwks.json", HttpResponse(200, {}, jwks(ENC)), ("fix", "keys", "no key is published for ES256")),
        ("/jwks.json", HttpResponse(200, {}, b'{"keys": []}'), ("fix", "keys", "no key is published for ES256")),
    ],
)
def test_each_fault_is_named(fd: Honest, path: str, answer: HttpResponse | str, found: tuple[str, str, str]):
    fd.instead[path] = answer
    wanting = [point for point in examined(fd) if point[0] != "fine"]
    verdict, about, what = wanting[0]
    assert (verdict, about, what[: len(found[2])]) == found


def test_a_good_challenge_is_bearer_or_dpop(fd: Honest):
    fd.instead["nothing"] = HttpResponse(401, {"www-authenticate": 'DPoP algs="ES256"'}, b"")
    assert ("fine", "resource", "a request without a token: refused") in examined(fd)


def test_a_key_to_encrypt_for_must_be_there(fd: Honest):
    fd.keys = jwks(SIG)
    assert examined(fd)[3][:2] == ("fix", "keys")
    assert "ECDH-ES" in examined(fd)[3][2]


def test_a_private_key_that_is_published_is_named(fd: Honest):
    fd.keys = json.dumps(
        {"keys": [SIG.as_dict(private=True), ENC.as_dict(private=False), NEXT.as_dict(private=False)]}
    ).encode()
    assert ("fix", "keys", "the private part of a key is published") in examined(fd)


def test_keys_without_names_of_their_own_are_named(fd: Honest):
    fd.keys = jwks(ECKey.generate_key("P-256"), ECKey.generate_key("P-256"))
    assert ("decide", "keys", "several keys have one kid, or none") in examined(fd)


def test_a_key_that_says_no_use_is_for_both_and_named(fd: Honest):
    fd.keys = jwks(KEY)
    assert ("decide", "keys", "signe-1 signs, and answers are encrypted for it") in examined(fd)


def test_keys_in_a_file_are_not_fetched(fd: Honest):
    one = replace(REVENUS, keys=ServiceKeys(frozenset(("ES256",)), document=jwks(SIG, ENC)))
    assert ("fine", "keys", "1 to know it by: sig-1") in examined(fd, one)
    assert {urlsplit(request.url).path for request in fd.asked} == {"/api"}


@pytest.mark.parametrize(
    ("until", "point"),
    [
        (None, ("decide", "authentication", "it has a secret, which could leak")),
        (NOW + 1, ("decide", "authentication", "it has a secret, which could leak")),
        (NOW, ("fix", "authentication", "its secret counts no more")),
    ],
)
def test_a_secret_is_worth_a_word(fd: Honest, until: int | None, point: tuple[str, str, str]):
    secret = (HeldSecret(b"d" * 32, until),)
    one = replace(REVENUS, authentication=frozenset(("client_secret_post",)), secrets=secret, keys=None, encrypt="")
    assert point in examined(fd, one)


@pytest.mark.parametrize(
    ("changes", "point"),
    [
        ({"active": False}, ("decide", "file", "it is off: nobody can ask for its scopes")),
        (
            {"resource": ""},
            ("decide", "resource", "without a resource no service can ask for a token that is for it alone"),
        ),
        (
            {"scopes": (DataScope("parts", Text("Parts", "Shares"), "Loi 1"),)},
            ("decide", "grants", "no service may ask for parts"),
        ),
    ],
)
def test_what_our_file_leaves_open_is_named(fd: Honest, changes: dict[str, object], point: tuple[str, str, str]):
    assert point in examined(fd, replace(REVENUS, **changes))


def test_keys_of_services_are_examined_alike(fd: Honest):
    signs = service("mairie", authentication=REVENUS.authentication, keys=REVENUS.keys, encrypt="ECDH-ES")
    assert [point.what for point in keyed(signs, ISSUER, fd)] == [
        "1 to know it by: sig-1",
        "an answer can be encrypted for it: enc-1",
    ]
