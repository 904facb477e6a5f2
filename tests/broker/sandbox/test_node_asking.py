"""The simulated Connector's requests, as our own library reads them."""

import pytest

from broker.sandbox.node.asking import OPTIONAL, USUAL
from eidas.attributes import MANDATORY, Kind
from eidas.vocabulary import LOA_HIGH, LOA_LOW, PERSISTENT
from eidas.xml import NATURAL
from tests.broker.sandbox.connectors import FRENCH, HOME, Crossing
from tests.broker.sandbox.nodes import NOW
from tests.eidas.parts import KEYS

MINIMUM = set(MANDATORY[Kind.NATURAL])


@pytest.fixture
def crossing():
    return Crossing()


def asked(crossing, **wish):
    return crossing.asked(crossing.go(**wish))


@pytest.mark.parametrize("binding", ["post", "redirect", "inside"])
@pytest.mark.parametrize("kind", KEYS)
def test_a_request_is_understood_by_our_library_whatever_its_way_and_its_key(kind, binding):
    request = asked(Crossing(signing=kind), binding=binding)
    assert (request.issuer, request.destination) == (f"{HOME}/connector/metadata", f"{FRENCH}/sso")
    assert (request.issued, request.name_id_format) == (NOW, PERSISTENT)


def test_a_request_asks_for_the_usual_when_nobody_says_anything(crossing):
    request = asked(crossing)
    assert (request.levels, request.comparison, request.sp_type) == ((LOA_LOW,), "minimum", "public")
    assert (request.provider_name, request.requester_id) == ("Comune di Demo", None)
    assert {one.name for one in request.attributes if one.required} == MINIMUM
    assert {one.name for one in request.attributes if not one.required} == {f"{NATURAL}/{name}" for name in USUAL}


@pytest.mark.parametrize(
    ("wish", "fact", "value"),
    [
        ({"level": "high"}, "levels", (LOA_HIGH,)),
        ({"level": "nonsense"}, "levels", (LOA_LOW,)),
        ({"sptype": "private"}, "sp_type", "private"),
        ({"requester": "urn:it:comune&co"}, "requester_id", "urn:it:comune&co"),
        ({"provider": "no"}, "provider_name", None),
    ],
)
def test_a_request_says_what_was_wished(crossing, wish, fact, value):
    assert getattr(asked(crossing, **wish), fact) == value


def test_a_request_may_ask_for_nothing_but_the_minimum(crossing):
    assert {one.name for one in asked(crossing, minimum="yes").attributes} == MINIMUM


def test_a_request_asks_for_the_optional_attributes_that_are_wanted(crossing):
    request = asked(crossing, wanted=["Nationality", "PersonIdentifier", "nonsense"])
    assert {one.name for one in request.attributes} == MINIMUM | {f"{NATURAL}/Nationality"}


def test_every_optional_attribute_may_be_wanted(crossing):
    assert len(asked(crossing, wanted=list(OPTIONAL)).attributes) == len(MINIMUM) + len(OPTIONAL) == 14


def test_two_requests_have_nothing_in_common(crossing):
    first, state = asked(crossing).id, crossing.fields["RelayState"]
    assert (asked(crossing).id == first, crossing.fields["RelayState"] == state) == (False, False)


def test_a_query_is_signed_with_its_relay_state(crossing):
    page = crossing.go(binding="redirect")
    assert page.status_code == 303
    assert list(crossing.fields) == ["SAMLRequest", "RelayState", "SigAlg", "Signature"]


def test_a_form_goes_by_itself(crossing):
    page = crossing.go()
    assert f'action="{FRENCH}/sso"' in page.text
    assert "script-src 'sha256-" in page.headers["Content-Security-Policy"]
