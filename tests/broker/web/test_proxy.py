"""A French citizen logs in to a service in another country, and everything that he, the country or an attacker may do."""

import json
import logging
import re
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from urllib.parse import parse_qs, urlencode

import pytest

from broker.app import create_app
from broker.errors import Problem
from broker.parties import Parties
from broker.relying.hearing import Arrived
from eidas.attributes import (
    BIRTH_NAME,
    CURRENT_ADDRESS,
    EMAIL_ADDRESS,
    FAMILY_NAME,
    GENDER,
    NATIONALITY,
    PERSON_IDENTIFIER,
    PLACE_OF_BIRTH,
)
from eidas.binding import read_post
from eidas.errors import AuthenticationFailed
from eidas.messages import RequestedAttribute
from eidas.vocabulary import (
    AUTHN_FAILED,
    INVALID_ATTRIBUTE,
    LOA_HIGH,
    LOA_LOW,
    LOA_SUBSTANTIAL,
    NO_AUTHN_CONTEXT,
    NOT_NOTIFIED_LEVELS,
    REQUEST_DENIED,
    REQUESTER,
    RESPONDER,
    TRANSIENT,
)
from metadata.read import read_proxy_service
from tests.broker.asking import RELAY_STATE, Asked, ForeignConnector, fields, fields_in
from tests.broker.people import CLAIMS
from tests.broker.world import PROVIDERS, PUBLIC, Shown


@pytest.fixture
def make_asked(abroad_folder):
    return lambda **changes: Asked(abroad_folder, **changes)


@pytest.fixture
def world(make_asked):
    return make_asked()


@pytest.fixture
def italy(world):
    return world.connectors["IT"]


@pytest.fixture
def citizen(world):
    return world.citizen()


def told(found):
    """What a country was told, by the last part of the names."""
    return {name.rpartition("/")[2]: attribute.latin for name, attribute in found.attributes.items()}


def published(world):
    """Our Proxy-Service as its metadata describes it."""
    return read_proxy_service(world.browser().get(f"{PUBLIC}/eidas/proxy/metadata").data, now=world.clock())


def failure(world, form, code="IT"):
    """How a country's reader understands an answer that identifies nobody."""
    with pytest.raises(AuthenticationFailed) as caught:
        world.connectors[code].read(world, form)
    return caught.value.code, caught.value.sub


# -- the whole way ----------------------------------------------------------------------------------------------------


def test_a_country_is_told_the_minimum_and_what_the_citizen_ticked(citizen):
    found = told(citizen.identified("BirthName"))
    assert re.fullmatch("FR/IT/[0-9a-f]{64}v1", found.pop("PersonIdentifier"))
    assert found == {
        "CurrentFamilyName": "Martin",
        "CurrentGivenName": "Angela Claire Louise",
        "DateOfBirth": "1962-08-24",
        "BirthName": "Angela Claire Louise DUBOIS",
    }


def test_without_a_tick_nothing_optional_is_told(citizen):
    assert len(told(citizen.identified())) == 4


def test_a_tick_for_what_was_not_asked_tells_nothing(citizen):
    assert len(told(citizen.identified("EmailAddress", "BirthName", optional=(GENDER,)))) == 4


def test_a_redirect_with_a_signed_query_is_as_good_as_a_post(world, italy, citizen):
    choice = citizen.page(citizen.redirected(italy.query(italy.request())))
    answer = citizen.answer(citizen.page(citizen.prove(citizen.choose(choice))))
    assert (told(italy.read(world, answer))["CurrentFamilyName"], answer["RelayState"]) == ("Martin", RELAY_STATE)


@pytest.mark.parametrize(
    "relay_state", [RELAY_STATE, "", None, "x" * 80, "+%2B%20é"], ids=["odd", "empty", "none", "80", "pct"]
)
def test_relay_state_comes_back_untouched(italy, citizen, relay_state):
    choice = citizen.page(citizen.send(italy.form(italy.request(), relay_state)))
    answer = citizen.answer(citizen.page(citizen.prove(citizen.choose(choice))))
    assert answer.get("RelayState") == relay_state


