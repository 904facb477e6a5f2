"""SAML messages are shown to people as they are, with a verdict, and nothing hides in them."""

from base64 import b64encode
from urllib.parse import urlencode

import pytest

from broker.sandbox.decoding import entries_sent, readable
from broker.sandbox.flow import strangers, tell
from broker.sandbox.node.showing import certificates_in, plain, shown
from eidas.binding import deflated
from eidas.request import write_request
from tests.broker.sandbox.connectors import Crossing
from tests.broker.sandbox.nodes import CONNECTOR, GREECE, SSO, Abroad, asking, our_metadata
from tests.broker.sandbox.test_decoding import FORM, exchange, pairs
from tests.eidas.parts import signer_of

REQUEST = b64encode(write_request(asking(requester_id="https://fs.localhost/r"), signer_of())).decode()
OURS, OTHERS = (certificates_in(our_metadata(signing=curve)) for curve in ("secp256r1", "secp384r1"))


def keys_of(entity_id):
    return OURS if entity_id == CONNECTOR else None


def brought(value, name="SAMLRequest", **changes):
    """The browser brings a message to the Greek node."""
    body = urlencode({name: value, "RelayState": "state"}).encode()
    facts = {"host": GREECE.host, "method": "POST", "path": "/sso", "headers": (FORM,), "body": body}
    return exchange(**{**facts, **changes})


def test_a_request_is_shown_with_what_it_asks():
    entry = entries_sent(brought(REQUEST), keys_of)[0]
    facts = dict(entry.saml.facts)
    assert (facts["Issuer"], facts["Destination"], facts["SPType"]) == (CONNECTOR, SSO, "public")
    assert facts["AuthnContextClassRef"].endswith("/low")
    assert "naturalperson/DateOfBirth" in facts["RequestedAttribute"]
    assert (entry.saml.sealed, entry.saml.good) == (False, True)
    assert entry.saml.text.startswith("<saml2p:AuthnRequest")
    assert "\n  <saml2:Issuer" in entry.saml.text


def test_long_octets_are_shortened():
    text = entries_sent(brought(REQUEST), keys_of)[0].saml.text
    assert "characters)" in text
    assert max(map(len, text.splitlines())) < 1000


@pytest.mark.parametrize(
    ("keys", "good"),
    [(OURS, True), (certificates_in(our_metadata(signing="secp384r1")), False), ((), False), (None, False)],
)
def test_a_message_is_judged_by_the_certificates_of_its_issuer(keys, good):
    assert entries_sent(brought(REQUEST), lambda _: keys)[0].saml.good is good


def test_a_message_whose_signature_is_in_the_address_is_not_judged():
    value = deflated(write_request(asking(), None))
    sent = exchange(host=GREECE.host, path="/sso", query=urlencode({"SAMLRequest": value, "SigAlg": "x"}))
    entry = entries_sent(sent, keys_of)[0]
    assert (entry.saml.good, dict(entry.saml.facts)["Issuer"]) == (None, CONNECTOR)


def test_of_a_sealed_answer_only_the_outside_is_shown():
    abroad = Abroad()
    value = b64encode(abroad.answer()).decode()
    entry = entries_sent(brought(value, "SAMLResponse"), lambda _: certificates_in(abroad.metadata))[0]
    assert (entry.saml.sealed, entry.saml.good) == (True, True)
    assert dict(entry.saml.facts)["StatusCode"] == "urn:oasis:names:tc:SAML:2.0:status:Success"
    assert "Attribute" not in dict(entry.saml.facts)


@pytest.mark.parametrize("value", ["", "!", "AAAA", "PGE+", b64encode(b"<a/>").decode(), b64encode(b"\xff" * 9).decode()])
def test_what_is_no_saml_is_a_value(value):
    assert shown(value) is None
    assert pairs(entries_sent(brought(value), keys_of))[0] == ("SAMLRequest", value)
    assert entries_sent(brought(value), keys_of)[0].saml is None


def test_xml_is_found_deflated_or_not():
    octets = write_request(asking(), None)
    assert plain(b64encode(octets).decode()) == octets == plain(deflated(octets))


@pytest.mark.parametrize(
    "hidden",
    [
        f'<input name="SAMLRequest" value="{REQUEST}">'.encode(),
        urlencode({"SAMLRequest": REQUEST}).encode(),
        urlencode({"SAMLRequest": deflated(write_request(asking(requester_id="https://fs.localhost/r"), None))}).encode(),
    ],
    ids=["page", "form", "address"],
)
def test_a_word_cannot_hide_in_saml(hidden):
    assert b"fs.localhost" not in hidden
    assert "https://fs.localhost/r" in readable(hidden)


def test_a_request_of_the_simulated_connector_is_shown_with_its_verdict():
    crossing = Crossing()
    crossing.go()
    certificates = certificates_in(crossing.metadata)
    entry = entries_sent(brought(crossing.fields["SAMLRequest"]), lambda _: certificates)[0]
    assert (entry.saml.good, dict(entry.saml.facts)["SPType"]) == (True, "public")


def test_of_our_sealed_answer_only_the_outside_is_shown():
    crossing = Crossing()
    value = b64encode(crossing.person(crossing.asked(crossing.go()))).decode()
    entry = entries_sent(brought(value, "SAMLResponse"), lambda _: certificates_in(crossing.published()))[0]
    assert (entry.saml.sealed, entry.saml.good) == (True, True)
    assert "Dubois" not in f"{entry.saml.text}{entry.saml.facts}"


# -- the story --------------------------------------------------------------------------------------------------------


def test_a_country_knows_what_it_was_asked_and_must_not_meet_a_service():
    (knowledge,) = tell([brought(REQUEST)], keys_of, 1).knowledge
    assert (knowledge.role, knowledge.kind, knowledge.name) == ("country", "node-el", "Demo Greek Node")
    assert dict(knowledge.facts)["Issuer"] == CONNECTOR
    assert knowledge.opaque == ("RelayState",)
    assert knowledge.found == ("fs.localhost",)


def test_a_service_must_meet_no_node():
    assert {"Nœud grec de démo", "node-el", "node.de.localhost"} < set(strangers("fs.localhost"))
    assert {"Mairie de Démo", "shop.localhost"} < set(strangers(GREECE.host))


def test_a_message_says_that_it_is_saml():
    message = tell([brought(REQUEST)], keys_of, 1).messages[0]
    assert message.what.startswith("The country reads the request")
    assert ([entry.name for entry in message.saml], message.tokens) == (["SAMLRequest"], ())
