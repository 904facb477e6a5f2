"""What changes at our node: from the keys, from the ledger, and from the operator."""

from dataclasses import replace

import pytest

from broker.changes import MOST_PAST, NOTICE_DAYS, changes
from broker.parties import Text
from broker.settings.model import Announcement, Node
from certs.keyring import Keyring, load_keyring, new_key
from certs.keys import State, Use, fingerprint
from metadata.ledger import Entry, Event
from metadata.ledger.kinds import KEY, PUBLISHED

NOW, DAY = 1_790_000_000, 86_400  # 21 September 2026
MAINTENANCE = Announcement("2026-09-01", "2026-10-01", Text("", "Maintenance"), Text("", "Some minutes."))


def ring(tmp_path, *made):
    """Keys of these uses and states, made ten days ago."""
    for use, state in made:
        new_key(tmp_path, use, "P-256", state, NOW - 10 * DAY)
    return load_keyring(tmp_path)


def entry(seq, time, type_, subject, facts, before="", after="a"):
    """A line of the ledger, as far as it is looked at."""
    return Entry(Event(seq, time, type_, subject, facts, before, after), b"", b"")


def state(key, name, time, seq=0):
    """The ledger says that a key came into a state."""
    facts = {"use": str(key.use), "state": name, "certificate": fingerprint(key.certificate).replace(":", "")}
    return entry(seq, time, KEY, key.kid, facts if name else {}, after="a" if name else "")


@pytest.fixture
def settings(make_world):
    """An instance that is a node."""
    return replace(make_world().settings, node=Node(roles=("connector",), organisation="DN"))


def test_the_next_key_is_planned_thirty_days_after_it_was_published(settings, tmp_path):
    keys = ring(tmp_path, (Use.SAML_SIGNING, State.PUBLISHED), (Use.SAML_SIGNING, State.ACTIVE))
    (planned,) = changes(settings, keys, (), NOW)
    assert (planned.planned, planned.updated, planned.due) == (True, NOW - 10 * DAY, NOW + (NOTICE_DAYS - 10) * DAY)
    assert "not before 2026-10-11" in planned.text.en
    assert "au plus tôt le 2026-10-11" in planned.text.fr
    assert fingerprint(keys.all(Use.SAML_SIGNING)[1].certificate) in planned.text.en


def test_the_ledger_knows_better_since_when_a_key_is_known(settings, tmp_path):
    keys = ring(tmp_path, (Use.SAML_SIGNING, State.PUBLISHED))
    entries = [state(keys.keys[0], "published", NOW - DAY)]
    (planned,) = changes(settings, keys, entries, NOW)
    assert (planned.updated, planned.due) == (NOW - DAY, NOW + (NOTICE_DAYS - 1) * DAY)


def test_when_a_certificate_was_renewed_the_key_is_known_since_before(settings, tmp_path):
    keys = ring(tmp_path, (Use.SAML_SIGNING, State.PUBLISHED))
    entries = [state(keys.keys[0], "published", NOW - day * DAY, 5 - day) for day in (5, 2)]
    assert [one.updated for one in changes(settings, keys, entries, NOW)] == [NOW - 5 * DAY]


def test_a_key_that_goes_is_planned_and_without_a_ledger_nobody_knows_when(settings, tmp_path):
    keys = ring(tmp_path, (Use.SAML_DECRYPTION, State.RETIRING))
    told = changes(settings, keys, [state(keys.keys[0], "retiring", NOW - DAY)], NOW)
    untold = changes(settings, keys, (), NOW)
    assert [(one.planned, one.due) for one in (*told, *untold)] == [(True, NOW + 29 * DAY), (True, None)]


def test_the_life_of_a_key_is_told_step_by_step_and_each_step_keeps_its_name(settings, tmp_path):
    keys = ring(tmp_path, (Use.METADATA_SIGNING, State.ACTIVE))
    steps = [state(keys.keys[0], name, NOW - (9 - at) * DAY, at) for at, name in enumerate(("published", "active"))]
    before = changes(settings, keys, steps[:1], NOW - 9 * DAY)
    after = changes(settings, keys, steps, NOW)
    assert [one.title.en for one in after] == [
        "A new key signs our metadata",
        "The next key that signs our metadata is known",
    ]
    assert (before[0].id, before[0].text, before[0].updated) == (after[1].id, after[1].text, after[1].updated)
    assert [one.planned for one in after] == [False, False]