def test_the_answer_goes_to_the_address_of_the_metadata(italy, citizen):
    assert citizen.answer(citizen.proven())["action"] == italy.acs


def test_one_person_has_one_identifier_in_a_country_whoever_vouches_and_others_elsewhere(world):
    found = [
        world.citizen().identified(code=code, fi=fi).attributes[PERSON_IDENTIFIER].latin
        for code, fi in (("IT", "impots"), ("IT", "carte"), ("ES", "impots"))
    ]
    italian, again, spanish = (identifier.rpartition("/")[2] for identifier in found)
    assert (italian == again, italian != spanish, found[2][:6]) == (True, True, "FR/ES/")


def test_no_service_here_knows_the_identifier(world):
    abroad = told(world.citizen().identified())["PersonIdentifier"].rpartition("/")[2]
    assert abroad not in [world.browser().claims(name)["sub"] for name in ("mairie", "rsa")]


def test_a_transient_name_says_nothing(world, italy, citizen):
    answer = citizen.answer(citizen.proven(name_id_format=TRANSIENT))
    assert PERSON_IDENTIFIER in italy.read(world, answer).attributes
    assert "FR/IT" not in read_post(answer["SAMLResponse"]).decode()


def test_without_a_usual_name_the_birth_name_is_the_current_one(world, citizen):
    world.fi["impots"].claims = {name: value for name, value in CLAIMS.items() if name != "preferred_username"}
    assert citizen.identified().attributes[FAMILY_NAME].latin == "DUBOIS"


def test_a_usual_name_in_another_script_has_its_latin_form(world, citizen):
    world.fi["impots"].claims = {**CLAIMS, "preferred_username": "Ωνάσης"}
    name = citizen.identified().attributes[FAMILY_NAME]
    assert (name.latin, name.original) == ("Onasis", "Ωνάσης")


def test_the_country_that_asks_may_be_asked_as_well(world):
    assert told(world.citizen().identified(code="DE"))["PersonIdentifier"].startswith("FR/DE/")
    assert world.traveller().received(code="DE")["family_name"] == "Onasis"


# -- levels -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("asked", "level"), [(LOA_LOW, LOA_LOW), (LOA_SUBSTANTIAL, LOA_SUBSTANTIAL), (LOA_HIGH, LOA_HIGH)])
def test_the_level_that_the_provider_proved_is_the_one_asserted(world, asked, level):
    fi = "carte" if asked == LOA_HIGH else "impots"
    world.fi["impots"].acr = "eidas1" if asked == LOA_LOW else "eidas2"
    assert world.citizen().identified(fi=fi, levels=(asked,)).level == level


def test_a_provider_below_the_level_is_not_offered(citizen):
    choice = citizen.page(citizen.come(levels=(LOA_HIGH,)))
    assert 'value="impots"' not in choice.text
    assert "FI-204" in citizen.choose(choice, "impots").text


def test_with_exact_the_lowest_notified_level_counts(citizen):
    levels = (LOA_SUBSTANTIAL, LOA_HIGH, NOT_NOTIFIED_LEVELS[0])
    assert citizen.identified(levels=levels, comparison="exact").level == LOA_SUBSTANTIAL


def test_no_level_is_published_that_no_provider_reaches(make_asked):
    world = make_asked(providers=PROVIDERS)
    italy, citizen = world.connectors["IT"], world.citizen()
    assert LOA_HIGH not in published(world).levels
    refused = citizen.send(italy.form(italy.request(levels=(LOA_HIGH,))))
    assert failure(world, fields_in(refused.text)) == (REQUESTER, NO_AUTHN_CONTEXT)


# -- single sign-on ---------------------------------------------------------------------------------------------------


def test_a_running_session_lets_nobody_through(citizen):
    citizen.log_in("mairie")
    choice = citizen.page(citizen.come())
    assert 'data-testid="session"' not in choice.text
    assert citizen.post("/choisir", **choice.hidden, action="continue").status_code == 400


def test_afterwards_services_here_share_the_session(citizen):
    citizen.answer(citizen.proven())
    assert "Angela" in citizen.page(citizen.authorize("rsa")).text


