"""French services, which rely on us through OpenID Connect: from request to demand, from release to code and tokens.

The key is handed on: the code opens the sealed row that the citizen's confirmation wrote, the access token opens the one
that the code was changed into. Both belong to one *grant*, derived from the code: the only clear trace, and while its row
stands the token counts. So the replay of a code, revocation and logout each end everything by deleting one row.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from broker.assurance import lowest_acceptable
from broker.errors import Problem
from broker.identity import Person
from broker.journey import Demand, Manner, Passage, Ready, Release
from broker.parties import DataProvider, Parties, Service
from broker.ports import Answer
from broker.reference import new_reference
from broker.relying import claimed
from broker.relying.encrypting import envelope
from broker.relying.keys import KeySource
from broker.subject import subject
from broker.vault import Change, Drawer, Vault
from certs.keyring import Keyring
from oidc.errors import BadAnswer, OAuthError
from oidc.messages import AuthorizationRequest
from oidc.provider import FORM_POST, in_query, refusal, success
from oidc.token_endpoint import (
    CodeBinding,
    TokenRequest,
    check_code_client,
    check_code_redirect,
    check_code_verifier,
)
from oidc.tokens import KeySet, left_hash, sign_jwt, verify_jwt

CODE_LIFE = 30
TOKEN_LIFE = 60
OWN_ALGORITHMS = ("ES256", "RS256", "PS256")
"""What we sign tokens with; the first two always, as FranceConnect does, the last one where there is a key for it."""


@dataclass(frozen=True, slots=True)
class Code:
    """What an authorization code stands for until it is changed into tokens.

    `release` has the claims of the userinfo, `told` those of the ID token.
    """

    client_id: str
    service: str
    binding: CodeBinding
    nonce: str
    scope: str
    release: Release
    grant: bytes
    reference: str
    acr: str
    told: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Token:
    """What an access token opens."""

    client_id: str
    service: str
    release: Release
    grant: bytes
    reference: str


CODES: Drawer[Code] = Drawer("code", Code)
TOKENS: Drawer[Token] = Drawer("token", Token)


def demand_of(request: AuthorizationRequest, service: Service, data: Mapping[str, DataProvider]) -> Demand:
    """The demand that a checked authorization request makes; `data` are the data providers by the scopes they deliver."""
    asked = claimed.noted(request, service)
    claims = claimed.claims_asked(asked)
    anonymous = request.scopes == ("openid",) and not claims
    manner = Manner.ANONYMOUS if anonymous else Manner.INFORM if service.public else Manner.CONSENT
    return Demand(
        service=service.id,
        claims=claims,
        level=lowest_acceptable(request.acr_values, service.minimum),
        manner=manner,
        note={
            "client_id": request.client_id,
            "redirect_uri": request.redirect_uri,
            "state": request.state,
            "nonce": request.nonce,
            "scope": " ".join(request.scopes),
            "code_challenge": request.code_challenge or "",
            "response_mode": request.response_mode,
            **asked,
        },
        reference=new_reference(),
        hint=None if "select_account" in request.prompt else request.idp_hint,
        fresh="login" in request.prompt or request.max_age == 0,
        silent="none" in request.prompt,
        max_age=request.max_age,
        data=data_asked(request, service, data),
    )


def data_asked(request: AuthorizationRequest, service: Service, data: Mapping[str, DataProvider]) -> dict[str, bool]:
    """The scopes of data providers that are asked for, in the registry's order, and whether the service needs them.

    RFC 8707 2: where the request names resources, it asks for what they deliver and for nothing else.
    """
    named = request.resources
    scopes = [scope for scope, one in data.items() if scope in request.scopes and (not named or one.resource in named)]
    return {scope: service.data[scope].required for scope in scopes if scope in service.data}


def _passage(demand: Demand, fields: Mapping[str, str]) -> Passage:
    """How an answer gets to the service: in its address, or in a form (`response_mode`)."""
    address = demand.note["redirect_uri"]
    if demand.note.get("response_mode") == FORM_POST:
        return Passage(address, fields)
    return Passage(in_query(address, fields))


def grant_of(code: bytes) -> bytes:
    """The id of the grant that a code opens: whoever holds the code can name it, the store alone cannot."""
    return hmac.digest(code, b"grant", hashlib.sha256)


class OidcRelying:
    """The relying port for OpenID Connect: answers demands, changes codes into tokens, opens tokens."""

    def __init__(
        self,
        issuer: str,
        help_url: str,
        parties: Parties,
        sub_keys: Mapping[int, bytes],
        keyring: Keyring,
        keys: Mapping[str, KeySource],
        clock: Callable[[], int],
    ) -> None:
        self.issuer = issuer
        self._help_url = help_url
        self._parties = parties
        self._sub_keys = sub_keys
        self._keyring = keyring
        self._keys = keys
        self._clock = clock

    # -- answering a demand -------------------------------------------------------------------------------------------

    def grant(self, change: Change, ready: Ready, sid: str) -> Answer:
        """Write the code of a release inside the running transaction; the answer sends the citizen back with it.

        Only a service that is told of logouts needs a name for the session (`sid`).
        """
        demand, now = ready.demand, self._clock()
        service = self._parties.services[demand.service]
        code = secrets.token_urlsafe(32)
        grant = grant_of(code.encode())
        note = demand.note
        binding = CodeBinding(note["client_id"], note["redirect_uri"], note["code_challenge"] or None)
        whole = ready.release(lambda identity: self.name(identity, service))
        claimed.check_wanted_person(note, whole.sub)
        kept = Code(
            client_id=note["client_id"],
            service=service.id,
            binding=binding,
            nonce=note["nonce"],
            scope=note["scope"],
            release=replace(whole, claims=claimed.at_place(note, claimed.USERINFO, whole.claims)),
            grant=grant,
            reference=demand.reference,
            acr=claimed.acr_for(note, whole.level),
            told={**claimed.at_place(note, claimed.ID_TOKEN, whole.claims), **({"sid": sid} if service.tell_at else {})},
        )
        change.put(CODES, code.encode(), kept, now + CODE_LIFE)
        counts = now + CODE_LIFE + TOKEN_LIFE
        change.open_grant(grant, counts)
        passage = _passage(demand, success(note["state"], code, self.issuer))
        return Answer(passage, now + CODE_LIFE, grant, counts)

    def name(self, person: Person, service: Service) -> str:
        """The pairwise `sub` of a person for a service."""
        key = self._sub_keys[service.sub_generation]
        return subject(person, service.sector, key, service.sub_generation)

    def refuse(self, demand: Demand, problem: Problem) -> Passage:
        """The address that brings the citizen back to the service with the protocol's error for this problem."""
        error = claimed.error_for(demand.note, problem)
        fields = refusal(
            demand.note["state"],
            self.issuer,
            error=error,
            description=f"authentication could not be completed [{demand.reference}]",
            error_uri=self.help_url(problem.code, demand.reference),
        )
        return _passage(demand, fields)

    def asker(self, demand: Demand) -> Service:
        """The service that asks. Raises Problem SRV-401 when it has gone."""
        try:
            return self._parties.services[demand.service]
        except KeyError:
            raise Problem("SRV-401", "the service is no longer configured") from None

    def check_tellable(self, person: Person) -> None:
        """Of everybody there is something to say: what a person lacks is left out."""

    def check_wanted(self, demand: Demand, person: Person) -> None:
        """Whether the service wants this person. Raises Problem USR-105 when it asked about another one."""
        claimed.check_wanted_person(demand.note, self.name(person, self.asker(demand)))

    def hears_of(self, demand: Demand, code: str) -> bool:
        """The service hears that its own condition was not met: the person that it wanted, the level that it needed."""
        return claimed.is_condition(demand.note, code)

    def sent(self, demand: Demand, person: Person) -> tuple[str, ...]:
        """The claims of a demand that would be sent, if the person has them: all but those wanted with another value."""
        values = {claim: person.claim(claim) for claim in demand.claims if claim != claimed.TECHNICAL}
        said = [claimed.at_place(demand.note, place, values) for place in (claimed.USERINFO, claimed.ID_TOKEN)]
        return tuple(claim for claim in values if values[claim] is None or any(claim in place for place in said))

    def help_url(self, code: str, reference: str) -> str:
        """Where a developer reads what a code means."""
        return f"{self._help_url}?ref={reference}#{code}"

    # -- changing a code into tokens ----------------------------------------------------------------------------------

    def redeem(self, vault: Vault, request: TokenRequest, service: Service) -> tuple[Mapping[str, object], str]:
        """Change a code into tokens, once. Returns the token answer and the reference of the login.

        Raises OAuthError invalid_grant, or temporarily_unavailable: the code is good for another attempt then. A code that
        is not there (any more) ends what it may have given before.
        """
        around = envelope(service, self._keys, self.issuer)
        secret = request.code.encode()
        access_token = secrets.token_urlsafe(32)
        check_grant(vault, grant_of(secret))
        with vault.change() as change:
            code = change.take(CODES, secret)
            if code is not None:
                check_code_client(code.binding, request)
                check_code_redirect(code.binding, request)
                check_code_verifier(code.binding, request)
                token = Token(code.client_id, code.service, code.release, code.grant, code.reference)
                change.put(TOKENS, access_token.encode(), token, self._clock() + TOKEN_LIFE)
        if code is None:
            self._end_grant(vault, secret)
            raise OAuthError("invalid_grant", "code is unknown, expired or was used before")
        id_token = around.around(self._id_token(code, access_token, service))
        return self._token_answer(code, access_token, id_token), code.reference

    def _end_grant(self, vault: Vault, code: bytes) -> None:
        with vault.change() as change:
            change.close_grant(grant_of(code))

    def _token_answer(self, code: Code, access_token: str, id_token: str) -> Mapping[str, object]:
        return {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": TOKEN_LIFE,
            "scope": code.scope,
            "id_token": id_token,
        }

    def _id_token(self, code: Code, access_token: str, service: Service) -> str:
        now = self._clock()
        signer = self._keyring.signing(service.algorithm)
        claims = {
            "iss": self.issuer,
            "sub": code.release.sub,
            "aud": code.client_id,
            "exp": now + TOKEN_LIFE,
            "iat": now,
            "auth_time": code.release.at,
            "nonce": code.nonce,
            "acr": code.acr,
            "at_hash": left_hash(access_token, signer.algorithm),
        }
        return sign_jwt({**code.told, **claims}, signer)

    # -- opening a token ----------------------------------------------------------------------------------------------

    def userinfo(self, vault: Vault, access_token: str) -> tuple[str, str]:
        """The userinfo of an access token as a signed JWT, encrypted where the service wants it, and the login's reference.

        Raises OAuthError invalid_token when the token is unknown or expired, or its grant has ended; or
        temporarily_unavailable.
        """
        held = vault.find(TOKENS, access_token.encode())
        if held is None or not vault.store.grant_stands(held.value.grant):
            raise OAuthError("invalid_token", "access token is unknown, expired or revoked", 401)
        token, now = held.value, self._clock()
        service = self._parties.services.get(token.service)
        if service is None:
            raise OAuthError("invalid_token", "the service is no longer configured", 401)
        answer = {
            **token.release.claims,
            "sub": token.release.sub,
            "iss": self.issuer,
            "aud": token.client_id,
            "iat": now,
            "exp": now + TOKEN_LIFE,
        }
        signed = sign_jwt(answer, self._keyring.signing(service.algorithm))
        return envelope(service, self._keys, self.issuer).around(signed), token.reference

    def revoke(self, vault: Vault, access_token: str, service: Service) -> str | None:
        """End the login behind a token, if it is this service's; returns its reference then (RFC 7009 2.1).

        Whatever the token is, the work is the same: one row is looked for, one grant is closed. Of what is not the
        service's own that is a grant which nobody has.
        """
        secret = access_token.encode()
        held, nobodys = vault.find(TOKENS, secret), hmac.digest(secret, b"nobody's", hashlib.sha256)
        own = held.value if held is not None and held.value.client_id == service.client_id else None
        with vault.change() as change:
            ended = change.close_grant(own.grant if own else nobodys)
        return own.reference if own and ended else None


def own_token(keys: KeySet, token: str) -> Mapping[str, Any] | None:
    """The claims of a token that one of our keys signed, however old it is; None for any other."""
    try:
        return verify_jwt(token, keys, OWN_ALGORITHMS)
    except BadAnswer:
        return None


def check_grant(vault: Vault, grant: bytes) -> None:
    """A code counts while its grant stands: not after a logout, a replay, or its time (RFC 6749 4.1.2)."""
    if not vault.store.grant_stands(grant):
        raise OAuthError("invalid_grant", "code is unknown, expired, was used before, or its login has ended")
