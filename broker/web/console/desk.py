"""What every page of the console reads: the ledger as it was at the end of a day, or now, and when was fetched last."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import request

from broker.refreshing import ASKED
from broker.settings.rules import LISTED
from broker.web.console.gate import visit
from broker.web.console.models import Desk, Fetched
from broker.web.rooms import Rooms
from eidas.errors import Refused
from metadata.ledger import Entry

_DAY = "%Y-%m-%d"


@dataclass(frozen=True, slots=True)
class Book:
    """The ledger, read for one page: all its entries, and what is wrong with it ("" for nothing).

    Nothing is told from a ledger that does not hold: it has no entries then.
    """

    entries: Sequence[Entry]
    blob: Callable[[str], bytes | None]
    fault: str = ""


def open_book() -> Book:
    """The ledger as this request finds it."""
    ledger = visit().rooms.ledger
    try:
        return Book(ledger.entries(), ledger.blob)
    except Refused as wrong:
        return Book((), ledger.blob, str(wrong))


def desk(book: Book) -> Desk:
    """What stands around the answer: who reads, of which moment, and how the ledger is."""
    now, asked = visit().rooms.clock(), request.args.get("le", "").strip()
    at, wrong = moment_of(asked, now)
    return Desk(
        token=visit().token,
        operator=visit().session.role == "operator",
        now=now,
        at=at,
        day=datetime.fromtimestamp(at, UTC).strftime(_DAY),
        today=datetime.fromtimestamp(now, UTC).strftime(_DAY),
        past=at < now,
        wrong_day=asked if wrong else "",
        fault=book.fault,
        entries=len(book.entries),
    )


def moment_of(day: str, now: int) -> tuple[int, bool]:
    """The last second of a day (UTC), or now where it has not ended or none is named; True where it is not in the past."""
    if not day:
        return now, False
    try:
        begun = datetime.strptime(day, _DAY).replace(tzinfo=UTC)
    except ValueError:
        return now, True
    if begun.timestamp() > now:
        return now, True
    return min(int((begun + timedelta(days=1)).timestamp()) - 1, now), False


def fetched(rooms: Rooms, subject: str) -> tuple[Fetched, ...]:
    """Where a node's metadata is fetched, and how that went last; none for a file that is pinned."""
    code, _, role = subject.partition("/")
    country = rooms.parties.countries.get(code)
    stated = country.sources.get(role, "") if country else ""
    addresses = rooms.settings.trust.lists if stated == LISTED else (stated,) if stated else ()
    return tuple(_fetched(rooms, address) for address in addresses)


def _fetched(rooms: Rooms, address: str) -> Fetched:
    held = rooms.vault.find(ASKED, address.encode())
    if held is None:
        return Fetched(address, 0, 0, "")
    return Fetched(address, held.value.tried, held.value.well, held.value.wrong)
