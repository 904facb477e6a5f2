"""How a simulated data provider asks the broker what a token is worth (RFC 7662), by its keys or by a secret.

By keys: it signs who it is (RFC 7523), and is answered in a JWT that is signed and then encrypted for it (RFC 9701), as
FranceConnect's checktoken does. By a secret: it asks for plain JSON.
"""

import json
import secrets
from abc import ABC, abstractmethod
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote_plus

from joserfc import jwe, jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from broker.sandbox.calling import Caller, CallFailed, Reply

ALGORITHM = "ES256"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
TYPE = "token-introspection+jwt"
FRESH = 60
_REGISTRY = jwe.JWERegistry(algorithms=["ECDH-ES", "A256GCM"], strict_check_header=False)  # iss and aud: RFC 7519 5.3


class CheckFailed(Exception):
    """The broker could not be asked, or its answer must not be believed. `after` is when to try again, in seconds."""

    def __init__(self, why: str, after: int = 5) -> None:
        super().__init__(why)
        self.after = after


class Checker(ABC):
    """One data provider at the broker's checktoken. `client_id` is what it is there."""

    def __init__(self, client_id: str, issuer: str, caller: Caller) -> None:
        self.client_id = client_id
        self.issuer = issuer
        self._caller = caller
        self._metadata: dict[str, Any] = {}

    def check(self, token: str) -> Mapping[str, Any]:
        """What the broker says of a token: `active`, and more if it is. Raises CheckFailed."""
        endpoint = str(self._known()["introspection_endpoint"])
        form, headers = self._credentials()
        try:
            reply = self._caller.post(endpoint, {"token": token, **form}, headers)
        except CallFailed as failed:
            raise CheckFailed(str(failed)) from failed
        check_answered(reply)
        return self._read(reply)

    def jwks(self) -> dict[str, list[dict[str, Any]]]:
        """Its public keys."""
        return {"keys": []}

    def opened(self, _sealed: str) -> str | None:
        """What is in a JWE that was made for it; None for any other."""
        return None

    @abstractmethod
    def _credentials(self) -> tuple[dict[str, str], dict[str, str]]:
        """The fields and the headers that say who asks."""

    @abstractmethod
    def _read(self, reply: Reply) -> Mapping[str, Any]:
        """What the broker's answer says. Raises CheckFailed."""

    def _known(self) -> dict[str, Any]:
        if not self._metadata:
            self._metadata = _json(self._fetched(f"{self.issuer}/.well-known/openid-configuration"))
        return self._metadata

    def _fetched(self, url: str) -> bytes:
        try:
            return self._caller.get(url).body
        except CallFailed as failed:
            raise CheckFailed(str(failed)) from failed


class SecretChecker(Checker):
    """One that has a secret, and is answered in JSON. `resource` is the address of what it delivers."""

    def __init__(self, client_id: str, issuer: str, caller: Caller, secret: str, resource: str) -> None:
        super().__init__(client_id, issuer, caller)
        self._secret = secret
        self._resource = resource

    def _credentials(self) -> tuple[dict[str, str], dict[str, str]]:
        """RFC 6749 2.3.1."""
        pair = f"{quote_plus(self.client_id)}:{quote_plus(self._secret)}".encode()
        return {}, {"Authorization": f"Basic {b64encode(pair).decode()}", "Accept": "application/json"}

    def _read(self, reply: Reply) -> Mapping[str, Any]:
        answer = _json(reply.body)
        if answer.get("active") is True:
            check_parties(answer, self.issuer, self._resource)
        return answer


