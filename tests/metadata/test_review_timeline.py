"""What happened, in sentences."""

import pytest

from metadata.ledger.kinds import ANCHOR, IN_FORCE, KEY, KINDS, WAITING
from metadata.review.keys import key_used
from metadata.review.timeline import TRUST, WORDS, subjects_of, timeline, told
from tests.metadata import past as p
from tests.metadata.ledgers import EXAMPLES
from tests.metadata.past import ANCHOR_DIGEST, DAY, DOCUMENT, NAME, NOW, Past, past, sha256
from tests.metadata.versions import OTHER, SIGNING, signed, version

NEXT = signed(version((SIGNING, SIGNING + OTHER)))
OTHERS = "https://it.example/metadata"
STORY = [
    (0, p.anchor()),
    (0, p.in_force()),
    (1, p.in_force(subject="EL/connector", entity_id="https://el.example/connector")),
    (1, p.in_force(subject="IT/proxy", entity_id=OTHERS)),
    (2, p.waits(NEXT)),
    (3, p.decision("approved", NEXT)),
    (3, p.in_force(NEXT, "approval")),
    (3, p.gone(WAITING, "EL/proxy")),
    (4, p.country("suspended")),
    (5, p.country("resumed", "IT")),
    (6, p.key("active")),
    (7, p.gone(IN_FORCE, "EL/proxy")),
]


def words(made: Past, whom: str, at: int | None = None) -> list[str]:
    """What is told of somebody, a word each."""
    return [one.what for one in timeline(made.entries, whom, at)]


def test_the_story_of_a_node_has_its_country_and_its_anchors():
    story = ["pinned", "trusted", "waits", "approved", "version", "settled", "suspended", "removed"]
    assert words(past(STORY), "EL/proxy") == story


def test_the_story_of_a_country_has_both_roles_and_that_of_a_name_only_its_own():
    made = past(STORY)
    assert words(made, "EL").count("trusted") == 2
    assert words(made, "IT") == words(made, OTHERS) == ["trusted", "resumed"]
    assert subjects_of(made.entries, NAME) == {"EL/proxy"}
    assert words(made, "https://nobody.example/") == words(made, "PT") == words(made, "EL/nothing")[2:] == []


def test_a_story_ends_at_its_moment():
    assert words(past(STORY), "EL/proxy", NOW + DAY) == ["pinned", "trusted"]


def test_sentences_are_plain():
    sentences = [one.sentence for one in timeline(past(STORY).entries, "EL/proxy")]
    old, new = sha256(DOCUMENT)[:12], sha256(NEXT)[:12]
    assert sentences == [
        "anchor aaaaaaaaaaaa vouches from now on, by the configuration, until 2026-09-28T14:13:20Z",
        f"https://el.example/metadata is trusted from now on: document {old} by the file that the configuration pins",
        f"document {new} waits for a decision: it has other keys, and anchor aaaaaaaaaaaa vouches for it",
        f"Camille approved document {new} (the only one needed): Camille read it out",
        f"document {new} is in force because it was approved",
        "no document waits any more",
        "Camille suspended EL: they called us",
        "EL/proxy is trusted no more",
    ]


@pytest.mark.parametrize(
    ("again", "word", "sentence"),
    [
        (p.in_force(ground="anchor"), "ground", "the document in force stays, by its anchor alone"),
        (p.in_force(NEXT, entity_id=OTHERS), "version", f"with another entity ID: {OTHERS}"),
    ],
    ids=["ground", "name"],
)
def test_what_changes_beside_the_document_is_said(again, word: str, sentence: str):
    last = timeline(past([(0, p.in_force()), (1, again)]).entries, "EL/proxy")[-1]
    assert last.what == word
    assert sentence in last.sentence


def test_every_type_has_a_sentence_when_it_is_so_and_when_it_is_no_more():
    made = Past()
    for one in EXAMPLES:
        made.tell(NOW, one).tell(NOW + 1, p.gone(one.type, one.subject))
    found = list(told(made.entries))
    assert {one.type for one in found} == set(KINDS)
    assert len({one.sentence for one in found}) == len(found)


def test_the_words_of_trust_are_those_that_are_listed():
    made = past(STORY)
    for one in EXAMPLES:
        made.tell(NOW + 9 * DAY, one).tell(NOW + 9 * DAY, p.gone(one.type, one.subject))
    for verdict in ("proposed", "rejected"):
        made.tell(NOW + 10 * DAY, p.decision(verdict))
    made.tell(NOW + 11 * DAY, p.in_force()).tell(NOW + 12 * DAY, p.in_force(ground="anchor"))
    assert {one.what for one in told(made.entries) if one.type in TRUST} == set(WORDS)


# -- our keys ---------------------------------------------------------------------------------------------------------


def test_a_key_is_in_its_state_since_that_began():
    made = past(
        [(0, p.key("published")), (1, p.key("active")), (2, p.key("active", certificate=b"x")), (3, p.key("retiring"))]
    )
    states = [(key_used(made.entries, NOW + days * DAY)[0]) for days in range(4)]
    assert [(one.state, (one.since - NOW) // DAY) for one in states] == [
        ("published", 0),
        ("active", 1),
        ("active", 1),
        ("retiring", 3),
    ]
    assert {one.known for one in states} == {NOW}


def test_the_key_that_signs_comes_first_and_one_that_is_gone_is_not_there():
    made = past(
        [(0, p.key("published", "A" * 43)), (0, p.key("active", "B" * 43)), (0, p.key("active", "C" * 43, use="a-b"))]
    )
    assert [one.kid[0] for one in key_used(made.entries)] == ["C", "B", "A"]
    made.tell(NOW + DAY, p.gone(KEY, "B" * 43))
    assert [one.kid[0] for one in key_used(made.entries)] == ["C", "A"]


def test_an_anchor_that_vouches_no_more_is_said():
    made = past([(0, p.anchor()), (1, p.gone(ANCHOR, f"EL/{ANCHOR_DIGEST}"))])
    assert words(made, "EL/proxy") == ["pinned", "unpinned"]
