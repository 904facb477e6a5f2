"""A citizen of another country logs in, and everything that he, his country or an attacker may do on the way."""

import hashlib
import re
from dataclasses import replace
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from broker.app import create_app
from broker.parties import Parties
from broker.web.passage import SCRIPT_HASH
from eidas.algorithms import Compatibility, Deviation
from eidas.attributes import BIRTH_NAME, COUNTRY_OF_BIRTH, GENDER, MANDATORY, Kind
from eidas.messages import Status
from eidas.vocabulary import (
    AUTHN_FAILED,
    LOA_HIGH,
    LOA_LOW,
    LOA_SUBSTANTIAL,
    NOT_NOTIFIED_LEVELS,
    REQUEST_DENIED,
    RESPONDER,
)
from tests.broker.foreign import EUROPEAN_SERVICES, fields_of, with_attribute
from tests.broker.world import PROVIDERS, PUBLIC, STATE, Shown, payload


@pytest.fixture
def world(make_abroad):
    return make_abroad()


@pytest.fixture
def traveller(world):
    return world.traveller()


def answered(traveller, change):
    """A login whose answer was changed before it was encrypted and signed; where the citizen stands then."""
    fields = traveller.depart()
    return traveller.come_back(traveller.world.nodes["EL"].answer(traveller.world, fields, change))


def refused(traveller, response, code):
    """Whether the citizen is back among the countries with the sentence of this code."""
    assert response.location.startswith("/eidas/pays?j=")
    page = traveller.page(response)
    return f'data-code="{code}"' in page.text or code in page.text


# -- the whole way ----------------------------------------------------------------------------------------------------


def test_a_greek_citizen_logs_in_and_the_service_gets_the_latin_forms(traveller):
    claims = traveller.received(scope="openid given_name family_name birthdate")
    found = {name: claims.get(name) for name in ("given_name", "family_name", "birthdate", "given_name_array")}
    expected = {"given_name": "Aristotelis", "family_name": "Onasis", "birthdate": "1966-01-20"}
    assert found == {**expected, "given_name_array": ["Aristotelis"]}


def test_the_sub_stands_on_country_and_identifier_and_differs_between_services(world):
    subs = [world.traveller().received(name, code)["sub"] for name in ("mairie", "rsa") for code in ("EL", "DE", "EL")]
    assert (len(set(subs)), subs[0] == subs[2], all(re.fullmatch("[0-9a-f]{64}v1", sub) for sub in subs)) == (4, True, True)


def test_the_person_identifier_leaves_for_nobody(world, traveller):
    fields = traveller.depart()
    page = traveller.page(traveller.come_back(world.nodes["EL"].answer(world, fields)))
    back = traveller.confirm(page)
    assert "Ab-12.34" not in page.text + back.location + str(back.headers)


def test_the_level_that_the_country_states_is_returned_as_it_is(world, traveller):
    world.nodes["EL"].level = LOA_LOW
    back = traveller.confirm(traveller.arrive())
    code = parse_qs(urlsplit(back.location).query)["code"][0]
    assert payload(traveller.redeem(code).json["id_token"])["acr"] == "eidas1"


def test_what_the_country_did_not_give_is_missing_and_the_page_says_so(traveller):
    page = traveller.arrive(scope="openid identite_pivot email")
    claims = payload_of(traveller, page)
    assert not {"gender", "birthplace", "birthcountry", "email"} & claims.keys()
    assert page.text.count("non communiqué par votre pays") == 4


def payload_of(traveller, page, service_id="mairie"):
    back = traveller.confirm(page, consent="yes")
    answer = dict(parse_qsl(urlsplit(back.location).query))
    return payload(traveller.userinfo(traveller.redeem(answer["code"], service_id).json["access_token"]).text)


def test_the_page_shows_both_scripts_and_only_the_latin_one_is_sent(traveller):
    page = traveller.arrive()
    assert "Αριστοτέλης" in page.text
    assert "Αριστοτέλης" not in str(payload_of(traveller, page))


