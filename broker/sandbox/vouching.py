"""A simulated provider without its pages: what it is asked, what it remembers, what it signs.

Written on joserfc alone and not on our own `oidc`, so that the broker is tested against somebody else's understanding.
Sources: OpenID Connect Core 3.1.2 and 3.1.3, RFC 6749 4.1, RFC 7636 4.6, RFC 9207.
"""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from broker.sandbox.faults import Fault
from broker.sandbox.parties import DemoProvider
from broker.sandbox.personas import Persona
from broker.sandbox.shelf import Shelf

CODE_SECONDS = 60
TOKEN_SECONDS = 60
LOGIN_SECONDS = 3600
_CLAIMS: Mapping[str, tuple[str, ...]] = {
    "profile": ("given_name", "given_name_array", "family_name", "birthdate", "gender", "preferred_username"),
    "birth": ("birthplace", "birthcountry"),
    "email": ("email",),
    "phone": ("phone_number",),
    "address": ("address",),
}
_METHODS = {"eidas1": ["pwd"], "eidas2": ["pwd", "otp", "mfa"]}


class NotTrusted(ValueError):
    """The request names no client of this provider, or an address that is not the client's: nothing is sent back."""


class Refused(ValueError):
    """An OAuth error; `error` is its code."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error


@dataclass(frozen=True, slots=True)
class Registered:
    """The one client of a simulated provider: the broker, or a service in tests."""

    client_id: str
    client_secret: str = field(repr=False)
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for a login."""

    redirect_uri: str
    state: str
    nonce: str
    scopes: tuple[str, ...]
    levels: tuple[str, ...]
    challenge: str | None


@dataclass(frozen=True, slots=True)
class Login:
    """A person who has logged in, for one request. `moment` is Unix seconds."""

    asked: Asked
    persona: Persona
    claims: Mapping[str, object]
    acr: str
    moment: int
    fault: Fault | None


class Vouching:
    """What one provider remembers, and its signing key."""

    def __init__(self, provider: DemoProvider, issuer: str, client: Registered, clock: Callable[[], int]) -> None:
        self.provider = provider
        self.issuer = issuer
        self.client = client
        self._clock = clock
        self._key = _new_key(provider.algorithm)
        self._logins: dict[str, int] = {}
        self.waiting: Shelf[Asked] = Shelf(LOGIN_SECONDS, clock)
        self._codes: Shelf[Login] = Shelf(CODE_SECONDS, clock)
        self._tokens: Shelf[Login] = Shelf(TOKEN_SECONDS, clock)

    def jwks(self) -> dict[str, list[dict[str, object]]]:
        """The public key as others fetch it."""
        return {"keys": [{**self._key.as_dict(private=False), "use": "sig", "alg": self.provider.algorithm}]}

    # -- the login ----------------------------------------------------------------------------------------------------

    def log_in(self, asked: Asked, persona: Persona, fault: Fault | None) -> str:
        """A person has proved who it is; the code for the client."""
        count = self._logins[persona.id] = self._logins.get(persona.id, 0) + 1
        fault = Fault(persona.fault) if persona.fault else fault
        now = self._clock()
        claims = persona.claims(datetime.fromtimestamp(now, UTC).date(), count)
        return self._codes.put(Login(asked, persona, claims, self._acr(asked, persona, fault), now, fault))

    def _acr(self, asked: Asked, persona: Persona, fault: Fault | None) -> str:
        """The lowest level asked that is possible here; the highest possible one when none of them is."""
        limit = "eidas1" if _is(fault, "fi.lower_loa") else persona.level
        possible = [level for level in self.provider.levels if limit is None or level <= limit]
        return min((level for level in possible if level in asked.levels), default=max(possible))

    # -- the token endpoint -------------------------------------------------------------------------------------------

    def redeem(self, code: str, redirect_uri: str, verifier: str | None) -> Login:
        """The login behind a code, once. Raises Refused."""
        login = self._codes.take(code)
        if login is None:
            raise Refused("invalid_grant", "unknown, used or expired code")
        check_redirect(login, redirect_uri)
        check_verifier(login, verifier)
        return login

    def tokens(self, login: Login) -> dict[str, object]:
        """The answer of the token endpoint."""
        access_token = self._tokens.put(login)
        return {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": TOKEN_SECONDS,
            "id_token": self._sign(self._id_token(login, access_token), login.fault),
        }

    def _id_token(self, login: Login, access_token: str) -> dict[str, object]:
        now = self._clock()
        claims: dict[str, object] = {
            "iss": self.issuer,
            "aud": self.client.client_id,
            "sub": self._sub(login.persona),
            "iat": now,
            "exp": now + TOKEN_SECONDS,
            "auth_time": login.moment,
            "nonce": "another-nonce" if _is(login.fault, "fi.bad_nonce") else login.asked.nonce,
            "acr": login.acr,
            "amr": _METHODS[login.acr],
            "at_hash": _base64(hashlib.sha256(access_token.encode()).digest()[:16]),
        }
        return _without_sub(claims, login.fault)

    # -- the claims ---------------------------------------------------------------------------------------------------

    def login_of(self, access_token: str) -> Login | None:
        """Whose claims an access token opens."""
        return self._tokens.read(access_token)

    def userinfo(self, login: Login) -> dict[str, object]:
        """The claims that the scopes of the request open."""
        opened = {claim for scope in login.asked.scopes for claim in _CLAIMS.get(scope, ())}
        claims = {name: value for name, value in login.claims.items() if name in opened}
        return _without_sub({"sub": self._sub(login.persona), **claims}, login.fault)

    def signed_userinfo(self, login: Login) -> str:
        """The same as a JWT."""
        envelope = {"iss": self.issuer, "aud": self.client.client_id}
        return self._sign({**envelope, **self.userinfo(login)}, login.fault)

    # -- the logout ---------------------------------------------------------------------------------------------------

    def recognises(self, hint: str) -> bool:
        """Whether an ID token is one of ours for our client, however old."""
        try:
            claims = jwt.decode(hint, self._key, algorithms=[self.provider.algorithm]).claims
        except JoseError:
            return False
        return claims.get("aud") == self.client.client_id

    def _sub(self, persona: Persona) -> str:
        return hashlib.sha256(f"{self.provider.id}/{persona.id}".encode()).hexdigest()[:32]

    def _sign(self, claims: dict[str, object], fault: Fault | None) -> str:
        key = _new_key(self.provider.algorithm) if _is(fault, "fi.bad_sig") else self._key
        header = {"alg": self.provider.algorithm, "kid": self._key.kid}
        return jwt.encode(header, claims, key, algorithms=[self.provider.algorithm])


