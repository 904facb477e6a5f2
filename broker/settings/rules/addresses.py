"""Addresses in configuration files: which are in order."""

import re
from urllib.parse import SplitResult, urlsplit

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_ADDRESS = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")  # RFC 3986 2; urlsplit would drop line breaks unsaid


def host_of(url: str) -> str:
    """The host of an address; "" when it has none."""
    parts = taken_apart(url)
    return (parts.hostname or "") if parts else ""


def is_loopback(url: str) -> bool:
    """RFC 6761 6.3 and RFC 8252 7.3: this very machine, by name or address."""
    host = host_of(url)
    return host in _LOOPBACK or host.endswith(".localhost")


def taken_apart(url: str) -> SplitResult | None:
    """The parts of an address; None when it is none."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # reading a port that is no number raises
    except ValueError:
        return None
    return parts


def wrong(url: str, sandbox: bool, app: bool = False) -> str:
    """Why an address must not be used; "" when it may. `app`: a program's own scheme may pass."""
    parts = taken_apart(url)
    if not _ADDRESS.fullmatch(url) or parts is None or not parts.scheme:
        return "is not an absolute address"
    if app and _is_apps_own(parts):
        return ""
    if not parts.hostname:
        return "is not an absolute address"
    if "#" in url:
        return "has a fragment"
    if "@" in parts.netloc:
        return "names a user"
    if "*" in url:
        return "has a wildcard"
    if parts.scheme != "https" and not (sandbox and _is_plain_loopback(url)):
        return "is not https (only the sandbox may use http, on localhost)"
    return ""


def _is_plain_loopback(url: str) -> bool:
    """The one rule that lets the sandbox use plain http, and only towards this very machine."""
    return url.startswith("http://") and is_loopback(url)


def _is_apps_own(parts: SplitResult) -> bool:
    """RFC 8252 7.1: a scheme made from the program's domain, such as com.example.app:/back."""
    return "." in parts.scheme and not parts.netloc and not parts.fragment and "*" not in parts.path
