"""The AuthnRequest: what is written is what is read, and each rule is broken alone."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eidas import query, request, signature, xml
from eidas.attributes import BIRTH_NAME, DEFINITIONS, GENDER, LEGAL_PERSON, MANDATORY, NATURAL_PERSON, Kind
from eidas.binding import deflated, inflated
from eidas.errors import Refused, UnsupportedAttributes, UnsupportedLevel
from eidas.messages import RequestedAttribute
from eidas.vocabulary import (
    LOA_HIGH,
    LOA_LOW,
    LOA_SUBSTANTIAL,
    NOT_NOTIFIED_LEVELS,
    TRANSIENT,
    UNSPECIFIED,
)
from tests.eidas.exchange import (
    ACS,
    NOW,
    REQUEST,
    adding,
    connector,
    doubling,
    dropping,
    find,
    nothing,
    saying,
    setting,
    trusted_keys,
)
from tests.eidas.parts import signer_of
from tests.eidas.rules import refused_by

LEGAL = tuple(RequestedAttribute(name, one.mandatory) for name, one in LEGAL_PERSON.items())
NATURAL = tuple(RequestedAttribute(name, one.mandatory) for name, one in NATURAL_PERSON.items())


def written(change=nothing, asked=REQUEST, signer=None):
    """A request, spoilt before it is signed."""
    root = xml.parse(request.write_request(asked, None))
    change(root)
    signature.sign(root, signer or signer_of())
    return xml.write(root)


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


def test_a_request_of_a_signed_query_has_no_signature_of_its_own():
    sent = query.sign_query("SAMLRequest", deflated(request.write_request(REQUEST, None)), "state", signer_of())
    verified = query.verify_query(sent, trusted_keys())
    proven = request.prove_request_of_query(inflated(verified.message), connector())
    assert request.read_proven(proven, connector()).request == REQUEST


def test_a_request_that_is_signed_twice_is_refused():
    octets = request.write_request(REQUEST, signer_of())
    assert refused_by(lambda: request.prove_request_of_query(octets, connector())) == "check_unsigned"


def test_peeking_believes_nothing():
    peeked = request.peek_request(written(setting(".", "ID", "_other")))
    assert (peeked.id, peeked.issuer) == ("_other", REQUEST.issuer)


def test_peeking_at_a_message_without_an_issuer_finds_none():
    assert request.peek_request(b"<a/>").issuer == ""


# -- each rule, broken alone ------------------------------------------------------------------------------------------

POLICY = "saml2p:NameIDPolicy"
CONTEXT = "saml2p:RequestedAuthnContext"
ATTRIBUTES = "saml2p:Extensions/eidas:RequestedAttributes"
FIRST = f"{ATTRIBUTES}/eidas:RequestedAttribute[1]"
SP_TYPE = "saml2p:Extensions/eidas:SPType"
BIRTH = (
    f'<eidas:RequestedAttribute Name="{BIRTH_NAME}" isRequired="true" '
    'NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri"/>'
)
REPRESENTATIVE = BIRTH.replace("naturalperson/", "naturalperson/representative/").replace("true", "false")
LEGAL_NAME = BIRTH.replace(BIRTH_NAME, next(iter(LEGAL_PERSON)))


def another_root(root):
    root.tag = root.tag.replace("AuthnRequest", "LogoutRequest")
    for child in list(root)[1:]:
        root.remove(child)
    for name in ("ForceAuthn", "IsPassive", "Destination"):
        root.attrib.pop(name, None)
    adding(".", "<saml2:NameID>x</saml2:NameID>")(root)


SPOILT = {
    "another message": (another_root, "check_root"),
    "no issuer": (dropping("saml2:Issuer"), "check_issuer"),
    "another issuer": (saying("saml2:Issuer", "https://other.example"), "check_issuer"),
    "an issuer of another kind": (setting("saml2:Issuer", "Format", TRANSIENT), "check_issuer"),
    "version 1": (setting(".", "Version", "1.1"), "check_version"),
    "a short ID": (setting(".", "ID", "_short"), "check_id"),
    "another destination": (setting(".", "Destination", ACS), "check_destination"),
    "no destination": (setting(".", "Destination", None), "check_destination"),
    "stale": (setting(".", "IssueInstant", "2026-01-01T00:00:00Z"), "check_instant"),
    "from the future": (setting(".", "IssueInstant", "2027-01-01T00:00:00Z"), "check_instant"),
    "ForceAuthn false": (setting(".", "ForceAuthn", "false"), "check_force_authn"),
    "no ForceAuthn": (setting(".", "ForceAuthn", None), "check_force_authn"),
    "passive": (setting(".", "IsPassive", "true"), "check_not_passive"),
    "another place for the answer": (setting(".", "AssertionConsumerServiceURL", f"{ACS}/"), "check_acs"),
    "another binding": (
        setting(".", "ProtocolBinding", "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact"),
        "check_protocol_binding",
    ),
    "no extensions": (dropping("saml2p:Extensions"), "check_extensions"),
    "no attributes": (dropping(ATTRIBUTES), "check_extensions"),
    "a country": (
        adding("saml2p:Extensions", "<eidas:NodeCountry>EL</eidas:NodeCountry>"),
        "check_no_node_country",
    ),
    "no SPType": (dropping(SP_TYPE), "check_sp_type"),
    "SPType twice": (doubling(SP_TYPE), "check_sp_type"),
    "an attribute twice": (doubling(FIRST), "check_attribute_formats"),
    "another name format": (setting(FIRST, "NameFormat", "urn:x"), "check_attribute_formats"),
    "no level": (dropping(CONTEXT), "check_one_context"),
    "one level twice": (doubling(f"{CONTEXT}/saml2:AuthnContextClassRef"), "check_levels"),
    "a level that only looks notified": (
        saying(f"{CONTEXT}/saml2:AuthnContextClassRef", "http://eidas.europa.eu/LOA/Low"),
        "check_levels",
    ),
    "a bare word": (saying(f"{CONTEXT}/saml2:AuthnContextClassRef", "low"), "check_levels"),
    "exact, with notified levels alone": (setting(CONTEXT, "Comparison", "exact"), "check_comparison"),
    "better": (setting(CONTEXT, "Comparison", "better"), "check_comparison"),
    "minimum, of one that is not notified": (
        saying(f"{CONTEXT}/saml2:AuthnContextClassRef", NOT_NOTIFIED_LEVELS[0]),
        "check_comparison",
    ),
    "a representative": (adding(ATTRIBUTES, REPRESENTATIVE), "check_no_representative"),
    "two kinds of person": (adding(ATTRIBUTES, LEGAL_NAME), "check_one_kind"),
    "not the whole minimum": (dropping(FIRST), "check_minimum_data_set"),
    "an optional one required": (adding(ATTRIBUTES, BIRTH), "check_required_flags"),
    "a mandatory one not required": (setting(FIRST, "isRequired", "false"), "check_required_flags"),
    "a long name": (setting(".", "ProviderName", "x" * 129), "check_provider_name"),
    "another policy": (setting(POLICY, "Format", "urn:x"), "check_name_id_format"),
}


@pytest.mark.parametrize("name", SPOILT)
def test_a_rule_that_is_broken_alone_is_the_one_that_fires(name):
    change, rule = SPOILT[name]
    assert refused_by(lambda: request.read_request(written(change), connector())) == rule


def test_with_exact_every_higher_notified_level_must_be_listed():
    asked = replace(REQUEST, comparison="exact", levels=(LOA_LOW, LOA_HIGH, NOT_NOTIFIED_LEVELS[0]))
    assert refused_by(lambda: request.write_request(asked, signer_of())) == "check_higher_listed"


def test_sp_type_in_both_places_is_refused():
    octets = request.write_request(REQUEST, signer_of())
    assert refused_by(lambda: request.read_request(octets, connector(sp_type="public"))) == "check_sp_type"


@pytest.mark.parametrize("requester", ["no uri", f"https://a.example/{'x' * 1024}"], ids=["no-uri", "long"])
def test_a_requester_is_a_short_uri(requester):
    asked = replace(REQUEST, sp_type="private", requester_id=requester)
    assert refused_by(lambda: request.write_request(asked, signer_of())) == "check_requester_id"


def test_a_private_service_is_named_where_the_node_insists():
    octets = request.write_request(replace(REQUEST, sp_type="private"), signer_of())
    known = connector(wants_requester_id=True)
    assert refused_by(lambda: request.read_request(octets, known)) == "check_requester_id_present"


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


def test_a_level_that_is_not_to_be_had_is_refused():
    octets = request.write_request(replace(REQUEST, levels=(LOA_HIGH,)), signer_of())
    with pytest.raises(UnsupportedLevel):
        request.read_request(octets, connector(levels=frozenset((LOA_SUBSTANTIAL,))))


@pytest.mark.parametrize("text", ["a\0b", "a\x0bb", "a\ud800b", "a\ufffeb"], ids=["null", "tab", "surrogate", "fffe"])
def test_a_character_that_xml_does_not_have_is_not_written(text):
    asked = replace(REQUEST, provider_name=text)
    assert refused_by(lambda: request.write_request(asked, signer_of())) == "check_writable"


def test_an_attribute_that_the_profile_does_not_have_is_not_written():
    asked = replace(REQUEST, attributes=(*REQUEST.attributes, RequestedAttribute("urn:x", False)))
    assert refused_by(lambda: request.write_request(asked, signer_of())) == "check_writable"


def test_the_scoping_of_a_middleware_in_the_wrong_place_is_not_valid():
    def early(root):
        scoping = find(root, "saml2p:Scoping")
        find(root, POLICY).addprevious(scoping)

    octets = written(early, ASKED["private, with a name for it"])
    assert refused_by(lambda: request.read_request(octets, connector())) == "check_schema"


def test_the_edges_of_freshness():
    octets = request.write_request(REQUEST, signer_of())
    for now in (NOW - 60, NOW + 360):
        assert request.read_request(octets, connector(now=now)).request == REQUEST
    for now in (NOW - 61, NOW + 361):
        assert refused_by(lambda now=now: request.read_request(octets, connector(now=now))) == "check_instant"


# -- whatever comes ---------------------------------------------------------------------------------------------------

VALID = request.write_request(REQUEST, signer_of())


@settings(max_examples=150)
@given(st.integers(0, len(VALID) - 1), st.binary(max_size=12), st.integers(0, 12))
def test_a_message_changed_anywhere_is_refused_as_one_of_ours(at, put, gone):
    spoilt = VALID[:at] + put + VALID[at + gone :]
    try:
        assert request.read_request(spoilt, connector()).request == REQUEST
    except Refused:
        return


@settings(max_examples=100)
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
        request.read_request(written(change), connector())
    except Refused:
        return
