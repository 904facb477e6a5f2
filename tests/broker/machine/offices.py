"""Providers that serve many browsers at once, and that can fail, err and lie in every way that the table names."""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc.jwk import ECKey

from broker.fetch import FetchFailed
from oidc.messages import HttpRequest, HttpResponse
from tests.broker.machine.parties import CITIZENS
from tests.broker.world import Clock, Fi, json_answer

DOWN = ("silence", "a status of 500")
DEFECTS = (
    "an error",
    "no code",
    "no iss",
    "the iss of another",
    *DOWN,
    "a refusal",
    "another nonce",
    "no nonce",
    "another audience",
    "another issuer",
    "an expired ID token",
    "an ID token of the future",
    "another key",
    "another acr",
    "no acr",
    "the at_hash of another token",
    "userinfo of another person",
    "userinfo without a birth date",
)
"""What may be wrong with an answer. With any of it nobody is proven."""
_ANSWERS = {
    "an error": {"code": "", "error": "access_denied"},
    "no code": {"code": ""},
    "no iss": {"iss": ""},
    "the iss of another": {"iss": "https://evil.example"},
}
_TOKENS = {
    "another nonce": {"nonce": "n" * 43},
    "no nonce": {"nonce": None},
    "another audience": {"aud": "somebody"},
    "another issuer": {"iss": "https://evil.example"},
    "another acr": {"acr": "eidas9"},
    "no acr": {"acr": None},
    "the at_hash of another token": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
}


@dataclass
class Authentication:
    """One citizen who has authenticated: what was asked, at which level, and what goes wrong with it ("" for nothing)."""

    asked: dict[str, str]
    citizen: int
    level: int
    defect: str


@dataclass
class Office(Fi):
    """A provider. One that is not `careful` forgets to check PKCE, so that our nonce must hold alone."""

    careful: bool = True
    codes: dict[str, Authentication] = field(default_factory=dict)
    tokens: dict[str, Authentication] = field(default_factory=dict)
    failures: int = 0

    def vouch(self, location: str, citizen: int, level: int, defect: str = "") -> str:
        """A citizen authenticates; the query of the answer."""
        asked = dict(parse_qsl(urlsplit(location).query))
        code = f"fi-code-{secrets.token_urlsafe(16)}"
        self.codes[code] = Authentication(asked, citizen, level, defect)
        answer = {"code": code, "state": asked["state"], "iss": self.issuer, **_ANSWERS.get(defect, {})}
        return urlencode({name: value for name, value in answer.items() if value})

    def _token(self, request: HttpRequest) -> HttpResponse:
        form = parse_qs(request.body.decode())
        held = self.codes.pop(form["code"][0], None)
        if held is None or (self.careful and not _verified(held, form["code_verifier"][0])) or held.defect == "a refusal":
            return json_answer({"error": "invalid_grant"}, 400)
        self.failures += held.defect in DOWN
        if held.defect == "silence":
            raise FetchFailed("timeout", "provider.example")
        if held.defect == "a status of 500":
            return json_answer({}, 500)
        token = f"fi-access-{secrets.token_urlsafe(16)}"
        self.tokens[token] = held
        return json_answer({"access_token": token, "token_type": "Bearer", "id_token": self._id_token(held)})

    def _id_token(self, held: Authentication) -> str:
        self.asked, self.acr = held.asked, f"eidas{held.level}"
        moved = {"an expired ID token": -3600, "an ID token of the future": 3600}.get(held.defect, 0)
        at = self.clock() + moved
        claims = {
            **self.token(),
            "sub": f"account-{held.citizen}",
            "jti": secrets.token_urlsafe(16),
            "iat": at,
            "exp": at + 60,
        }
        claims = {**claims, **_TOKENS.get(held.defect, {})}
        key, self.key = self.key, _STRANGERS if held.defect == "another key" else self.key
        signed = self.signed({name: value for name, value in claims.items() if value is not None})
        self.key = key
        return signed

    def _userinfo(self, request: HttpRequest) -> HttpResponse:
        held = self.tokens[request.headers["Authorization"].removeprefix("Bearer ")]
        sub = "account-9" if held.defect == "userinfo of another person" else f"account-{held.citizen}"
        claims = dict(CITIZENS[held.citizen])
        if held.defect == "userinfo without a birth date":
            del claims["birthdate"]
        return json_answer({"sub": sub, **claims})


_STRANGERS = ECKey.generate_key("P-256", {"kid": "fi-1"})


def _verified(held: Authentication, verifier: str) -> bool:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == held.asked["code_challenge"]


def open_offices(names: tuple[str, ...], clock: Clock, careless: str) -> dict[str, Office]:
    """The providers of these names; one of them is not careful."""
    return {
        name: Office(f"https://{name}.example", "passerelle", f"secret-at-{name}", clock, careful=name != careless)
        for name in names
    }
