"""A simulated provider with one client, for tests that need no broker."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import KeySet
from werkzeug.test import TestResponse

from broker.parties import Text
from broker.sandbox.faults import Faults
from broker.sandbox.pages import Party
from broker.sandbox.parties import PROVIDERS, DemoProvider
from broker.sandbox.personas import load_personas
from broker.sandbox.provider import SimulatedProvider
from broker.sandbox.vouching import Registered, Vouching

ISSUER = "http://fi.localhost:1"
BACK, AFTER_LOGOUT = "http://client.localhost:1/callback", "http://client.localhost:1/signed-out"
SECRET = "secret with: signs & spaces"
CLIENT = Registered("client", SECRET, (BACK,), (AFTER_LOGOUT,))
IMPOTS, POSTE = PROVIDERS
VERIFIER = "verifier-0123456789-0123456789-0123456789-0"
NOW = 1_790_000_000


def challenge_of(verifier: str) -> str:
    """S256, as RFC 7636 4.2 says it."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def simulated(
    provider: DemoProvider = IMPOTS,
    *,
    issuer: str = ISSUER,
    client: Registered = CLIENT,
    fault: str | None = None,
    clock: Callable[[], int] = lambda: NOW,
    sleep: Callable[[float], None] = lambda _: None,
) -> SimulatedProvider:
    """The provider, with a fault or without."""
    faults = Faults([(provider.id, fault)] if fault else [])
    return SimulatedProvider(Vouching(provider, issuer, client, clock), load_personas(), faults, clock, sleep)


class Fi:
    """The provider and a browser in front of it."""

    def __init__(self, provider: DemoProvider = IMPOTS, **how: Any) -> None:
        self.simulated = simulated(provider, **how)
        self.browser: FlaskClient = self.simulated.app(Party(Text("Fi", "Fi"), "fi", "")).test_client()

    def authorize(self, **changes: str | None) -> TestResponse:
        """The client's request. A change to None leaves a parameter out."""
        asked = {
            "response_type": "code",
            "client_id": "client",
            "redirect_uri": BACK,
            "scope": "openid profile birth email",
            "state": "st",
            "nonce": "no",
            "acr_values": "eidas1",
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
            **changes,
        }
        return self.browser.get(
            f"/authorize?{urlencode({name: value for name, value in asked.items() if value is not None})}"
        )

    def handle(self, **changes: str | None) -> str:
        """The handle in the forms of the login page."""
        _, _, rest = self.authorize(**changes).text.partition('name="login" value="')
        return rest.partition('"')[0]

    def answer(self, persona: str = "angela", **changes: str | None) -> dict[str, str]:
        """What comes back to the client when this card is clicked."""
        clicked = self.browser.post("/login", data={"login": self.handle(**changes), "persona": persona})
        return dict(parse_qsl(urlsplit(clicked.location).query))

    def redeem(self, code: str, **changes: str | None) -> TestResponse:
        """The client changes its code for tokens."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": BACK,
            "code_verifier": VERIFIER,
            "client_id": "client",
            "client_secret": SECRET,
            **changes,
        }
        return self.browser.post("/token", data={name: value for name, value in form.items() if value is not None})

    def tokens(self, persona: str = "angela", **changes: str | None) -> dict[str, str]:
        """A whole login: the answer of the token endpoint."""
        tokens: dict[str, str] = self.redeem(self.answer(persona, **changes)["code"]).json
        return tokens

    def claims(self, token: str) -> dict[str, Any]:
        """The claims of a token that the published keys verify."""
        keys = KeySet.import_key_set(self.browser.get("/jwks").json)
        return jwt.decode(token, keys, algorithms=[self.simulated.vouching.provider.algorithm]).claims

    def userinfo(self, persona: str = "angela", **changes: str | None) -> TestResponse:
        """A whole login: the answer of the userinfo endpoint."""
        token = self.tokens(persona, **changes)["access_token"]
        return self.browser.get("/userinfo", headers={"Authorization": f"Bearer {token}"})


def signing(provider: DemoProvider) -> DemoProvider:
    """The same provider with a signed userinfo."""
    return replace(provider, signed_userinfo=True)
