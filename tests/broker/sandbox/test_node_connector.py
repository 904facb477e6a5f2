"""The endpoints of the simulated Connector: what it publishes, sends, and takes."""

from dataclasses import replace
from importlib.util import find_spec

import pytest

from broker.sandbox.calling import CallFailed
from broker.sandbox.node.hearing import Person
from broker.sandbox.node.writing import Status
from eidas.messages import Status as OurStatus
from eidas.vocabulary import HTTP_POST, REQUEST_DENIED, RESPONDER
from metadata.read import read_connector
from tests.broker.sandbox.connectors import BACK, FRANCE, HOME, Crossing, fields_of
from tests.broker.sandbox.nodes import NOW, node_key


@pytest.fixture
def crossing():
    return Crossing()


def outcome(crossing, page):
    """What the service collects."""
    return crossing.simulated.collect(fields_of(page)["result"])


# -- what it publishes ------------------------------------------------------------------------------------------------

AGREED = {"ECDH-ES", "kw-aes256", "kw-aes128"}
CONTENT = {"aes256-gcm", "aes128-gcm"}


@pytest.mark.parametrize(("encryption", "ways"), [("secp256r1", AGREED), ("rsa", {"rsa-oaep"})])
@pytest.mark.parametrize("signing", ["secp256r1", "rsa"])
def test_our_library_reads_its_metadata_whatever_its_keys(signing, encryption, ways):
    known = Crossing(signing=signing, encryption=encryption).known
    assert (known.entity_id, known.node_country) == (f"{HOME}/connector/metadata", "IT")
    assert (known.acs, known.sp_type) == (f"{HOME}/connector/acs", None)
    ((certificate, methods),) = known.encryption
    assert {uri.partition("#")[2] for uri in methods} == CONTENT | ways
    assert certificate != known.signing[0]


def test_its_metadata_counts_for_thirty_days(crossing):
    assert crossing.known.valid_until == NOW + 30 * 86_400
    assert crossing.known.protocol_versions == ("1.4", "1.3", "1.2")


def test_its_metadata_is_at_the_address_that_is_its_name(crossing):
    page = crossing.browser.get("/connector/metadata")
    known = read_connector(page.data, now=NOW, sandbox=True)
    assert (page.mimetype, known.entity_id) == ("application/samlmetadata+xml", crossing.known.entity_id)
    assert replace(known, sha256="") == replace(crossing.known, sha256="")
    assert HTTP_POST.encode() in page.data


def test_the_node_says_that_it_has_two_roles(crossing):
    assert "/connector/metadata" in crossing.browser.get("/").text


# -- logins -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("binding", ["post", "redirect", "inside"])
def test_a_login_ends_at_the_service(crossing, binding):
    page = crossing.login(binding=binding)
    assert f'<form action="{BACK}" method="get">' in page.text
    assert fields_of(page)["state"] == "state"
    assert isinstance(outcome(crossing, page).answer, Person)


def test_a_failure_ends_at_the_service_too(crossing):
    request = crossing.asked(crossing.go())
    page = crossing.answer(crossing.failure(request, OurStatus(RESPONDER, REQUEST_DENIED, "no consent")))
    assert outcome(crossing, page).answer == Status("Responder", "RequestDenied", "no consent")


def test_an_outcome_is_collected_once(crossing):
    page = crossing.login()
    assert (outcome(crossing, page) is None, outcome(crossing, page)) == (False, None)


def test_an_answer_is_accepted_once(crossing):
    octets = crossing.person(crossing.asked(crossing.go()))
    first, second = crossing.answer(octets), crossing.answer(octets)
    assert (first.status_code, second.status_code) == (200, 400)
    assert "answered before" in second.text


def test_an_answer_that_nobody_asked_for_is_refused(crossing):
    request = crossing.asked(crossing.go())
    page = crossing.answer(crossing.person(replace(request, id="_request-0123456789abcdef")))
    assert (page.status_code, "nobody asked for this" in page.text) == (400, True)


@pytest.mark.parametrize("relay_state", ["", "another", "x" * 81])
def test_an_answer_with_another_relay_state_is_refused(crossing, relay_state):
    octets = crossing.person(crossing.asked(crossing.go()))
    page = crossing.answer(octets, relay_state)
    assert (page.status_code, "the RelayState is" in page.text) == (400, True)


def test_an_answer_that_is_refused_uses_nothing_up(crossing):
    octets = crossing.person(crossing.asked(crossing.go()))
    spoilt = crossing.answer(octets.replace(b":Success", b":Succes"))
    assert (spoilt.status_code, "signature is wrong" in spoilt.text) == (400, True)
    assert crossing.answer(octets).status_code == 200


def test_an_answer_is_for_the_level_that_was_asked_for(crossing):
    page = crossing.login(level="high")
    assert "below the one that was asked for" in page.text


def test_an_answer_by_another_key_than_that_of_frances_metadata_is_refused(crossing):
    request = crossing.asked(crossing.go())
    crossing.ours = "secp384r1"
    assert "signature is wrong" in crossing.answer(crossing.person(request)).text


def test_an_answer_that_is_encrypted_for_another_key_is_refused(crossing):
    request = crossing.asked(crossing.go())
    crossing.simulated.own = replace(crossing.simulated.own, encryption=node_key("secp256r1", 8))
    assert "cannot be decrypted" in crossing.answer(crossing.person(request)).text


def test_a_login_that_took_too_long_is_nobodys(crossing):
    octets = crossing.person(crossing.asked(crossing.go()))
    crossing.now += 1800
    assert "nobody asked for this" in crossing.answer(octets).text


@pytest.mark.parametrize("value", ["", "!", "PGE+", "A" * 131_073])
def test_what_is_no_message_is_refused(crossing, value):
    crossing.go()
    fields = {**crossing.fields, "SAMLResponse": value}
    assert crossing.browser.post("/connector/acs", data=fields).status_code == 400


# -- France -----------------------------------------------------------------------------------------------------------


def test_without_frances_metadata_nothing_is_asked(crossing):
    def silent():
        raise CallFailed("no answer")

    crossing.simulated.proxy = silent
    page = crossing.go()
    assert (page.status_code, "cannot be read" in page.text) == (400, True)


def test_nothing_is_asked_by_metadata_that_has_expired():
    assert "expired" in Crossing(france=replace(FRANCE, metadata_days=-1)).go().text


def test_the_demo_has_what_it_reads_with():
    assert all(map(find_spec, ("signxml", "pybergshamra")))