class KeyedChecker(Checker):
    """One that has two keys, to sign and to be encrypted for, and is answered in a JWT."""

    def __init__(self, client_id: str, issuer: str, caller: Caller, clock: Callable[[], int]) -> None:
        super().__init__(client_id, issuer, caller)
        self._clock = clock
        self._signing, self._decrypting = (ECKey.generate_key("P-256", auto_kid=True) for _ in range(2))
        self._keys: KeySet | None = None

    def jwks(self) -> dict[str, list[dict[str, Any]]]:
        """RFC 7517 5: each key says what it is for."""
        signing = {**self._signing.as_dict(private=False), "use": "sig", "alg": ALGORITHM}
        encryption = {**self._decrypting.as_dict(private=False), "use": "enc", "alg": "ECDH-ES"}
        return {"keys": [signing, encryption]}

    def opened(self, _sealed: str) -> str | None:
        """RFC 7516 5.2."""
        try:
            found = jwe.decrypt_compact(_sealed, self._decrypting, registry=_REGISTRY).plaintext
        except (JoseError, ValueError):
            return None
        return found.decode("ascii", "replace") if found else None

    def _credentials(self) -> tuple[dict[str, str], dict[str, str]]:
        """RFC 7523 3: heard once, for a minute, by nobody but the broker."""
        now = self._clock()
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.issuer,
            "jti": secrets.token_urlsafe(16),
            "iat": now,
            "exp": now + 60,
        }
        header = {"alg": ALGORITHM, "kid": self._signing.kid}
        assertion = jwt.encode(header, claims, self._signing, algorithms=[ALGORITHM])
        return {"client_assertion_type": ASSERTION, "client_assertion": assertion}, {}

    def _read(self, reply: Reply) -> Mapping[str, Any]:
        signed = self.opened(reply.body.decode("ascii", "replace").strip())
        if signed is None:
            raise CheckFailed("the answer is not encrypted for us")
        claims = self._verified(signed)
        check_parties(claims, self.issuer, self.client_id)
        check_fresh(claims, self._clock())
        answer = claims.get("token_introspection")
        return answer if isinstance(answer, dict) else {}

    def _verified(self, signed: str) -> dict[str, Any]:
        """Keys that are new to us are fetched once more, since keys rotate."""
        for keys in (self._keys, None):
            self._keys = keys or KeySet.import_key_set(json.loads(self._fetched(str(self._known()["jwks_uri"]))))
            try:
                check_kind(jws.extract_compact(signed.encode()).headers())
                return jwt.decode(signed, self._keys, algorithms=[ALGORITHM]).claims
            except JoseError as wrong:
                why = wrong
        raise CheckFailed(f"the signature of the answer: {why}") from why


def check_answered(reply: Reply) -> None:
    """RFC 7662 2.3: whoever is not believed gets no answer, and nobody may take that for `active`."""
    if reply.status != 200:
        raise CheckFailed(f"the broker answered with status {reply.status}")


def check_kind(header: Mapping[str, object]) -> None:
    """RFC 9701 8.1: another token that the broker has signed is no such answer."""
    if header.get("typ") != TYPE:
        raise CheckFailed(f"typ of the answer is not {TYPE}")


def check_parties(claims: Mapping[str, Any], issuer: str, audience: str) -> None:
    """RFC 9701 5: it is the broker's, and made for us."""
    if claims.get("iss") != issuer or audience not in (claims.get("aud"), *_several(claims.get("aud"))):
        raise CheckFailed("the answer is another's, or meant for somebody else (iss, aud)")


def check_fresh(claims: Mapping[str, Any], now: int) -> None:
    """RFC 9701 8.2: an answer that was kept from before a withdrawal is worth nothing."""
    made = claims.get("iat")
    if not isinstance(made, int) or not now - FRESH <= made <= now + FRESH:
        raise CheckFailed("the answer is an old one (iat)")


def _several(audience: object) -> tuple[object, ...]:
    return tuple(audience) if isinstance(audience, list) else ()


def _json(body: bytes) -> dict[str, Any]:
    try:
        members = json.loads(body)
    except ValueError:
        members = None
    if not isinstance(members, dict):
        raise CheckFailed("an answer of the broker is no JSON object")
    return members
