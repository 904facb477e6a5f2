"""The citizen's word for data of other administrations: what is shown, what counts, and what attackers make of it."""

import json
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from broker import agreements
from broker.journey import Consenting, DataMissing
from broker.parties import Parties
from broker.relying.oidc import data_asked
from oidc.messages import AuthorizationRequest
from tests.broker.data import ASKERS, DATA, PARTIES, DataWorld, asks, data_provider, gone
from tests.broker.people import demand, proof
from tests.broker.web.attacks import RAISED, SKIPPED
from tests.broker.web.markup import Document
from tests.broker.world import PROVIDERS, PUBLIC, SERVICES, payload

ALL = ("revenu_fiscal", "parts_fiscales", "points_permis")


@pytest.fixture
def world(instance_folder):
    return DataWorld(instance_folder)


@pytest.fixture
def citizen(world):
    return world.citizen()


def agreed(world, browser):
    """What the newest login of a browser gave."""
    return world.session(browser).given[-1].data


def signed_in(browser):
    """Whether a login has left a session in this browser."""
    return browser.client.get_cookie("__Host-sso", domain="connexion.example") is not None


# -- what is shown ----------------------------------------------------------------------------------------------------


def test_each_data_provider_is_a_group_of_boxes_without_a_tick(citizen):
    page = Document(citizen.asked().text)
    boxes = {box.get("value"): box for box in page.all("input", name="data")}
    assert (list(boxes), [box for box in boxes.values() if "checked" in box.attributes]) == (list(ALL), [])
    groups = [group.get("data-testid") for group in page.all("fieldset")]
    assert groups == ["data-revenus", "data-points"]
    assert page.one(data_testid="scope-revenu_fiscal").get("value") == "revenu_fiscal"


def test_the_page_says_who_may_ask_whom_for_what_and_for_how_long(citizen):
    page = Document(citizen.get(f"/confirmer?j={citizen.asked().hidden['j']}&lang=en").text)
    text = page.one("main").text
    assert "For 10 minutes at most, The mairie service may ask revenus office for: Datum revenu_fiscal" in text
    assert "For 90 seconds at most, The mairie service may ask points office for: Datum points_permis" in text
    needs = {scope: page.one(id=f"data-{scope}-need").text for scope in ALL}
    assert needs["revenu_fiscal"] == "Necessary: without it, The mairie service cannot go on."
    assert needs["parts_fiscales"] == needs["points_permis"] == "Optional: you can go on without it."


def test_the_law_is_there_for_who_unfolds_it(citizen):
    basis = Document(citizen.asked().text).one(data_testid="basis-revenus").text
    assert "loi revenu_fiscal" in basis
    assert "décret revenu_fiscal" in basis


def test_the_page_says_what_the_data_provider_learns_of_the_person(citizen):
    text = Document(citizen.asked().text).one("main").text
    assert "(nom de naissance, prénoms, date de naissance)" in text
    assert "ni votre nom, ni vos données" in text  # of the one that is entitled to nothing


def test_a_service_that_asks_for_no_data_shows_none(citizen):
    page = Document(citizen.asked(scope="openid identite_pivot").text)
    assert (page.all("fieldset"), "mes-autorisations" in page.one("main").text) == ([], False)


def test_data_alone_are_no_anonymous_login(citizen):
    page = Document(citizen.asked(scope="openid revenu_fiscal").text)
    assert (len(page.all(name="data")), "ne recevra ni votre nom" in page.one("main").text) == (1, False)


def test_a_reused_session_is_shown_the_same_boxes_and_asked_again(citizen, world):
    citizen.agree(citizen.asked("rsa", "openid revenu_fiscal"), "revenu_fiscal")
    choice = citizen.page(citizen.authorize("mairie", scope="openid revenu_fiscal"))
    shown = citizen.page(citizen.post("/choisir", **choice.hidden, action="continue"))
    assert [box for box in Document(shown.text).all(name="data") if "checked" in box.attributes] == []
    assert (citizen.agree(shown).status_code, gone(citizen.agree(shown, "revenu_fiscal"))) == (400, True)


def test_a_silent_request_is_told_that_the_citizen_must_agree(citizen):
    citizen.agree(citizen.asked(), "revenu_fiscal")
    answer = citizen.authorize("mairie", scope="openid revenu_fiscal", prompt="none")
    assert "error=consent_required" in answer.location


