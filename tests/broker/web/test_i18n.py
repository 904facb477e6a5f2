"""The language of a page, dates in words, and the catalogue of French texts."""

import functools
import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from werkzeug.wrappers import Response

from broker.web import dates, i18n, labels
from tests.broker.people import ANGELA
from tests.broker.web.gallery import gallery_app

WEB = Path(i18n.__file__).parent
FRENCH = WEB / "translations" / "fr" / "LC_MESSAGES"
PLACEHOLDER = re.compile(r"%\((\w+)\)s")
NOON = 1_795_534_920  # 24 November 2026, 15:42 UTC


# -- which language ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "headers", "language"),
    [
        ("/", {}, "fr"),
        ("/", {"Accept-Language": "en-GB,en;q=0.8,fr;q=0.5"}, "en"),
        ("/", {"Accept-Language": "fr-CA,en;q=0.8"}, "fr"),
        ("/", {"Accept-Language": "de,en;q=0.5"}, "en"),
        ("/", {"Accept-Language": "el"}, "fr"),
        ("/", {"Accept-Language": "en;q=0,de"}, "fr"),
        ("/", {"Cookie": "lang=en", "Accept-Language": "fr"}, "en"),
        ("/", {"Cookie": "lang=de", "Accept-Language": "en"}, "en"),
        ("/?lang=fr", {"Cookie": "lang=en"}, "fr"),
        ("/?lang=xx", {"Cookie": "lang=en"}, "en"),
        ("/eidas/pays", {"Accept-Language": "el,bg;q=0.5"}, "en"),
        ("/aller", {"Accept-Language": "el"}, "en"),
        ("/eidas/pays", {"Accept-Language": "el,fr;q=0.5"}, "fr"),
        ("/eidas/pays", {"Cookie": "lang=fr", "Accept-Language": "el"}, "fr"),
        ("/eidas/pays?lang=fr", {"Accept-Language": "el"}, "fr"),
        ("/eidas/pays", {}, "fr"),
        ("/eidas/connector/acs", {"Accept-Language": "el"}, "fr"),
    ],
)
def test_the_language_is_that_of_the_address_the_cookie_the_browser_or_french_or_english_abroad(address, headers, language):
    with gallery_app().test_request_context(address, headers=headers):
        assert i18n.language() == language


@pytest.mark.parametrize(
    ("locales", "kept"),
    [(("en-GB", "fr"), "en"), (("de", "FR_ca"), "fr"), (("english",), None), ((), None), (("",), None)],
)
def test_the_first_wish_of_the_service_that_we_speak_is_kept(locales, kept):
    response = Response()
    i18n.remember_language(response, locales)
    assert response.headers.get("Set-Cookie", "").startswith(f"lang={kept};") is (kept is not None)


def test_the_language_of_the_address_is_kept_in_a_cookie_with_every_attribute_written():
    response = gallery_app().test_client().get("/nowhere?lang=en")
    attributes = {part for part in response.headers["Set-Cookie"].split("; ") if not part.startswith("Expires=")}
    assert attributes == {"lang=en", "Max-Age=31536000", "Secure", "HttpOnly", "Path=/", "SameSite=Lax"}


def test_what_programs_fetch_sets_no_cookie():
    assert "Set-Cookie" not in gallery_app().test_client().get("/static/logo.svg?lang=en").headers


@pytest.mark.parametrize(
    ("address", "spoken", "kept"),
    [
        ("/eidas/pays", "el", "lang=en"),
        ("/eidas/pays?lang=fr", "el", "lang=fr"),
        ("/eidas/pays", "fr", None),
        ("/choisir", "el", None),
    ],
)
def test_english_that_was_guessed_abroad_stays_for_the_rest_of_the_journey(address, spoken, kept):
    app = gallery_app()
    app.add_url_rule("/eidas/pays", view_func=lambda: "", endpoint="countries")
    response = app.test_client().get(address, headers={"Accept-Language": spoken})
    assert response.headers.get("Set-Cookie", ";").partition(";")[0] == (kept or "")


def test_an_address_without_a_language_sets_no_cookie():
    assert "Set-Cookie" not in gallery_app().test_client().get("/static/logo.svg?lang=de").headers


# -- dates ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "french", "english"),
    [
        ("1962-08-24", "24 août 1962", "24 August 1962"),
        ("2001-02-01", "1er février 2001", "1 February 2001"),
        ("1992-11-00", "novembre 1992 (jour non connu)", "November 1992 (day not known)"),
        ("1992-00-00", "1992 (jour et mois non connus)", "1992 (day and month not known)"),
    ],
)
def test_a_date_is_written_in_words_and_says_what_is_not_known(day, french, english):
    assert (dates.date_words(day, "fr"), dates.date_words(day, "en")) == (french, english)


def test_clocks_show_the_time_of_paris():
    assert (dates.clock(NOON, "fr"), dates.clock(NOON, "en")) == ("16\u00a0h\u00a042", "16:42")


def test_clocks_know_summer_time():
    assert dates.clock(NOON - 120 * 86_400, "en") == "17:42"


def test_the_first_minutes_of_a_day_have_two_digits():
    assert dates.clock(NOON - 56_460, "en") == "01:01"


