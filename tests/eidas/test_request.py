"""The AuthnRequest: what is written is what is read, and what is not written. `test_request_defects` breaks each rule."""

from dataclasses import replace
from urllib.parse import quote

import pytest

from eidas import query, request, request_rules, xml
from eidas.algorithms import Compatibility, Deviation
from eidas.attributes import LEGAL_PERSON, MANDATORY, NATURAL_PERSON, Kind
from eidas.binding import deflated, inflated
from eidas.errors import Refused, UnsupportedAttributes
from eidas.messages import RequestedAttribute
from eidas.vocabulary import (
    CONSENT_UNSPECIFIED,
    HTTP_POST,
    LOA_HIGH,
    LOA_LOW,
    LOA_SUBSTANTIAL,
    NOT_NOTIFIED_LEVELS,
    UNSPECIFIED,
)
from tests.eidas.arrivals import posted, proven, redirected, unsigned, written
from tests.eidas.content_defects import CONTEXT, FIRST, SP_TYPE
from tests.eidas.exchange import (
    ACS,
    NOW,
    REQUEST,
    adding,
    connector,
    find,
    saying,
    setting,
    trusted_keys,
)
from tests.eidas.parts import resign, signer_of
from tests.eidas.rules import refused_by
from tests.eidas.test_query import query_of
from tests.eidas.test_signature import MORE, Old

LEGAL = tuple(RequestedAttribute(name, one.mandatory) for name, one in LEGAL_PERSON.items())
NATURAL = tuple(RequestedAttribute(name, one.mandatory) for name, one in NATURAL_PERSON.items())


def resigned_by(old):
    """A request that somebody signed as one did in 2012."""

    def change(root):
        find(root, "ds:Signature/ds:SignedInfo/ds:SignatureMethod").set("Algorithm", old.method)
        resign(root, old)

    return written(signer=signer_of("rsa"), after=change)


# -- in order ---------------------------------------------------------------------------------------------------------

ASKED = {
    "the usual": REQUEST,
    "private, with a name for it": replace(REQUEST, sp_type="private", requester_id="https://a.example/requester/1"),
    "a name that people read": replace(REQUEST, provider_name="Comune di Roma"),
    "no policy": replace(REQUEST, name_id_format=None),
    "any name": replace(REQUEST, name_id_format=UNSPECIFIED),
    "every attribute": replace(REQUEST, attributes=NATURAL),
    "a legal person": replace(REQUEST, attributes=LEGAL),
    "levels that are not notified": replace(
        REQUEST, comparison="exact", levels=(LOA_SUBSTANTIAL, LOA_HIGH, NOT_NOTIFIED_LEVELS[1])
    ),
    "only one that is not notified": replace(REQUEST, comparison="exact", levels=("https://a.example/loa",)),
}


@pytest.mark.parametrize("name", ASKED)
def test_what_is_written_is_what_is_read(name):
    known = connector(levels=frozenset((*connector().levels, "https://a.example/loa")))
    assert request.read_request(request.write_request(ASKED[name], signer_of()), known).request == ASKED[name]


def test_it_has_the_order_and_the_attributes_of_the_profile():
    root = xml.parse(request.write_request(ASKED["private, with a name for it"], signer_of()))
    assert [str(child.tag).rpartition("}")[2] for child in root] == [
        "Issuer",
        "Signature",
        "Extensions",
        "NameIDPolicy",
        "RequestedAuthnContext",
        "Scoping",
    ]
    assert (root.get("ForceAuthn"), root.get("IsPassive")) == ("true", "false")
    assert not {"AssertionConsumerServiceURL", "ProtocolBinding"} & set(root.attrib)


def test_sp_type_may_stand_in_the_metadata_instead():
    octets = request.write_request(replace(REQUEST, sp_type=None), signer_of())
    assert request.read_request(octets, connector(sp_type="public")).request.sp_type is None


def test_unknown_attributes_are_left_out():
    uri = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"
    unknown = f'<eidas:RequestedAttribute Name="urn:x" NameFormat="{uri}" isRequired="true"/>'
    octets = written(adding("saml2p:Extensions/eidas:RequestedAttributes", unknown))
    assert request.read_request(octets, connector()).request == REQUEST


def limited(root):
    """Who asks wishes the assertion to end soon."""
    find(root, CONTEXT).addprevious(xml.make("saml2", "Conditions", NotOnOrAfter="2026-09-21T15:00:00Z"))


BESIDES = {
    "consent": setting(".", "Consent", CONSENT_UNSPECIFIED),
    "the number of a place for the answer": setting(".", "AssertionConsumerServiceIndex", "1"),
    "the number of a list of attributes": setting(".", "AttributeConsumingServiceIndex", "1"),
    "the place for the answer, as in the metadata": setting(".", "AssertionConsumerServiceURL", ACS),
    "the binding of the answer": setting(".", "ProtocolBinding", HTTP_POST),
    "conditions": limited,
    "an attribute's value": adding(FIRST, "<eidas:AttributeValue>x</eidas:AttributeValue>"),
    "an extension of its own": adding("saml2p:Extensions", '<x xmlns="urn:x">y</x>'),
    "a number instead of a word": setting(FIRST, "isRequired", "1"),
}


