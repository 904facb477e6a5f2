"""The schema for people."""

from pathlib import Path

import broker
from broker.settings import explain
from broker.settings.schema import every_key

PAGE = Path(broker.__file__).parents[1] / "docs" / "operator" / "configure.md"


def test_the_page_of_the_documentation_is_what_the_schema_says():
    assert PAGE.read_text("utf-8") == explain.page(), "passerelle config explain --markdown > docs/operator/configure.md"


def test_one_key_is_explained_with_everything_about_it():
    assert explain.explanation("fs.min_loa") == {
        "key": "fs.min_loa",
        "file": "partners/fs/ID.toml",
        "meaning": "The lowest level that it accepts.",
        "type": "text",
        "default": "low",
        "allowed": "low, substantial, high",
        "example": 'min_loa = "substantial"',
        "since": "0.1.0",
    }


def test_a_key_inside_a_table_is_explained():
    explained = explain.explanation("fi.display.order")
    assert explained is not None
    assert (explained["type"], explained["default"]) == ("number, 0 to 9999", "100")


def test_there_is_nothing_to_say_about_a_key_that_does_not_exist():
    assert explain.explanation("fs.eidas") is None


def test_the_key_that_was_meant_is_found_by_its_end_or_its_likeness():
    assert explain.nearest("min_loa") == "fs.min_loa"
    assert explain.nearest("fs.redirect_uri") == "fs.redirect_uris"
    assert explain.nearest("zzz") == ""


def test_the_overview_has_every_key_once():
    assert [row["key"] for row in explain.overview()] == [name for name, _ in every_key()]


def test_every_code_that_the_settings_report_is_on_the_page():
    import re

    sources = "".join(path.read_text("utf-8") for path in (Path(broker.__file__).parent / "settings").rglob("*.py"))
    reported = set(re.findall(r'"([EW]\d{3})"', sources))
    assert reported == set(re.findall(r"^\| ([EW]\d{3}) \|", explain.page(), re.MULTILINE))
