"""What changes at our node as feeds, which programs of other nodes' operators read: Atom (RFC 4287) and JSON Feed 1.1.

A feed is in English, or in French with `?lang=fr`: whoever polls it has no browser, so nothing is guessed and no cookie is
set.
"""

import re
import threading
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from flask import Blueprint, Response, abort, jsonify, request
from werkzeug.wrappers import Response as AnyResponse

from broker.changes import Change, changes
from broker.ports import StoreUnavailable
from broker.web.dates import machine
from broker.web.i18n import Language
from broker.web.rooms import Current, Rooms
from metadata.errors import LedgerRefused
from metadata.ledger import Entry
from metadata.ledger.kinds import KEY, PUBLISHED

_ATOM = "http://www.w3.org/2005/Atom"
_CACHED = "public, max-age=600"
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TITLES: dict[Language, str] = {"en": "Changes of the eIDAS node {site}", "fr": "Changements du nœud eIDAS {site}"}

register_namespace("", _ATOM)


def blueprint(current: Current) -> Blueprint:
    """The addresses, on the configuration in force."""
    feeds = Blueprint("feeds", __name__)
    known = Recent()

    @feeds.get("/eidas/changes.atom")
    def atom() -> AnyResponse:
        rooms = current()
        return _cached(Response(atom_feed(rooms, _of_node(rooms, known), _language()), mimetype="application/atom+xml"))

    @feeds.get("/eidas/changes.json")
    def json() -> AnyResponse:
        rooms = current()
        response = jsonify(json_feed(rooms, _of_node(rooms, known), _language()))
        response.mimetype = "application/feed+json"
        return _cached(response)

    return feeds


@dataclass(frozen=True, slots=True)
class _Held:
    """What the ledger said when it was last read: None where it could not be."""

    rooms: Rooms
    minute: int
    told: tuple[Entry, ...] | None


class Recent:
    """What changes, without reading the ledger for each of many pollers: keys and metadata change with the rooms.

    A ledger that cannot be read is looked at once a minute.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: _Held | None = None

    def __call__(self, rooms: Rooms) -> tuple[Change, ...] | None:
        """What changes by now; None where nobody can say, since the ledger cannot be read."""
        now = rooms.clock()
        with self._lock:
            held = self._held
            if held is None or held.rooms is not rooms or (held.told is None and held.minute != now // 60):
                held = self._held = _Held(rooms, now // 60, _told(rooms))
        return None if held.told is None else changes(rooms.settings, rooms.keyring, held.told, now)


def _told(rooms: Rooms) -> tuple[Entry, ...] | None:
    try:
        return tuple(entry for entry in rooms.ledger.entries() if entry.event.type in (KEY, PUBLISHED))
    except (StoreUnavailable, LedgerRefused):
        return None


def _of_node(rooms: Rooms, known: Recent) -> tuple[Change, ...]:
    if rooms.described is None:
        abort(404)
    found = known(rooms)
    if found is None:
        raise StoreUnavailable("the ledger cannot be read")  # rather none than a feed that lacks half of it
    return found


def _language() -> Language:
    return "fr" if request.args.get("lang") == "fr" else "en"


def _cached(response: AnyResponse) -> AnyResponse:
    response.headers["Cache-Control"] = _CACHED
    response.add_etag()
    return response.make_conditional(request.environ)


def _updated(rooms: Rooms, found: tuple[Change, ...]) -> int:
    """RFC 4287 4.2.15: the last change; without one, when the node got its newest key."""
    return max((one.updated for one in found), default=max(key.created for key in rooms.keyring.keys))


# -- Atom -------------------------------------------------------------------------------------------------------------


def atom_feed(rooms: Rooms, found: tuple[Change, ...], language: Language) -> bytes:
    """The feed as Atom (RFC 4287)."""
    site = rooms.settings.public_url
    address = f"{site}/eidas/changes.atom"
    feed = Element(f"{{{_ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": language})
    _text(feed, "id", uuid5(NAMESPACE_URL, f"{address}#{language}").urn)
    _text(feed, "title", _TITLES[language].format(site=site))
    _text(feed, "updated", machine(_updated(rooms, found)))
    _text(SubElement(feed, f"{{{_ATOM}}}author"), "name", rooms.settings.node.organisation)
    _link(feed, "self", f"{address}?lang={language}", "application/atom+xml")
    _link(feed, "alternate", f"{site}/eidas", "text/html")
    for one in found:
        _entry(SubElement(feed, f"{{{_ATOM}}}entry"), one, site, language)
    octets: bytes = tostring(feed, "utf-8", xml_declaration=True)
    return octets


def _entry(entry: Element, one: Change, site: str, language: Language) -> None:
    _text(entry, "id", one.id)
    _text(entry, "title", one.words(language)[0])
    _text(entry, "updated", machine(one.updated))
    _text(entry, "published", machine(one.updated))
    _link(entry, "alternate", f"{site}/eidas#changes", "text/html")
    SubElement(entry, f"{{{_ATOM}}}category", {"term": "planned" if one.planned else "past"})
    _text(entry, "summary", _said(one, language))


def _text(parent: Element, name: str, text: str) -> None:
    """XML 1.0 2.2: some characters cannot stand in a document at all."""
    SubElement(parent, f"{{{_ATOM}}}{name}").text = _NO_XML.sub("\ufffd", text)


def _link(parent: Element, rel: str, href: str, kind: str) -> None:
    SubElement(parent, f"{{{_ATOM}}}link", {"rel": rel, "href": href, "type": kind})


def _said(one: Change, language: Language) -> str:
    """The text behind the day on which it happens."""
    day = machine(one.due)[:10] if one.due is not None else ""
    return " – ".join(filter(None, (day, one.words(language)[1]))) or one.words(language)[0]


# -- JSON -------------------------------------------------------------------------------------------------------------


def json_feed(rooms: Rooms, found: tuple[Change, ...], language: Language) -> dict[str, object]:
    """The feed as JSON Feed 1.1; `_passerelle` says what programs want to know: is it to come, and when."""
    site = rooms.settings.public_url
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": _TITLES[language].format(site=site),
        "home_page_url": f"{site}/eidas",
        "feed_url": f"{site}/eidas/changes.json?lang={language}",
        "language": language,
        "authors": [{"name": rooms.settings.node.organisation}],
        "items": [_item(one, site, language) for one in found],
    }


def _item(one: Change, site: str, language: Language) -> dict[str, object]:
    return {
        "id": one.id,
        "url": f"{site}/eidas#changes",
        "title": one.words(language)[0],
        "content_text": _said(one, language),
        "date_published": machine(one.updated),
        "date_modified": machine(one.updated),
        "_passerelle": {"planned": one.planned, "due": machine(one.due) if one.due is not None else None},
    }
