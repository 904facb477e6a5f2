"""A service is told that a session has ended (OpenID Connect Back-Channel Logout 1.0): what it is sent, and its answer."""

from collections.abc import Mapping
from urllib.parse import urlencode

from oidc.errors import LogoutRefused, LogoutUnheard
from oidc.messages import HttpRequest
from oidc.tokens import Signer, sign_jwt

TYPE = "logout+jwt"
EVENT = "http://schemas.openid.net/event/backchannel-logout"
LIFE = 120
"""Seconds (2.4: "preferably at most two minutes in the future")."""


def logout_token(issuer: str, client_id: str, sid: str, jti: str, now: int, signer: Signer) -> str:
    """The signed token (2.4). It names the session alone, never the person; `nonce` must not stand in it."""
    return sign_jwt(logout_claims(issuer, client_id, sid, jti, now), signer, TYPE)


def logout_claims(issuer: str, client_id: str, sid: str, jti: str, now: int) -> Mapping[str, object]:
    """What the token says."""
    return {
        "iss": issuer,
        "aud": client_id,
        "iat": now,
        "exp": now + LIFE,
        "jti": jti,
        "sid": sid,
        "events": {EVENT: {}},
    }


def logout_request(address: str, token: str) -> HttpRequest:
    """The request that carries it (2.5)."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return HttpRequest("POST", address, headers, urlencode({"logout_token": token}).encode())


def check_not_refused(status: int) -> None:
    """2.8: 400 says that the service could not end the session, and it would say so again."""
    if status == 400:
        raise LogoutRefused("the service answered with status 400")


def check_heard(status: int) -> None:
    """2.8: 200 says that the session is over; some frameworks make it 204."""
    if status not in (200, 204):
        raise LogoutUnheard(f"the service answered with status {status}")
