import pytest

from broker import geography
from broker.geography import (
    UnknownPlace,
    check_birth_code,
    check_country_code,
    commune_name,
    country_name,
    country_of_iso,
    place_name,
)

# -- communes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "on", "name"),
    [
        ("75107", "1962-08-24", "Paris 7e"),
        ("75056", "1962-08-24", "Paris"),
        ("69381", "1990-01-01", "Lyon 1er"),
        ("13216", "1990-01-01", "Marseille 16e"),
        ("04045", "2023-12-31", "Céreste"),
        ("04045", "2024-01-01", "Céreste-en-Luberon"),
        ("2A004", "1980-05-05", "Ajaccio"),
        ("20004", "1962-01-01", "Ajaccio"),
        ("92012", "1970-01-01", "Boulogne-Billancourt"),
        ("75012", "1960-01-01", "Boulogne-Billancourt"),
        ("78174", "1960-01-01", "Corbeil-Essonnes"),
        ("91174", "1970-01-01", "Corbeil-Essonnes"),
        ("97411", "1970-01-01", "Saint-Denis"),
        ("97123", "1990-01-01", "Saint-Barthélemy"),
        ("02408", "1920-01-01", "Laon"),
    ],
)
def test_a_commune_has_the_name_of_the_day(code, on, name):
    assert commune_name(code, on) == name


@pytest.mark.parametrize(
    ("code", "on", "name"),
    [
        ("04045", "2023-00-00", "Céreste"),
        ("04045", "2024-01-00", "Céreste-en-Luberon"),
        ("04045", "2024-00-00", "Céreste-en-Luberon"),
        ("01004", "1955-03-00", "Ambérieu-en-Bugey"),  # renamed on the 31st
        ("01004", "1955-00-00", "Ambérieu-en-Bugey"),
        ("01004", "1955-02-00", "Ambérieu"),
    ],
)
def test_of_a_day_or_month_that_is_not_known_the_latest_counts(code, on, name):
    assert commune_name(code, on) == name


@pytest.mark.parametrize(
    ("code", "on", "name"),
    [
        ("2A004", "1962-01-01", "Ajaccio"),  # today's code for a birth before 1976
        ("20004", "1980-00-00", "Ajaccio"),
        ("27701", "1950-01-01", "Vaudreuil-Ex-Ensemble Urbain"),  # founded in 1981, Val-de-Reuil since 1984
        ("08294", "2024-06-01", "La Moncelle"),  # merged into Bazeilles
        ("14697", "1980-01-01", "Tôtes"),  # merged in 1973; the code came back in 1990 with another name
    ],
)
def test_a_code_that_did_not_exist_that_day_has_its_last_name_before_or_else_its_first(code, on, name):
    assert commune_name(code, on) == name


@pytest.mark.parametrize(
    ("code", "on", "name"),
    [
        ("50415", "1990-01-01", "Prétot-Sainte-Suzanne"),
        ("39209", "1990-01-01", "Val d'Épy"),
        ("39209", "1975-01-01", "Val-d'Épy"),
    ],
)
def test_a_commune_that_changed_twice_on_one_day_has_the_last_name_of_that_day(code, on, name):
    assert commune_name(code, on) == name


@pytest.mark.parametrize("code", ["98729", "98611", "98818", "97502", "75999"])
def test_a_code_that_the_source_does_not_list_has_no_name_and_is_shown_as_it_is(code):
    assert commune_name(code, "2000-01-01") is None
    assert place_name(code, "2000-01-01") == code


def test_a_place_is_shown_by_its_name():
    assert place_name("75107", "1962-08-24") == "Paris 7e"


@pytest.mark.parametrize(
    "code",
    [
        *("75107", "75056", "01001", "02408"),
        *("2A004", "2B050", "20004", "20050"),  # Corsica, after 1976 and before
        *("75012", "92012", "78174", "91174", "95018"),  # the départements around Paris, before 1968 and after
        *("04045", "08294", "44225"),  # renamed, merged, moved and merged on one day
        *("97123", "97127", "97411", "97608", "98513"),  # Saint-Barthélemy, Saint-Martin and Mayotte changed code
        *("97502", "97701", "97801", "98411", "98611", "98729", "98818", "98901"),
    ],
)
def test_a_code_that_existed_at_some_date_passes(code):
    assert check_birth_code(code) is None


@pytest.mark.parametrize(
    "code", ["AAAAA", "7510", "751070", "2C004", "2a004", "75 07", "", "75107\n", "\u0667\u0665\u0661\u0660\u0667"]
)
def test_a_malformed_code_is_refused(code):
    with pytest.raises(UnknownPlace, match="not the code"):
        check_birth_code(code)


@pytest.mark.parametrize("code", ["75999", "90900", "99352", "00000", "2A999", "20999", "97199", "98300"])
def test_a_code_that_never_existed_is_refused(code):
    with pytest.raises(UnknownPlace, match="ever had"):
        check_birth_code(code)


def test_the_whole_table_is_loaded_at_once():
    assert geography.load() > 39_000


# -- countries --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["99100", "99352", "99115", "99123", "99999"])
def test_countries_pass_also_those_that_are_no_more(code):
    assert check_country_code(code) is None


@pytest.mark.parametrize("code", ["FR", "100", "99000", "75107", "AZERTY", "991000", "99100\n", ""])
def test_what_is_no_country_code_is_refused(code):
    with pytest.raises(UnknownPlace):
        check_country_code(code)


@pytest.mark.parametrize(
    ("code", "french", "english"),
    [
        ("99100", "France", "France"),
        ("99352", "Algérie", "Algeria"),
        ("99126", "Grèce", "Greece"),
        ("99157", "Kosovo", "Kosovo"),
        ("99313", "Territoires espagnols en Afrique du Nord", "Spanish territories in North Africa"),
        ("99161", "Dépendances de la Couronne britannique", "British Crown Dependencies"),
        ("99115", "99115", "99115"),  # Czechoslovakia: not in the list of today
    ],
)
def test_a_country_has_a_name_in_both_languages(code, french, english):
    assert (country_name(code, "fr"), country_name(code, "en")) == (french, english)


@pytest.mark.parametrize(
    ("iso", "code"),
    [("FR", "99100"), ("GR", "99126"), ("EL", "99126"), ("GB", "99132"), ("UK", "99132"), ("AW", "99431"), ("NL", "99135")],
)
def test_iso_and_eidas_codes_lead_to_insee_codes(iso, code):
    assert country_of_iso(iso) == code


@pytest.mark.parametrize(("iso", "state"), [("ES", "99134"), ("PT", "99139")])
def test_an_iso_code_that_a_state_shares_with_its_territory_leads_to_the_state(iso, state):
    assert country_of_iso(iso) == state


@pytest.mark.parametrize(
    ("iso", "code"), [("BM", "99425"), ("KY", "99425"), ("JE", "99161"), ("PR", "99432"), ("GP", "99100"), ("NC", "99100")]
)
def test_several_iso_codes_may_lead_to_one_insee_code(iso, code):
    assert country_of_iso(iso) == code


@pytest.mark.parametrize("iso", ["XX", "", "el", "FRA", "France", "GP MQ"])
def test_what_is_no_iso_code_leads_nowhere(iso):
    assert country_of_iso(iso) is None