def test_the_last_use_is_shown_to_the_person_whose_session_it_is_and_to_nobody_else(citizen, world):
    citizen.agree(citizen.asked(), "revenu_fiscal")
    world.check(citizen, "revenus")
    again = Document(citizen.asked(prompt="login").text)
    world.fi["impots"].claims |= {"family_name": "MARTIN"}
    other = Document(citizen.asked(prompt="login").text)
    assert "Dernière" in again.one(data_testid="last-revenus").text
    assert (again.all(data_testid="last-points"), other.all(data_testid="last-revenus")) == ([], [])


# -- what counts ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ticked", "left"),
    [(ALL, ALL), (("revenu_fiscal",), ("revenu_fiscal",)), (("points_permis", "revenu_fiscal"), ALL[::2])],
    ids=["all", "the necessary one", "without one of two"],
)
def test_what_is_ticked_is_what_the_login_gives(citizen, world, ticked, left):
    assert gone(citizen.agree(citizen.asked(), *ticked))
    assert agreed(world, citizen) == left


def test_everything_optional_may_be_refused(citizen, world):
    assert gone(citizen.agree(citizen.asked("rsa", "openid revenu_fiscal")))
    assert agreed(world, citizen) == ()


def test_a_necessary_one_that_is_left_out_is_named_with_two_ways_and_nothing_is_sent(citizen, world):
    shown = citizen.asked()
    answer = citizen.agree(shown, "points_permis")
    page = Document(answer.text)
    summary = page.one(id="erreurs")
    links = [link.get("href") for link in page.all("a") if summary in link.parents]
    assert (answer.status_code, summary.get("role"), "autofocus" in summary.attributes) == (400, "alert", True)
    assert (links, page.one(id="back").get("value")) == (["#data-revenu_fiscal", "#back"], "cancel")
    assert "Donnée revenu_fiscal" in summary.text
    assert page.one("title").text.startswith("Erreur")


def test_what_was_ticked_stays_ticked_when_the_page_comes_back(citizen):
    page = Document(citizen.agree(citizen.asked(), "points_permis").text)
    assert {box.get("value"): "checked" in box.attributes for box in page.all(name="data")} == {
        "revenu_fiscal": False,
        "parts_fiscales": False,
        "points_permis": True,
    }
    wrong = page.one(data_testid="scope-revenu_fiscal")
    assert (wrong.get("aria-invalid"), "data-revenu_fiscal-error" in wrong.get("aria-describedby").split()) == (
        "true",
        True,
    )


def test_the_page_that_came_back_is_answered_like_the_first(citizen, world):
    shown = citizen.asked()
    back = citizen.agree(shown)
    shown.text = back.text
    assert gone(citizen.agree(shown, "revenu_fiscal"))
    assert agreed(world, citizen) == ("revenu_fiscal",)


def test_whoever_goes_back_gives_nothing_and_the_service_hears_of_a_refusal(citizen):
    shown = citizen.asked()
    citizen.agree(shown)
    answer = citizen.agree(shown, "revenu_fiscal", action="cancel")
    assert (
        "error=access_denied" in answer.location,
        citizen.client.get_cookie("__Host-sso", domain="connexion.example"),
    ) == (
        True,
        None,
    )


def test_a_private_service_needs_the_word_for_the_identity_too_and_both_ticks_stay(citizen, world):
    shown = citizen.asked("assurance", "openid email points_permis")
    page = Document(citizen.agree(shown, "points_permis", consent="").text)
    links = [link.get("href") for link in page.all("a") if page.one(id="erreurs") in link.parents]
    assert (links, "checked" in page.one(data_testid="scope-points_permis").attributes) == (["#consent"], True)
    assert gone(citizen.agree(shown, "points_permis"))


def test_consent_that_was_given_stays_ticked_when_data_are_missing(make_world, instance_folder):
    asker = asks("assurance", "points_permis", public=False)
    world = DataWorld(instance_folder, parties=Parties({**SERVICES, "assurance": asker}, PROVIDERS, data=DATA))
    browser = world.citizen()
    shown = browser.asked("assurance", "openid email points_permis")
    pages = [Document(browser.agree(shown, consent=consent).text) for consent in ("yes", "")]
    assert ["checked" in page.one(id="consent").attributes for page in pages] == [True, False]
    links = [[link.get("href") for link in page.all("a") if page.one(id="erreurs") in link.parents] for page in pages]
    assert links == [["#data-points_permis", "#back"], ["#data-points_permis", "#consent", "#back"]]


