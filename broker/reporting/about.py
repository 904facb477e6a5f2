"""What a report says of itself: which ledger and span it is of. It is read as a stranger's words."""

import json
import re
from base64 import b64decode
from collections.abc import Mapping, Sequence
from typing import Any

from eidas import times
from eidas.errors import Refused
from metadata.errors import ReportRefused
from metadata.ledger import Entry
from metadata.ledger.checkpoint import Checkpoint, check_head
from metadata.report.archive import Files
from metadata.report.basis import SCHEMA, Basis, span_of
from metadata.review import Blob

_ORIGIN = re.compile(r"[^\s+]{1,300}")
_PROGRAM = re.compile(r"[0-9][0-9a-z.+]{0,30}")


def read_told(files: Files) -> Mapping[str, Any]:
    """report.json as it stands there: nothing of it is proven. Raises Refused."""
    if "report.json" not in files:
        raise ReportRefused("it is missing")
    try:
        told = json.loads(files["report.json"]())
    except (ValueError, RecursionError):
        raise ReportRefused("it is no JSON") from None
    check_schema(told)
    return told  # type: ignore[no-any-return] # the rule has just said so


def basis_of(told: Mapping[str, Any], entries: Sequence[Entry], blob: Blob) -> Basis:
    """What the report says that it stands on, with entries that hold. Raises Refused."""
    try:
        until = times.read(told["until"])
        span = span_of(told["from"], told["to"], until)
        heads = [_head(one, told["origin"]) for one in told["heads"]["checkpoints"]]
        check_words(told)
        check_until(until, span.until)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, Refused) as wrong:
        why = wrong.detail if isinstance(wrong, Refused) else "what it says of itself has another form"
        raise ReportRefused(why) from None
    for one in heads:
        check_head(one, entries)
    return Basis(span, entries, blob, heads, told["origin"], told["program"], told["signed"])


def _head(written: Mapping[str, Any], origin: str) -> Checkpoint:
    if type(written["size"]) is not int or written["size"] < 1:
        raise ValueError(written["size"])
    return Checkpoint(origin, written["size"], b64decode(written["root"], validate=True), times.read(written["time"]))


# -- the law ----------------------------------------------------------------------------------------------------------


def check_schema(told: Any) -> None:
    """Ours: another form is for another version of the program."""
    if not isinstance(told, dict) or told.get("schema") != SCHEMA:
        raise ReportRefused(f"it is not of the form {SCHEMA}: a newer Passerelle may read it")


def check_words(told: Mapping[str, Any]) -> None:
    """Ours: what is repeated on pages is an origin and a version."""
    fits = _ORIGIN.fullmatch(told["origin"]) and _PROGRAM.fullmatch(told["program"]) and type(told["signed"]) is bool
    if not fits:
        raise ReportRefused("it names no ledger, or no version of the program")


def check_until(told: int, until: int) -> None:
    """Ours: the span ends with its last day, or within that day when it was not over yet."""
    if told != until:
        raise ReportRefused("its span ends at another moment than its last day")
