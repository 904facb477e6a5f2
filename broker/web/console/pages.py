"""The pages that are read: trust on a day, one node, what ends, how strong it is, our keys, our metadata."""

from dataclasses import replace

from flask import Blueprint, Response, abort, request

from broker.countries import country
from broker.web.console.calendar import picture
from broker.web.console.desk import Book, desk, fetched, open_book
from broker.web.console.differences import difference
from broker.web.console.events import chosen
from broker.web.console.gate import visit
from broker.web.console.models import (
    AlgorithmsPage,
    CalendarPage,
    DiffPage,
    KeysPage,
    Line,
    NodePage,
    OverviewPage,
    OwnPage,
)
from broker.web.i18n import language
from broker.web.render import draw
from eidas.errors import Refused
from metadata import conformance
from metadata.conformance.parts import Role
from metadata.ledger.kinds import COUNTRY
from metadata.review import standing
from metadata.review.algorithms import algorithms
from metadata.review.documents import octets_of, reading
from metadata.review.endings import expiring
from metadata.review.keys import key_used
from metadata.review.nodes import trusted
from metadata.review.timeline import timeline
from metadata.review.versions import versions
from metadata.review.waiting import waiting

_DAY = 86_400
SPANS = (90, 400)
"""The days that the calendar may show."""
ROLES = ("proxy", "connector")


def install(console: Blueprint) -> None:
    """The addresses that are read."""

    @console.get("")
    def overview() -> str:
        book = open_book()
        stand, rooms = desk(book), visit().rooms
        nodes = trusted(book.entries, stand.at, book.blob)
        lines = tuple(Line(node, name_of(node.country), fetched(rooms, node.subject)) for node in nodes)
        soon = expiring(book.entries, stand.at, 90 * _DAY, book.blob)
        waits = waiting(book.entries, stand.at)
        return draw("console_trust.html", OverviewPage(visit().worker, stand, lines, len(waits), len(soon)))

    @console.get("/noeud/<code>/<role>")
    def node(code: str, role: str) -> str:
        return draw("console_node.html", _node_page(open_book(), f"{code}/{role}"))

    @console.get("/noeud/<code>/<role>/comparer")
    def compare(code: str, role: str) -> str:
        book, subject = open_book(), f"{code}/{role}"
        known = _documents(book, subject)
        before, after = (request.args.get(name, "") for name in ("de", "a"))
        if not {before, after} <= known:
            abort(404)
        page = DiffPage(visit().worker, replace(desk(book), past=False), subject, difference(before, after, book.blob))
        return draw("console_diff.html", page)

    @console.get("/document/<digest>.xml")
    def document(digest: str) -> Response:
        book = open_book()
        if digest not in {entry.event.facts.get("document") for entry in book.entries}:
            abort(404)
        try:
            octets = octets_of(digest, book.blob)
        except Refused:
            abort(404)
        headers = {"Content-Disposition": f'attachment; filename="{digest}.xml"', "Content-Security-Policy": "sandbox"}
        return Response(octets, mimetype="application/octet-stream", headers=headers)

    @console.get("/calendrier")
    def calendar() -> str:
        book = open_book()
        stand, asked = desk(book), request.args.get("jours", "")
        days = int(asked) if asked in map(str, SPANS) else SPANS[0]
        endings = expiring(book.entries, stand.at, days * _DAY, book.blob)
        page = CalendarPage(visit().worker, stand, days, endings, picture(endings, stand.at, days))
        return draw("console_calendar.html", page)

    @console.get("/algorithmes")
    def matrix() -> str:
        book = open_book()
        stand = desk(book)
        rows = algorithms(book.entries, stand.at, book.blob)
        return draw("console_algorithms.html", AlgorithmsPage(visit().worker, stand, rows))

    @console.get("/cles")
    def keys() -> str:
        book = open_book()
        stand = desk(book)
        return draw("console_keys.html", KeysPage(visit().worker, stand, key_used(book.entries, stand.at)))

    @console.get("/metadonnees")
    def own() -> str:
        book, rooms = open_book(), visit().rooms
        entities = rooms.described.entities if rooms.described else {}
        reports = tuple(
            (address, conformance.validate(rooms.node_metadata[role](), now=rooms.clock(), url=address, role=Role(role)))
            for role, address in entities.items()
        )
        return draw("console_own.html", OwnPage(visit().worker, desk(book), reports))


def name_of(code: str) -> str:
    """What a country is called, in the reader's language; its code where we know no name."""
    try:
        return country(code).name[language()]
    except LookupError:
        return code


def _node_page(book: Book, subject: str) -> NodePage:
    stand = desk(book)
    events = timeline(book.entries, subject, stand.at)
    code, _, role = subject.partition("/")
    if role not in ROLES or not any(event.subject == subject for event in events):
        abort(404)
    found = next((one for one in trusted(book.entries, stand.at, book.blob) if one.subject == subject), None)
    state = standing(book.entries, stand.at).get((COUNTRY, code))
    read = reading(found.document, found.entity_id, role, book.blob) if found else ""
    return NodePage(
        worker=visit().worker,
        desk=stand,
        subject=subject,
        country=name_of(code),
        node=found,
        keys=() if isinstance(read, str) else read.keys,
        fetched=fetched(visit().rooms, subject),
        versions=tuple(reversed(versions(book.entries, subject, stand.at))),
        events=chosen(book.entries, (told.seq for told in events)),
        waits=next((one for one in waiting(book.entries, stand.at) if one.subject == subject), None),
        state=state.facts["state"] if state else "resumed",
    )


def _documents(book: Book, subject: str) -> set[str]:
    """Every document that the ledger names of a node."""
    told = (entry.event for entry in book.entries if entry.event.subject == subject)
    return {event.facts["document"] for event in told if event.facts.get("document")}