def test_a_moment_has_its_day_in_paris():
    late = NOON + 8 * 3600
    assert dates.day_and_clock(late, "fr") == "25 novembre 2026 à 0\u00a0h\u00a042"
    assert dates.day_and_clock(NOON, "en") == "24 November 2026 at 16:42"


def test_a_moment_is_given_to_machines_and_to_readers_of_logs_in_utc():
    assert (dates.machine(NOON), dates.utc_clock(NOON, "en")) == ("2026-11-24T15:42:00Z", "15:42\u00a0UTC")


# -- values -----------------------------------------------------------------------------------------------------------


def rows(
    claims, identity=ANGELA, language="en", place=lambda code, on: f"Paris on {on}", country=lambda code, language: code
):
    with gallery_app().test_request_context(f"/?lang={language}"):
        return {row.name: row.value for row in labels.claim_rows(claims, identity, place, country)}


def test_values_stand_in_reading_order_and_only_those_that_are_sent():
    assert list(rows(("email", "given_name", "given_name_array", "family_name", "amr"))) == [
        "family_name",
        "given_name",
        "email",
    ]


def test_a_place_has_its_name_on_the_day_of_birth_and_its_code():
    assert rows(("birthplace",)) == {"birthplace": "Paris on 1962-08-24 (75107)"}


def test_a_place_without_a_name_has_its_code_once():
    assert rows(("birthplace",), place=lambda code, on: code) == {"birthplace": "75107"}


def test_a_birth_abroad_has_no_place_in_france():
    abroad = changed(birthplace="", birthcountry="99126")
    assert rows(("birthplace", "birthcountry"), abroad) == {"birthplace": "Outside France", "birthcountry": "99126"}


@pytest.mark.parametrize(("language", "word"), [("fr", "Féminin"), ("en", "Female")])
def test_sex_is_a_word(language, word):
    assert rows(("gender",), language=language) == {"gender": word}


def test_what_the_account_does_not_know_has_no_value():
    assert rows(("phone_number", "address")) == {"phone_number": None, "address": None}


@pytest.mark.parametrize(
    ("address", "lines"),
    [
        ({"formatted": "1 rue A\n75007 Paris", "locality": "Paris"}, "1 rue A\n75007 Paris"),
        (
            {"street_address": "1 rue A", "postal_code": "75007", "locality": "Paris", "country": "France"},
            "1 rue A\n75007 Paris\nFrance",
        ),
        ({"locality": "Paris"}, "Paris"),
    ],
)
def test_an_address_is_shown_line_by_line_as_it_is_sent(address, lines):
    assert rows(("address",), changed(address=address)) == {"address": lines}


def changed(**values):
    return replace(ANGELA, **values)


def test_levels_have_words_and_unknown_ones_stay():
    with gallery_app().test_request_context("/?lang=fr"):
        assert [labels.level_word(word) for word in ("low", "substantial", "high", "x")] == [
            "faible",
            "substantiel",
            "élevé",
            "x",
        ]


def test_a_claim_without_a_label_keeps_its_name():
    with gallery_app().test_request_context("/?lang=fr"):
        assert [labels.claim_label(name) for name in ("email", "x")] == ["Adresse électronique", "x"]


# -- the catalogue ----------------------------------------------------------------------------------------------------


@functools.cache
def french() -> Catalog:
    with (FRENCH / "messages.po").open("rb") as file:
        return read_po(file, locale="fr")


@functools.cache
def messages() -> tuple[Message, ...]:
    return tuple(message for message in french() if message.id)


@functools.cache
def in_use() -> frozenset[object]:
    with (WEB / "translations" / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    keywords = {**DEFAULT_KEYWORDS, "mark": None}
    found = extract_from_dir(WEB, methods, options, keywords)
    return frozenset(message for _, _, message, _, _ in found)


def as_tuple(text: object) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def test_every_message_of_the_pages_is_in_the_catalogue_and_no_other():
    assert {message.id for message in messages()} == in_use()


def test_every_message_is_translated_without_doubt():
    assert [message.id for message in messages() if not all(as_tuple(message.string)) or message.fuzzy] == []


def test_a_translation_has_the_placeholders_of_its_message():
    def placeholders(text: object) -> set[str]:
        return {name for form in as_tuple(text) for name in PLACEHOLDER.findall(form)}

    assert [m.id for m in messages() if placeholders(m.id) != placeholders(m.string)] == []


def test_no_message_writes_a_doubled_percent_sign():
    assert [message.id for message in messages() if any("%%" in form for form in as_tuple(message.id))] == []


def test_french_has_its_typographic_apostrophes_and_no_break_spaces():
    wrong = re.compile(r"'| [:;!?»]|« ")
    assert [form for message in messages() for form in as_tuple(message.string) if wrong.search(form)] == []


def test_english_has_its_typographic_apostrophes():
    assert [form for message in messages() for form in as_tuple(message.id) if "'" in form] == []


def test_the_compiled_catalogue_is_current():
    compiled = io.BytesIO()
    write_mo(compiled, french())
    assert (FRENCH / "messages.mo").read_bytes() == compiled.getvalue()
