"""The two cookies, with every attribute written out.

`__Host-flow` is the browser's secret, the half of each journey's key. It must arrive with a cross-site POST, so it is
SameSite=None; it is set only when absent and never changes while journeys run. `__Host-sso` is the session's secret,
SameSite=Lax and new at each authentication. `__Host-` ties both to this host and to HTTPS: no other site or sibling host
can set them (browsers count `*.localhost` as secure, which the demo uses).
"""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error

from flask import request
from werkzeug.wrappers import Response

FLOW = "__Host-flow"
SSO = "__Host-sso"
_BYTES = 32


def browser_secret() -> bytes | None:
    """The browser's secret, 32 bytes, or None when the cookie is absent or malformed."""
    return _read(FLOW)


def session_secret() -> bytes | None:
    """The session's secret, 32 bytes, or None when the cookie is absent or malformed."""
    return _read(SSO)


def new_browser_secret() -> bytes:
    """A secret for a browser that has none yet."""
    return secrets.token_bytes(_BYTES)


def set_browser(response: Response, secret: bytes) -> None:
    """Give the browser its secret, until it closes."""
    response.set_cookie(FLOW, _write(secret), secure=True, httponly=True, samesite="None", path="/")


def set_session(response: Response, secret: bytes) -> None:
    """Give the browser the secret of its session, until it closes."""
    response.set_cookie(SSO, _write(secret), secure=True, httponly=True, samesite="Lax", path="/")


def drop_session(response: Response) -> None:
    """Take the session's secret away."""
    response.set_cookie(SSO, "", max_age=0, secure=True, httponly=True, samesite="Lax", path="/")


def _write(secret: bytes) -> str:
    return urlsafe_b64encode(secret).rstrip(b"=").decode()


def _read(name: str) -> bytes | None:
    value = request.cookies.get(name, "")
    try:
        secret = urlsafe_b64decode(value + "=" * (-len(value) % 4))
    except (Error, ValueError):
        return None
    return secret if len(secret) == _BYTES else None
