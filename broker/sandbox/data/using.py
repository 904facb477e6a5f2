"""A simulated service that has logged somebody in asks data providers what the citizen has agreed to."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from joserfc.jwk import ECKey

from broker.sandbox.calling import Caller, CallFailed, Reply
from broker.sandbox.data.proofs import make_proof
from broker.sandbox.faults import Faults
from broker.sandbox.parties import DATA_PROVIDERS, Address, DemoDataProvider, DemoScope

_ERROR = re.compile(r'error="([a-z_]+)"')


@dataclass(frozen=True, slots=True)
class Held:
    """A token for data providers: what was asked for with it, what was agreed to, and the key to which it is bound."""

    token: str = field(repr=False)
    asked: tuple[str, ...]
    agreed: frozenset[str]
    key: ECKey | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came of asking one data provider. `values` are by scope; `refused` is what the citizen did not agree to.

    `status` and `error` are those of an answer without data: 0 and "" where there is none.
    """

    provider: DemoDataProvider
    values: tuple[tuple[DemoScope, object], ...] = ()
    refused: tuple[DemoScope, ...] = ()
    status: int = 0
    error: str = ""


class DataUser:
    """One service as a caller of data providers. `revoke` gives a token back to the broker."""

    def __init__(
        self, host: str, address: Address, faults: Faults, clock: Callable[[], int], revoke: Callable[[str], None]
    ) -> None:
        self._address = address
        self._faults = faults
        self._clock = clock
        self._revoke = revoke
        self._caller = Caller(host)

    def resources(self, scopes: tuple[str, ...]) -> tuple[str, ...]:
        """The addresses of those who deliver these scopes (RFC 8707 2)."""
        return tuple(self._address.resource(one) for one in DATA_PROVIDERS if _of(one, scopes))

    def ask(self, held: Held) -> tuple[Delivery, ...]:
        """Ask everybody from whom something was asked for; nobody where the citizen has agreed to nothing."""
        return tuple(self._ask(one, held) for one in DATA_PROVIDERS if _of(one, held.asked))

    def _ask(self, provider: DemoDataProvider, held: Held) -> Delivery:
        asked = _of(provider, held.asked)
        agreed = [scope for scope in asked if scope.name in held.agreed]
        refused = tuple(scope for scope in asked if scope not in agreed)
        if not agreed:
            return Delivery(provider, refused=refused)
        fault = self._faults.on(provider.id)
        if fault is not None and fault.name == "fd.token_revoked":
            self._revoke(held.token)
        try:
            reply = self._call(self._address.resource(provider), held)
        except CallFailed:
            return Delivery(provider, refused=refused, status=503, error="no answer")
        return replace(delivered(provider, agreed, reply), refused=refused)

    def _call(self, url: str, held: Held) -> Reply:
        """RFC 6750 2.1, or RFC 9449 7.1."""
        if held.key is None:
            return self._caller.get(url, {"Authorization": f"Bearer {held.token}"})
        proof = make_proof(held.key, "GET", url, self._clock(), held.token)
        return self._caller.get(url, {"Authorization": f"DPoP {held.token}", "DPoP": proof})


def delivered(provider: DemoDataProvider, agreed: Sequence[DemoScope], reply: Reply) -> Delivery:
    """What an answer holds of what was agreed to: anything else that it may hold is nobody's business here."""
    came = _members(reply.body)
    if reply.status != 200:
        return Delivery(provider, status=reply.status, error=_error(reply.challenge, came))
    if came is None:
        return Delivery(provider, status=502, error="no JSON object")
    return Delivery(provider, tuple((scope, came[scope.name]) for scope in agreed if scope.name in came))


def _of(provider: DemoDataProvider, scopes: tuple[str, ...]) -> list[DemoScope]:
    return [scope for scope in provider.scopes if scope.name in scopes]


def _error(challenge: str, came: Mapping[str, object] | None) -> str:
    """The code of RFC 6750 3.1, or of the body."""
    found = _ERROR.search(challenge)
    return found[1] if found else str((came or {}).get("error", ""))


def _members(body: bytes) -> Mapping[str, object] | None:
    try:
        came = json.loads(body)
    except ValueError:
        return None
    return came if isinstance(came, dict) else None
