"""What the console's pages say, with an empty ledger and with one that has a past."""

import hashlib
import itertools
import re
from datetime import UTC, datetime

import pytest

from tests.broker.web.console.at_work import DOMINIQUE, signed_in
from tests.broker.web.console.past import DAY, EVIL, ledger_of, said, write_past
from tests.broker.web.markup import Document

EMPTY = ("", "/decisions", "/calendrier", "/calendrier?jours=400", "/algorithmes", "/cles", "/metadonnees", "/registre")
FULL = (*EMPTY, "/noeud/EL/proxy", "/noeud/IS/proxy", "/pays/EL", "/pays/IS", "?le=2026-05-01")


@pytest.fixture
def past(world):
    return write_past(ledger_of(world), world.clock)


@pytest.fixture
def desk(world):
    return signed_in(world, "auditor")


def day(moment):
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d")


def row(page: Document, testid: str) -> str:
    return page.one(data_testid=testid).text


# -- every page -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", EMPTY)
def test_every_page_can_be_read_while_the_ledger_is_empty(world, desk, path, monkeypatch):
    monkeypatch.setattr(ledger_of(world), "entries", tuple)
    assert desk.open(path).status_code == 200
    assert "0 entries" in desk.says("asof")


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("path", FULL)
def test_every_page_is_well_formed_and_in_order(past, desk, path, language):
    answer = desk.open(path, language)
    page = desk.page
    assert (answer.status_code, page.faults, page.one("html").get("lang")) == (200, [], language)
    ids = [element.get("id") for element in page.elements if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    wanted = {element.get("for") for element in page.all("label")}
    wanted |= {element.get("aria-describedby") for element in page.elements if "aria-describedby" in element.attributes}
    assert wanted <= set(ids)
    assert all(page.label_of(control) for control in page.all("input", "select") if control.get("type") != "hidden")
    levels = [int(heading.tag[1]) for heading in page.all("h1", "h2", "h3", "h4")]
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in itertools.pairwise(levels))
    assert len(page.all("caption")) == len(page.all("table"))
    assert not [e for e in page.elements if "style" in e.attributes or e.tag == "script"]
    assert page.all("title")[0].text.endswith("Connexion Démo" if language == "fr" else "Demo Sign-in")


@pytest.mark.parametrize("path", FULL)
def test_every_page_says_of_which_moment_it_is(past, desk, path):
    desk.open(path)
    assert re.match(r"As of (the end of )?\d{4}-\d\d-\d\d", desk.says("asof"))


@pytest.mark.parametrize("path", FULL)
def test_what_others_wrote_is_text(world, desk, path):
    write_past(ledger_of(world), world.clock, words=EVIL)
    assert "<script" not in desk.open(path).text


@pytest.mark.parametrize("path", FULL)
def test_a_ledger_that_does_not_hold_tells_nothing_but_that(world, past, desk, path):
    store = ledger_of(world)._store
    tamper(store)
    answer = desk.open(path)
    if answer.status_code == 404:  # nothing is known of a node then
        return
    assert "altered" in desk.says("fault") or "another" in desk.says("fault")
    assert "node.el.example" not in answer.text


def tamper(store):
    """Somebody changes the last line behind our back."""
    store._lines[-1] = store._lines[-1].replace(b"keys", b"first")


# -- trust ------------------------------------------------------------------------------------------------------------


def test_the_first_page_says_who_is_trusted_since_when_and_by_whose_word(past, desk):
    desk.open("")
    greece = row(desk.page, "node-EL-proxy")
    assert "Greece · Proxy-Service" in greece
    assert f"{DOMINIQUE}, approved" in greece
    assert f"v2 since {day(past.began + 51 * DAY)}" in greece
    assert "another document waits" in greece
    assert "suspended" in row(desk.page, "node-IS-proxy")
    assert desk.says("waiting") == "Documents that wait for a decision: 1"


def test_a_past_day_has_its_own_answer(past, desk):
    desk.open(f"?le={day(past.began + 20 * DAY)}")
    greece = row(desk.page, "node-EL-proxy")
    assert f"v1 since {day(past.began)}" in greece
    assert "a file that the configuration pins" in greece
    assert DOMINIQUE not in greece
    assert not desk.page.all(data_testid="node-IS-proxy")
    assert desk.says("waiting") == "Nothing waits for a decision"


