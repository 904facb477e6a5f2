"""French services, which rely on us through OpenID Connect: from their request to a demand, from a release to a code.

What codes and tokens stand for is in `tokens`, what data providers may be told in `data`. What services do with a code is
in `redeeming`, with a token in `opening`.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from broker.assurance import lowest_acceptable
from broker.claims import SCOPES
from broker.errors import Problem
from broker.identity import Person
from broker.journey import Demand, Manner, Passage, Ready
from broker.parties import DataProvider, Parties, Service
from broker.ports import Answer
from broker.reference import new_reference
from broker.relying import claimed
from broker.relying.data import releases
from broker.relying.tokens import CODE_LIFE, CODES, Code, grant_of, longest_life
from broker.subject import subject
from broker.vault import Change
from oidc.answering import FORM_POST, in_query, refusal, success
from oidc.errors import BadAnswer
from oidc.messages import AuthorizationRequest
from oidc.token_endpoint import CodeBinding
from oidc.tokens import KeySet, verify_jwt

OWN_ALGORITHMS = ("ES256", "RS256", "PS256")
"""What we sign tokens with; the first two always, as FranceConnect does, the last one where there is a key for it."""


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
            "resources": " ".join(request.resources),
            "dpop_jkt": request.dpop_jkt,
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


def _binding(note: Mapping[str, str]) -> CodeBinding:
    """What a code is bound to, from the note of the demand that it answers."""
    challenge, resources = note["code_challenge"] or None, tuple(note["resources"].split())
    return CodeBinding(note["client_id"], note["redirect_uri"], challenge, note["dpop_jkt"], resources)


def _passage(demand: Demand, fields: Mapping[str, str]) -> Passage:
    """How an answer gets to the service: in its address, or in a form (`response_mode`)."""
    address = demand.note["redirect_uri"]
    if demand.note["response_mode"] == FORM_POST:
        return Passage(address, fields)
    return Passage(in_query(address, fields))


class OidcRelying:
    """The relying port for OpenID Connect: answers demands."""

    def __init__(
        self,
        issuer: str,
        help_url: str,
        parties: Parties,
        sub_keys: Mapping[int, bytes],
        clock: Callable[[], int],
    ) -> None:
        self.issuer = issuer
        self._help_url = help_url
        self._parties = parties
        self._sub_keys = sub_keys
        self._clock = clock

    def grant(self, change: Change, ready: Ready, sid: str) -> Answer:
        """Write the code of a release inside the running transaction; the answer sends the citizen back with it.

        Only a service that is told of logouts needs a name for the session (`sid`).
        """
        demand, now = ready.demand, self._clock()
        service = self._parties.services[demand.service]
        code = secrets.token_urlsafe(32)
        grant = grant_of(code.encode())
        note = demand.note
        delivered = releases(self._parties, ready, self._sub_keys)
        whole = ready.release(lambda identity: self.name(identity, service))
        claimed.check_wanted_person(note, lambda: whole.sub)
        userinfo, id_token = claimed.by_place(note, whole.claims)
        kept = Code(
            client_id=note["client_id"],
            service=service.id,
            binding=_binding(note),
            nonce=note["nonce"],
            scope=" ".join(scope for scope in note["scope"].split() if scope in SCOPES or scope in ready.data),
            release=replace(whole, claims=userinfo),
            grant=grant,
            reference=demand.reference,
            acr=claimed.acr_for(note, whole.level),
            told={**id_token, **({"sid": sid} if service.tell_at else {})},
            data=delivered,
        )
        change.put(CODES, code.encode(), kept, now + CODE_LIFE)
        counts = now + CODE_LIFE + longest_life(delivered)
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
        claimed.check_wanted_person(demand.note, lambda: self.name(person, self.asker(demand)))

    def hears_of(self, demand: Demand, code: str) -> bool:
        """The service hears that its own condition was not met: the person that it wanted, the level that it needed."""
        return claimed.is_condition(demand.note, code)

    def sent(self, demand: Demand, person: Person) -> tuple[str, ...]:
        """The claims of a demand that would be sent, if the person has them: all but those wanted with another value."""
        values = {claim: person.claim(claim) for claim in demand.claims if claim != claimed.TECHNICAL}
        said = claimed.by_place(demand.note, values)
        return tuple(claim for claim in values if values[claim] is None or any(claim in place for place in said))

    def help_url(self, code: str, reference: str) -> str:
        """Where a developer reads what a code means."""
        return f"{self._help_url}?ref={reference}#{code}"


def own_token(keys: KeySet, token: str) -> Mapping[str, Any] | None:
    """The claims of a token that one of our keys signed, however old it is; None for any other."""
    try:
        return verify_jwt(token, keys, OWN_ALGORITHMS)
    except BadAnswer:
        return None
