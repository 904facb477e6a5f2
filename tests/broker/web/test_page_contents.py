"""What each page says and offers, in the words of its catalogue."""

from pathlib import Path

import pytest
from markupsafe import Markup

from broker.errors import Problem
from broker.journey import Failure
from broker.web import assets, render, wording
from broker.web.i18n import LANGUAGES
from broker.web.models import ErrorPage, HomePage, LoggedOutPage, LogoutPage
from tests.broker.web.gallery import FORM, LOOK, NOW, PAGES, documents, gallery_app, show

# -- choose -----------------------------------------------------------------------------------------------------------


def test_each_account_is_a_button_with_its_name_and_level():
    page = documents()["choose.fr"][2]
    button = page.one(data_testid="provider-impots")
    assert (button.get("name"), button.get("value"), button.text) == (
        "provider",
        "impots",
        "Impôts Démo Niveau de garantie : substantiel",
    )


def test_an_account_that_is_not_offered_is_text_with_its_reason():
    text = documents()["choose.fr"][2].one(data_testid="not-offered").text
    assert "Mutuelle Démo – niveau insuffisant : ce service demande « substantiel »" in text
    assert "Santé Démo – indisponible depuis 14 h 12" in text


def test_a_failure_is_announced_with_the_name_of_the_account_and_the_sentence_of_its_code():
    banner = documents()["choose-again.en"][2].one(role="alert")
    assert "Signing in with Demo Tax Office did not work." in banner.text
    assert "Demo Tax Office identified you at level “low”; Demo Town Hall asks for “substantial”." in banner.text


def test_a_running_session_names_the_person_and_offers_to_go_on():
    page = documents()["choose-again.fr"][2]
    assert page.one(data_testid="session").text.startswith("Vous êtes déjà connecté en tant que Angela DUBOIS")
    assert page.one(data_testid="continue").get("value") == "continue"


def test_without_a_session_there_is_nothing_to_go_on_with():
    assert documents()["choose.fr"][2].all(data_testid="continue") == []


def test_without_any_account_the_page_says_so_and_keeps_the_way_back():
    page = documents()["choose-nothing.en"][2]
    assert "No account can be used" in page.one("main").text
    assert page.one(data_testid="cancel").text == "Go back to Demo Town Hall without signing in"


def test_the_page_says_until_when_it_is_valid():
    assert "This page stays valid until 17:12." in documents()["choose.en"][2].one("main").text


# -- confirm ----------------------------------------------------------------------------------------------------------


def test_the_values_to_be_sent_are_shown_with_their_labels():
    values = documents()["confirm-information.fr"][2].one("dl").text
    for words in ("Nom de naissance DUBOIS", "Date de naissance 24 août 1962", "Lieu de naissance Paris 7e (75107)"):
        assert words in values


def test_a_value_that_the_account_did_not_give_is_named_as_missing():
    page = documents()["confirm-information.en"][2]
    assert page.one(data_testid="value-phone_number").text == "not provided by your account"


def test_consent_is_a_required_box_without_a_tick_whose_name_is_its_visible_label():
    page = documents()["confirm-consent.fr"][2]
    box = page.one(data_testid="consent")
    assert ("required" in box.attributes, "checked" in box.attributes) == (True, False)
    assert page.label_of(box) == "J’accepte que ces données soient transmises à Assurances Démo"


def test_declining_is_possible_without_ticking_the_box():
    assert "formnovalidate" in documents()["confirm-consent.fr"][2].one(data_testid="cancel").attributes


def test_a_missing_consent_is_summed_up_and_the_summary_leads_to_the_box():
    page = documents()["confirm-consent-missing.en"][2]
    summary, box = page.one(id="erreurs"), page.one(data_testid="consent")
    links = [link.get("href") for link in page.all("a") if summary in link.parents]
    assert (summary.get("role"), links) == ("alert", [f"#{box.get('id')}"])


