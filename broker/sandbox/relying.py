"""A simulated service without its pages: asking for a login, and believing the answer only after every check.

Written on joserfc alone and not on our own `oidc`: this is what any service's library does, check by check. Sources:
OpenID Connect Core 3.1.2.1, 3.1.3.7 and 5.3.2, RFC 7636, RFC 9207, RP-Initiated Logout 2.
"""

import hashlib
import json
import secrets
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus, urlencode

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from broker.sandbox.believing import (
    Distrusted,
    check_answering_issuer,
    check_audience,
    check_bound,
    check_issuer,
    check_kind,
    check_level,
    check_lifetime,
    check_nonce,
    check_same_person,
    check_state,
)
from broker.sandbox.calling import Caller, CallFailed, Reply
from broker.sandbox.data.proofs import make_proof, new_key
from broker.sandbox.data.using import Delivery, Held
from broker.sandbox.parties import DemoService

_NEEDED = ("given_name", "given_name_array", "family_name", "birthdate")
"""What a service is told in the ID token where its access token is for a data provider alone."""


class Denied(Exception):
    """The broker answered with an OAuth error: `error` is its code."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error


@dataclass(frozen=True, slots=True)
class Wish:
    """What the service asks for. `data` are scopes of data providers; `resources` their addresses, where the token is to be
    for them alone, and bound to a key.
    """

    scopes: tuple[str, ...]
    level: str = "eidas1"
    prompt: str | None = None
    language: str = "fr"
    data: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pending:
    """What the browser's session remembers of a request."""

    state: str
    nonce: str
    level: str
    verifier: str = field(repr=False)
    scopes: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    key: ECKey | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is signed in: the checked claims, and the tokens as they came; `userinfo` is "" where the token does not open it.
    `deliveries` are what data providers said.
    """

    claims: Mapping[str, Any]
    acr: str
    id_token: str
    userinfo: str
    sid: str
    held: Held
    deliveries: tuple[Delivery, ...] = ()


class Relying:
    """One service at one OpenID provider (the broker)."""

    def __init__(self, service: DemoService, issuer: str, secret: str, redirect_uri: str, clock: Callable[[], int]) -> None:
        self.service = service
        self.issuer = issuer
        self._secret = secret
        self._redirect_uri = redirect_uri
        self._clock = clock
        self._caller = Caller(service.host)
        self._metadata: dict[str, Any] = {}
        self._keys: KeySet | None = None

    # -- asking -------------------------------------------------------------------------------------------------------

    def ask(self, wish: Wish) -> tuple[str, Pending]:
        """Where the browser goes, and what to remember. Raises Distrusted."""
        pending = Pending(
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            level=wish.level,
            verifier=secrets.token_urlsafe(48),
            scopes=(*wish.scopes, *wish.data),
            data=wish.data,
            key=new_key() if wish.resources else None,
        )
        asked = {
            "response_type": "code",
            "client_id": self.service.id,
            "redirect_uri": self._redirect_uri,
            "scope": " ".join(pending.scopes),
            "state": pending.state,
            "nonce": pending.nonce,
            "acr_values": wish.level,
            "ui_locales": wish.language,
            "code_challenge": _base64(hashlib.sha256(pending.verifier.encode()).digest()),
            "code_challenge_method": "S256",
            **({"prompt": wish.prompt} if wish.prompt else {}),
            **_bound(wish, pending.key),
        }
        return f"{self._endpoint('authorization_endpoint')}?{urlencode(asked, doseq=True)}", pending

    def farewell(self, signed_in: SignedIn, state: str, back: str) -> str:
        """Where the browser goes to end the broker's session, too. Raises Distrusted."""
        asked = {"id_token_hint": signed_in.id_token, "state": state, "post_logout_redirect_uri": back}
        return f"{self._endpoint('end_session_endpoint')}?{urlencode(asked)}"

    # -- the answer ---------------------------------------------------------------------------------------------------

    def hear(self, answer: Mapping[str, str], pending: Pending | None) -> SignedIn:
        """The person in the callback's parameters. Raises Denied or Distrusted."""
        check_state(answer.get("state", ""), pending.state if pending else "")
        assert pending is not None  # noqa: S101 - check_state has just said so
        check_answering_issuer(answer, self.issuer, self._know())
        if "error" in answer:
            raise Denied(answer["error"], answer.get("error_description", ""))
        tokens = _json(self._redeem(answer.get("code", ""), pending))
        id_token = self.verified(str(tokens.get("id_token")))
        self._check(id_token)
        check_nonce(id_token, pending.nonce)
        check_level(id_token, pending.level)
        held = _held(tokens, pending)
        signed = "" if held.key else self._userinfo(held.token)
        claims = self._told(signed, id_token) if signed else id_token
        return SignedIn(claims, id_token["acr"], str(tokens["id_token"]), signed, str(id_token.get("sid", "")), held)

    def _told(self, signed: str, id_token: Mapping[str, Any]) -> Mapping[str, Any]:
        claims = self.verified(signed)
        check_issuer(claims, self.issuer)
        check_audience(claims, self.service.id)
        check_same_person(claims, id_token)
        return claims

    def revoke(self, access_token: str) -> None:
        """RFC 7009 2.1: give a token back. Raises Distrusted."""
        self._authenticated("revocation_endpoint", {"token": access_token})

    def _check(self, id_token: Mapping[str, Any]) -> None:
        check_issuer(id_token, self.issuer)
        check_audience(id_token, self.service.id)
        check_lifetime(id_token, self._clock())

    def _redeem(self, code: str, pending: Pending) -> Reply:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "code_verifier": pending.verifier,
        }
        headers = {}
        if pending.key is not None:
            headers["DPoP"] = make_proof(pending.key, "POST", self._endpoint("token_endpoint"), self._clock())
        return self._authenticated("token_endpoint", form, headers)

    def _authenticated(self, endpoint: str, form: dict[str, str], headers: Mapping[str, str] | None = None) -> Reply:
        """A call to an address where the service says who it is."""
        headers = dict(headers or {})
        if self.service.authentication == "client_secret_basic":
            pair = f"{quote_plus(self.service.id)}:{quote_plus(self._secret)}"
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        else:
            form |= {"client_id": self.service.id, "client_secret": self._secret}
        return self._reply(lambda: self._caller.post(self._endpoint(endpoint), form, headers))

    def _userinfo(self, access_token: str) -> str:
        headers = {"Authorization": f"Bearer {access_token}"}
        reply = self._reply(lambda: self._caller.get(self._endpoint("userinfo_endpoint"), headers))
        return reply.body.decode("ascii", "replace")

    # -- what the broker publishes ------------------------------------------------------------------------------------

    def _know(self) -> dict[str, Any]:
        if not self._metadata:
            url = f"{self.issuer}/.well-known/openid-configuration"
            metadata = _json(self._reply(lambda: self._caller.get(url)))
            check_issuer({"iss": metadata.get("issuer")}, self.issuer)
            self._metadata = metadata
        return self._metadata

    def _endpoint(self, name: str) -> str:
        return str(self._know()[name])

    def verified(self, token: str, typ: str = "JWT") -> dict[str, Any]:
        """The claims of a JWT of the broker; keys that are new to us are fetched once more, since keys rotate.

        Raises Distrusted.
        """
        if self._keys is not None:
            try:
                return self._decoded(token, self._keys, typ)
            except JoseError:
                pass  # perhaps signed with a key that was published since
        self._keys = KeySet.import_key_set(_json(self._reply(lambda: self._caller.get(self._endpoint("jwks_uri")))))  # type: ignore[arg-type]  # a wrong one is refused there
        try:
            return self._decoded(token, self._keys, typ)
        except JoseError as wrong:
            raise Distrusted(f"signature of a token: {wrong}") from wrong

    def _decoded(self, token: str, keys: KeySet, typ: str) -> dict[str, Any]:
        read = jwt.decode(token, keys, algorithms=[self.service.algorithm])
        check_kind(read.header, typ)
        return read.claims

    def _reply(self, call: Callable[[], Reply]) -> Reply:
        try:
            reply = call()
        except CallFailed as failed:
            raise Distrusted(str(failed)) from failed
        if reply.status != 200:
            said = reply.body[:200].decode("utf-8", "replace")
            raise Distrusted(f"the broker answered with status {reply.status}: {said}")
        return reply


def _bound(wish: Wish, key: ECKey | None) -> dict[str, Any]:
    """RFC 8707 2.1 and RFC 9449 10: a token for these resources alone, bound to this key. It opens no userinfo, so what
    the service needs to know is asked for in the ID token (OpenID Connect Core 5.5).
    """
    if key is None:
        return {}
    claims = json.dumps({"id_token": dict.fromkeys(_NEEDED)})
    return {"resource": list(wish.resources), "dpop_jkt": key.thumbprint(), "claims": claims}


def _held(tokens: Mapping[str, Any], pending: Pending) -> Held:
    """The access token of an answer; RFC 6749 5.1: its `scope` is what was granted, if that is not what was asked for."""
    check_bound(tokens, pending.key)
    granted = str(tokens.get("scope", " ".join(pending.scopes))).split()
    return Held(str(tokens.get("access_token")), pending.data, frozenset(granted), pending.key)


def _json(reply: Reply) -> dict[str, Any]:
    try:
        members = json.loads(reply.body)
    except ValueError:
        members = None
    if not isinstance(members, dict):
        raise Distrusted("an answer of the broker is not a JSON object")
    return members


def _base64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
