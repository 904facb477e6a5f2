"""The feeds of what changes at our node, as RFC 4287 and JSON Feed 1.1 want them, and the same changes on the page."""

import json
import re
from dataclasses import replace
from uuid import UUID
from xml.etree import ElementTree

import pytest

from broker.parties import Text
from broker.settings.model import Announcement
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
    assert len(entries) == 2
    assert all([len(entry.findall(ATOM + name)) for name in names] == [1] * len(names) for entry in entries)
    assert all(DATE.fullmatch(text) for entry in entries for text in texts(entry, "updated"))
    assert [UUID(text) for entry in entries for text in texts(entry, "id")]


def test_the_feed_is_as_new_as_its_newest_entry(client):
    feed = atom(client)
    assert texts(feed, "updated") == ["2026-09-02T00:00:00Z"] == texts(feed.find(f"{ATOM}entry"), "updated")


def test_a_text_is_a_text_whatever_stands_in_it(client):
    entry = atom(client).findall(f"{ATOM}entry")[1]
    assert texts(entry, "title") == ["Stop & <b>go</b> ]]>"]
    assert texts(entry, "summary") == ["2026-10-01 – \ufffd\u202e x"]
    page = client.get("/eidas?lang=en", base_url=PUBLIC).text
    assert "Stop &amp; &lt;b&gt;go&lt;/b&gt;" in page


def test_the_feed_speaks_the_language_that_its_address_names(client):
    french = atom(client, "?lang=fr")
    assert french.get("{http://www.w3.org/XML/1998/namespace}lang") == "fr"
    assert [texts(entry, "title")[0] for entry in french.findall(f"{ATOM}entry")] == ["Other", "Arrêt & <b>retour</b>"]
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
    assert feed["items"][0]["_passerelle"] == {"planned": True, "due": "2026-10-02T00:00:00Z"}


@pytest.mark.parametrize("name", ["atom", "json"])
def test_who_polls_gets_nothing_new_while_nothing_is(client, name):
    first = client.get(f"/eidas/changes.{name}?lang=fr", base_url=PUBLIC)
    again = client.get(f"/eidas/changes.{name}?lang=fr", base_url=PUBLIC, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert (first.headers["Cache-Control"], "Set-Cookie" in first.headers) == ("public, max-age=600", False)


def test_without_any_change_the_feeds_are_empty_and_valid(make_abroad):
    client = make_abroad().app.test_client()
    feed = atom(client)
    assert (feed.findall(f"{ATOM}entry"), len(texts(feed, "updated"))) == ([], 1)
    assert client.get("/eidas/changes.json", base_url=PUBLIC).json["items"] == []


def test_the_page_leads_to_the_feeds_and_shows_what_is_planned(client):
    page = client.get("/eidas?lang=fr", base_url=PUBLIC).text
    assert '<link rel="alternate" type="application/atom+xml" href="/eidas/changes.atom?lang=fr"' in page
    assert '<link rel="alternate" type="application/feed+json" href="/eidas/changes.json?lang=fr"' in page
    assert page.count('data-testid="change"') == 2
    assert "1er octobre 2026" in page


def test_what_was_planned_passes_when_its_day_is_over(make_abroad):
    settings = make_abroad().settings
    world = make_abroad(node=replace(settings.node, announcements=(PLAIN,)))
    client = world.app.test_client()
    before = client.get("/eidas/changes.json", base_url=PUBLIC).json["items"]
    world.clock.advance(30 * 86_400)
    after = client.get("/eidas/changes.json", base_url=PUBLIC).json["items"]
    assert [item["_passerelle"]["planned"] for item in (*before, *after)] == [True, False]


def test_who_is_no_node_has_no_feed(make_world):
    client = make_world().app.test_client()
    assert [client.get(f"/eidas/changes.{name}", base_url=PUBLIC).status_code for name in ("atom", "json")] == [404, 404]