# -- what is refused with an answer -----------------------------------------------------------------------------------


def test_a_required_attribute_that_we_do_not_have_is_named_in_the_answer(world, italy, citizen):
    request = italy.request()
    wanted = (*request.attributes, RequestedAttribute(NATIONALITY, False))
    assert citizen.send(italy.form(replace(request, attributes=wanted))).status_code == 303  # optional: left out
    legal = tuple(
        RequestedAttribute(f"http://eidas.europa.eu/attributes/legalperson/{name}", True)
        for name in ("LegalPersonIdentifier", "LegalName")
    )
    refused = citizen.send(italy.form(italy.request(attributes=legal)))
    assert (refused.status_code, 'data-code="SRV-405"' in refused.text) == (200, True)
    assert failure(world, fields_in(refused.text)) == (REQUESTER, INVALID_ATTRIBUTE)


def test_a_level_that_we_do_not_have_is_refused_in_saml(world, italy, citizen):
    refused = citizen.send(italy.form(italy.request(levels=("https://it.example/loa",), comparison="exact")))
    assert failure(world, fields_in(refused.text)) == (REQUESTER, NO_AUTHN_CONTEXT)


def test_a_request_that_breaks_a_rule_brings_the_citizen_back_with_the_reason(world, italy, citizen):
    refused = citizen.send(italy.form(italy.request(destination="https://elsewhere.example/sso")))
    assert 'data-code="SRV-404"' in refused.text
    assert failure(world, fields_in(refused.text)) == (REQUESTER, REQUEST_DENIED)
    assert fields_in(refused.text)["RelayState"] == RELAY_STATE


def test_a_request_counts_once(world, italy, citizen):
    form = italy.form(italy.request())
    assert citizen.send(form).status_code == 303
    again = world.citizen().send(form)
    assert 'data-code="SRV-408"' in again.text
    assert failure(world, fields_in(again.text)) == (REQUESTER, REQUEST_DENIED)


def test_of_two_workers_one_takes_a_request(abroad_folder, tmp_path):
    world = Asked(abroad_folder, database=f"sqlite:///{tmp_path}/passerelle.db")
    italy = world.connectors["IT"]
    for _ in range(5):
        form = italy.form(italy.request())
        with ThreadPoolExecutor(4) as workers:
            answers = [one.status_code for one in workers.map(lambda _, form=form: world.citizen().send(form), range(4))]
        assert sorted(answers) == [200, 200, 200, 303]


def test_two_countries_may_use_the_same_id(world, citizen):
    shared = "_" + "a" * 32
    assert [citizen.come(code, id=shared).status_code for code in ("IT", "ES")] == [303, 303]


# -- what is refused without one --------------------------------------------------------------------------------------


def page_alone(response):
    """Whether it is an error page without any way to an address that came with the request."""
    return (
        response.status_code,
        "SRV-404" in response.text,
        "<form" in response.text,
        'name="SAMLResponse"' in response.text,
    )


ALONE = (400, True, False, False)


def test_a_stranger_is_not_answered(world, citizen):
    stranger = ForeignConnector("PT", world.clock)
    assert page_alone(citizen.send(stranger.form(stranger.request()))) == ALONE


def test_a_request_by_another_key_is_not_answered(world, italy, citizen):
    forger = ForeignConnector("IT", world.clock)
    assert page_alone(citizen.send(forger.form(forger.request()))) == ALONE


def test_one_country_cannot_ask_for_another(world, italy, citizen):
    spain = world.connectors["ES"]
    assert page_alone(citizen.send(spain.form(spain.request(issuer=italy.entity_id)))) == ALONE


def test_a_changed_request_is_not_answered(italy, citizen):
    form = italy.form(italy.request())
    octets = read_post(form["SAMLRequest"]).replace(b"LoA/substantial", b"LoA/low")
    assert page_alone(citizen.send(fields(octets))) == ALONE


@pytest.mark.parametrize("value", ["", "no base64!", "PGE+", "PGEvPg=="], ids=["nothing", "base64", "xml", "root"])
def test_what_is_no_request_is_not_answered(citizen, value):
    assert page_alone(citizen.send({"SAMLRequest": value})) == ALONE