def test_the_day_itself_counts_to_its_end(past, desk):
    desk.open(f"?le={day(past.began + 51 * DAY)}")
    assert "v2" in row(desk.page, "node-EL-proxy")
    desk.open(f"?le={day(past.began + 50 * DAY)}")
    assert "v1" in row(desk.page, "node-EL-proxy")


def test_before_the_first_entry_nobody_is_trusted(past, desk):
    desk.open(f"?le={day(past.began - 2 * DAY)}")
    assert desk.page.one(data_testid="nobody")


@pytest.mark.parametrize("asked", ["2026-13-01", "yesterday", "2999-01-01", "<b>", "2026-06-30T10:00"])
def test_what_is_no_day_of_the_past_shows_today_and_says_so(past, desk, asked):
    assert desk.open(f"?le={asked}").status_code == 200
    assert asked in desk.says("wrong-day")
    assert "another document waits" in row(desk.page, "node-EL-proxy")


def test_a_past_page_shows_no_way_to_decide(world, past):
    desk = signed_in(world, "operator")
    desk.open(f"/decisions?le={day(world.clock() - DAY)}")
    assert desk.page.all(data_testid="open-EL-proxy")
    assert not desk.page.all(data_testid="approve")


# -- a node -----------------------------------------------------------------------------------------------------------


def test_a_node_has_its_facts_its_decision_and_every_event(past, desk):
    desk.open("/noeud/EL/proxy")
    assert desk.says("entity") == "https://node.el.example/metadata"
    assert "fingerprint read over the phone" in desk.says("decision")
    text = desk.page.one("main").text
    for word in ("an anchor vouches from now on", "trusted from now on", "confirmed with the country", "approved"):
        assert word in text
    assert "Iceland" not in text


def test_digests_are_written_in_groups_of_four(past, desk):
    text = desk.open("/noeud/EL/proxy").text
    digest = past.digest(1)
    assert " ".join(digest[at : at + 4] for at in range(0, 32, 4)) in text


def test_versions_lead_to_what_changed_between_them(past, desk):
    desk.open("/noeud/EL/proxy")
    answer = desk.browser.get(f"https://connexion.example{desk.page.one(data_testid='compare-2').get('href')}&lang=en")
    assert "signing key" in answer.text
    assert "without overlap" in answer.text


@pytest.mark.parametrize("ends", ["de={0}&a=" + "e" * 64, "de=x&a={0}", "", "de={0}", "de={3}&a={0}"])
def test_what_is_no_document_of_a_node_cannot_be_compared(past, desk, ends):
    query = ends.format(*(past.digest(number) for number in range(4)))
    assert desk.open(f"/noeud/EL/proxy/comparer?{query}").status_code == 404


def test_a_document_is_handed_out_as_a_file_that_no_browser_shows(past, desk):
    answer = desk.open(f"/document/{past.digest(1)}.xml")
    assert hashlib.sha256(answer.data).hexdigest() == past.digest(1)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{past.digest(1)}.xml"'
    assert (answer.mimetype, answer.headers["X-Content-Type-Options"]) == ("application/octet-stream", "nosniff")
    assert answer.headers["Content-Security-Policy"] == "sandbox"


def test_a_document_that_was_altered_is_not_handed_out(world, past, desk, monkeypatch):
    monkeypatch.setattr(ledger_of(world), "blob", lambda digest: b"<other/>")
    assert desk.open(f"/document/{past.digest(1)}.xml").status_code == 404


@pytest.mark.parametrize("digest", ["a" * 64, "x", "..%2f..%2fetc%2fpasswd"])
def test_only_documents_of_the_ledger_are_handed_out(past, desk, digest):
    assert desk.open(f"/document/{digest}.xml").status_code == 404


def test_the_files_of_keys_are_no_documents(past, desk):
    told = [entry.event for entry in ledger_of(desk.world).entries() if entry.event.type == "key.state"]
    assert told
    assert all(desk.open(f"/document/{event.facts['certificate']}.xml").status_code == 404 for event in told)


