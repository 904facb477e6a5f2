import csv
import gzip
from importlib import resources

import pytest

from broker.geography import make_table

EVENT = ["DATE_EFF", "TYPECOM_AV", "COM_AV", "LIBELLE_AV", "TYPECOM_AP", "COM_AP", "LIBELLE_AP"]
RENAMED = ["2000-01-01", "COM", "01001", "Old", "COM", "01001", "New"]
COUNTRIES = [
    ["code", "iso2_code", "name", "parent_code"],
    ["99313", "ES", "Territoires espagnols en Afrique du Nord", "99134"],
    ["99125", "", "Territoire", "99126"],
    ["99126", "GR", "Grèce", ""],
    ["99134", "ES", "Espagne", ""],
    ["99157", "", "Kosovo", ""],
]


def fill(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def with_events(source, *rows):
    fill(source / "mouvements-communes.csv", [EVENT, *rows])
    return source


@pytest.fixture
def source(tmp_path):
    """A tiny source: three communes of today, one of which was renamed, and two that only belong to others."""
    today = [
        ["TYPECOM", "COM", "LIBELLE"],
        ["COM", "01001", "New"],
        ["ARM", "75107", "Paris 7e Arrondissement"],
        ["COM", "2A001", "Isle"],
        ["COMD", "01003", "Delegated"],
        ["COMA", "01004", "Associated"],
    ]
    fill(tmp_path / "communes.csv", today)
    fill(tmp_path / "countries-2025.csv", COUNTRIES)
    return with_events(tmp_path, RENAMED)


@pytest.fixture
def target(tmp_path):
    folder = tmp_path / "tables"
    folder.mkdir()
    return folder


def periods(source, code):
    return make_table.communes(source).get(code)


def test_a_commune_without_events_has_one_name_for_ever(source):
    assert periods(source, "75107") == [("", "", "Paris 7e")]


def test_a_renamed_commune_has_both_names(source):
    assert periods(source, "01001") == [("", "2000-01-01", "Old"), ("2000-01-01", "", "New")]


def test_a_merged_commune_ends(source):
    with_events(source, ["2000-01-01", "COM", "01002", "Small", "COM", "01001", "New"])
    assert periods(source, "01002") == [("", "2000-01-01", "Small")]


def test_a_merged_commune_that_goes_on_as_a_delegated_one_ends_too(source):
    with_events(
        source,
        ["2000-01-01", "COM", "01003", "Delegated", "COMD", "01003", "Delegated"],
        ["2000-01-01", "COM", "01003", "Delegated", "COM", "01001", "New"],
    )
    assert periods(source, "01003") == [("", "2000-01-01", "Delegated")]


def test_delegated_and_associated_communes_are_not_in_the_table(source):
    assert (periods(source, "01003"), periods(source, "01004")) == (None, None)


def test_a_move_to_another_departement_ends_one_code_and_begins_another(source):
    with_events(source, ["1976-01-01", "COM", "20001", "Isle", "COM", "2A001", "Isle"])
    assert periods(source, "20001") == [("", "1976-01-01", "Isle")]
    assert periods(source, "2A001") == [("1976-01-01", "", "Isle")]


def test_a_commune_that_came_back_has_a_gap(source):
    with_events(
        source,
        ["1973-01-01", "COM", "01001", "New", "COM", "01009", "Great"],
        ["1990-01-01", "COM", "01009", "Great", "COM", "01001", "New"],
    )
    assert periods(source, "01001") == [("", "1973-01-01", "New"), ("1990-01-01", "", "New")]


def test_an_event_that_changes_no_name_makes_no_period(source):
    with_events(source, ["1990-01-01", "COM", "01001", "New", "COM", "01001", "New"])
    assert periods(source, "01001") == [("", "", "New")]


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_changes_on_one_day_the_next_event_knows_the_outcome(source, order):
    merged = ["1980-01-01", "COM", "01001", "Old", "COM", "01001", "Old"]
    renamed = ["1980-01-01", "COM", "01001", "Old", "COM", "01001", "Old-Small"]
    with_events(source, *[merged, renamed][::order], ["2000-01-01", "COM", "01001", "Old-Small", "COM", "01001", "New"])
    assert periods(source, "01001") == [
        ("", "1980-01-01", "Old"),
        ("1980-01-01", "2000-01-01", "Old-Small"),
        ("2000-01-01", "", "New"),
    ]


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_changes_on_the_last_day_the_list_of_today_knows_the_outcome(source, order):
    merged = ["2000-01-01", "COM", "01001", "Old", "COM", "01001", "Old"]
    with_events(source, *[merged, RENAMED][::order])
    assert periods(source, "01001") == [("", "2000-01-01", "Old"), ("2000-01-01", "", "New")]


def test_the_end_of_a_delegated_commune_changes_nothing_for_the_commune(source):
    with_events(source, RENAMED, ["2010-01-01", "COMD", "01003", "Delegated", "COM", "01001", "New"])
    assert periods(source, "01001") == [("", "2000-01-01", "Old"), ("2000-01-01", "", "New")]


def test_two_communes_that_the_source_leaves_out_are_added(source):
    assert periods(source, "97127") == [("", "", "Saint-Martin")]


def test_states_stand_before_territories_and_have_english_names(source):
    assert make_table.countries(source) == [
        ("99126", "GR", "", "Grèce", "Greece"),
        ("99134", "ES", "", "Espagne", "Spain"),
        ("99157", "", "", "Kosovo", "Kosovo"),
        ("99125", "", "", "Territoire", "Territoire"),
        ("99313", "ES", "", "Territoires espagnols en Afrique du Nord", "Spanish territories in North Africa"),
    ]


def test_the_same_source_gives_the_same_bytes(source, target, tmp_path):
    again = tmp_path / "again"
    again.mkdir()
    assert (make_table.main([str(source)], target), make_table.main([str(source)], again)) == (0, 0)
    for name in ("communes.txt.gz", "countries.csv"):
        assert (target / name).read_bytes() == (again / name).read_bytes()


def test_the_compressed_table_holds_no_time(source, target):
    make_table.main([str(source)], target)
    assert (target / "communes.txt.gz").read_bytes()[4:8] == bytes(4)


def test_a_table_is_lines_of_a_code_and_its_names(source, target):
    make_table.main([str(source)], target)
    _, *lines = gzip.decompress((target / "communes.txt.gz").read_bytes()).decode().splitlines()
    assert lines[0] == "01001\t/2000-01-01/Old|2000-01-01//New"
    assert [line[:5] for line in lines] == ["01001", "2A001", "75107", "97123", "97127"]


def test_the_table_of_communes_names_its_source_its_date_and_its_licence():
    table = gzip.decompress(resources.files("broker.geography").joinpath("communes.txt.gz").read_bytes()).decode()
    first, _ = table.split("\n", 1)
    assert first.startswith("# INSEE")
    assert "1943-02-19 to 2024-01-01. Licence Ouverte" in first


def test_the_table_of_countries_names_its_source_and_its_licence():
    first, *_ = resources.files("broker.geography").joinpath("countries.csv").read_text("utf-8").splitlines()
    assert first.startswith("# INSEE")
    assert "Licence Ouverte 2.0; compilation: Unlicense" in first


@pytest.mark.parametrize("name", ["communes.csv", "mouvements-communes.csv", "countries-2025.csv"])
def test_a_source_that_lacks_a_file_is_named(source, target, capsys, name):
    (source / name).unlink()
    assert make_table.main([str(source)], target) == 2
    assert f"{name} is absent" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "column"),
    [("communes.csv", "LIBELLE"), ("mouvements-communes.csv", "LIBELLE_AP"), ("countries-2025.csv", "iso2_code")],
)
def test_a_source_that_lacks_a_column_is_named(source, target, capsys, name, column):
    text = (source / name).read_text("utf-8")
    (source / name).write_text(text.replace(column, "another", 1), "utf-8")
    assert make_table.main([str(source)], target) == 2
    assert f"{name} has no column {column}" in capsys.readouterr().err


def test_a_source_without_rows_makes_no_table(source, target, capsys):
    fill(source / "countries-2025.csv", COUNTRIES[:1])
    assert make_table.main([str(source)], target) == 2
    assert "countries-2025.csv has no row" in capsys.readouterr().err
    assert list(target.iterdir()) == []


@pytest.mark.parametrize(("arguments", "status"), [(["--help"], 0), ([], 2), (["-x"], 2), (["a", "b"], 2)])
def test_the_script_says_how_it_is_called(target, capsys, arguments, status):
    assert make_table.main(arguments, target) == status
    assert "make_table FOLDER" in capsys.readouterr().out
