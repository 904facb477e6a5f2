"""What citizens of other countries read when they are back: what will be sent, signing out, help and personal data."""

from dataclasses import replace

import pytest

from broker.european import Spelling
from broker.web import labels
from broker.web.models import ClaimRow
from tests.broker.web.gallery import ARISTOTELIS, documents, gallery_app


def page(name, language="en"):
    return documents()[f"{name}.{language}"][2]


def main(name, language="en"):
    return page(name, language).one("main").text


# -- what will be sent ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "words"), [("fr", "Ωνάσης (forme latine transmise : Onasis)"), ("en", "Ωνάσης (Latin form sent: Onasis)")]
)
def test_a_name_is_shown_in_both_scripts_with_the_tag_of_its_language(language, words):
    shown = page("confirm-european", language)
    value = shown.one(data_testid="value-family_name")
    (original,) = (span for span in shown.all("span", lang="el") if value in span.parents)
    assert (value.text, original.text) == (words, "Ωνάσης")


@pytest.mark.parametrize(
    ("language", "words"), [("fr", "non communiqué par votre pays"), ("en", "not provided by your country")]
)
def test_what_the_country_did_not_give_is_named_as_missing(language, words):
    shown = page("confirm-european", language)
    names = ("gender", "birthplace", "birthcountry", "email")
    assert {shown.one(data_testid=f"value-{name}").text for name in names} == {words}


def test_a_birth_name_that_is_not_clear_is_not_said_to_be_missing():
    value = page("confirm-european-unclear").one(data_testid="value-family_name")
    assert value.text == "not sent: what your country provided is not clear"


@pytest.mark.parametrize(("name", "sent"), [("confirm-european", True), ("confirm-european-secret", False)])
def test_the_country_and_the_network_are_named_exactly_when_they_are_sent(name, sent):
    assert ("the fact that another country confirmed your identity (eIDAS) will be sent too" in main(name)) is sent
    assert ("Will not be sent: the country that confirmed your identity" in main(name)) is not sent


def test_the_identifier_in_the_country_is_said_to_stay():
    assert "Will not be sent: your identifier in your country." in main("confirm-european")


def test_an_anonymous_service_that_may_know_the_country_is_said_to_know_it():
    assert "The fact that another country confirmed your identity (eIDAS) will be sent too." in main(
        "confirm-european-anonymous"
    )


@pytest.mark.parametrize("name", ["confirm-european", "confirm-european-secret"])
def test_the_page_of_a_european_speaks_of_no_account(name):
    assert "account" not in main(name)


def test_wrong_data_are_corrected_in_the_country():
    told = page("confirm-european", "fr").one(data_testid="wrong-data").text
    assert "Elle vient de votre pays (Grèce). Corrigez-la là-bas" in told
    assert "support@node.el.example" in told
    assert "Corrigez-la là-bas. Vous" in page("confirm-european-secret", "fr").one(data_testid="wrong-data").text


# -- the rows ---------------------------------------------------------------------------------------------------------


def row(claim, person=ARISTOTELIS, language="en"):
    with gallery_app().test_request_context(f"/?lang={language}"):
        (found,) = labels.claim_rows((claim,), person, lambda code, on: code, lambda code, lang: f"{code} {lang}")
    return found


def test_a_name_keeps_its_original_and_the_language_of_its_country():
    assert row("given_name") == ClaimRow("given_name", "First names", "Aristotelis", "Αριστοτέλης", "el")


def test_a_name_in_latin_script_has_no_original():
    plain = replace(ARISTOTELIS, country="ES", given_names=Spelling("María José"))
    assert row("given_name", plain) == ClaimRow("given_name", "First names", "María José")


@pytest.mark.parametrize(
    ("language", "label"),
    [
        ("fr", "Nom de famille (votre pays n’a pas communiqué de nom de naissance)"),
        ("en", "Family name (your country did not give a birth name)"),
    ],
)
def test_a_current_name_that_stands_for_the_birth_name_says_so(language, label):
    assert (row("family_name", language=language).label, row("family_name").value) == (label, "Onasis")


def test_a_birth_name_that_the_country_states_is_one_and_the_current_name_is_the_usual_one():
    married = replace(ARISTOTELIS, birth_name=Spelling("Livanos", "Λιβανός"), birth_name_known=True)
    assert row("family_name", married) == ClaimRow("family_name", "Birth name", "Livanos", "Λιβανός", "el")
    assert row("preferred_username", married) == ClaimRow("preferred_username", "Usual name", "Onasis", "Ωνάσης", "el")


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("gender", "Female"),
        ("birthdate", "20 January 1966"),
        ("birthcountry", "99126 en"),
        ("address", "1 rue X"),
        ("country", "Greece"),
        ("email", "a@b.example"),
        ("birthplace", None),
        ("phone_number", None),
    ],
)
def test_each_value_is_shown_as_people_read_it(claim, value):
    person = replace(ARISTOTELIS, gender="female", birthcountry="99126", email="a@b.example")
    assert row(claim, person).value == value


# -- signing out, help, personal data ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["logout-abroad", "logged-out-abroad"])
def test_the_session_in_the_country_is_said_to_stay_open(name):
    french = page(name, "fr").one(data_testid="abroad").text
    assert french == "La session dans votre pays (Grèce) n’est pas fermée par nous."
    assert page(name).one(data_testid="abroad").text == "We do not close the session in your country (Greece)."


@pytest.mark.parametrize("name", ["help", "privacy"])
def test_help_and_personal_data_speak_of_countries_exactly_where_europeans_can_sign_in(name):
    assert "another European country" in main(f"{name}-europe")
    assert "another European country" not in main(name)