def test_a_long_relay_state_is_not_answered(italy, citizen):
    assert page_alone(citizen.send(italy.form(italy.request(), "é" * 41))) == ALONE


def test_a_query_that_was_changed_is_not_answered(italy, citizen):
    query = italy.query(italy.request(), "one")
    assert page_alone(citizen.redirected(query.replace("RelayState=one", "RelayState=two"))) == ALONE


def test_of_a_signed_query_the_relay_state_is_the_signed_one(italy, citizen):
    forged = italy.query(italy.request(), None) + "&Relay%53tate=evil"
    choice = citizen.page(citizen.redirected(forged))
    answer = citizen.answer(citizen.page(citizen.prove(citizen.choose(choice))))
    assert "RelayState" not in answer


def test_a_second_relay_state_is_not_answered_however_its_name_is_written(italy, citizen):
    forged = italy.query(italy.request(), "one") + "&Relay%53tate=evil"
    assert page_alone(citizen.redirected(forged)) == ALONE


def test_a_long_relay_state_is_not_answered_though_it_is_signed(italy, citizen):
    assert page_alone(citizen.redirected(italy.query(italy.request(), "é" * 41))) == ALONE


def test_a_relay_state_that_speaks_of_a_signature_is_none(italy, citizen):
    form = italy.form(italy.request(), "Signature=")
    assert citizen.redirected(urlencode(form, safe="=")).status_code == 303


def test_a_signed_response_is_no_request(italy, citizen):
    query = italy.query(italy.request()).replace("SAMLRequest=", "SAMLResponse=")
    signed = italy.signer.sign(query.partition("&Signature=")[0].encode())
    forged = query.partition("&Signature=")[0] + "&" + urlencode({"Signature": b64encode(signed)})
    asked = Arrived(parse_qs(query)["SAMLResponse"][0], None, forged, form=False)
    with pytest.raises(Problem, match="no request"):
        citizen.world.app.extensions["passerelle"]().foreign.hear(asked)
    assert page_alone(citizen.redirected(forged)) == ALONE


def test_a_country_whose_metadata_has_expired_is_not_answered(world, italy, citizen):
    world.clock.advance(8 * 86_400)
    assert page_alone(citizen.send(italy.form(italy.request()))) == ALONE


def test_a_country_that_was_stopped_is_not_answered(make_asked, world):
    parties = world.settings.parties
    stopped = {code: replace(one, active=False) for code, one in parties.countries.items()}
    other = make_asked(parties=Parties(parties.services, parties.providers, stopped))
    italy = ForeignConnector("IT", other.clock)
    italy.signer, italy.decryption = world.connectors["IT"].signer, world.connectors["IT"].decryption
    assert page_alone(other.citizen().send(italy.form(italy.request()))) == ALONE


def test_without_the_role_there_is_no_such_place(make_abroad):
    client = make_abroad().browser().client
    for path in ("/eidas/proxy/sso", "/eidas/proxy/metadata"):
        assert client.get(path, base_url=PUBLIC).status_code == 404


# -- no chains --------------------------------------------------------------------------------------------------------


def test_no_other_country_is_offered_and_none_can_be_reached(citizen):
    choice = citizen.page(citizen.come())
    assert 'data-testid="provider-eidas"' not in choice.text
    there = citizen.get(f"{PUBLIC}/eidas/pays?j={choice.hidden['j']}")
    assert (there.status_code, "SRV-409" in there.text) == (403, True)
    picked = citizen.pick(choice, "EL")
    assert (picked.status_code, "SRV-409" in picked.text) == (403, True)


def test_the_citizen_who_tries_has_a_way_back(world, citizen):
    choice = citizen.page(citizen.come())
    page = Shown(citizen.get(f"{PUBLIC}/eidas/pays?j={choice.hidden['j']}"))
    answer = citizen.returned(citizen.post("/choisir", **page.hidden, action="cancel"))
    assert failure(world, answer) == (RESPONDER, REQUEST_DENIED)


# -- what the citizen may do ------------------------------------------------------------------------------------------


