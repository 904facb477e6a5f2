"""The feeds of what changes at our node, as RFC 4287 and JSON Feed 1.1 want them, and the same changes on the page."""

import json
import re
from dataclasses import replace
from uuid import UUID
from xml.etree import ElementTree

import pytest

from broker.ledger import Ledger
from broker.parties import Text
from broker.settings.model import Announcement
from metadata.errors import LedgerRefused
from tests.broker.world import PUBLIC

ATOM = "{http://www.w3.org/2005/Atom}"
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
EVIL = Announcement(
    "2026-09-01", "2026-10-01", Text("Arrêt & <b>retour</b>", "Stop & <b>go</b> ]]>"), Text("", "\x01\u202e x")
)
PLAIN = Announcement("2026-09-02", "2026-10-02", Text("", "Other"), Text("", ""))


@pytest.fixture
def client(make_abroad):
    """A program that reads feeds of a node with two announcements."""
    settings = make_abroad().settings
    world = make_abroad(node=replace(settings.node, announcements=(EVIL, PLAIN)))
    return world.app.test_client()


def atom(client, query=""):
    """The feed, parsed."""
    return ElementTree.fromstring(client.get(f"/eidas/changes.atom{query}", base_url=PUBLIC).data)


def texts(parent, name):
    """The texts of all children of a name."""
    return [one.text for one in parent.findall(ATOM + name)]


def about(feed, *titles):
    """The entries with these titles: the node's first keys and metadata have entries as well."""
    return [entry for title in titles for entry in feed.findall(f"{ATOM}entry") if texts(entry, "title") == [title]]


def test_the_feed_has_what_atom_demands(client):
    """RFC 4287 4.1.1: exactly one id, title and updated; an author; a link to itself."""
    feed = atom(client)
    assert feed.tag == f"{ATOM}feed"
    assert [len(feed.findall(ATOM + name)) for name in ("id", "title", "updated", "author")] == [1, 1, 1, 1]
    assert texts(feed.find(f"{ATOM}author"), "name")[0]
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links == {"self": f"{PUBLIC}/eidas/changes.atom?lang=en", "alternate": f"{PUBLIC}/eidas"}


def test_each_entry_has_what_atom_demands(client):
    """RFC 4287 4.1.2: exactly one id, title and updated; a link to a page where there is no content; one summary."""
    entries = atom(client).findall(f"{ATOM}entry")
    names = ("id", "title", "updated", "published", "summary", "link", "category")
    assert len(entries) == 6
    assert all([len(entry.findall(ATOM + name)) for name in names] == [1] * len(names) for entry in entries)
    assert all(DATE.fullmatch(text) for entry in entries for text in texts(entry, "updated"))
    assert [UUID(text) for entry in entries for text in texts(entry, "id")]


def test_the_feed_is_as_new_as_its_newest_entry(client):
    feed = atom(client)
    moments = [texts(entry, "updated")[0] for entry in feed.findall(f"{ATOM}entry")]
    assert moments == sorted(moments, reverse=True)
    assert texts(feed, "updated") == moments[:1]


def test_a_text_is_a_text_whatever_stands_in_it(client):
    (entry,) = about(atom(client), "Stop & <b>go</b> ]]>")
    assert texts(entry, "summary") == ["2026-10-01 – \ufffd\u202e x"]
    page = client.get("/eidas?lang=en", base_url=PUBLIC).text
    assert "Stop &amp; &lt;b&gt;go&lt;/b&gt;" in page


def test_the_feed_speaks_the_language_that_its_address_names(client):
    french = atom(client, "?lang=fr")
    assert french.get("{http://www.w3.org/XML/1998/namespace}lang") == "fr"
    assert len(about(french, "Other", "Arrêt & <b>retour</b>", "Les métadonnées de notre Connector sont publiées")) == 3
    assert texts(french, "id") != texts(atom(client), "id")