def test_a_missing_consent_marks_the_box_and_says_why_beside_it():
    page = documents()["confirm-consent-missing.en"][2]
    box = page.one(data_testid="consent")
    assert (box.get("aria-invalid"), page.one(id=box.get("aria-describedby")).text) == (
        "true",
        "Tick this box to continue.",
    )


def test_information_asks_for_no_consent():
    assert documents()["confirm-information.fr"][2].all(data_testid="consent") == []


def test_an_anonymous_service_is_said_to_receive_no_data():
    text = documents()["confirm-anonymous.fr"][2].one("main").text
    assert "Assurances Démo ne recevra ni votre nom ni aucune donnée, seulement un numéro propre à ce service." in text


def test_wrong_data_are_corrected_at_the_account_that_stated_them():
    text = documents()["confirm-information.en"][2].one(data_testid="wrong-data").text
    assert "This data comes from Demo Tax Office. Correct it there: assistance@impots.example." in text


@pytest.mark.parametrize(("name", "sent"), [("confirm-information.en", True), ("confirm-consent.en", False)])
def test_the_means_of_proof_is_named_exactly_when_it_is_sent(name, sent):
    assert ("the way you proved your identity" in documents()[name][2].one("main").text) is sent


# -- errors -----------------------------------------------------------------------------------------------------------


def test_an_error_says_whose_side_failed_and_that_nothing_was_sent():
    page = documents()["error-FI-202.fr"][2]
    assert page.one(data_testid="side").text == "Le problème vient du compte que vous avez choisi."
    assert "Aucune donnée n’a été transmise à Mairie de Démo." in page.one("main").text


def test_an_error_does_not_say_that_nothing_was_sent_when_it_was():
    page = show(ErrorPage("SYS-501", "7KQF-M3ZD", NOW, "us", "T", "M", ("T",), "Demo Town Hall", nothing_sent=False))
    assert "No data was sent" not in page.one("main").text


def test_an_error_has_a_reference_that_the_browser_leaves_alone_and_a_time_for_machines():
    page = documents()["error-FI-202.en"][2]
    reference = page.one(data_testid="reference")
    assert (reference.text, reference.get("translate")) == ("FI-202 · 7KQF-M3ZD", "no")
    assert page.one("time").get("datetime") == "2026-11-24T15:42:00Z"


def test_an_unknown_service_offers_no_way_on():
    page = documents()["error-SRV-401.fr"][2]
    ways = [element for element in page.all("a", "button", "form") if element.within("main")]
    assert [way.get("href") for way in ways] == ["/aide?ref=7KQF-M3ZD#SRV-401"]


def test_the_way_back_through_the_protocol_is_a_form_with_its_step():
    page = documents()["error-FI-202.fr"][2]
    assert (page.one("form").get("action"), page.one("input", name="step").get("value")) == (FORM.action, FORM.token)


@pytest.mark.parametrize("sandbox", [True, False])
def test_what_developers_read_is_shown_in_the_sandbox_only(sandbox):
    app = gallery_app()
    with app.test_request_context("/"):
        problem = Problem("SRV-402", "nearest registered value")
        page = wording.error_page(problem, "en", reference="7KQF-M3ZD", at=NOW, sandbox=sandbox)
        html = render.render(page)
    assert ("nearest registered value" in html, "RFC 6749" in html) == (sandbox, sandbox)


# -- logout -----------------------------------------------------------------------------------------------------------


def test_logout_offers_to_leave_to_close_the_account_too_and_to_stay():
    actions = [button.get("value") for button in documents()["logout.fr"][2].all("button")]
    assert actions == ["leave", "leave_all", "cancel"]


def test_logout_offers_to_close_only_an_account_that_can_be_closed():
    assert show(LogoutPage(FORM, "Demo Town Hall")).all(data_testid="logout-all") == []


