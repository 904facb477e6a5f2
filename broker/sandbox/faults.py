"""What can be made to go wrong at a simulated provider, node or data provider, or in what the broker tells services.

It is switched on and off while the world runs.
"""

import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

FAULTS: Mapping[str, str] = {
    "fi.down": "every answer of the provider is 503",
    "fi.slow=8s": "the token endpoint takes 8 seconds; the broker waits for 6",
    "fi.bad_nonce": "the ID token holds another nonce",
    "fi.bad_sig": "the ID token is signed with a key that is not published",
    "fi.lower_loa": "the ID token says eidas1 whatever was asked (ask for eidas2 to see it matter)",
    "fi.no_sub": "the ID token and the userinfo have no sub",
    "fi.http_500": "the userinfo endpoint answers 500",
}
COUNTRY_FAULTS: Mapping[str, str] = {
    "country.cancel": "the country says that the citizen cancelled",
    "country.responder_error": "the country answers with the status of an error",
    "country.bad_sig": "the answer was changed after it was signed",
    "country.sha1": "the answer is signed with SHA-1",
    "country.not_encrypted": "the assertion is not encrypted",
    "country.wrong_audience": "the assertion is meant for another Connector",
    "country.replay": "the answer before this one is sent once more (log in twice)",
    "country.expired_assertion": "the answer is half an hour old",
    "country.clock+10m": "the country's clock is ten minutes ahead",
    "country.lower_loa": "the assertion says low whatever was asked (ask for substantial to see it matter)",
}
BROKER = "broker"
"""What the broker is called where its faults are switched."""
BROKER_FAULTS: Mapping[str, str] = {
    "token.bad_sig": "the ID token is signed with another key under our kid",
    "token.unsigned": "the ID token says that it needs no signature (alg none)",
    "token.wrong_nonce": "the ID token answers another request",
    "token.wrong_iss": "the ID token is another broker's",
    "token.wrong_aud": "the ID token is for another service",
    "token.expired": "the ID token is two hours old",
    "token.lower_acr": "the ID token says eidas1 whatever was asked (ask for eidas2 to see it matter)",
    "userinfo.sub_mismatch": "the userinfo is about somebody else",
    "userinfo.bad_sig": "the userinfo is signed with another key under our kid",
    "userinfo.missing_birthplace": "the userinfo has no birthplace",
}
"""What services must notice: the services of the demo do, and yours?"""
DATA_FAULTS: Mapping[str, str] = {
    "fd.token_revoked": "the service gives its token back before the data provider has it checked",
    "fd.down": "every answer of the data provider is 503",
}
_ALL = (*FAULTS, *COUNTRY_FAULTS, *BROKER_FAULTS, *DATA_FAULTS)
_SLOW = re.compile(r"fi\.slow=([0-9]{1,2})s")


class UnknownFault(ValueError):
    """There is no fault of this name."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault by its name; a delay has its seconds in the name: `fi.slow=8s`. Raises UnknownFault when made."""

    name: str

    def __post_init__(self) -> None:
        check_fault(self.name)

    @property
    def seconds(self) -> int:
        """How long a slow provider waits before it answers; 0 for every other fault."""
        slow = _SLOW.fullmatch(self.name)
        return int(slow[1]) if slow else 0


def check_fault(name: str) -> None:
    """A misspelt fault would be a fault that never happens, and a test that proves nothing."""
    if name not in _ALL and not _SLOW.fullmatch(name):
        raise UnknownFault(f"{name!r} is no fault: {', '.join(_ALL)}")


class Faults:
    """The faults that are on, one at most for each provider or data provider (by id) or node (by code).

    Any thread may ask and switch.
    """

    def __init__(self, on: Iterable[tuple[str, str]] = ()) -> None:
        self._lock = threading.Lock()
        self._on = {provider: Fault(name) for provider, name in on}

    def switch(self, provider: str, name: str | None) -> None:
        """Put this fault in the place of the one that was on; None puts the provider right. Raises UnknownFault."""
        fault = Fault(name) if name else None
        with self._lock:
            self._on.pop(provider, None)
            if fault:
                self._on[provider] = fault

    def on(self, provider: str) -> Fault | None:
        """The fault of this provider, if any."""
        with self._lock:
            return self._on.get(provider)
