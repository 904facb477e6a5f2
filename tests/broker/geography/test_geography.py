import csv

import pytest

from broker import geography
from broker.geography import (
    UnknownPlace,
    check_birth_code,
    check_country_code,
    commune_name,
    country_name,
    country_of_iso,
    make_table,
    place_name,
)


@pytest.mark.parametrize(
    ("code", "on", "name"),
    [
        ("75107", "1962-08-24", "Paris 7e"),
        ("69381", "1990-01-01", "Lyon 1er"),
        ("04045", "2023-12-31", "Céreste"),
        ("04045", "2024-01-01", "Céreste-en-Luberon"),
        ("04045", "2024-01-00", "Céreste-en-Luberon"),
        ("04045", "2023-00-00", "Céreste"),
        ("2A004", "1980-05-05", "Ajaccio"),
        ("2A004", "1962-01-01", "Ajaccio"),
        ("20004", "1962-01-01", "Ajaccio"),
        ("20004", "1980-00-00", "Ajaccio"),
        ("92012", "1960-01-01", "Boulogne-Billancourt"),
        ("75012", "1960-01-01", "Boulogne-Billancourt"),
        ("97411", "1970-01-01", "Saint-Denis"),
        ("02408", "1950-01-01", "Laon"),
    ],
)
def test_a_commune_has_the_name_of_the_day(code, on, name):
    assert commune_name(code, on) == name


def test_a_code_without_a_name_is_shown_as_it_is():
    assert place_name("98729", "2000-01-01") == "98729"


@pytest.mark.parametrize("code", ["75107", "2A004", "20004", "75012", "98729", "98611", "98818", "97502", "01001"])
def test_a_code_that_existed_at_some_date_passes(code):
    assert check_birth_code(code) is None


@pytest.mark.parametrize(
    "code", ["AAAAA", "7510", "751070", "2C004", "75 07", "", "75107\n", "\u0667\u0665\u0661\u0660\u0667"]
)
def test_a_malformed_code_is_refused(code):
    with pytest.raises(UnknownPlace, match="not the code"):
        check_birth_code(code)


@pytest.mark.parametrize("code", ["75999", "90900", "99352", "00000"])
def test_a_code_that_never_existed_is_refused(code):
    with pytest.raises(UnknownPlace, match="ever had"):
        check_birth_code(code)


@pytest.mark.parametrize("code", ["99100", "99352", "99115", "99123"])
def test_countries_pass_also_those_that_are_no_more(code):
    assert check_country_code(code) is None


@pytest.mark.parametrize("code", ["FR", "100", "99000", "75107", "AZERTY", "991000", ""])
def test_what_is_no_country_code_is_refused(code):
    with pytest.raises(UnknownPlace):
        check_country_code(code)


@pytest.mark.parametrize(
    ("code", "language", "name"),
    [
        ("99100", "fr", "France"),
        ("99352", "fr", "Algérie"),
        ("99352", "en", "Algeria"),
        ("99126", "en", "Greece"),
        ("99157", "en", "Kosovo"),
        ("99115", "fr", "99115"),
    ],
)
def test_a_country_has_a_name_in_both_languages(code, language, name):
    assert country_name(code, language) == name


@pytest.mark.parametrize(
    ("iso", "code"),
    [
        ("GR", "99126"),
        ("EL", "99126"),
        ("GB", "99132"),
        ("UK", "99132"),
        ("AW", "99431"),
        ("FR", "99100"),
        ("XX", None),
        ("", None),
    ],
)
def test_iso_and_eidas_codes_lead_to_insee_codes(iso, code):
    assert country_of_iso(iso) == code


# -- the script -------------------------------------------------------------------------------------------------------


def write(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


@pytest.fixture
def source(tmp_path):
    """A tiny source: one commune renamed, one merged into it, one moved to another département."""
    write(
        tmp_path / "communes.csv",
        [
            ["TYPECOM", "COM", "LIBELLE"],
            ["COM", "01001", "New"],
            ["ARM", "75107", "Paris 7e Arrondissement"],
            ["COM", "2A001", "Isle"],
        ],
    )
    head = ["DATE_EFF", "TYPECOM_AV", "COM_AV", "LIBELLE_AV", "TYPECOM_AP", "COM_AP", "LIBELLE_AP"]
    write(
        tmp_path / "mouvements-communes.csv",
        [
            head,
            ["2000-01-01", "COM", "01001", "Old", "COM", "01001", "New"],
            ["2000-01-01", "COM", "01002", "Small", "COM", "01001", "New"],
            ["1976-01-01", "COM", "20001", "Isle", "COM", "2A001", "Isle"],
        ],
    )
    write(
        tmp_path / "countries-2025.csv", [["code", "iso2_code", "name"], ["99126", "GR", "Grèce"], ["99157", "", "Kosovo"]]
    )
    return tmp_path


def test_the_script_follows_renamings_mergers_and_moves(source):
    assert make_table.communes(source) == {
        "01001": [("", "2000-01-01", "Old"), ("2000-01-01", "", "New")],
        "01002": [("", "2000-01-01", "Small")],
        "75107": [("", "", "Paris 7e")],
        "20001": [("", "1976-01-01", "Isle")],
        "2A001": [("1976-01-01", "", "Isle")],
    }


def test_the_script_gives_english_names(source):
    assert make_table.countries(source) == [("99126", "GR", "Grèce", "Greece"), ("99157", "", "Kosovo", "Kosovo")]


def test_the_same_source_gives_the_same_bytes(source, tmp_path, monkeypatch):
    monkeypatch.setattr(make_table, "HERE", tmp_path)
    make_table.main([str(source)])
    first = (tmp_path / "communes.txt.gz").read_bytes()
    make_table.main([str(source)])
    assert (tmp_path / "communes.txt.gz").read_bytes() == first


def test_a_source_that_lacks_a_file_is_named(tmp_path, capsys):
    assert make_table.main([str(tmp_path)]) == 2
    assert "communes.csv is absent" in capsys.readouterr().err


def test_a_source_that_lacks_a_column_is_named(source, capsys):
    write(source / "countries-2025.csv", [["code", "name"]])
    assert make_table.main([str(source)]) == 2
    assert "no column iso2_code" in capsys.readouterr().err


def test_the_table_knows_all_communes_of_today():
    assert geography.load() > 38_000
