"""A simulated service hears from the broker, server to server, that a session is over.

Every check of OpenID Connect Back-Channel Logout 1.0, 2.6, beside those of any token (`believing`). A token that comes
again ends nothing more, so its `jti` is not kept.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from broker.sandbox.believing import Distrusted, check_audience, check_issuer, check_lifetime
from broker.sandbox.relying import Relying

EVENT = "http://schemas.openid.net/event/backchannel-logout"
_MOST = 1000


class Ended:
    """The sessions of which the broker said that they are over; the oldest goes when there are more than a thousand."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sids: OrderedDict[str, None] = OrderedDict()

    def add(self, sid: str) -> None:
        """This one is over."""
        with self._lock:
            self._sids[sid] = None
            if len(self._sids) > _MOST:
                self._sids.popitem(last=False)

    def __contains__(self, sid: object) -> bool:
        return sid in self._sids


def read_logout(relying: Relying, token: str, now: int) -> str:
    """The session (`sid`) that a logout token ends. Raises Distrusted."""
    claims = relying.verified(token, "logout+jwt")
    check_issuer(claims, relying.issuer)
    check_audience(claims, relying.service.id)
    check_lifetime(claims, now)
    check_logout_event(claims)
    check_no_nonce(claims)
    check_session(claims)
    return str(claims["sid"])


def check_logout_event(claims: Mapping[str, Any]) -> None:
    """Back-Channel Logout 2.6 rule 6: it says that this is a logout."""
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(EVENT), dict):
        raise Distrusted("events: the token is no logout token")


def check_no_nonce(claims: Mapping[str, Any]) -> None:
    """Back-Channel Logout 2.6 rule 7: with a nonce it could pass for an ID token."""
    if "nonce" in claims:
        raise Distrusted("nonce: a logout token has none")


def check_session(claims: Mapping[str, Any]) -> None:
    """Back-Channel Logout 2.6 rule 5: which session; this broker always says so."""
    if not isinstance(claims.get("sid"), str) or not claims["sid"]:
        raise Distrusted("sid: the token names no session")
