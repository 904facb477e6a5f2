"""Every page of the gallery, in both languages, against the house's rules that no browser tool sees."""

import base64
import hashlib
import itertools
import re

import pytest

from broker.errors import Problem
from broker.web import assets, passage, render, wording
from broker.web.models import Banner, ChoosePage, ClaimRow, ConfirmPage, Offer, StepForm
from tests.broker.web.gallery import LOOK, NOW, PAGES, SERVICES, TAXES, documents, gallery_app, show
from tests.broker.web.markup import Document

CONTROLS = ("input", "select", "textarea")
EVIL = '<script>alert("x")</script>'


def offenders(is_wrong) -> list[str]:
    """The pages of which this is true."""
    return [name for name, (language, html, page) in documents().items() if is_wrong(language, html, page)]


# -- the rules for all pages ------------------------------------------------------------------------------------------


def test_every_page_is_in_the_gallery():
    app = gallery_app()
    with app.test_request_context("/"):
        shown = {type(page("fr")) for page in PAGES.values()}
    assert shown == set(render._TEMPLATES)


def test_every_page_is_well_formed():
    assert [(name, page.faults) for name, (_, _, page) in documents().items() if page.faults] == []


def test_every_id_is_used_once_and_every_reference_to_an_id_finds_it():
    def wrong(language: str, html: str, page: Document) -> bool:
        ids = [element.get("id") for element in page.elements if "id" in element.attributes]
        wanted = {element.get("for") for element in page.all("label")}
        wanted |= {one for element in page.elements for one in element.get("aria-describedby").split()}
        wanted |= {element.get("href")[1:] for element in page.all("a") if element.get("href").startswith("#")}
        return len(ids) != len(set(ids)) or not wanted <= set(ids)

    assert offenders(wrong) == []


def test_the_language_declared_is_that_of_the_catalogue_used():
    assert offenders(lambda language, html, page: page.one("html").get("lang") != language) == []


@pytest.mark.parametrize(("language", "other"), [("fr", "English"), ("en", "Français")])
def test_one_link_leads_to_the_other_language_in_its_own_words(language, other):
    link = documents()[f"home.{language}"][2].one(data_testid="language")
    assert (link.text, link.get("lang"), link.get("hreflang")) == (
        other,
        "en" if language == "fr" else "fr",
        link.get("lang"),
    )


def test_no_page_mixes_languages():
    french, english = "Personal data", "Données personnelles"
    assert offenders(lambda language, html, page: (french if language == "fr" else english) in html) == []


def test_every_page_has_one_h1_and_no_heading_skips_a_level():
    def wrong(language: str, html: str, page: Document) -> bool:
        # The summary of errors and a failure stand before the h1: what matters most is read first.
        levels = [int(heading.tag[1]) for heading in page.all("h1", "h2", "h3", "h4")]
        after = levels[levels.index(1) :]
        return levels.count(1) != 1 or any(b > a + 1 for a, b in itertools.pairwise(after))

    assert offenders(wrong) == []


def test_every_page_has_its_landmarks_and_a_skip_link():
    def wrong(language: str, html: str, page: Document) -> bool:
        landmarks = [len(page.all(tag)) for tag in ("header", "nav", "main", "footer")]
        return landmarks != [1, 1, 1, 1] or page.all("a")[0].get("href") != "#main" or page.one("main").get("id") != "main"

    assert offenders(wrong) == []


def test_titles_say_what_which_service_and_which_product():
    titles = {name: page.one("title").text for name, (_, _, page) in documents().items()}
    assert titles["choose.fr"] == "Choisir un compte – Mairie de Démo – Connexion Démo"
    assert [
        name for name, title in titles.items() if not re.fullmatch(r".+( – .+)? – (Connexion Démo|Demo Sign-in)", title)
    ] == []


def test_the_title_of_a_page_with_an_error_and_of_no_other_begins_with_the_word_error():
    titles = {name: page.one("title").text for name, (_, _, page) in documents().items()}
    begins = {name for name, title in titles.items() if title.startswith(("Erreur : ", "Error: "))}
    assert begins == {name for name in titles if name.startswith("error") or "missing" in name}


def test_help_and_the_other_pages_stand_at_the_same_place_on_every_page():
    def links(page: Document, tag: str) -> list[str]:
        return [link.get("href") for link in page.all("a") if link.within(tag) and "lang=" not in link.get("href")]

    def wrong(language: str, html: str, page: Document) -> bool:
        below = ["/aide", "/donnees", "/accessibilite", "/statut"]
        return links(page, "header") != ["/", "/aide"] or links(page, "footer") != below

    assert offenders(wrong) == []


def test_every_control_has_a_label_and_no_aria_label_hides_it():
    def wrong(language: str, html: str, page: Document) -> bool:
        visible = [control for control in page.all(*CONTROLS) if control.get("type") != "hidden"]
        named = [element.tag for element in page.elements if "aria-label" in element.attributes]
        return not all(page.label_of(control) for control in visible) or named != ["nav"]

    assert offenders(wrong) == []


