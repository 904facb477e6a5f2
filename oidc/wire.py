"""What both roles do with what comes from strangers: JSON objects, comparisons, addresses with a query."""

import hmac
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from oidc.errors import BadAnswer

_LARGEST = 262_144


def read_object(document: bytes, what: str) -> dict[str, Any]:
    """The JSON object in a stranger's document (RFC 8259), in UTF-8. `what` names the document in the error.

    Raises BadAnswer: also for more than 256 KiB, for nesting that exhausts the parser, and for half a surrogate pair,
    which no one downstream could write out again.
    """
    if len(document) > _LARGEST:
        raise BadAnswer(f"{what} is too large")
    try:
        text = document.decode()
        members = json.loads(text)
        if "\\u" in text:
            json.dumps(members, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise BadAnswer(f"{what} is not JSON") from None
    if not isinstance(members, dict):
        raise BadAnswer(f"{what} is not a JSON object")
    return members


def same(received: object, expected: str) -> bool:
    """Whether a received value is the expected text, in constant time."""
    return isinstance(received, str) and hmac.compare_digest(received.encode("utf-8", "surrogatepass"), expected.encode())


def with_query(uri: str, fields: Mapping[str, str]) -> str:
    """The address with fields added to its query, which may be there already (RFC 6749 3.1.2)."""
    joint = "?" if "?" not in uri else "" if uri.endswith(("?", "&")) else "&"
    return f"{uri}{joint}{urlencode(fields)}"
