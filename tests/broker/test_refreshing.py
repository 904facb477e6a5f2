"""What is fetched from other countries: when, what becomes of it, and what a hostile or broken server can do."""

import threading
from dataclasses import replace

import pytest

from broker.fetch import FetchFailed
from broker.parties import Parties
from broker.refreshing import PACE, SOON, MetadataWays, Refresher
from metadata.ledger.kinds import DECISION, IN_FORCE, REFUSED, WAITING
from oidc.messages import HttpResponse
from tests.broker.fetched import STRANGER, Trusting, digest
from tests.eidas.parts import private_key

DAY = 86_400
NEW = private_key("secp256r1", 2)


@pytest.fixture
def trusting(tmp_path):
    return Trusting(tmp_path)


@pytest.fixture
def automatic(tmp_path):
    return Trusting(tmp_path, auto=True)


# -- what becomes of a document ---------------------------------------------------------------------------------------


def test_the_first_document_of_a_node_waits_for_a_person(trusting):
    document = trusting.publish()
    assert trusting.refresh().word == "waiting"
    waiting = trusting.said(WAITING)
    assert (waiting.after, waiting.facts["news"], trusting.country.proxy) == (digest(document), "first", None)
    assert trusting.ledger.blob(digest(document)) == document


def test_where_an_anchor_suffices_it_counts_at_once(automatic):
    document = automatic.publish()
    assert automatic.refresh().word == "in force"
    assert automatic.said(IN_FORCE).facts["ground"] == "anchor"
    assert automatic.country.proxy.sha256 == digest(document)


def test_what_a_person_approved_counts(trusting):
    document = trusting.trust()
    assert (trusting.said(WAITING), trusting.said(IN_FORCE).facts["ground"]) == (None, "approval")
    assert trusting.country.proxy.sha256 == digest(document)


def test_a_node_that_is_signed_anew_without_news_is_not_noted_while_the_old_copy_lasts(trusting):
    trusting.trust()
    before = len(trusting.types())
    trusting.clock.advance(DAY)
    trusting.publish()
    assert (trusting.refresh().word, len(trusting.types())) == ("unchanged", before)


def test_a_renewal_takes_its_place_when_half_of_its_time_has_gone(trusting):
    trusting.trust()
    trusting.clock.advance(4 * DAY)
    document = trusting.publish()
    assert trusting.refresh().word == "in force"
    assert trusting.said(IN_FORCE).facts["ground"] == "renewal"
    assert trusting.country.proxy.sha256 == digest(document)


def test_a_new_key_waits_and_the_old_one_counts_meanwhile(trusting):
    trusting.trust()
    before = trusting.country.proxy
    trusting.publisher.signing.append(NEW)
    trusting.publish()
    assert trusting.refresh().word == "waiting"
    assert (trusting.said(WAITING).facts["news"], trusting.country.proxy) == ("keys", before)


def test_what_was_approved_since_a_worker_looked_does_not_wait_again(trusting):
    before = trusting.settings
    trusting.trust()
    trusting.publisher.signing.append(NEW)
    later = trusting.settings
    document = trusting.publish()
    trusting.refresh()
    trusting.decide(document)
    for stale in (before, later):
        trusting.publish()
        trusting.refresher.refresh(stale, at_once=True)
        assert trusting.said(WAITING) is None


def test_a_new_key_counts_at_once_where_an_anchor_suffices(automatic):
    automatic.publish()
    automatic.refresh()
    automatic.publisher.signing.append(NEW)
    automatic.publish()
    assert automatic.refresh().word == "in force"
    assert len(automatic.country.proxy.signing) == 2


@pytest.mark.parametrize(
    ("old", "new"),
    [("https://node.el.example/sso", "https://elsewhere.example/sso")],
    ids=["another host"],
)
def test_a_dangerous_change_waits_even_without_a_new_key(trusting, old, new):
    trusting.trust()
    trusting.publisher.edits.append((old, new))
    trusting.publish()
    assert trusting.refresh().word == "waiting"
    assert trusting.said(WAITING).facts["news"] == "dangerous"


def test_an_old_document_that_is_played_back_waits_even_where_an_anchor_suffices(automatic):
    automatic.publisher.signing.append(NEW)
    old = automatic.publish()
    automatic.refresh()
    automatic.clock.advance(DAY)
    automatic.publisher.signing.remove(NEW)
    automatic.publisher.edits.append(("mailto:support@", "mailto:help@"))
    automatic.publish()
    automatic.refresh()
    assert len(automatic.country.proxy.signing) == 1
    automatic.server.gives(automatic.address, old)
    assert automatic.refresh().word == "waiting"