@pytest.mark.parametrize("name", BESIDES)
def test_what_a_request_may_say_besides_changes_nothing(name):
    assert request.read_request(written(BESIDES[name]), connector()).request == REQUEST


def test_what_the_signature_needed_is_told_whatever_way_it_came():
    old = Old(f"{MORE}rsa-sha256")
    known = connector(keys=tuple(trusted_keys("rsa")), compatibility=Compatibility(frozenset({Deviation.RSA_PKCS1})))
    inside = resigned_by(old)
    signed = query_of(f"SAMLRequest={quote(deflated(unsigned()), safe='')}", signer=old)
    for arrival in (posted(inside), redirected(inside), signed):
        assert request.read_proven(proven(arrival, known), known).deviations == {Deviation.RSA_PKCS1}


def test_the_sender_is_told_why():
    with pytest.raises(Refused) as caught:
        request.read_request(written(setting(".", "ForceAuthn", "false")), connector())
    assert request.refusal(caught.value).message == "ForceAuthn is not true"


def test_a_request_of_a_signed_query_has_no_signature_of_its_own():
    sent = query.sign_query("SAMLRequest", deflated(request.write_request(REQUEST, None)), "state", signer_of())
    verified = query.verify_query(sent, trusted_keys())
    proven = request.prove_request_of_query(inflated(verified.message), connector(), verified.certificate)
    assert request.read_proven(proven, connector()).request == REQUEST


def test_peeking_believes_nothing():
    peeked = request.peek_request(written(setting(".", "ID", "_other")))
    assert (peeked.id, peeked.issuer) == ("_other", REQUEST.issuer)


def test_peeking_at_a_message_without_an_issuer_finds_none():
    assert request.peek_request(b"<a/>").issuer == ""


# -- what else is refused ---------------------------------------------------------------------------------------------


def test_with_exact_every_higher_notified_level_must_be_listed():
    asked = replace(REQUEST, comparison="exact", levels=(LOA_LOW, LOA_HIGH, NOT_NOTIFIED_LEVELS[0]))
    assert refused_by(lambda: request.write_request(asked, signer_of())) == "check_higher_listed"


@pytest.mark.parametrize("requester", ["no uri", f"https://a.example/{'x' * 1024}"], ids=["no-uri", "long"])
def test_a_requester_is_a_short_uri(requester):
    asked = replace(REQUEST, sp_type="private", requester_id=requester)
    assert refused_by(lambda: request.write_request(asked, signer_of())) == "check_requester_id"


def test_a_public_service_need_not_be_named():
    octets = request.write_request(REQUEST, signer_of())
    assert request.read_request(octets, connector(wants_requester_id=True)).request.requester_id is None


def test_required_attributes_that_are_not_to_be_had_are_named():
    octets = request.write_request(replace(REQUEST, attributes=LEGAL), signer_of())
    with pytest.raises(UnsupportedAttributes) as caught:
        request.read_request(octets, connector(attributes=frozenset(NATURAL_PERSON)))
    assert caught.value.names == MANDATORY[Kind.LEGAL]


def test_optional_attributes_that_are_not_to_be_had_do_no_harm():
    octets = request.write_request(REQUEST, signer_of())
    assert request.read_request(octets, connector(attributes=frozenset(MANDATORY[Kind.NATURAL])))


@pytest.mark.parametrize("text", ["a\0b", "a\x0bb", "a\ud800b", "a\ufffeb"], ids=["null", "tab", "surrogate", "fffe"])
def test_a_character_that_xml_does_not_have_is_not_written(text):
    asked = replace(REQUEST, provider_name=text)
    assert refused_by(lambda: request.write_request(asked, signer_of())) == "check_writable"


def test_an_attribute_that_the_profile_does_not_have_is_not_written():
    asked = replace(REQUEST, attributes=(*REQUEST.attributes, RequestedAttribute("urn:x", False)))
    assert refused_by(lambda: request.write_request(asked, signer_of())) == "check_writable"


def test_the_edges_of_freshness():
    octets = request.write_request(REQUEST, signer_of())
    for now in (NOW - 60, NOW + 360):
        assert request.read_request(octets, connector(now=now)).request == REQUEST
    for now in (NOW - 61, NOW + 361):
        assert refused_by(lambda now=now: request.read_request(octets, connector(now=now))) == "check_instant"


def test_a_kind_of_service_that_there_is_not_is_refused_even_without_the_schema():
    root = xml.parse(unsigned(saying(SP_TYPE, "semi-public")))
    assert refused_by(lambda: request_rules.check_sp_type(root, None)) == "check_sp_type"