# -- attacks ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("posted", SKIPPED.values(), ids=SKIPPED)
def test_the_word_for_a_necessary_one_cannot_be_skipped_by_posting_something_else(citizen, posted):
    shown = citizen.asked()
    answer = citizen.agree(shown, *posted)
    assert (answer.status_code, answer.location) == (400, None)
    assert not signed_in(citizen)


@pytest.mark.parametrize(("scope", "posted", "left"), RAISED.values(), ids=RAISED)
def test_posting_more_than_was_asked_gives_no_more(citizen, world, scope, posted, left):
    assert gone(citizen.agree(citizen.asked(scope=scope), *posted))
    assert agreed(world, citizen) == left


def test_a_scope_that_the_service_was_not_granted_is_refused_before_anybody_is_asked(citizen):
    assert "error=invalid_scope" in citizen.authorize("rsa", scope="openid points_permis").location


def test_no_address_ticks_a_box(citizen):
    handle = citizen.asked().hidden["j"]
    page = Document(citizen.get(f"/confirmer?j={handle}&e=1&data=revenu_fiscal&consent=yes").text)
    assert [box for box in page.all("input") if "checked" in box.attributes] == []


def test_a_replayed_confirmation_adds_nothing(citizen, world):
    shown = citizen.asked()
    first = citizen.agree(shown, "revenu_fiscal")
    again = citizen.agree(shown, *ALL)
    assert (again.location, agreed(world, citizen)) == (first.location, ("revenu_fiscal",))


def test_the_step_token_of_another_journey_agrees_to_nothing(citizen):
    mine, other = citizen.asked(), citizen.asked()
    assert citizen.agree(mine, "revenu_fiscal", step=other.hidden["step"]).status_code == 409


def test_another_site_cannot_agree_for_the_citizen(citizen):
    shown = citizen.asked()
    form = {**shown.hidden, "action": "continue", "data": "revenu_fiscal"}
    answer = citizen.client.post(
        "/confirmer", data=form, base_url=PUBLIC, headers={"Sec-Fetch-Site": "cross-site", "Origin": "null"}
    )
    assert (answer.status_code, answer.location) == (409, None)


def test_another_browser_cannot_agree_for_the_citizen(citizen, world):
    shown = citizen.asked()
    assert world.citizen().agree(shown, "revenu_fiscal").status_code == 400


# -- partners that go while the citizen reads -------------------------------------------------------------------------


def parties(**data):
    return Parties({**SERVICES, **ASKERS}, PROVIDERS, data=data)


def moved(world, instance_folder, **changes):
    """The same store and browser secret, on another configuration."""
    later = DataWorld(instance_folder, clock=world.clock, **changes)
    rooms, before = later.app.extensions["passerelle"], world.app.extensions["passerelle"]
    rooms()  # built
    from broker.app import Ways, build

    ways = Ways(world.fetch, rooms._ways.metadata)
    before._rooms = build(later.settings, world.store, before._ledger, ways, world.clock)


def test_what_is_not_delivered_any_more_cannot_be_agreed_to(citizen, world, instance_folder):
    shown = citizen.asked()
    off = data_provider("points", "points_permis", active=False)
    moved(world, instance_folder, parties=parties(revenus=DATA["revenus"], points=off))
    page = Document(citizen.get(f"/confirmer?j={shown.hidden['j']}").text)
    assert (page.all(data_testid="scope-points_permis"), "ne peut plus être demandé" in page.one("main").text) == ([], True)
    assert gone(citizen.agree(shown, *ALL))
    assert agreed(world, citizen) == ("revenu_fiscal", "parts_fiscales")


def test_a_necessary_one_that_is_not_delivered_any_more_leaves_the_way_back(citizen, world, instance_folder):
    shown = citizen.asked()
    off = data_provider("revenus", "revenu_fiscal", "parts_fiscales", active=False)
    moved(world, instance_folder, parties=parties(revenus=off, points=DATA["points"]))
    answer = citizen.agree(shown, *ALL)
    page = Document(answer.text)
    assert (answer.status_code, page.one(id="data-revenu_fiscal").tag, len(page.all(id="back"))) == (400, "p", 1)
    assert "error=access_denied" in citizen.agree(shown, action="cancel").location


def test_a_necessary_one_whose_data_provider_has_gone_ends_in_a_page_with_the_way_back(citizen, world, instance_folder):
    shown = citizen.asked()
    moved(world, instance_folder, parties=parties(points=DATA["points"]))
    page = citizen.get(f"/confirmer?j={shown.hidden['j']}")
    assert ("SRV-403" in page.text, 'value="cancel"' in page.text) == (True, True)


