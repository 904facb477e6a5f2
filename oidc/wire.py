"""What both roles do with what comes from strangers: JSON objects, comparisons, addresses with a query."""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from oidc.errors import BadAnswer, Unreadable

_LARGEST = 262_144


def read_object(document: bytes, what: str) -> dict[str, Any]:
    """The JSON object in a stranger's document (RFC 8259), in UTF-8. `what` names the document in the error.

    Raises Unreadable: also for more than 256 KiB, for nesting that exhausts the parser, for a member that stands twice, and
    for half a surrogate pair, which no one downstream could write out again.
    """
    if len(document) > _LARGEST:
        raise Unreadable(f"{what} is too large")
    try:
        text = document.decode()
        members = _decode(text)
        if "\\u" in text:
            json.dumps(members, ensure_ascii=False).encode()
    except _Twice:
        raise Unreadable(f"{what} has a member twice") from None
    except (ValueError, RecursionError):
        raise Unreadable(f"{what} is not JSON") from None
    if not isinstance(members, dict):
        raise Unreadable(f"{what} is not a JSON object")
    return members


class _Twice(ValueError):
    """A member that stands twice."""


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    check_once(pairs, members)
    return members


_decode = json.JSONDecoder(object_pairs_hook=_members).decode


def check_once(pairs: Sequence[tuple[str, Any]], members: Mapping[str, Any]) -> None:
    """RFC 7515 4, RFC 7519 4: of a member that stands twice each reader may take another, so we take none."""
    if len(members) != len(pairs):
        raise _Twice


def base64url(part: str) -> bytes:
    """The octets behind base64url (RFC 7515 2), which has one form for each. Raises BadAnswer for another."""
    try:
        octets = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        octets = b""
    if urlsafe_b64encode(octets).rstrip(b"=") != part.encode("utf-8", "replace"):
        raise BadAnswer("a part of the token is not base64url")
    return octets


def same(received: object, expected: str) -> bool:
    """Whether a received value is the expected text, in constant time."""
    return isinstance(received, str) and hmac.compare_digest(received.encode("utf-8", "surrogatepass"), expected.encode())


def with_query(uri: str, fields: Mapping[str, str]) -> str:
    """The address with fields added to its query, which may be there already (RFC 6749 3.1.2)."""
    joint = "?" if "?" not in uri else "" if uri.endswith(("?", "&")) else "&"
    return f"{uri}{joint}{urlencode(fields)}"
