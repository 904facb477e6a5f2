"""The cookies, with every attribute written out.

`__Host-flow` is the browser's secret, the half of each journey's key. It must arrive with a cross-site POST, so it is
SameSite=None; it is set only when absent and never changes while journeys run. `__Host-sso` is the session's secret,
SameSite=Lax and new at each authentication. `__Host-` ties both to this host and to HTTPS: no other site or sibling host
can set them (browsers count `*.localhost` as secure, which the demo uses).

Two are the console's. `__Host-console` is the secret of somebody's session there, new at each sign-in, and
`__Host-console-entry` that of a browser which is about to sign in. Both are Lax, not Strict: a Strict one would not arrive
when the provider sends people back, nor when they follow a link to the console from their mail. What changes something is
posted, and no Lax cookie comes with a post of another site.
"""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error

from flask import request
from werkzeug.wrappers import Response

FLOW = "__Host-flow"
SSO = "__Host-sso"
CONSOLE = "__Host-console"
ENTRY = "__Host-console-entry"
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


# -- the console ------------------------------------------------------------------------------------------------------


def console_secret() -> bytes | None:
    """The secret of the console's session, 32 bytes, or None when the cookie is absent or malformed."""
    return _read(CONSOLE)


def entry_secret() -> bytes | None:
    """The secret of a browser that is about to sign in at the console, 32 bytes, or None."""
    return _read(ENTRY)


def set_console(response: Response, secret: bytes) -> None:
    """Give the browser the secret of its session at the console, until it closes; what it signed in by goes."""
    _set_lax(response, CONSOLE, _write(secret), None)
    _set_lax(response, ENTRY, "", 0)


def drop_console(response: Response) -> None:
    """Take the console's secret away."""
    _set_lax(response, CONSOLE, "", 0)


def set_entry(response: Response, secret: bytes, seconds: int) -> None:
    """Give the browser what its way into the console is bound to."""
    _set_lax(response, ENTRY, _write(secret), seconds)


def _set_lax(response: Response, name: str, value: str, seconds: int | None) -> None:
    response.set_cookie(name, value, max_age=seconds, secure=True, httponly=True, samesite="Lax", path="/")


def _write(secret: bytes) -> str:
    return urlsafe_b64encode(secret).rstrip(b"=").decode()


def _read(name: str) -> bytes | None:
    value = request.cookies.get(name, "")
    try:
        secret = urlsafe_b64decode(value + "=" * (-len(value) % 4))
    except (Error, ValueError):
        return None
    return secret if len(secret) == _BYTES else None