def test_the_page_after_a_logout_says_of_each_service_what_became_of_it():
    page = show(LoggedOutPage(confirmed=("A",), pending=("<B>",), open=("C",)))
    lines = {kind: page.one(data_testid=kind).text for kind in ("confirmed", "pending", "open")}
    assert lines["confirmed"].startswith("A: signed out")
    assert lines["pending"].startswith("<B> has not confirmed yet")
    assert lines["open"].startswith("C may still be open")
    assert not [text for text, _ in page.texts if "A service that you opened earlier" in text]


# -- language, help, theme --------------------------------------------------------------------------------------------


def test_switching_the_language_keeps_the_journey():
    link = show(HomePage(), "/choisir?j=abc&lang=fr").one(data_testid="language")
    assert link.get("href") == "?j=abc&lang=en"


def test_switching_the_language_keeps_a_journey_that_came_in_a_form():
    link = show(HomePage(), "/confirmer", method="POST", data={"j": "abc", "step": "secret"}).one(data_testid="language")
    assert link.get("href") == "?j=abc&lang=fr"


def test_the_address_of_the_language_link_cannot_leave_the_site():
    link = show(HomePage(), "//evil.example/choisir?lang=//evil.example").one(data_testid="language")
    assert link.get("href") == "?lang=fr"


@pytest.mark.parametrize("query", ["USR-102", "usr-102", "n'est plus valable", "n’est plus valable", "COOKIES navigateur"])
def test_help_finds_a_code_by_itself_or_by_words_typed_plainly(query):
    with gallery_app().test_request_context("/aide"):
        found = [code.code for code in wording.help_page(query, "", "fr").codes]
    assert found == ["USR-102"]


def test_help_shows_no_reference_that_is_none():
    with gallery_app().test_request_context("/aide"):
        references = [wording.help_page("", text, "fr").reference for text in ("7KQF-M3ZD", "call 0800", "7KQF-M3ZL")]
    assert references == ["7KQF-M3ZD", "", ""]


def test_every_code_has_an_anchor_in_the_help():
    ids = {section.get("id") for section in documents()["help.fr"][2].all("section")}
    assert {name.removeprefix("error-") for name in PAGES if name.startswith("error-")} == ids


def test_a_sentence_that_begins_with_an_unknown_party_begins_with_a_capital():
    with gallery_app().test_request_context("/?lang=fr"):
        banner = wording.banner(Failure("FI-202", {}), "", "")
    assert banner.message == Markup("Le compte ne répond pas. Ce n’est ni vous ni le service.")


def test_the_stylesheet_comes_with_a_version_that_browsers_may_keep():
    client = gallery_app().test_client()
    link = documents()["home.fr"][2].one("link", rel="stylesheet").get("href")
    assert "immutable" in client.get(link).headers["Cache-Control"]
    assert "immutable" not in client.get("/static/passerelle.css").headers["Cache-Control"]


def test_a_theme_adds_its_style_after_ours_and_replaces_the_logo(tmp_path: Path):
    (tmp_path / "passerelle.css").write_text("/* of the theme */")
    (tmp_path / "logo.svg").write_text("<svg/>")
    (tmp_path / "README.md").write_text("not served")
    files = assets.load_assets(tmp_path).files
    assert files["passerelle.css"] == assets.load_assets(None).files["passerelle.css"] + b"/* of the theme */"
    assert (files["logo.svg"], "README.md" in files) == (b"<svg/>", False)


def test_a_theme_changes_the_version(tmp_path: Path):
    (tmp_path / "passerelle.css").write_text("a {}")
    assert assets.load_assets(tmp_path).version != assets.load_assets(None).version


@pytest.mark.parametrize("name", ["../models.py", "models.py", "nothing.css"])
def test_no_other_file_is_served(name):
    assert gallery_app().test_client().get(f"/static/{name}").status_code == 404


def test_the_instance_names_itself_in_the_language_of_the_page():
    assert [documents()[f"home.{language}"][2].one("a", href="/").text for language in LANGUAGES] == [
        LOOK.product[language] for language in LANGUAGES
    ]