def test_birth_name_and_current_name_are_told_apart(world, traveller):
    world.nodes["EL"].facts |= {"BirthName": ("Aristotelis Papas", "Αριστοτέλης Παπάς")}
    claims = traveller.received(scope="openid identite_pivot preferred_username")
    assert (claims["family_name"], claims["preferred_username"]) == ("Papas", "Onasis")


def test_the_country_of_birth_becomes_its_insee_code(world, traveller):
    world.nodes["EL"].facts |= {"CountryOfBirth": ("EL",), "PlaceOfBirth": ("Paris",), "Gender": ("Male",)}
    claims = traveller.received(scope="openid identite_pivot")
    assert (claims["birthcountry"], claims["gender"], "birthplace" in claims) == ("99126", "male", False)


# -- what the country is asked ----------------------------------------------------------------------------------------


def test_the_request_asks_for_the_minimum_and_for_what_the_scopes_need(world, traveller):
    traveller.arrive(scope="openid gender birthcountry")
    asked = {one.name: one.required for one in world.nodes["EL"].asked.attributes}
    assert asked == {**dict.fromkeys(MANDATORY[Kind.NATURAL], True), GENDER: False, COUNTRY_OF_BIRTH: False}


def test_optional_attributes_that_the_country_does_not_publish_are_not_asked(make_abroad):
    world = make_abroad(metadata={"attributes": ("Gender",)})
    world.traveller().arrive(scope="openid identite_pivot")
    assert BIRTH_NAME not in {one.name for one in world.nodes["EL"].asked.attributes}


@pytest.mark.parametrize(("service_id", "sp_type"), [("mairie", "public"), ("assurance", "private")])
def test_the_request_says_whether_the_service_is_public(world, traveller, service_id, sp_type):
    traveller.arrive(service_id)
    assert world.nodes["EL"].asked.sp_type == sp_type


@pytest.mark.parametrize(("acr", "level"), [("eidas1", LOA_LOW), ("eidas2", LOA_SUBSTANTIAL)])
def test_the_level_asked_is_the_services(world, traveller, acr, level):
    traveller.arrive(acr_values=acr)
    assert (world.nodes["EL"].asked.levels, world.nodes["EL"].asked.comparison) == ((level,), "minimum")


def test_means_that_are_not_notified_are_named_one_by_one(make_abroad):
    world = make_abroad(metadata={"levels": (LOA_HIGH, NOT_NOTIFIED_LEVELS[1])})
    countries = {code: replace(country, not_notified=True) for code, country in world.settings.parties.countries.items()}
    other = make_abroad(parties=Parties(EUROPEAN_SERVICES, PROVIDERS, countries))
    other.nodes = world.nodes
    other.traveller().depart(acr_values="eidas2")
    fields = other.traveller().depart(acr_values="eidas2")
    asked = world.nodes["EL"].read(other, fields)
    assert (asked.comparison, set(asked.levels)) == ("exact", {LOA_SUBSTANTIAL, LOA_HIGH, NOT_NOTIFIED_LEVELS[1]})


def test_a_country_learns_nothing_of_the_service(world, traveller):
    traveller.arrive("assurance")
    received = " ".join(world.nodes["EL"].received)
    assert not [word for word in ("assurance", "Service", STATE) if word in received]


def test_a_country_that_insists_gets_an_identifier_that_only_we_can_trace(make_abroad):
    world = make_abroad(metadata={"requester": True})
    ids = [requester(world, name) for name in ("assurance", "assurance", "mairie")]
    assert ids[0] == ids[1]
    assert (ids[2], "assurance" in ids[0]) == (None, False)


def requester(world, service_id):
    fields = world.traveller().depart(service_id)
    return world.nodes["EL"].read(world, fields).requester_id