def test_a_harmless_change_counts(trusting):
    trusting.trust()
    trusting.publisher.edits.append(("mailto:support@", "mailto:help@"))
    trusting.publish()
    assert trusting.refresh().word == "in force"
    assert trusting.country.proxy.contacts[0].mail == "help@node.el.example"


def test_what_waits_is_no_more_when_the_country_takes_it_back(trusting):
    trusting.trust()
    trusting.publisher.signing.append(NEW)
    trusting.publish()
    trusting.refresh()
    trusting.publisher.signing.remove(NEW)
    trusting.publish()
    assert (trusting.refresh().word, trusting.said(WAITING)) == ("unchanged", None)


def test_what_waits_is_not_noted_again_when_it_is_only_signed_anew(trusting):
    trusting.publish()
    trusting.refresh()
    before = trusting.types()
    trusting.clock.advance(3600)
    trusting.publish()
    assert (trusting.refresh().word, trusting.types()) == ("unchanged", before)


def test_what_was_rejected_does_not_wait_again(trusting):
    document = trusting.publish()
    trusting.refresh()
    trusting.decide(document, "rejected")
    trusting.clock.advance(3600)
    trusting.publish()
    trusting.refresh()
    assert (trusting.said(WAITING), trusting.said(DECISION).facts["verdict"]) == (None, "rejected")


# -- what is refused --------------------------------------------------------------------------------------------------


def spoil(trusting, how):
    publisher = trusting.publisher
    match how:
        case "signed by a stranger":
            publisher.by = STRANGER
        case "of another country":
            publisher.edits.append((">EL</eidas:NodeCountry>", ">BG</eidas:NodeCountry>"))
        case "of another name":
            publisher.edits.append(('entityID="https://node.el.example/metadata"', 'entityID="https://node.el.example/"'))
        case "expired":
            publisher.days = -1
        case "not https":
            publisher.edits.append(('Location="https://node.el.example/sso"', 'Location="http://node.el.example/sso"'))


@pytest.mark.parametrize("how", ["signed by a stranger", "of another country", "of another name", "expired", "not https"])
def test_a_document_that_breaks_a_rule_is_refused_and_the_last_copy_stays(trusting, how):
    trusting.trust()
    before = trusting.country.proxy
    spoil(trusting, how)
    document = trusting.publish()
    outcome = trusting.refresh()
    assert (outcome.word, trusting.country.proxy) == ("refused", before)
    assert trusting.said(REFUSED).facts["reason"] == outcome.detail
    assert trusting.ledger.blob(digest(document)) == document


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"<html><body>Wartung</body></html>",
        b"not xml",
        b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>",
        bytes(10),
        b"<a/>" * 9,
    ],
    ids=["nothing", "a page", "no xml", "entities", "zeros", "several roots"],
)
def test_what_is_no_metadata_is_refused(trusting, octets):
    trusting.trust()
    trusting.server.gives(trusting.address, octets)
    assert trusting.refresh().word == "refused"
    assert trusting.country.proxy is not None


def test_a_changed_octet_is_refused(trusting):
    trusting.trust()
    document = trusting.publisher.document()
    trusting.server.gives(trusting.address, document.replace(b"/sso", b"/s50", 1))
    assert trusting.refresh().word == "refused"


def test_a_refusal_is_noted_once_and_forgotten_when_all_is_well_again(trusting):
    trusting.trust()
    trusting.publisher.by = STRANGER
    trusting.publish()
    trusting.refresh()
    before = trusting.types()
    trusting.clock.advance(60)
    trusting.publish()
    trusting.refresh()
    assert trusting.types() == before
    trusting.publisher.by = Trusting.__init__.__globals__["ANCHOR"]
    trusting.publish()
    trusting.refresh()
    assert trusting.said(REFUSED) is None


# -- the server -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (HttpResponse(302, {"location": "https://elsewhere.example/"}, b""), "redirects"),
        (HttpResponse(500, {}, b"<html/>"), "answers 500"),
        (HttpResponse(404, {}, b""), "answers 404"),
        (HttpResponse(206, {}, b"<md"), "answers 206"),
    ],
    ids=["redirect", "error", "absent", "a part"],
)
def test_an_answer_without_a_document_is_told_and_changes_nothing(trusting, answer, why):
    trusting.trust()
    before = trusting.types()
    trusting.server.pages[trusting.address] = lambda _: answer
    outcome = trusting.refresh()
    assert (outcome.word, why in outcome.detail, trusting.types()) == ("failed", True, before)
    assert trusting.refresher.known(trusting.address).wrong == outcome.detail