def test_who_turns_back_at_the_choice_is_told_as_denied(world, citizen):
    choice = citizen.page(citizen.come())
    answer = citizen.returned(citizen.post("/choisir", **choice.hidden, action="cancel"))
    assert (failure(world, answer), answer["RelayState"]) == ((RESPONDER, REQUEST_DENIED), RELAY_STATE)


def test_who_sends_nothing_is_told_as_denied(world, citizen):
    shown = citizen.proven()
    assert failure(world, citizen.answer(shown, action="cancel")) == (RESPONDER, REQUEST_DENIED)


def test_a_private_service_gets_nothing_without_consent(citizen):
    shown = citizen.proven(sp_type="private")
    missing = citizen.post("/confirmer", **shown.hidden, action="continue")
    assert 'data-testid="errors"' in citizen.page(missing).text


def test_a_second_click_gets_the_very_same_answer(citizen):
    shown = citizen.proven()
    assert citizen.answer(shown) == citizen.answer(shown)


def test_after_five_minutes_the_answer_is_not_sent_any_more(world, citizen):
    shown = citizen.proven()
    citizen.answer(shown)
    world.clock.advance(300)
    assert "USR-103" in citizen.get(f"{PUBLIC}/revenir?j={shown.hidden['j']}").text


def test_before_the_answer_there_is_no_way_back_to_post(citizen):
    choice = citizen.page(citizen.come())
    assert citizen.get(f"{PUBLIC}/revenir?j={choice.hidden['j']}").location.startswith("/choisir")


def test_a_service_here_does_not_go_back_by_that_page(citizen):
    shown = citizen.to_confirmation()
    back = citizen.confirm(shown).location
    assert citizen.get(f"{PUBLIC}/revenir?j={shown.hidden['j']}").location == back


def test_a_stolen_handle_is_worth_nothing(world, citizen):
    shown = citizen.proven()
    citizen.answer(shown)
    assert "USR-102" in world.citizen().get(f"{PUBLIC}/revenir?j={shown.hidden['j']}").text


# -- a birth date that is not whole -----------------------------------------------------------------------------------


@pytest.fixture(params=["1962-08-00", "1962-00-00"])
def presumed(world, request):
    world.fi["impots"].claims = {**CLAIMS, "birthdate": request.param}
    return world


def test_a_birth_date_that_is_not_whole_is_not_made_whole(presumed, citizen):
    shown = citizen.proven()
    assert (shown.response.status_code, "FI-209" in shown.text) == (403, True)
    assert "1962" not in shown.text


def test_whoever_has_one_goes_back_and_the_country_hears_of_a_failure(presumed, citizen):
    answer = citizen.returned(citizen.post("/choisir", **citizen.proven().hidden, action="cancel"))
    assert failure(presumed, answer) == (RESPONDER, AUTHN_FAILED)


def test_no_form_can_send_it_all_the_same(presumed, citizen):
    refused = citizen.post("/confirmer", **citizen.proven().hidden, action="continue")
    assert (refused.status_code, "FI-209" in refused.text) == (403, True)


# -- who learns what --------------------------------------------------------------------------------------------------


def test_the_provider_learns_nothing_of_the_country_or_the_service(world, citizen):
    citizen.answer(citizen.proven())
    heard = json.dumps(world.fi["impots"].received)
    assert [word for word in ("Roma", "node.it", "Italie", "eidas.europa", "/IT/") if word in heard] == []


def test_the_provider_is_asked_the_same_as_for_a_service_here(world):
    asked = []
    for go in (lambda: world.citizen().proven(), lambda: world.browser().to_confirmation("mairie", acr_values="eidas2")):
        go()
        asked.append({k: v for k, v in world.fi["impots"].asked.items() if k not in ("state", "nonce", "code_challenge")})
    assert asked[0] == asked[1]


def test_the_country_learns_nothing_of_the_provider(world, italy, citizen):
    answer = citizen.answer(citizen.proven(), "BirthName", "Gender")
    octets = read_post(answer["SAMLResponse"]).decode() + str(italy.read(world, answer))
    assert [word for word in ("impots", "Compte", "fi.example") if word in octets] == []