def test_the_page_says_that_a_country_insists(make_abroad):
    shown = make_abroad(metadata={"requester": True}).traveller().to_countries("assurance")
    assert 'data-testid="requester-EL"' in shown.text


def test_reading_the_passage_again_sends_the_same_request(world, traveller):
    location = traveller.pick(traveller.to_countries()).location
    ids = {world.nodes["EL"].read(world, fields_at(traveller, location)).id for _ in range(2)}
    assert len(ids) == 1


def fields_at(traveller, location):
    return fields_of(traveller.get(location).text)


def test_a_country_can_be_asked_by_redirect(make_abroad):
    world = make_abroad()
    countries = {code: replace(country, redirects=True) for code, country in world.settings.parties.countries.items()}
    other = make_abroad(parties=Parties(EUROPEAN_SERVICES, PROVIDERS, countries))
    traveller = other.traveller()
    there = traveller.get(traveller.pick(traveller.to_countries()).location)
    query = parse_qs(urlsplit(there.location).query)
    assert (there.status_code, sorted(query)) == (303, ["RelayState", "SAMLRequest", "SigAlg", "Signature"])


def test_the_page_on_the_way_runs_one_script_and_its_form_may_end_in_the_country(traveller):
    shown = traveller.get(traveller.pick(traveller.to_countries()).location)
    policy = shown.headers["Content-Security-Policy"]
    assert f"script-src {SCRIPT_HASH}" in policy
    assert "form-action 'self' https://node.el.example https:" in policy


def test_no_other_page_runs_a_script(traveller):
    assert "script-src" not in traveller.to_countries().response.headers["Content-Security-Policy"]


# -- who may learn the country ----------------------------------------------------------------------------------------


def test_a_service_without_the_scope_learns_neither_country_nor_europe(traveller):
    told = tokens_of(traveller, traveller.arrive("rsa", scope="openid identite_pivot amr"), "rsa")
    assert not {"country", "amr"} & told.keys()


def test_a_service_with_the_scope_learns_both_and_the_page_says_so(traveller):
    page = traveller.arrive(scope="openid identite_pivot eidas")
    told = tokens_of(traveller, page)
    assert (told["country"], told["amr"], 'data-testid="value-country"' in page.text) == ("EL", ["eidas"], True)


def tokens_of(traveller, page, service_id="mairie"):
    """Everything that a service is told: the ID token's claims and the userinfo's."""
    back = traveller.confirm(page)
    tokens = traveller.redeem(dict(parse_qsl(urlsplit(back.location).query))["code"], service_id).json
    return {**payload(tokens["id_token"]), **payload(traveller.userinfo(tokens["access_token"]).text)}


def test_a_service_with_the_scope_sends_its_citizens_straight_to_a_country(traveller):
    first = traveller.authorize(eidas_country="EL")
    assert first.location.startswith("/aller?j=")


def test_the_scope_of_a_country_does_the_same(traveller):
    assert traveller.authorize(scope="openid eidas:country:el").location.startswith("/aller?j=")


def test_a_country_that_cannot_be_had_leads_to_the_list_with_an_explanation(make_abroad):
    traveller = make_abroad(metadata={"levels": (LOA_LOW,)}).traveller()
    shown = traveller.page(traveller.authorize(eidas_country="EL", acr_values="eidas2"))
    assert 'data-testid="unavailable"' in shown.text


def test_a_country_that_is_unknown_leads_to_the_list(traveller):
    assert traveller.authorize(eidas_country="XX").location.startswith("/eidas/pays?j=")


def test_a_service_without_the_scope_cannot_choose_the_country(traveller):
    assert traveller.authorize("rsa", eidas_country="EL").location.startswith("/choisir?j=")


# -- what is offered --------------------------------------------------------------------------------------------------


def test_the_choice_page_offers_europe_to_services_that_take_europeans(traveller):
    offered = [
        'data-testid="provider-eidas"' in traveller.page(traveller.authorize(name)).text for name in ("mairie", "national")
    ]
    assert offered == [True, False]


