"""French identity providers, which vouch through OpenID Connect: every provider is asked the same, only the level varies.

Whatever goes wrong is a `Problem` of the family FI: the citizen comes back to the choice page with its sentence, and the
service learns nothing of it.
"""

import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TypeVar

from broker.assurance import ACRS, Level
from broker.errors import Problem
from broker.fetch import FetchFailed
from broker.identity import FieldRefused, read_identity
from broker.journey import Ask, Proof
from broker.parties import Provider
from broker.ports import Departure, Fetch, Outage
from broker.providers.breaker import Breaker
from broker.providers.remote import Remote
from oidc import asking, client
from oidc.discovery import ProviderMetadata
from oidc.errors import BadAnswer, InsufficientLevel, ProviderRefused
from oidc.messages import Params
from oidc.opening import Opening
from oidc.tokens import Signer

T = TypeVar("T")
_MOMENT = 0.5  # seconds that a page may wait for what a provider says of itself

# RFC 8176, and the values that FranceConnect's providers use. None of them names a provider or Europe.
KNOWN_AMR = frozenset("eye face fpt geo hwk iris kba mail mca mfa otp pin pop pwd rba sc sms swk tel user vbm wia".split())


class OidcProvider:
    """The provider port for OpenID Connect, for one provider."""

    def __init__(
        self,
        provider: Provider,
        callback: str,
        scope: str,
        fetch: Fetch,
        clock: Callable[[], int],
        allow_http: bool,
        signer: Signer | None = None,
        opening: Opening | None = None,
    ) -> None:
        self._provider = provider
        self._scope = scope
        self._breaker = Breaker(clock)
        self._clock = clock
        self._remote = Remote(provider.issuer, provider.static, provider.private_addresses, fetch, clock, allow_http)
        self._registration = registration_at(provider, callback, signer, opening)

    # -- the port -----------------------------------------------------------------------------------------------------

    def depart(self, ask: Ask) -> Departure:
        """Where the citizen goes to prove who he is. Raises Problem FI-202 when the provider cannot be
        reached, FI-210 when it is not tried.
        """
        pending = asking.Pending(
            state=ask.state,
            nonce=secrets.token_urlsafe(32),
            code_verifier=secrets.token_urlsafe(48),
            acr_values=(ask.level.acr,),
        )
        self._breaker.admit()
        location = self._guarded(lambda: self._location(pending))
        note = {"nonce": pending.nonce, "code_verifier": pending.code_verifier, "acr": ask.level.acr}
        return Departure(location, note)

    def hear(self, answer: Params, state: str, note: Mapping[str, str]) -> Proof:
        """The proof in a provider's answer, every check made. Raises Problem FI-201 to FI-208, FI-210."""
        pending = asking.Pending(state, note["nonce"], note["code_verifier"], (note["acr"],))
        return self._guarded(lambda: self._prove(answer, pending), whole=True)

    @property
    def outage(self) -> Outage | None:
        """Since when it does not work, as far as this process knows."""
        return self._breaker.outage

    def destinations(self) -> tuple[str, ...]:
        """The issuer, and the endpoints that browsers visit as far as the metadata can be had without waiting."""
        metadata = self._remote.metadata_soon(_MOMENT)
        if metadata is None:
            return (self._provider.issuer,)
        return (self._provider.issuer, metadata.authorization_endpoint, metadata.end_session_endpoint or "")

    def farewell(self, hint: str, callback: str, state: str) -> str | None:
        """Where the citizen ends the provider's own session; None when the provider offers nothing of the kind."""
        if not self._provider.logout:
            return None
        metadata = self._remote.metadata_soon(_MOMENT)
        if metadata is None or metadata.end_session_endpoint is None:
            return None  # a provider that is down must not keep the citizen from logging out here
        return asking.end_session_url(metadata, hint, callback, state)

    def _location(self, pending: asking.Pending) -> str:
        """The address with the request, or with the name of one that was handed over beforehand."""
        metadata, registration = self._remote.metadata(), self._registration
        endpoint = pushed_endpoint(metadata, self._provider.pushed)
        if endpoint is None:
            return asking.authorization_url(metadata, registration, pending, self._scope, "login")
        request = asking.pushed_request(endpoint, metadata, registration, pending, self._scope, "login", self._moment())
        return asking.pushed_url(metadata, registration, client.read_pushed(self._remote.ask(request)))

    # -- the exchange -------------------------------------------------------------------------------------------------

    def _prove(self, answer: Params, pending: asking.Pending) -> Proof:
        metadata, registration, now = self._remote.metadata(), self._registration, self._clock()
        code = client.read_callback(answer, pending.state, metadata.issuer, metadata.iss_in_answer)
        request = asking.token_request(metadata, registration, pending, code, self._moment())
        tokens = client.read_token_answer(self._remote.ask(request))
        id_token = self._remote.with_keys(
            lambda keys: client.read_id_token(
                tokens.id_token, keys, metadata, registration, pending, tokens.access_token, now
            )
        )
        level = self._level(id_token.acr)
        info = self._remote.ask(asking.userinfo_request(metadata, tokens.access_token))
        claims = self._remote.with_keys(lambda keys: client.read_userinfo(info, id_token.sub, keys, metadata, registration))
        identity = read_identity(claims, datetime.fromtimestamp(now, UTC).date())
        amr = tuple(value for value in id_token.amr if value in KNOWN_AMR)
        return Proof(identity, level, self._provider.id, id_token.auth_time or now, amr, id_token.signed)

    def _moment(self) -> asking.Moment:
        return asking.Moment(self._clock(), secrets.token_urlsafe(24))

    def _level(self, acr: str) -> Level:
        level = Level.of_acr(acr)
        check_level_allowed(level, self._provider.levels)
        return level

    def _guarded(self, act: Callable[[], T], whole: bool = False) -> T:
        """Run `act` under the breaker's eyes, and say in the catalogue's words what a provider did wrong."""
        try:
            with self._breaker.watching(whole=whole):
                return act()
        except ProviderRefused as refusal:
            raise Problem(_refusal_code(refusal), f"the provider answered {refusal.error}") from refusal
        except FetchFailed as failure:
            raise Problem("FI-202", f"no answer: {failure.kind}") from failure
        except InsufficientLevel as low:
            words = {"level_got": _word(low.got), "level_asked": _word(low.asked)}
            raise Problem("FI-204", f"got {low.got!r}, asked {low.asked!r}", **words) from low
        except FieldRefused as refused:
            code = "FI-205" if refused.missing else "FI-208"
            raise Problem(code, str(refused), field=refused.field) from refused
        except BadAnswer as bad:
            raise Problem("FI-203", bad.detail) from bad


