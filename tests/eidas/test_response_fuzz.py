"""Whatever comes is read or refused, never anything else, and soon."""

import copy
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eidas import xml
from eidas.attributes import DATE_OF_BIRTH, MANDATORY, PERSON_IDENTIFIER, Kind
from eidas.errors import Refused
from eidas.vocabulary import NOTIFIED_LEVELS
from tests.eidas.exchange import ATTRIBUTES, CONDITIONS, DATA, FUTURE, LEVEL, NAME_ID, PERSON, STATED, find, read, value
from tests.eidas.exchange import response as made

VALID = made()
SOON = timedelta(seconds=2)
"""For one message; it takes a few milliseconds, and the machine may have other work."""


@settings(max_examples=200, deadline=SOON)
@given(st.integers(0, len(VALID) - 1), st.binary(max_size=12), st.integers(0, 12))
def test_a_message_changed_anywhere_is_refused_as_one_of_ours(at, put, gone):
    spoilt = VALID[:at] + put + VALID[at + gone :]
    try:
        assert tuple(read(spoilt).attributes.values()) == PERSON
    except Refused:
        return


@settings(max_examples=150, deadline=SOON)
@given(st.binary(max_size=400))
def test_whatever_comes_is_refused(octets):
    with pytest.raises(Refused):
        read(octets)


@settings(max_examples=200, deadline=SOON)
@given(
    st.sampled_from([LEVEL, NAME_ID, value(PERSON_IDENTIFIER), value(DATE_OF_BIRTH), value(MANDATORY[Kind.NATURAL][1])]),
    st.text(max_size=80),
)
def test_whatever_a_country_signs_is_read_or_refused(path, said):
    def change(element):
        try:
            find(element, path).text = said
        except ValueError:
            return  # not a text that XML has

    try:
        found = read(made(change))
    except Refused:
        return
    assert set(found.attributes) == {one.definition.name for one in PERSON}


@settings(max_examples=100, deadline=SOON)
@given(
    st.sampled_from([DATA, CONDITIONS, STATED, ".", NAME_ID, f"{ATTRIBUTES}/saml2:Attribute[1]"]),
    st.sampled_from(["ID", "NotOnOrAfter", "NotBefore", "IssueInstant", "AuthnInstant", "Format", "Name", "InResponseTo"]),
    st.text(max_size=40),
)
def test_whatever_an_attribute_of_an_element_says_is_read_or_refused(path, name, said):
    def change(element):
        try:
            find(element, path).set(name, said)
        except ValueError:
            return

    try:
        read(made(change))
    except Refused:
        return


# -- another structure ------------------------------------------------------------------------------------------------

TEXTS = ["", "x", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-09-21T24:00:00Z", FUTURE, LEVEL]


def _dropped(one, _other, _said):
    xml.remove(one)


def _doubled(one, other, _said):
    one.addnext(copy.deepcopy(other))


def _swallowed(one, other, _said):
    one.append(copy.deepcopy(other))


def _renamed(one, other, _said):
    one.tag = other.tag


def _reversed(one, _other, _said):
    one[:] = reversed(list(one))


def _said(one, _other, said):
    one.text = said


def _set(one, _other, said):
    for name in list(one.attrib)[-1:]:
        one.set(name, said)


def _bare(one, _other, _said):
    one.attrib.clear()


ACTS = [_dropped, _doubled, _swallowed, _renamed, _reversed, _said, _set, _bare]
STEP = st.tuples(st.sampled_from(ACTS), st.integers(0, 80), st.integers(0, 80), st.sampled_from(TEXTS))


def rebuilt(steps):
    """A change: elements of a tree, but for its root, are moved, doubled, renamed and dropped."""

    def change(root):
        for act, one, other, said in steps:
            below = list(root.iterdescendants())
            if below:
                act(below[one % len(below)], below[other % len(below)], said)

    return change


@settings(max_examples=300, deadline=SOON)
@given(st.booleans(), st.lists(STEP, min_size=1, max_size=3))
def test_whatever_structure_a_country_signs_is_read_or_refused(inside, steps):
    change = rebuilt(steps)
    octets = made(change) if inside else made(on_response=change)
    try:
        found = read(octets)
    except Refused:
        return
    assert set(MANDATORY[Kind.NATURAL]) <= set(found.attributes)
    assert found.level in NOTIFIED_LEVELS