def test_a_service_that_does_not_take_europeans_gets_none_whatever_is_posted(traveller):
    choice = traveller.page(traveller.authorize("national"))
    back = traveller.post("/eidas/pays", **choice.hidden, country="EL")
    assert back.location.startswith("/eidas/pays?j=")


def test_countries_stand_in_the_order_of_their_names(traveller):
    page = traveller.to_countries().text
    assert re.findall(r'data-testid="country-(..)"', page) == ["DE", "BG", "EL"]  # Allemagne, Bulgarie, Grèce


def test_a_country_whose_level_is_too_low_is_missing_with_the_reason(make_abroad):
    world = make_abroad(metadata={"levels": (LOA_LOW,)})
    page = world.traveller().to_countries(acr_values="eidas2").text
    assert re.findall(r'data-testid="country-(..)"', page) == []


def test_a_country_whose_level_is_too_low_is_refused_whatever_is_posted(make_abroad):
    traveller = make_abroad(metadata={"levels": (LOA_LOW,)}).traveller()
    back = traveller.pick(traveller.to_countries(acr_values="eidas2"))
    assert back.location.startswith("/eidas/pays?j=")


def test_a_country_leaves_the_page_when_its_metadata_has_expired(world, traveller):
    before = traveller.to_countries().text
    world.clock.advance(8 * 86_400)
    after = world.traveller().to_countries().text
    assert ('data-testid="country-EL"' in before, 'data-testid="country-EL"' in after) == (True, False)


def test_a_country_whose_metadata_expired_is_refused_whatever_is_posted(make_abroad):
    world = make_abroad(metadata={"days": -1})
    traveller = world.traveller()
    assert traveller.pick(traveller.to_countries()).location.startswith("/eidas/pays?j=")


def test_a_country_that_the_operator_stopped_is_not_offered(make_abroad):
    world = make_abroad()
    countries = {code: replace(country, active=False) for code, country in world.settings.parties.countries.items()}
    other = make_abroad(parties=Parties(EUROPEAN_SERVICES, PROVIDERS, countries))
    assert 'data-testid="country-EL"' not in other.traveller().to_countries().text


def test_a_citizen_who_turns_back_brings_access_denied_to_the_service(traveller):
    countries = traveller.to_countries()
    back = traveller.post("/eidas/pays", **countries.hidden, action="cancel")
    assert parse_qs(urlsplit(back.location).query)["error"] == ["access_denied"]


def test_discovery_names_the_countries_with_their_levels(world):
    document = world.browser().get(f"{PUBLIC}/api/v2/.well-known/openid-configuration").json
    assert document["eidas_countries_supported"] == {"EL": "eidas3", "DE": "eidas3", "BG": "eidas3"}


# -- no single sign-on ------------------------------------------------------------------------------------------------


def test_a_european_identity_serves_one_login(traveller):
    traveller.received()
    choice = traveller.page(traveller.authorize("rsa"))
    assert "Onasis" not in choice.text
    assert traveller.post("/choisir", **choice.hidden, action="continue").status_code == 400


def test_logging_out_says_that_the_country_keeps_its_session(traveller):
    traveller.received()
    page = traveller.page(traveller.get(f"{PUBLIC}/api/v2/session/end"))
    assert "votre pays" in page.text
    left = traveller.page(traveller.post("/deconnexion", **page.hidden, action="leave"))
    assert ("Vous êtes déconnecté" in left.text, "votre pays" in left.text) == (True, True)


# -- what a country may answer ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("sub", [AUTHN_FAILED, REQUEST_DENIED, ""], ids=["failed", "denied", "bare"])
def test_a_country_that_identifies_nobody_brings_the_citizen_back(world, traveller, sub):
    fields = traveller.depart()
    back = traveller.come_back(world.nodes["EL"].refuse(world, fields, Status(RESPONDER, sub, "όχι")))
    assert refused(traveller, back, "EID-301")