def check_redirect(login: Login, redirect_uri: str) -> None:
    """RFC 6749 4.1.3: the address is the one of the authorization request."""
    if redirect_uri != login.asked.redirect_uri:
        raise Refused("invalid_grant", "redirect_uri is another than at the authorization request")


def check_verifier(login: Login, verifier: str | None) -> None:
    """RFC 7636 4.6: who redeems the code is who asked for it."""
    challenge = login.asked.challenge
    if challenge is not None and _base64(hashlib.sha256((verifier or "").encode()).digest()) != challenge:
        raise Refused("invalid_grant", "code_verifier does not fit code_challenge")


def read_asked(parameters: Mapping[str, str], client: Registered) -> Asked:
    """The request in an address's query. Raises NotTrusted, or Refused for what the client may be told."""
    redirect_uri = parameters.get("redirect_uri", "")
    if parameters.get("client_id") != client.client_id or redirect_uri not in client.redirect_uris:
        raise NotTrusted("client_id or redirect_uri is unknown here")
    if parameters.get("response_type") != "code":
        raise Refused("unsupported_response_type", "response_type must be code")
    if parameters.get("code_challenge") and parameters.get("code_challenge_method") != "S256":
        raise Refused("invalid_request", "code_challenge_method must be S256")
    scopes = tuple(parameters.get("scope", "").split())
    if "openid" not in scopes:
        raise Refused("invalid_scope", "scope must hold openid")
    return Asked(
        redirect_uri=redirect_uri,
        state=parameters.get("state", ""),
        nonce=parameters.get("nonce", ""),
        scopes=scopes,
        levels=tuple(parameters.get("acr_values", "").split()),
        challenge=parameters.get("code_challenge"),
    )


def _new_key(algorithm: str) -> ECKey | RSAKey:
    made: ECKey | RSAKey = ECKey.generate_key("P-256") if algorithm == "ES256" else RSAKey.generate_key(2048)
    made.ensure_kid()
    return made


def _is(fault: Fault | None, name: str) -> bool:
    return fault is not None and fault.name == name


def _without_sub(claims: dict[str, object], fault: Fault | None) -> dict[str, object]:
    return {name: value for name, value in claims.items() if name != "sub"} if _is(fault, "fi.no_sub") else claims


def _base64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