def test_entries_have_the_same_name_in_both_forms_and_languages(client):
    names = [texts(entry, "id")[0] for entry in atom(client, "?lang=fr").findall(f"{ATOM}entry")]
    feed = client.get("/eidas/changes.json", base_url=PUBLIC).json
    assert [item["id"] for item in feed["items"]] == names


def test_the_other_feed_has_what_json_feed_demands(client):
    answer = client.get("/eidas/changes.json", base_url=PUBLIC)
    feed = json.loads(answer.data)
    assert answer.mimetype == "application/feed+json"
    assert (feed["version"], bool(feed["title"])) == ("https://jsonfeed.org/version/1.1", True)
    for item in feed["items"]:
        assert item["id"]
        assert item["content_text"]
        assert DATE.fullmatch(item["date_published"])
    (other,) = (item for item in feed["items"] if item["title"] == "Other")
    assert other["_passerelle"] == {"planned": True, "due": "2026-10-02T00:00:00Z"}


@pytest.mark.parametrize("name", ["atom", "json"])
def test_who_polls_gets_nothing_new_while_nothing_is(client, name):
    first = client.get(f"/eidas/changes.{name}?lang=fr", base_url=PUBLIC)
    again = client.get(f"/eidas/changes.{name}?lang=fr", base_url=PUBLIC, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert (first.headers["Cache-Control"], "Set-Cookie" in first.headers) == ("public, max-age=600", False)


def test_what_the_ledger_was_told_at_the_start_stands_in_the_feed(make_abroad):
    client = make_abroad().app.test_client()
    titles = {item["title"] for item in client.get("/eidas/changes.json", base_url=PUBLIC).json["items"]}
    assert titles == {
        "A new key signs our messages",
        "A new key opens what is encrypted for us",
        "A new key signs our metadata",
        "The metadata of our Connector is published",
    }


def test_a_ledger_that_does_not_hold_gives_no_feed_and_the_page_says_so(make_abroad, monkeypatch):
    world = make_abroad()

    def torn(*_):
        raise LedgerRefused("entry 1 is missing")

    monkeypatch.setattr(Ledger, "entries", torn)
    client = world.app.test_client()
    answers = [client.get(f"/eidas/changes.{name}", base_url=PUBLIC).status_code for name in ("atom", "json")]
    page = client.get("/eidas?lang=en", base_url=PUBLIC)
    assert (answers, page.status_code, "Nobody can say just now" in page.text) == ([503, 503], 200, True)


def test_the_ledger_is_not_read_for_each_of_many_pollers(make_abroad, monkeypatch):
    world, read, count = make_abroad(), Ledger.entries, []
    monkeypatch.setattr(Ledger, "entries", lambda self: count.append(1) or read(self))
    client = world.app.test_client()
    for _ in range(5):
        client.get("/eidas/changes.atom", base_url=PUBLIC)
    assert len(count) == 1


def test_the_page_leads_to_the_feeds_and_shows_what_is_planned(client):
    page = client.get("/eidas?lang=fr", base_url=PUBLIC).text
    assert '<link rel="alternate" type="application/atom+xml" href="/eidas/changes.atom?lang=fr"' in page
    assert '<link rel="alternate" type="application/feed+json" href="/eidas/changes.json?lang=fr"' in page
    assert page.count('data-testid="change"') == 6
    assert "1er octobre 2026" in page


def test_what_was_planned_passes_when_its_day_is_over(make_abroad):
    settings = make_abroad().settings
    world = make_abroad(node=replace(settings.node, announcements=(PLAIN,)))
    client = world.app.test_client()

    def planned():
        return [
            item["title"]
            for item in client.get("/eidas/changes.json", base_url=PUBLIC).json["items"]
            if item["_passerelle"]["planned"]
        ]

    assert planned() == ["Other"]
    world.clock.advance(30 * 86_400)
    assert planned() == []


def test_who_is_no_node_has_no_feed(make_world):
    client = make_world().app.test_client()
    assert [client.get(f"/eidas/changes.{name}", base_url=PUBLIC).status_code for name in ("atom", "json")] == [404, 404]