def test_nothing_of_the_person_is_in_the_log_or_in_the_journal(citizen, caplog):
    caplog.set_level(logging.INFO)
    citizen.answer(citizen.proven(), "BirthName")
    said = caplog.text
    assert [word for word in ("Angela", "DUBOIS", "Martin", "1962", "FR/IT") if word in said] == []
    assert [event for event in ("country.asks", "country.answered", "release.sent") if f'"{event}"' not in said] == []


# -- the pages --------------------------------------------------------------------------------------------------------


def test_the_names_that_a_request_gives_are_shown_as_text(citizen):
    page = citizen.page(citizen.come(requester_id="https://roma.example/?a=1&b=<2>".replace("<2>", "2"))).text
    assert "Comune di &lt;Roma&gt;" in page
    assert 'data-testid="requester">https://roma.example/?a=1&amp;b=2' in page


def test_a_name_cannot_turn_round_the_sentence_in_which_it_stands(citizen):
    page = citizen.page(citizen.come(provider_name="Comune\u202e\u200b di  Roma\t")).text
    assert ('(<strong translate="no">Comune di Roma</strong>)' in page, "\u202e" in page) == (True, False)


def test_the_page_on_personal_data_says_what_goes_abroad(world, make_abroad):
    told = [one.browser().get(f"{PUBLIC}/donnees").text for one in (world, make_abroad())]
    assert ["Un service d’un autre pays reçoit" in text for text in told] == [True, False]


def test_a_service_without_a_name_is_said_to_have_none(citizen):
    assert "ne nous a pas donné son nom" in citizen.page(citizen.come(provider_name=None)).text


def test_what_the_account_does_not_know_cannot_be_ticked(world, citizen):
    world.fi["impots"].claims = {**CLAIMS, "birthplace": "", "birthcountry": "99126"}
    page = citizen.proven(optional=(PLACE_OF_BIRTH, EMAIL_ADDRESS)).text
    assert ('data-testid="optional-PlaceOfBirth"' in page, 'data-testid="optional-EmailAddress"' in page) == (False, True)


def test_the_page_back_may_post_to_the_country_alone_and_runs_one_script(italy, citizen):
    shown = citizen.proven()
    citizen.answer(shown)
    policy = citizen.get(f"{PUBLIC}/revenir?j={shown.hidden['j']}").headers["Content-Security-Policy"]
    assert f"form-action 'self' https://{italy.host} https:" in policy
    assert "script-src 'sha256-" in policy


# -- our metadata -----------------------------------------------------------------------------------------------------


def test_our_metadata_says_what_can_be_had(world):
    france = published(world)
    assert (france.entity_id, france.node_country, set(france.sso.values())) == (
        f"{PUBLIC}/eidas/proxy/metadata",
        "FR",
        {f"{PUBLIC}/eidas/proxy/sso"},
    )
    assert france.levels == {LOA_LOW, LOA_SUBSTANTIAL, LOA_HIGH}
    assert {BIRTH_NAME, PLACE_OF_BIRTH, CURRENT_ADDRESS} <= france.attributes
    assert NATIONALITY not in france.attributes


def test_phone_and_address_are_there_only_if_providers_are_asked_for_them_anyway(make_asked, world):
    parties = world.settings.parties
    services = {name: replace(one, scopes=one.scopes - {"address", "phone"}) for name, one in parties.services.items()}
    other = make_asked(parties=Parties(services, parties.providers, parties.countries))
    assert CURRENT_ADDRESS not in published(other).attributes


def test_a_reload_without_the_country_ends_its_journeys(world, citizen):
    choice = citizen.page(citizen.come())
    settings = world.settings
    lonely = replace(settings, parties=Parties(settings.parties.services, settings.parties.providers))
    app = create_app(lonely, store=world.store, fetch=world.fetch, clock=world.clock)
    client, cookie = app.test_client(), citizen.client.get_cookie("__Host-flow", domain="connexion.example")
    client.set_cookie("__Host-flow", cookie.value, domain="connexion.example")
    answer = client.post("/choisir", data={**choice.hidden, "action": "cancel"}, base_url=PUBLIC)
    assert "SRV-401" in answer.text
