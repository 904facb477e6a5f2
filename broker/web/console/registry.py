"""The ledger itself: whether it holds, and its entries."""

from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime

from cryptography.hazmat.primitives.serialization import load_der_public_key
from flask import Blueprint, request

from broker.ledger import Ledger
from broker.web.console.desk import Book, desk, open_book
from broker.web.console.events import chosen
from broker.web.console.gate import visit
from broker.web.console.models import Head, LedgerPage
from broker.web.render import draw
from certs.keys import PublicKey, Use
from metadata.ledger.audit import Fault, Findings, examine
from metadata.ledger.kinds import KEY, KINDS

_A_PAGE = 50


def install(console: Blueprint) -> None:
    """The address of the ledger."""

    @console.get("/registre")
    def ledger() -> str:
        return draw("console_ledger.html", _page(open_book()))


def _page(book: Book) -> LedgerPage:
    stand, kind = desk(book), request.args.get("type", "")
    since, wrong_since = _since(request.args.get("depuis", "").strip())
    found = [
        entry.event.seq
        for entry in reversed(book.entries)
        if entry.event.time >= since and kind in ("", entry.event.type) and entry.event.time <= stand.at
    ]
    pages = max(1, -(-len(found) // _A_PAGE))
    asked = request.args.get("page", "")
    number = min(max(int(asked), 1), pages) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 1
    shown = found[(number - 1) * _A_PAGE : number * _A_PAGE]
    held = _findings(book)
    heads = sorted(held.checkpoints.values(), key=lambda one: one.size)
    return LedgerPage(
        worker=visit().worker,
        desk=stand,
        root=b64encode(book.entries[-1].root).decode() if book.entries else "",
        head=Head(heads[-1].size, heads[-1].time) if heads else None,
        faults=held.faults or ((Fault(-1, "", book.fault),) if book.fault else ()),
        types=tuple(KINDS),
        type=kind if kind in KINDS else "",
        since="" if wrong_since else request.args.get("depuis", "").strip(),
        wrong_since=wrong_since,
        events=chosen(book.entries, shown),
        found=len(found),
        page=number,
        pages=pages,
    )


def _since(day: str) -> tuple[int, str]:
    """The first second of a day (UTC), 0 for none; and what was asked for, where it is no day."""
    try:
        return int(datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC).timestamp()) if day else 0, ""
    except ValueError:
        return 0, day


def _findings(book: Book) -> Findings:
    """All that an audit looks at, read anew from the first line to the last."""
    ledger = visit().rooms.ledger
    return examine(ledger.lines(), "", book.blob, ledger.checkpoints(), tuple(_keys(book, ledger)))


def _keys(book: Book, ledger: Ledger) -> Iterator[PublicKey]:
    """The keys whose checkpoints count: those of the instance, and those that the ledger speaks of."""
    yield from (key.public_key for key in visit().rooms.keyring.all(Use.LEDGER_SIGNING))
    for entry in book.entries:
        if entry.event.type == KEY and entry.event.facts.get("use") == Use.LEDGER_SIGNING:
            octets = ledger.blob(entry.event.facts["public_key"])
            try:
                yield load_der_public_key(octets or b"")  # type: ignore[misc] # others are passed over
            except ValueError:
                continue  # that file is one of the faults
