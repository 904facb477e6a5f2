"""Whatever comes is read or refused, never anything else, and soon."""

from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eidas import binding, query, request
from eidas.attributes import DEFINITIONS, GENDER, MANDATORY, Kind
from eidas.errors import Refused
from eidas.vocabulary import NOTIFIED_LEVELS, REQUESTER, VERSION_MISMATCH
from tests.eidas.arrivals import ACCEPTED, outcome, posted, redirected, signed_query, unsigned, written
from tests.eidas.content_defects import CONTEXT, EXTENSIONS, FIRST, LEVEL, NAME_ID_POLICY, PRIVATE, SP_TYPE
from tests.eidas.exchange import REQUEST, connector, find, setting, trusted_keys
from tests.eidas.test_query import query_of
from tests.eidas.test_response_fuzz import SOON, STEP, rebuilt

VALID = written()
QUERY = signed_query(unsigned())
PIECES = [
    "SAMLRequest",
    "SAMLResponse",
    "RelayState",
    "SigAlg",
    "Signature",
    "=",
    "&",
    "%",
    "%3D",
    "+",
    ";",
    "é",
    "%00",
    "\x00",
]


def read(octets):
    """A request as our Proxy-Service reads it."""
    return request.read_request(octets, connector())


# -- octets -----------------------------------------------------------------------------------------------------------


@settings(max_examples=200, deadline=SOON)
@given(st.integers(0, len(VALID) - 1), st.binary(max_size=12), st.integers(0, 12))
def test_a_message_changed_anywhere_is_refused_as_one_of_ours(at, put, gone):
    spoilt = VALID[:at] + put + VALID[at + gone :]
    try:
        assert read(spoilt).request == REQUEST
    except Refused:
        return


@settings(max_examples=150, deadline=SOON)
@given(st.binary(max_size=400))
def test_whatever_comes_is_refused(octets):
    with pytest.raises(Refused):
        read(octets)


@settings(max_examples=150, deadline=SOON)
@given(st.text(max_size=200) | st.binary(max_size=200).map(binding.deflated))
def test_whatever_a_field_holds_becomes_octets_or_is_refused(text):
    for reader in (binding.read_post, binding.read_redirect):
        try:
            assert len(reader(text)) <= binding.LONGEST
        except Refused:
            continue


# -- the query --------------------------------------------------------------------------------------------------------


@settings(max_examples=200, deadline=SOON)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=12).map("".join))
def test_whatever_query_comes_is_refused(text):
    with pytest.raises(Refused):
        query.verify_query(text, trusted_keys())


@settings(max_examples=200, deadline=SOON)
@given(st.integers(0, len(QUERY) - 1), st.text(max_size=6), st.integers(0, 6))
def test_a_query_changed_anywhere_says_the_same_or_is_refused(at, put, gone):
    spoilt = QUERY[:at] + put + QUERY[at + gone :]
    try:
        verified = query.verify_query(spoilt, trusted_keys())
    except Refused:
        return
    assert binding.read_redirect(verified.message) == unsigned()


@settings(max_examples=150, deadline=SOON)
@given(st.text(max_size=120), st.text(max_size=90))
def test_whatever_a_connector_signs_in_a_query_is_refused(message, state):
    signed = query_of(f"SAMLRequest={quote(message, safe='')}", f"RelayState={quote(state, safe='')}")
    rule, answer = outcome(signed, connector())
    assert rule != ACCEPTED
    assert answer is None


# -- another structure ------------------------------------------------------------------------------------------------

WAYS = [
    lambda change: posted(written(change, PRIVATE)),
    lambda change: redirected(written(change, PRIVATE)),
    lambda change: signed_query(unsigned(change, PRIVATE)),
]


@settings(max_examples=400, deadline=SOON)
@given(st.sampled_from(WAYS), st.lists(STEP, min_size=1, max_size=3))
def test_whatever_structure_a_connector_signs_is_read_or_refused(way, steps):
    rule, answer = outcome(way(rebuilt(steps)), connector())
    assert answer is None if rule == ACCEPTED else answer is None or answer[0] in (REQUESTER, VERSION_MISMATCH)


@settings(max_examples=200, deadline=SOON)
@given(st.lists(STEP, min_size=1, max_size=3))
def test_whatever_structure_a_connector_signs_asks_for_a_whole_person_at_a_level(steps):
    try:
        asked = read(written(rebuilt(steps), PRIVATE)).request
    except Refused:
        return
    assert set(MANDATORY[Kind.NATURAL]) <= {one.name for one in asked.attributes}
    assert set(asked.levels) & set(NOTIFIED_LEVELS)


@settings(max_examples=200, deadline=SOON)
@given(
    st.sampled_from([".", "saml2:Issuer", CONTEXT, LEVEL, SP_TYPE, NAME_ID_POLICY, FIRST, EXTENSIONS]),
    st.sampled_from(["", "Version", "IssueInstant", "Comparison", "Format", "ForceAuthn", "IsPassive", "Name", "x"]),
    st.text(max_size=40),
)
def test_whatever_an_element_says_is_read_or_refused(path, name, said):
    def change(root):
        try:
            setting(path, name, said)(root) if name else setattr(find(root, path), "text", said)
        except ValueError:
            return  # not a text that XML has

    try:
        read(written(change))
    except Refused:
        return


@settings(max_examples=100, deadline=SOON)
@given(st.sampled_from([*DEFINITIONS, GENDER]), st.text(max_size=30), st.text(max_size=30))
def test_whatever_an_attribute_says_of_itself_is_read_or_refused(name, form, required):
    def change(root):
        try:
            setting(FIRST, "Name", name)(root)
            setting(FIRST, "NameFormat", form)(root)
            setting(FIRST, "isRequired", required)(root)
        except ValueError:
            return  # not a text that XML has

    try:
        read(written(change))
    except Refused:
        return