def registration_at(
    provider: Provider, callback: str, signer: Signer | None, opening: Opening | None
) -> asking.Registration:
    """What we are at a provider, as its file says."""
    return asking.Registration(
        client_id=provider.client_id,
        client_secret=provider.client_secret,
        authentication=provider.authentication,
        redirect_uri=callback,
        algorithms=provider.algorithms,
        levels=ACRS,
        signer=signer,
        assertion_audience=provider.assertion_audience,
        encrypted=provider.encrypted,
        opening=opening,
        userinfo_signed=provider.userinfo_signed,
        audiences=provider.audiences,
    )


def pushed_endpoint(metadata: ProviderMetadata, wanted: str) -> str | None:
    """Where the request is handed over, None when it goes with the browser. Raises BadAnswer."""
    offered = metadata.pushed_authorization_request_endpoint
    check_pushed_offered(offered, wanted == "required" or metadata.pushed_required)
    return offered if wanted != "never" or metadata.pushed_required else None


def check_pushed_offered(endpoint: str | None, required: bool) -> None:
    """RFC 9126 6: what must be handed over beforehand never goes with the browser because an address is missing."""
    if required and endpoint is None:
        raise BadAnswer("requests must be pushed, but the provider's metadata have no address for it")


def check_level_allowed(level: Level, levels: frozenset[Level]) -> None:
    """FranceConnect 1.4 rule 4: a provider never vouches at a level it is not approved for, even a higher one."""
    if level not in levels:
        raise BadAnswer(f"acr {level.acr} is not one of this provider's levels")


def _refusal_code(refusal: ProviderRefused) -> str:
    return "FI-202" if refusal.error in ("temporarily_unavailable", "server_error") else "FI-201"


def _word(acr: str) -> str:
    return Level.of_acr(acr).word if acr in ACRS else acr[:16]
