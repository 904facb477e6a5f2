"""Services that sign: what they register, and what they send. Written on joserfc alone, as the providers are."""

import json
import secrets
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc import jws
from joserfc.jwk import ECKey
from werkzeug.test import TestResponse

from broker.parties import Parties, Service, ServiceKeys
from oidc.messages import HttpRequest, HttpResponse
from tests.broker.world import (
    ISSUER,
    NONCE,
    PROVIDERS,
    PUBLIC,
    SECRET,
    SERVICES,
    STATE,
    Browser,
    World,
    json_answer,
    service,
)

ADDRESS = "https://signe.example/jwks.json"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = frozenset(("ES256", "PS256", "RS256"))
KEY = ECKey.generate_key("P-256", {"kid": "signe-1"})
NEXT = ECKey.generate_key("P-256", {"kid": "signe-2"})
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def jwks(*keys: ECKey) -> bytes:
    """A published set."""
    return json.dumps({"keys": [key.as_dict(private=False) for key in keys]}).encode()


def signer(name: str = "signe", **changes: object) -> Service:
    """A service that authenticates by its key, which it publishes."""
    facts = {"authentication": frozenset(("private_key_jwt",)), "secrets": (), "keys": ServiceKeys(ALGORITHMS, ADDRESS)}
    return service(name, **{**facts, **changes})


def parties(*signers: Service) -> Parties:
    """The services of every world, and these."""
    return Parties({**SERVICES, **{one.id: one for one in signers}}, PROVIDERS)


class Publisher:
    """What lies behind the jwks_uri; counts how often it is asked."""

    def __init__(self, world: World, *keys: ECKey) -> None:
        self.answer = HttpResponse(200, {}, jwks(*(keys or (KEY,))))
        self.asked = 0
        world.answers[ADDRESS] = self.fetch

    def fetch(self, _request: HttpRequest) -> HttpResponse:
        self.asked += 1
        return self.answer

    def publish(self, *keys: ECKey) -> None:
        """Another set."""
        self.answer = HttpResponse(200, {}, jwks(*keys))

    def fail(self) -> None:
        """An error from now on."""
        self.answer = json_answer({}, 503)


def signed(claims: Mapping[str, object], key: ECKey = KEY, **header: object) -> str:
    """A compact JWS in ES256."""
    full, registry = {"alg": "ES256", "kid": key.kid, **header}, jws.JWSRegistry(strict_check_header=False)
    return jws.serialize_compact(full, json.dumps(claims).encode(), key, registry=registry)


def assertion(world: World, name: str = "signe", key: ECKey = KEY, **changes: object) -> dict[str, str]:
    """The parameters by which a service says who it is."""
    fresh = {"jti": secrets.token_urlsafe(8), "exp": world.clock() + 60}
    claims = {"iss": name, "sub": name, "aud": ISSUER, **fresh, **changes}
    return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": signed(claims, key)}


def asked(name: str = "signe", **changes: str | None) -> dict[str, str]:
    """The parameters of a request that is right in every point."""
    parameters = {
        "client_id": name,
        "redirect_uri": f"https://{name}.example/retour",
        "response_type": "code",
        "scope": "openid identite_pivot email",
        "state": STATE,
        "nonce": NONCE,
        "acr_values": "eidas1",
        **changes,
    }
    return {parameter: value for parameter, value in parameters.items() if value is not None}


def request_object(world: World, name: str = "signe", key: ECKey = KEY, **changes: object) -> str:
    """The same, signed. A change to None leaves a claim out."""
    claims = {"iss": name, "aud": ISSUER, "exp": world.clock() + 60, "jti": secrets.token_urlsafe(8), **asked(name)}
    return signed({claim: value for claim, value in {**claims, **changes}.items() if value is not None}, key)


def call(world: World, path: str, form: Mapping[str, str], **headers: str) -> TestResponse:
    """A service calls one of our addresses."""
    return world.app.test_client().post(f"/api/v2/{path}", data=dict(form), headers=headers, base_url=PUBLIC)


def push(world: World, form: Mapping[str, str]) -> str:
    """A request is pushed; its name."""
    answer = call(world, "par", form)
    assert answer.status_code == 201, answer.text
    return answer.json["request_uri"]


def come_by_name(browser: Browser, name: str, request_uri: str, **more: str) -> TestResponse:
    """The browser brings the name of a pushed request."""
    return browser.get(f"{ISSUER}/authorize?" + urlencode({"client_id": name, "request_uri": request_uri, **more}))


def finish(browser: Browser, begun: TestResponse) -> dict[str, str]:
    """From the answer of authorize to what the service's callback receives."""
    page = browser.page(browser.prove(browser.choose(browser.page(begun))))
    return dict(parse_qsl(urlsplit(browser.confirm(page, consent="yes").location).query))


POSTED = {"client_secret": SECRET}