def test_every_button_has_words_and_no_role_and_none_is_disabled():
    def wrong(language: str, html: str, page: Document) -> bool:
        buttons = page.all("button")
        return any(not b.text or "role" in b.attributes for b in buttons) or "disabled" in html

    assert offenders(wrong) == []


def test_every_posted_form_has_a_way_out_and_carries_its_step():
    def wrong(language: str, html: str, page: Document) -> bool:
        posted = [form for form in page.all("form") if form.get("method") == "post" and form.get("action")[:1] == "/"]
        # Nobody is on a journey there.
        posted = [form for form in posted if form.get("action") not in ("/eidas/verifier", "/mes-autorisations")]
        inside = [element for element in page.elements if element.within("form")]
        names = {element.get("name") for element in inside}
        ways_out = [element for element in inside if element.get("value") == "cancel"]
        return bool(posted) and not (len(posted) == len(ways_out) == 1 and {"j", "step"} <= names)

    assert offenders(wrong) == []


def test_every_image_is_decoration_and_says_nothing():
    def wrong(language: str, html: str, page: Document) -> bool:
        return any(image.attributes.get("alt") != "" for image in page.all("img")) or "aria-hidden" in html

    assert offenders(wrong) == []


def test_no_page_has_a_script_or_an_inline_style_or_asks_another_host_for_anything():
    def wrong(language: str, html: str, page: Document) -> bool:
        loaded = [element for element in page.all("img", "link") if element.get("rel") != "alternate"]
        fetched = [element.get("src") or element.get("href") for element in loaded]
        handlers = [name for element in page.elements for name in element.attributes if name.startswith("on")]
        styled = [element for element in page.elements if "style" in element.attributes]
        scripts = [script for script in page.all("script") if script.text != passage.SCRIPT or "src" in script.attributes]
        return bool(scripts or page.all("style", "iframe") or handlers or styled) or not all(
            address.startswith("/static/") for address in fetched
        )

    assert offenders(wrong) == []


def test_pages_that_post_abroad_have_a_script_and_it_is_the_one_that_the_policy_names():
    pages = {name.partition(".")[0]: page.all("script") for name, (_, _, page) in documents().items() if page.all("script")}
    assert set(pages) == {
        "passage",
        "passage-requester",
        "return",
        "return-refused",
        "return-turned-away",
        "post-back",
        "post-back-refused",
    }
    digest = base64.b64encode(hashlib.sha256(pages["passage"][0].text.encode()).digest()).decode()
    assert f"'sha256-{digest}'" == passage.SCRIPT_HASH


def test_no_page_weighs_more_than_60_kilobytes():
    ours = sum(len(content) for content in assets.load_assets(None).files.values())
    assert offenders(lambda language, html, page: len(html.encode()) + ours > 60_000) == []


def test_names_of_parties_are_kept_from_the_browsers_translation():
    def wrong(language: str, html: str, page: Document) -> bool:
        names = (SERVICES[language], TAXES[language], LOOK.product[language])
        naming = [
            around
            for text, around in page.texts
            if "title" not in {e.tag for e in around} and any(n in text for n in names)
        ]
        return any("no" not in {element.get("translate") for element in around} for around in naming)

    assert offenders(wrong) == []


# -- what a party or a person says is text, never markup --------------------------------------------------------------


@pytest.mark.parametrize("kind", ["information", "consent", "anonymous"])
def test_values_and_names_are_escaped_on_the_page_of_values(kind):
    rows = (ClaimRow("family_name", "Birth name", EVIL),)
    page = show(ConfirmPage(EVIL, kind, rows, EVIL, EVIL, EVIL, EVIL, StepForm(EVIL, EVIL, EVIL), NOW, other=EVIL))
    assert (page.all("script"), page.one(data_testid="value-family_name").text) == ([], EVIL)


def test_names_are_escaped_on_the_page_of_choice():
    form = StepForm(EVIL, EVIL, EVIL)
    page = show(
        ChoosePage(EVIL, EVIL, (Offer(EVIL, EVIL, EVIL, EVIL),), form, NOW, failure=Banner(EVIL, EVIL, EVIL), person=EVIL)
    )
    assert page.all("script") == []


def test_words_of_a_problem_are_escaped_where_the_catalogue_puts_them():
    app = gallery_app()
    with app.test_request_context("/"):
        problem = Problem("FI-205", EVIL, account=EVIL, field=EVIL)
        page = wording.error_page(problem, "fr", reference=EVIL, at=NOW, service_name=EVIL, home=EVIL, sandbox=True)
        html = render.render(page)
    assert "<script>" not in html


def test_a_search_is_shown_as_it_was_typed():
    app = gallery_app()
    with app.test_request_context("/aide"):
        page = Document(render.render(wording.help_page(EVIL, "", "fr")))
    assert (page.all("script"), page.one(id="q").get("value")) == ([], EVIL)