# -- the law, for any demand and any ticks ----------------------------------------------------------------------------

NAMES = st.sampled_from([*ALL, "retraite", "logement", "openid", ""])


def outcome(step, counting):
    """What is agreed to, and what is missing for the journey to go on."""
    try:
        return step.consent(agreed=True, data=counting).data, None
    except DataMissing as missing:
        return None, set(missing.scopes)


@drawn(st.dictionaries(NAMES, st.booleans()), st.lists(NAMES), st.sets(NAMES), st.sets(NAMES))
def test_what_is_agreed_to_is_what_counts_and_holds_all_that_is_needed(asked, ticked, granted, delivered):
    one = data_provider("one", *sorted(delivered))
    known = Parties({"mairie": asks("mairie", may=tuple(granted))}, {}, data={"one": one})
    wanted, counts = demand(data=asked), set(ticked) & granted & delivered
    left, missing = outcome(Consenting(wanted, proof()), agreements.deliverable(known, wanted, ticked))
    needed = {scope for scope, need in asked.items() if need}
    if needed <= counts:
        assert (sorted(left), missing) == (sorted(set(asked) & counts), None)
    else:
        assert (left, missing) == (None, needed - counts)


# -- the journal ------------------------------------------------------------------------------------------------------


def events(caplog, *names):
    said = [json.loads(one.message) for one in caplog.records if one.name == "passerelle.journal"]
    return [
        {key: value for key, value in one.items() if key not in ("time", "ref")} for one in said if one["event"] in names
    ]


def test_the_journal_says_by_names_what_was_agreed_to_and_what_was_refused(citizen, caplog):
    caplog.set_level("INFO", "passerelle.journal")
    citizen.agree(citizen.asked(), "revenu_fiscal")
    who = {"service": "mairie"}
    assert events(caplog, "data.agreed", "data.refused") == [
        {"event": "data.agreed", **who, "data_provider": "revenus", "scopes": "revenu_fiscal"},
        {"event": "data.refused", **who, "data_provider": "revenus", "scopes": "parts_fiscales"},
        {"event": "data.refused", **who, "data_provider": "points", "scopes": "points_permis"},
    ]


def test_the_journal_says_that_all_was_refused_by_whoever_went_back(citizen, caplog):
    caplog.set_level("INFO", "passerelle.journal")
    citizen.agree(citizen.asked(scope="openid revenu_fiscal"), action="cancel")
    assert [one["scopes"] for one in events(caplog, "data.refused")] == ["revenu_fiscal"]


def test_the_service_gets_its_claims_as_ever_beside_the_data(citizen):
    answer = citizen.agree(citizen.asked(), "revenu_fiscal")
    code = dict(parse_qsl(urlsplit(answer.location).query))["code"]
    token = citizen.redeem(code).json["access_token"]
    assert payload(citizen.userinfo(token).text)["family_name"] == "DUBOIS"


def test_the_discovery_document_names_the_scopes_of_data_providers(citizen):
    supported = citizen.get("/api/v2/.well-known/openid-configuration").json["scopes_supported"]
    assert set(ALL) < set(supported)


def asked_for(*resources):
    scopes = ("openid", *reversed(ALL), "family_name")
    request = AuthorizationRequest("mairie", "https://mairie.example/retour", scopes, "s", "n", resources=resources)
    return list(data_asked(request, ASKERS["mairie"], PARTIES.data_scopes).items())


NEEDED, SHARES, POINTS = ("revenu_fiscal", True), ("parts_fiscales", False), ("points_permis", False)


@pytest.mark.parametrize(
    ("resources", "left"),
    [
        ((), [NEEDED, SHARES, POINTS]),
        (("https://points.example/api",), [POINTS]),
        (("https://points.example/api", "https://revenus.example/api"), [NEEDED, SHARES, POINTS]),
        (("https://elsewhere.example/api",), []),
    ],
    ids=["no resource", "one", "both", "another"],
)
def test_what_is_asked_for_comes_in_the_registrys_order_and_of_the_resources_that_were_named(resources, left):
    assert asked_for(*resources) == left


def test_of_a_request_that_names_a_resource_the_page_shows_that_data_provider_alone(citizen, world):
    shown = citizen.asked(resource="https://points.example/api")
    assert [box.get("value") for box in Document(shown.text).all(name="data")] == ["points_permis"]
    assert gone(citizen.agree(shown, *ALL))
    assert agreed(world, citizen) == ("points_permis",)
