"""The operator's own OpenID Connect provider, which says who may work at the console, and as what.

It is no provider of citizens: it vouches for nobody at a service, and what it says goes no further than the console.
"""

import secrets
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from broker.console import ConsoleRefused, Departed, Person, check_name
from broker.errors import Problem
from broker.fetch import FetchFailed
from broker.parties import ConsoleProvider
from broker.ports import Fetch
from broker.providers.remote import Remote
from oidc import asking, client
from oidc.errors import BadAnswer, ProviderRefused
from oidc.messages import Params


class ConsolePort:
    """One provider, for sign-ins at the console."""

    def __init__(
        self, provider: ConsoleProvider, callback: str, fetch: Fetch, clock: Callable[[], int], allow_http: bool
    ) -> None:
        self._provider = provider
        self._clock = clock
        self._remote = Remote(provider.issuer, None, provider.private_addresses, fetch, clock, allow_http)
        self._registration = asking.Registration(
            client_id=provider.client_id,
            client_secret=provider.client_secret,
            authentication=provider.authentication,
            redirect_uri=callback,
            algorithms=provider.algorithms,
            levels=(),
        )

    @property
    def host(self) -> str:
        """What people know it by."""
        return urlsplit(self._provider.issuer).hostname or ""

    def depart(self, state: str) -> tuple[str, Departed]:
        """Where the browser goes, and what must be remembered until it comes back. Raises ConsoleRefused."""
        departed = Departed(secrets.token_urlsafe(32), secrets.token_urlsafe(48))
        pending = asking.Pending(state, departed.nonce, departed.code_verifier, ())
        metadata = self._guarded(self._remote.metadata)
        return asking.authorization_url(metadata, self._registration, pending, self._provider.scope, ""), departed

    def hear(self, answer: Params, state: str, departed: Departed) -> Person:
        """Who it is, after every check. Raises ConsoleRefused."""
        pending = asking.Pending(state, departed.nonce, departed.code_verifier, ())
        return person_of(self._guarded(lambda: self._claims(answer, pending)), self._provider)

    def _claims(self, answer: Params, pending: asking.Pending) -> Mapping[str, Any]:
        """The claims of the ID token; what it lacks of name and groups, from userinfo."""
        remote, registration, now = self._remote, self._registration, self._clock()
        metadata = remote.metadata()
        code = client.read_callback(answer, pending.state, metadata.issuer, metadata.iss_in_answer)
        moment = asking.Moment(now, secrets.token_urlsafe(24))
        tokens = client.read_token_answer(remote.ask(asking.token_request(metadata, registration, pending, code, moment)))
        claims = remote.with_keys(
            lambda keys: client.read_identity(
                tokens.id_token, keys, metadata, registration, pending, tokens.access_token, now
            )
        )
        if {self._provider.claim, self._provider.name_claim} <= claims.keys():
            return claims
        info = remote.ask(asking.userinfo_request(metadata, tokens.access_token))
        more = remote.with_keys(lambda keys: client.read_userinfo(info, claims["sub"], keys, metadata, registration))
        return {**more, **claims}

    def _guarded(self, act: Callable[[], Any]) -> Any:
        """Run `act`; whatever the provider did wrong is one refusal, with the reason for the log."""
        try:
            return act()
        except ProviderRefused as refusal:
            raise ConsoleRefused("provider", f"the provider answered {refusal.error}") from refusal
        except FetchFailed as failure:
            raise ConsoleRefused("provider", f"no answer of the provider: {failure.kind}") from failure
        except BadAnswer as bad:
            raise ConsoleRefused("provider", bad.detail) from bad
        except Problem as problem:
            raise ConsoleRefused("provider", problem.detail) from problem


def person_of(claims: Mapping[str, Any], provider: ConsoleProvider) -> Person:
    """Who it is by name, and the role that the groups give: that of the operator where they give both."""
    groups = _texts(claims.get(provider.claim))
    check_groups(groups, provider)
    name = claims.get(provider.name_claim)
    shown = " ".join(name.split()) if isinstance(name, str) else ""
    check_named(shown, provider.name_claim)
    check_name(shown)
    return Person(shown, "operator" if groups & provider.operators else "auditor")


def check_groups(groups: frozenset[str], provider: ConsoleProvider) -> None:
    """Who is in no group that the configuration names has no role here, whoever he is."""
    if not groups & (provider.operators | provider.auditors):
        wanted = ", ".join(sorted(provider.operators | provider.auditors))
        raise ConsoleRefused("groups", f'the claim "{provider.claim}" must have one of: {wanted}')


def check_named(name: str, claim: str) -> None:
    """Who has no name cannot stand under a decision."""
    if not name:
        raise ConsoleRefused("name", f'the claim "{claim}" is missing: name_claim in the table [console]')


def _texts(value: object) -> frozenset[str]:
    """The values of a claim that is a text or a list of them; whatever else it is gives no role."""
    several = value if isinstance(value, list) else [value]
    return frozenset(one for one in several if isinstance(one, str))
