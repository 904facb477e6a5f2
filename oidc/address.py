"""Whether two addresses are one: each has one form (RFC 3986 6.2.2, 6.2.3)."""

import re
from urllib.parse import urlsplit

_WRITTEN = re.compile(r"[!-~]{1,2048}")  # visible ASCII: urlsplit would drop line breaks without a word
_PORTS = {"https": 443, "http": 80}
_ENCODED = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")


def normalised(url: str) -> tuple[str, str, int, str] | None:
    """Scheme, host, port and path of an address of the web, in their one form, without query and fragment.

    None for what is no such address, has a user in it, or more than 2048 characters.
    """
    if not _WRITTEN.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port  # reading a port that is no number raises
    except ValueError:
        return None
    if not host or parts.scheme not in _PORTS or "@" in parts.netloc:
        return None
    return parts.scheme, host, _PORTS[parts.scheme] if port is None else port, _path(_ENCODED.sub(_plain, parts.path))


def _plain(encoded: re.Match[str]) -> str:
    """RFC 3986 6.2.2.2: what need not be encoded is not, and the rest is in capitals."""
    character = chr(int(encoded[1], 16))
    return character if _UNRESERVED.fullmatch(character) else encoded[0].upper()


def _path(path: str) -> str:
    """RFC 3986 5.2.4: a path without its dots; an empty one is the root."""
    kept: list[str] = []
    segments = path.split("/")[1:] or [""]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    ends = [""] if segments[-1] in (".", "..") else []
    return "/" + "/".join(kept + ends)
