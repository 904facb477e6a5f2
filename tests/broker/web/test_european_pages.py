"""What citizens of other countries read before they leave: the button, the countries, failures, the way there."""

import pytest

from broker.countries import COUNTRIES
from broker.errors import catalogue
from broker.journey import Failure
from broker.web import labels, wording
from broker.web.i18n import LANGUAGES
from tests.broker.web.gallery import FORM, SERVICES, TAXES, documents, gallery_app

EID = tuple(code for code in catalogue() if code.startswith("EID-"))


def page(name, language="en"):
    return documents()[f"{name}.{language}"][2]


def main(name, language="en"):
    return page(name, language).one("main").text


# -- the button among the accounts ------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_european_button_is_in_both_languages_each_with_its_tag(language):
    shown = page("choose-europe", language)
    button = shown.one(data_testid="provider-eidas")
    spoken = [(span.get("lang"), span.text) for span in shown.all("span") if "lang" in span.attributes]
    assert (button.get("name"), button.get("value")) == ("action", "europe")
    assert spoken == [
        ("fr", "Identité numérique d’un autre pays européen"),
        ("en", "Digital identity from another European country"),
    ]


def test_the_european_button_comes_after_the_accounts_and_only_where_it_is_offered():
    buttons = [button.get("data-testid") for button in page("choose-europe").all("button")]
    assert buttons == ["provider-impots", "provider-poste", "provider-carte", "provider-eidas", "cancel"]
    assert page("choose").all(data_testid="provider-eidas") == []


# -- countries --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "name"), [("fr", "Grèce"), ("en", "Greece")])
def test_a_country_is_a_button_with_its_name_here_and_its_name_there(language, name):
    button = page("countries", language).one(data_testid="country-EL")
    assert (button.get("name"), button.get("value"), button.text) == ("country", "EL", f"{name} Ελλάδα")


def test_a_country_of_several_languages_has_a_name_in_each_with_its_tag_kept_from_translation():
    button = page("countries", "fr").one(data_testid="country-BE")
    inside = [element for element in page("countries", "fr").elements if button in element.parents]
    spoken = [(element.get("lang"), element.text) for element in inside if "lang" in element.attributes]
    (kept,) = (element.text for element in inside if element.get("translate") == "no")
    assert (spoken, kept) == (
        [("nl", "België"), ("fr", "Belgique"), ("de", "Belgien")],
        "België · Belgique · Belgien",
    )


def test_codes_of_countries_are_never_shown():
    assert not [code for code in ("EL", "GR", "BE", "DE") if code in main("countries").split()]


def test_the_page_of_countries_has_buttons_in_a_list_and_no_select():
    shown = page("countries")
    assert all(button.within("li") for button in shown.all("button", name="country"))
    assert shown.all("select") == []


@pytest.mark.parametrize(
    ("language", "reasons"),
    [
        (
            "fr",
            (
                "Irlande – n’a pas de moyen reconnu au niveau demandé",
                "Lettonie – momentanément indisponible (depuis 14 h 12)",
                "Malte – momentanément indisponible",
            ),
        ),
        (
            "en",
            (
                "Ireland – has no recognised means at the level asked",
                "Latvia – temporarily unavailable (since 14:12)",
                "Malta – temporarily unavailable",
            ),
        ),
    ],
)
def test_missing_countries_are_folded_text_with_their_reasons(language, reasons):
    shown = page("countries", language)
    folded = shown.one(data_testid="missing")
    lines = [item.text for item in shown.all("li") if folded in item.parents]
    assert tuple(lines) == reasons
    assert ("open" in folded.attributes, [b for b in shown.all("button") if folded in b.parents]) == (False, [])


def test_the_level_asked_is_said_and_who_will_know_the_country():
    assert "Demo Town Hall asks for level “substantial” or higher." in main("countries")
    assert "Demo Town Hall will not be told which country you chose." in main("countries")
    assert "Demo Town Hall will know which country you chose." in main("countries-again")


def test_a_country_that_insists_on_an_identifier_of_the_service_says_so_under_its_button():
    shown = page("countries")
    described = [button for button in shown.all("button") if "aria-describedby" in button.attributes]
    assert [button.get("value") for button in described] == ["DE"]
    sentence = shown.one(id=described[0].get("aria-describedby"))
    assert sentence.text == "This country receives an identifier of Demo Town Hall that only we can trace to it."


def test_the_next_step_is_said_with_the_time_until_which_the_page_stays_valid():
    sentence = "If it stays blank, close it and come back here: this page stays valid until 17:12."
    assert f"Next you will see a page of your own country. {sentence}" in main("countries")


def test_french_people_who_live_abroad_are_led_to_their_accounts():
    assert page("countries").one(data_testid="back").get("href") == "/choisir?j=handle-of-the-journey"
    assert "I am French and I live abroad" in main("countries")


def test_whoever_leaves_the_countries_posts_that_he_cancels():
    button = page("countries", "fr").one(data_testid="cancel")
    assert (button.get("value"), button.text) == ("cancel", "Revenir à Mairie de Démo sans me connecter")
    assert page("countries").one("form").get("action") == FORM.action