def test_what_a_country_writes_is_not_shown(world, traveller):
    fields = traveller.depart()
    back = traveller.come_back(world.nodes["EL"].refuse(world, fields, Status(RESPONDER, AUTHN_FAILED, "a word of theirs")))
    assert "a word of theirs" not in traveller.page(back).text


def test_a_level_below_the_one_asked_is_refused(world, traveller):
    world.nodes["EL"].level = LOA_LOW
    fields = traveller.depart(acr_values="eidas2")
    assert refused(traveller, traveller.come_back(world.nodes["EL"].answer(world, fields)), "EID-304")


def test_an_answer_without_the_minimum_data_set_names_what_is_missing(world, traveller):
    fields = traveller.depart()
    form = world.nodes["EL"].incomplete(world, fields)
    assert refused(traveller, traveller.come_back(form), "EID-305")


def test_a_contact_of_the_country_is_on_the_page(world, traveller):
    back = answered(traveller, lambda envelope, statement: (replace(envelope, audience="https://other.example"), statement))
    assert "support@node.el.example" in traveller.page(back).text


CHANGES = {
    "another audience": lambda e, s: (replace(e, audience="https://other.example/metadata"), s),
    "another destination": lambda e, s: (replace(e, destination="https://other.example/acs"), s),
    "another request": lambda e, s: (replace(e, in_response_to="_another"), s),
    "another issuer": lambda e, s: (replace(e, issuer="https://node.de.example/metadata"), s),
    "stale": lambda e, s: (replace(e, issued=e.issued - 900), s),
    "from the future": lambda e, s: (replace(e, issued=e.issued + 600), s),
    "an identifier of another country": lambda e, s: (e, with_attribute(s, "PersonIdentifier", "DE/FR/1")),
    "an identifier for another country": lambda e, s: (e, with_attribute(s, "PersonIdentifier", "EL/IT/1")),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_an_answer_that_breaks_a_rule_is_refused(traveller, change):
    assert refused(traveller, answered(traveller, change), "EID-303")


def test_an_answer_that_another_country_signed_is_refused(world, traveller):
    fields = traveller.depart()
    world.nodes["EL"].signer = world.nodes["DE"].signer
    assert refused(traveller, traveller.come_back(world.nodes["EL"].answer(world, fields)), "EID-303")


def test_whatever_is_refused_the_citizen_may_try_another_country(world, traveller):
    page = traveller.page(answered(traveller, CHANGES["stale"]))
    fields = traveller.page(traveller.pick(page, "DE"))
    confirmation = traveller.page(traveller.come_back(world.nodes["DE"].answer(world, fields_of(fields.text))))
    assert "Aristotelis" in confirmation.text


# -- messages that come twice, from elsewhere or to nobody ------------------------------------------------------------


def test_the_same_answer_twice_in_one_browser_finds_the_journey_where_it_is(world, traveller):
    form = world.nodes["EL"].answer(world, traveller.depart())
    locations = [traveller.come_back(form).location for _ in range(2)]
    assert locations[0] == locations[1]


def test_a_message_id_that_was_accepted_is_refused_for_another_journey(world):
    seen = {}

    def same_ids(envelope, statement):
        first = seen.setdefault("ids", (envelope.id, statement.assertion_id))
        return replace(envelope, id=first[0]), replace(statement, assertion_id=first[1])

    outcomes = [answered(world.traveller(), same_ids) for _ in range(2)]
    assert [outcome.location.partition("?")[0] for outcome in outcomes] == ["/confirmer", "/eidas/pays"]


def test_a_replay_is_refused_by_every_worker(world):
    def same_ids(envelope, statement):
        return replace(envelope, id="_once"), replace(statement, assertion_id="_once-too")

    answered(world.traveller(), same_ids)
    world.app = create_app(world.settings, store=world.store, fetch=world.fetch, clock=world.clock, chores=False)
    assert answered(world.traveller(), same_ids).location.startswith("/eidas/pays")


def test_the_answer_of_another_browser_finds_no_journey(world, traveller):
    form = world.nodes["EL"].answer(world, traveller.depart())
    victim = world.traveller()
    victim.depart()
    assert victim.come_back(form).status_code == 400


def test_an_answer_to_an_earlier_ask_is_refused(world, traveller):
    countries = traveller.to_countries()
    first = fields_at(traveller, traveller.pick(countries).location)
    traveller.pick(Shown(traveller.get(f"{PUBLIC}/eidas/pays?j={countries.hidden['j']}")))
    assert traveller.come_back(world.nodes["EL"].answer(world, first)).status_code == 409


def test_an_answer_whose_relay_state_was_lost_finds_the_journey_by_what_it_answers(world, traveller):
    form = world.nodes["EL"].answer(world, traveller.depart())
    back = traveller.come_back({"SAMLResponse": form["SAMLResponse"]})
    assert back.location.startswith("/confirmer?j=")


def test_an_unsolicited_answer_finds_no_journey(world):
    world.nodes["EL"].asked = None
    traveller = world.traveller()
    assert traveller.come_back({"SAMLResponse": "PHg+", "RelayState": "nothing.here"}).status_code == 400


@pytest.mark.parametrize("response", ["", "not base64!", "PHg+", "A" * 200_000], ids=["empty", "no-base64", "xml", "large"])
def test_nonsense_brings_the_citizen_back(traveller, response):
    fields = traveller.depart()
    back = traveller.come_back({"SAMLResponse": response, "RelayState": fields["RelayState"]})
    assert refused(traveller, back, "EID-303")


def test_a_post_that_is_too_large_is_not_read(traveller):
    fields = traveller.depart()
    assert traveller.come_back({"SAMLResponse": "A" * 300_000, "RelayState": fields["RelayState"]}).status_code == 413


# -- deviations, metadata ---------------------------------------------------------------------------------------------


def acs_as_audience(envelope, statement):
    return replace(envelope, audience=envelope.destination), statement


def test_a_deviation_that_is_allowed_is_in_the_journal(make_abroad, caplog):
    caplog.set_level("INFO", "passerelle.journal")
    world = make_abroad(compatibility=Compatibility(frozenset({Deviation.AUDIENCE_ACS_URL})))
    assert answered(world.traveller(), acs_as_audience).location.startswith("/confirmer")
    assert '"deviation": "audience-acs-url"' in caplog.text


def test_a_deviation_that_is_not_allowed_is_refused(traveller):
    assert refused(traveller, answered(traveller, acs_as_audience), "EID-303")


def test_our_metadata_is_signed_and_the_same_all_day(world):
    octets = [world.browser().get(f"{PUBLIC}/eidas/connector/metadata") for _ in range(2)]
    assert octets[0].data == octets[1].data
    assert octets[0].mimetype == "application/samlmetadata+xml"


def test_our_metadata_is_made_anew_each_day(world):
    before = world.browser().get(f"{PUBLIC}/eidas/connector/metadata").data
    world.clock.advance(86_400)
    after = world.browser().get(f"{PUBLIC}/eidas/connector/metadata").data
    assert hashlib.sha256(before).digest() != hashlib.sha256(after).digest()


def test_an_instance_without_the_role_has_no_metadata_and_no_countries(make_world):
    world = make_world()
    assert world.browser().get(f"{PUBLIC}/eidas/connector/metadata").status_code == 404


# -- the journal ------------------------------------------------------------------------------------------------------


def test_the_journal_names_the_message_and_no_person(world, traveller, caplog):
    caplog.set_level("INFO", "passerelle.journal")
    traveller.received()
    assert '"event": "country.vouched"' in caplog.text
    assert not [word for word in ("Onasis", "Ωνάσης", "Aristotelis", "Ab-12.34", "1966") if word in caplog.text]