# -- what ends, how strong, which keys --------------------------------------------------------------------------------


def test_the_calendar_is_a_picture_and_a_table_of_the_same(past, desk):
    desk.open("/calendrier?jours=400")
    marks = [e for e in desk.page.elements if "mark" in e.get("class").split()]
    rows = [e for e in desk.page.all("tr") if e.within("tbody")]
    assert len(marks) == len(rows) > 3
    assert desk.page.one("svg").get("role") == "img"
    assert all(0 <= float(mark.get("cx")) <= 960 for mark in marks if mark.tag == "circle")


@pytest.mark.parametrize("days", ["90", "400"])
def test_the_calendar_has_two_spans(past, desk, days):
    desk.open(f"/calendrier?jours={days}")
    assert desk.page.one("h1").text == f"What ends within {days} days"


@pytest.mark.parametrize("days", ["", "1", "-90", "99999999999999999999", "x"])
def test_another_span_is_that_of_ninety_days(past, desk, days):
    desk.open(f"/calendrier?jours={days}")
    assert desk.page.one("h1").text == "What ends within 90 days"


def test_the_matrix_grades_each_algorithm(past, desk):
    desk.open("/algorithmes")
    greece = row(desk.page, "row-EL-proxy")
    assert "P-256 · good" in greece


def test_our_keys_are_those_of_the_day(past, desk):
    desk.open("/cles")
    assert "saml-signing" in desk.page.one("main").text
    desk.open(f"/cles?le={day(past.began - 2 * DAY)}")
    assert desk.page.one(data_testid="nothing")


def test_who_is_no_node_has_no_metadata_to_judge(past, desk):
    desk.open("/metadonnees")
    assert desk.page.one(data_testid="nothing")


# -- the ledger -------------------------------------------------------------------------------------------------------


def test_the_ledger_says_how_long_it_is_and_that_it_holds(world, past, desk):
    desk.open("/registre")
    assert desk.says("size") == str(len(ledger_of(world).entries()))
    assert desk.page.one(data_testid="holds")
    assert desk.says("head") == "none yet"


def test_the_ledger_names_the_document_that_was_altered(world, past, desk, monkeypatch):
    monkeypatch.setattr(ledger_of(world), "blob", lambda digest: b"<other/>")
    desk.open("/registre")
    assert past.digest(1) in desk.says("faults")
    assert not desk.page.all(data_testid="holds")


def test_the_ledger_names_the_entry_that_was_altered(world, past, desk):
    tamper(ledger_of(world)._store)
    desk.open("/registre")
    assert "altered" in desk.says("faults")


def test_entries_are_chosen_by_type_and_day(world, past, desk):
    desk.open("/registre?type=country.state")
    assert "they asked us to" in desk.page.one("main").text
    assert "Entries found: 1." in desk.says("found")
    desk.open(f"/registre?depuis={day(world.clock() - 11 * DAY)}&type=metadata.waiting")
    assert "Entries found: 1." in desk.says("found")


@pytest.mark.parametrize("query", ["type=<b>", "depuis=soon", "page=0", "page=-1", "page=99999", "page=x", "page=٣"])
def test_whatever_is_asked_of_the_ledger_gives_a_page(past, desk, query):
    answer = desk.open(f"/registre?{query}")
    assert (answer.status_code, "<b>" in answer.text) == (200, False)


def test_each_entry_has_a_word_for_what_it_says(past, desk):
    text = desk.open("/registre").text
    for word in ("trusted from now on", "key in use", "an anchor vouches from now on", "waits no more"):
        assert word in text


def test_many_entries_stand_on_several_pages(world, desk):
    ledger = ledger_of(world)
    for number in range(60):
        state = ("suspended", "resumed")[number % 2]
        ledger.note([said("country.state", "EL", DOMINIQUE, f"turn {number}", number, state=state)], (), number + 1)
    desk.open("/registre?type=country.state")
    assert "turn 59" in desk.page.one("main").text
    assert "Page 1 of 2" in desk.says("found")
    older = desk.page.one(data_testid="older").get("href")
    desk.open(f"/registre{older}")
    assert "turn 0" in desk.page.one("main").text
    assert not desk.page.all(data_testid="older")