@pytest.mark.parametrize("kind", ["timeout", "too-large", "tls", "dns", "private-address", "protocol"])
def test_a_server_that_gives_nothing_usable_changes_nothing(trusting, kind):
    trusting.trust()

    def fail(_):
        raise FetchFailed(kind, "node.el.example")

    trusting.server.pages[trusting.address] = fail
    assert (trusting.refresh().word, kind in trusting.refresher.known(trusting.address).wrong) == ("failed", True)
    assert trusting.country.proxy is not None


def test_what_changes_with_each_request_is_judged_kept_and_used_as_it_came_once(automatic):
    """Nobody can have one document checked and another one believed."""
    given = []

    def another(_):
        automatic.publisher.edits = [("mailto:support@", f"mailto:help{len(given)}@")]
        given.append(automatic.publisher.document())
        return HttpResponse(200, {}, given[-1])

    automatic.server.pages[automatic.address] = another
    automatic.refresh()
    assert len(given) == 1
    assert automatic.ledger.blob(automatic.said(IN_FORCE).after) == given[0]
    assert automatic.country.proxy.contacts[0].mail == "help0@node.el.example"


def test_the_last_copy_counts_until_its_end_and_no_longer(trusting):
    trusting.trust()
    del trusting.server.pages[trusting.address]
    trusting.refresh()
    until = trusting.country.proxy.valid_until
    assert until == trusting.clock() + 7 * DAY


def test_it_is_asked_conditionally_for_what_is_kept(trusting):
    trusting.publish(**{"etag": '"v1"', "last-modified": "Mon, 21 Sep 2026 00:00:00 GMT"})
    trusting.refresh()
    trusting.server.pages[trusting.address] = lambda _: HttpResponse(304, {}, b"")
    assert trusting.refresh().word == "unchanged"
    sent = trusting.server.asked[-1].headers
    assert (sent["If-None-Match"], sent["If-Modified-Since"]) == ('"v1"', "Mon, 21 Sep 2026 00:00:00 GMT")


def test_it_is_asked_unconditionally_for_what_was_not_kept(trusting):
    trusting.trust()
    trusting.clock.advance(DAY)
    trusting.publish(etag='"v2"')
    trusting.refresh()
    trusting.refresh()
    assert "If-None-Match" not in trusting.server.asked[-1].headers


# -- when, and who ----------------------------------------------------------------------------------------------------


def turns(trusting):
    return len(trusting.refresher.take_turn(trusting.settings))


def test_it_is_fetched_once_an_interval(trusting):
    trusting.publish()
    assert [turns(trusting), turns(trusting)] == [1, 0]
    trusting.clock.advance(3600)
    assert turns(trusting) == 1


def test_it_is_fetched_sooner_after_a_failure(trusting):
    assert turns(trusting) == 1
    trusting.clock.advance(SOON)
    assert turns(trusting) == 1


def test_it_is_fetched_sooner_when_the_copy_ends_soon(trusting):
    trusting.publisher.days = 1
    trusting.trust()
    trusting.clock.advance(DAY - 3000)
    trusting.refresh()
    trusting.clock.advance(SOON)
    assert turns(trusting) == 1


def test_two_workers_do_it_once(trusting):
    other = replace_refresher(trusting)
    inside, go_on = threading.Event(), threading.Event()
    document = trusting.publisher.document()

    def slow(_):
        inside.set()
        go_on.wait(5)
        return HttpResponse(200, {}, document)

    trusting.server.pages[trusting.address] = slow
    first = threading.Thread(target=turns, args=(trusting,))
    first.start()
    inside.wait(5)
    assert other.take_turn(trusting.settings) == ()
    go_on.set()
    first.join()
    assert len(trusting.server.asked) == 1


def test_another_worker_goes_on_after_one_was_killed(trusting):
    class Killed(BaseException):
        pass

    def kill(_):
        raise Killed

    trusting.server.pages[trusting.address] = kill
    trusting.refresher._release = lambda _: None  # a killed process releases nothing
    with pytest.raises(Killed):
        turns(trusting)
    trusting.publish()
    other = replace_refresher(trusting)
    assert other.take_turn(trusting.settings) == ()
    trusting.clock.advance(PACE.lease)
    assert [one.word for one in other.take_turn(trusting.settings)] == ["waiting"]


def replace_refresher(trusting):
    """That of another worker."""
    ways = MetadataWays(trusting.server, trusting.server)
    return Refresher(trusting.ledger, trusting.vault, ways, trusting.clock)