def test_a_key_that_is_gone_is_past(settings, tmp_path):
    keys = ring(tmp_path, (Use.SAML_SIGNING, State.RETIRING))
    entries = [state(keys.keys[0], "retiring", NOW - 3 * DAY), state(keys.keys[0], "", NOW - DAY, 1)]
    found = changes(settings, Keyring(()), entries, NOW)
    assert [(one.planned, one.title.en) for one in found] == [
        (False, "A key is gone that signs our messages"),
        (False, "A key is going that signs our messages"),
    ]


@pytest.mark.parametrize("use", [Use.OP_SIGNING, Use.LEDGER_SIGNING, Use.TLS_CLIENT])
def test_keys_that_other_nodes_never_see_are_not_told(settings, tmp_path, use):
    new_key(tmp_path, use, "ES256" if use is Use.OP_SIGNING else "P-256", State.PUBLISHED, NOW)
    event = entry(0, NOW, KEY, "k", {"use": str(use), "state": "published", "certificate": ""})
    assert changes(settings, load_keyring(tmp_path), [event], NOW) == ()


def test_metadata_is_published_changed_and_withdrawn(settings):
    facts = {"document": "ab" * 32, "entity_id": "https://x.example"}
    entries = [
        entry(0, NOW, PUBLISHED, "connector", facts, "", "a"),
        entry(1, NOW + 1, PUBLISHED, "connector", facts, "a", "b"),
        entry(2, NOW + 2, PUBLISHED, "connector", {}, "b", ""),
    ]
    found = changes(settings, Keyring(()), entries, NOW + 2)
    assert [one.title.en.rpartition(" ")[2] for one in found] == ["withdrawn", "changed", "published"]
    assert "abab:abab" in found[1].text.en
    assert found[0].text == Text("", "")


def test_an_announcement_is_shown_from_its_day_and_planned_until_the_end_of_the_day_that_it_is_about(settings):
    told = replace(settings, node=replace(settings.node, announcements=(MAINTENANCE,)))
    announced, happens = 1_788_220_800, 1_790_812_800
    moments = (announced - 1, announced, happens + DAY - 1, happens + DAY)
    seen = [[one.planned for one in changes(told, Keyring(()), (), moment)] for moment in moments]
    assert seen == [[], [True], [True], [False]]


def test_a_text_without_french_is_shown_in_english(settings):
    told = replace(settings, node=replace(settings.node, announcements=(MAINTENANCE,)))
    (one,) = changes(told, Keyring(()), (), NOW)
    assert one.words("fr") == one.words("en") == ("Maintenance", "Some minutes.")


def test_no_two_changes_have_one_name(settings, tmp_path):
    keys = ring(tmp_path, (Use.SAML_SIGNING, State.PUBLISHED), (Use.SAML_DECRYPTION, State.RETIRING))
    other = replace(MAINTENANCE, date="2026-10-02")
    told = replace(settings, node=replace(settings.node, announcements=(MAINTENANCE, other)))
    names = [one.id for one in changes(told, keys, (), NOW)]
    elsewhere = [one.id for one in changes(replace(told, public_url="https://other.example"), keys, (), NOW)]
    assert len({*names, *elsewhere}) == 8
    assert all(name.startswith("urn:uuid:") for name in names)


def test_what_has_passed_is_not_told_for_ever(settings):
    facts = {"document": "ab" * 32, "entity_id": "https://x.example"}
    entries = [entry(n, NOW + n, PUBLISHED, "proxy", facts, str(n), str(n + 1)) for n in range(MOST_PAST + 5)]
    found = changes(settings, Keyring(()), entries, NOW)
    assert (len(found), found[0].updated, found[-1].updated) == (MOST_PAST, NOW + MOST_PAST + 4, NOW + 5)