def test_without_any_country_the_page_says_so_and_shows_the_reasons():
    shown = page("countries-none")
    assert "No country can be used for this service at the moment." in shown.one("main").text
    assert "open" in shown.one(data_testid="missing").attributes


def test_a_country_that_was_asked_for_in_vain_is_named_and_its_reason_unfolded():
    shown = page("countries-unavailable")
    assert shown.one(data_testid="unavailable").text == (
        "Ireland: this country cannot be used for Demo Town Hall at the moment. The reason is below the list. "
        "You can choose another country."
    )
    assert "open" in shown.one(data_testid="missing").attributes


# -- failures ---------------------------------------------------------------------------------------------------------


def test_a_failure_of_a_country_is_announced_with_its_support():
    shown = page("countries-again")
    assert shown.one(data_testid="failure").get("role") == "alert"
    assert "The answer from your country (Greece) is not valid; we rejected it for safety." in main("countries-again")
    assert shown.one(data_testid="support").text == "Support in your country: support@node.el.example"


def failure(code, language="en", **words):
    with gallery_app().test_request_context(f"/eidas/pays?lang={language}"):
        words = {"country": "EL", "contact": "support@node.el.example", **words}
        return wording.banner(Failure(code, words), "", SERVICES[language], country="Greece")


@pytest.mark.parametrize("code", EID)
def test_the_support_of_the_country_goes_with_every_failure_of_a_country(code):
    assert failure(code).contact == "support@node.el.example"


def test_a_failure_of_an_account_has_no_support_of_a_country():
    with gallery_app().test_request_context("/choisir"):
        assert wording.banner(Failure("FI-201", {}), TAXES["en"], SERVICES["en"]).contact == ""


def test_a_support_that_is_not_known_has_no_line():
    assert failure("EID-303", contact="").contact == ""


def test_a_country_that_failed_is_no_account():
    assert failure("EID-301").account == ""


@pytest.mark.parametrize(("language", "field"), [("fr", "identifiant"), ("en", "identifier")])
def test_what_a_country_left_out_has_a_name(language, field):
    assert failure("EID-305", language, field="identifier").message.striptags().endswith(f": {field}.")


def test_levels_are_words():
    words = {"level_got": "low", "level_asked": "substantial"}
    assert failure("EID-304", **words).message.striptags() == (
        "Your country (Greece) identified you at level “low”; Demo Town Hall asks for “substantial”."
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", EID)
def test_the_sentences_read_well_when_neither_country_nor_contact_is_known(code, language):
    shown = page("help", language).one(id=code).text
    assert not [words for words in ("le pays)", "the country)", "{", "known to us") if words in shown]


@pytest.mark.parametrize("code", EID)
def test_an_error_says_that_it_is_the_country_and_offers_another(code):
    shown = page(f"error-{code}")
    assert shown.one(data_testid="side").text == "The problem is with the country you chose."
    assert shown.one(data_testid="choose").text == "Choose another country or account"


# -- on the way -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "heading", "button"),
    [
        ("fr", "Vous allez vers la Grèce…", "Continuer vers la Grèce"),
        ("en", "You are going to Greece…", "Continue to Greece"),
    ],
)
def test_the_page_on_the_way_has_a_visible_button_that_posts_to_the_country(language, heading, button):
    shown = page("passage", language)
    form = shown.one("form")
    assert (form.get("method"), form.get("action")) == ("post", "https://node.el.example/sso")
    assert (shown.one("h1").text, shown.one(data_testid="go").text) == (heading, button)


def test_the_fields_of_the_message_are_hidden_and_nothing_else_goes_along():
    names = [(field.get("type"), field.get("name"), field.get("value")) for field in page("passage").all("input")]
    assert names == [("hidden", "SAMLRequest", "PHg+")]
    assert [button.get("name") for button in page("passage").all("button")] == [""]


def test_the_page_on_the_way_leads_back_and_says_what_to_do_with_a_blank_page():
    assert page("passage").one(data_testid="back").get("href") == "/eidas/pays?j=handle"
    assert "If the next page stays blank, use the Back button of your browser." in main("passage")


def test_the_page_on_the_way_says_that_the_country_gets_an_identifier_of_the_service():
    assert page("passage").all(data_testid="requester") == []
    assert "that only we can trace to it" in page("passage-requester").one(data_testid="requester").text


def test_countries_have_the_article_that_a_sentence_needs():
    with gallery_app().test_request_context("/?lang=fr"):
        french = [labels.with_article(country.name["fr"]) for country in COUNTRIES.values()]
    vowels = ("l’Allemagne", "l’Autriche", "l’Espagne", "l’Estonie", "l’Irlande", "l’Islande", "l’Italie")
    others = ("Chypre", "Malte", "le Danemark", "le Liechtenstein", "le Luxembourg", "le Portugal", "les Pays-Bas")
    assert {name for name in french if not name.startswith("la ")} == {*vowels, *others}
    with gallery_app().test_request_context("/?lang=en"):
        english = [labels.with_article(country.name["en"]) for country in COUNTRIES.values()]
    assert [name for name in english if " " in name] == ["the Netherlands"]