def test_a_worker_whose_right_ran_out_does_not_end_that_of_the_next(trusting):
    """The first one takes longer than its right lasts; a second one begins; a third one must still wait."""
    first_on, second_on = threading.Event(), threading.Event()
    going_on = {"first": first_on, "second": second_on}
    names = iter(going_on)
    inside = {name: threading.Event() for name in going_on}

    def slow(_):
        name = next(names)
        inside[name].set()
        going_on[name].wait(5)
        return HttpResponse(404, {}, b"")

    trusting.server.pages[trusting.address] = slow
    workers = [replace_refresher(trusting) for _ in range(3)]
    threads = [threading.Thread(target=one.take_turn, args=(trusting.settings,)) for one in workers[:2]]
    threads[0].start()
    inside["first"].wait(5)
    trusting.clock.advance(PACE.lease)
    threads[1].start()
    inside["second"].wait(5)
    first_on.set()
    threads[0].join()
    trusting.clock.advance(PACE.pause)
    assert workers[2].take_turn(trusting.settings) == ()
    second_on.set()
    threads[1].join()
    assert len(trusting.server.asked) == 2


def test_what_was_put_in_force_is_told_to_every_worker_whatever_goes_wrong_with_the_next(automatic):
    class Broken(Exception):
        pass

    def breaks(_):
        raise Broken

    greece = automatic.base.parties.countries["EL"]
    other = replace(greece, code="FI", sources={"proxy": "https://node.fi.example/metadata"})
    automatic.base = replace(automatic.base, parties=Parties({}, {}, {"EL": greece, "FI": other}))
    automatic.publish()
    automatic.server.pages["https://node.fi.example/metadata"] = breaks
    generation = automatic.store.generation()
    with pytest.raises(Broken):
        automatic.refresher.refresh(automatic.settings, at_once=True)
    assert automatic.country.proxy is not None
    assert automatic.store.generation() > generation


def test_what_counts_now_is_told_to_every_worker(automatic):
    generation = automatic.store.generation()
    automatic.publish()
    automatic.refresh()
    assert automatic.store.generation() > generation


def test_only_the_countries_that_were_named_are_asked(trusting):
    assert trusting.refresher.refresh(trusting.settings, only=("DE",), at_once=True) == ()


# -- the database -----------------------------------------------------------------------------------------------------


def tamper(trusting, digest_of_it, octets):
    """What somebody does who can write to the database: another document under a digest."""
    trusting.store.ledger._blobs = {**trusting.store.ledger._blobs, digest_of_it: octets}


def test_another_document_of_the_anchor_under_the_same_digest_does_not_count(automatic):
    automatic.publisher.signing.append(NEW)
    old = automatic.publish()
    automatic.refresh()
    automatic.publisher.signing.remove(NEW)
    automatic.publisher.edits.append(("mailto:support@", "mailto:help@"))
    new = automatic.publish()
    automatic.refresh()
    assert len(automatic.country.proxy.signing) == 1
    tamper(automatic, digest(new), old)
    assert automatic.country.proxy is None


def test_what_was_altered_in_the_database_is_not_what_news_are_judged_by(trusting):
    before = trusting.trust()
    trusting.publisher.signing.append(NEW)
    document = trusting.publish()
    tamper(trusting, digest(before), document)
    assert trusting.refresh().word == "waiting"
    assert trusting.country.proxy is None


# -- who is believed --------------------------------------------------------------------------------------------------


def test_a_node_whose_anchor_was_taken_away_does_not_count_any_more(trusting):
    trusting.trust()
    trusting.change(anchors=())
    assert trusting.country.proxy is None


def test_former_keys_count_for_logins_that_are_under_way_and_no_longer(automatic):
    automatic.publish()
    automatic.refresh()
    (old,) = automatic.country.proxy.signing
    automatic.publisher.signing[:] = [NEW]
    automatic.publish()
    automatic.refresh()
    country, now = automatic.country, automatic.clock()
    assert country.proxy.signing != (old,)
    assert old in country.verifying("proxy", now + 30 * 60 - 1)
    assert old not in country.verifying("proxy", now + 30 * 60)


def test_without_an_overlap_former_keys_are_gone_at_once(automatic):
    automatic.base = replace(automatic.base, trust=replace(automatic.base.trust, overlap_minutes=0))
    automatic.publish()
    automatic.refresh()
    automatic.publisher.signing[:] = [NEW]
    automatic.publish()
    automatic.refresh()
    assert automatic.country.verifying("proxy", automatic.clock()) == automatic.country.proxy.signing
