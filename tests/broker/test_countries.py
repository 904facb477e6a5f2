"""The countries of the network: names, order, flags."""

from xml.dom import minidom

import pytest
from babel import Locale

from broker.countries import COUNTRIES, UnknownCountry, country, in_order, normalise
from broker.web.assets import load_assets

FLAGS = load_assets(None).files


def test_every_country_of_the_union_and_the_economic_area_but_our_own_is_there():
    assert len(COUNTRIES) == 29
    assert {"EL", "DE", "IS", "LI", "NO"} <= COUNTRIES.keys()
    assert not {"FR", "GR", "UK", "CH"} & COUNTRIES.keys()


@pytest.mark.parametrize("code", COUNTRIES)
def test_a_country_has_names_endonyms_with_tags_and_a_flag(code: str):
    land = country(code)
    assert all((land.name["fr"], land.name["en"], land.endonyms))
    assert all(2 <= len(tag) <= 5 and name for tag, name in land.endonyms)
    flag = FLAGS[f"flags/{land.flag}"]
    assert len(flag) <= 1500
    picture = minidom.parseString(flag).documentElement
    assert (picture.tagName, picture.getAttribute("viewBox")) == ("svg", "0 0 36 24")


@pytest.mark.parametrize("code", COUNTRIES)
def test_the_names_are_those_of_unicode_cldr(code: str):
    land, territory = country(code), {"EL": "GR"}.get(code, code)
    named = {tag: Locale.parse(tag, sep="-").territories[territory] for tag in ("fr", "en", *dict(land.endonyms))}
    assert {**land.name, **dict(land.endonyms)} == named


ENDONYMS = {"BE": "nl fr de", "IE": "ga en", "MT": "mt en", "LU": "lb fr de", "FI": "fi sv", "CY": "el tr", "BG": "bg"}


@pytest.mark.parametrize("code", ENDONYMS)
def test_the_names_of_a_country_with_several_languages_stand_in_its_order(code: str):
    assert [tag for tag, _ in country(code).endonyms] == ENDONYMS[code].split()


def test_there_is_no_flag_without_a_country():
    assert {name for name in FLAGS if name.startswith("flags/")} == {f"flags/{land.flag}" for land in COUNTRIES.values()}


def test_an_accent_counts_only_between_words_that_are_equal_without_it():
    french = [land.name["fr"] for land in in_order(("SE", "SI", "SK", "EL", "HU"), "fr")]
    assert french == ["Grèce", "Hongrie", "Slovaquie", "Slovénie", "Suède"]


def test_the_same_countries_stand_elsewhere_in_another_language():
    assert [[land.code for land in in_order(("DE", "EL", "ES"), lang)] for lang in ("fr", "en")] == [
        ["DE", "ES", "EL"],
        ["DE", "EL", "ES"],
    ]


def test_a_flag_holds_no_script_and_asks_nobody_for_anything():
    flags = b"".join(content for name, content in FLAGS.items() if name.startswith("flags/"))
    assert not [word for word in (b"script", b"href", b"url(", b"onload") if word in flags]


def test_countries_stand_in_the_order_of_the_language():
    french = [land.code for land in in_order(COUNTRIES, "fr")]
    english = [land.code for land in in_order(COUNTRIES, "en")]
    assert french[:5] == ["DE", "AT", "BE", "BG", "CY"]  # Allemagne, Autriche, Belgique, Bulgarie, Chypre
    assert english[:4] == ["AT", "BE", "BG", "HR"]
    assert french.index("EE") == french.index("ES") + 1  # Espagne, Estonie
    assert (french.index("EL"), french.index("HU")) == (french.index("EL"), french.index("EL") + 1)


def test_greece_has_two_codes_of_which_one_is_ours():
    assert (normalise("GR"), normalise("EL"), country("EL").language) == ("EL", "EL", "el")


def test_a_code_of_no_country_is_an_error():
    with pytest.raises(UnknownCountry):
        country("XX")
    assert issubclass(UnknownCountry, LookupError)
