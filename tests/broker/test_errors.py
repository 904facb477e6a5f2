"""The catalogue of errors: complete in both languages, and equal to what the code raises."""

import re
from pathlib import Path
from string import Formatter

import pytest

import broker
from broker.errors import Problem, catalogue
from tests.tools import errors_page

ROOT = Path(broker.__file__).parent
CODES = tuple(catalogue())
CODE = re.compile(r"[\"']((?:USR|FI|EID|SRV|TOK|SYS|HTTP)-[0-9]{3})[\"']")
PLACEHOLDERS = frozenset(
    "service account country contact level_got level_asked field support domain since time minutes".split()
)
OAUTH_ERRORS = frozenset(
    "invalid_request invalid_client invalid_grant invalid_token access_denied login_required server_error "
    "temporarily_unavailable invalid_dpop_proof invalid_target".split()
)


def placeholders(*texts: str) -> set[str]:
    return {name for text in texts for _, name, _, _ in Formatter().parse(text) if name is not None}


def words(code: str, language: str) -> tuple[str, ...]:
    entry = catalogue()[code]
    return (entry.title[language], entry.message[language], *entry.todo[language])


def test_codes_have_the_form_that_people_read_over_the_phone():
    assert [code for code in CODES if not re.fullmatch(r"(USR|FI|EID|SRV|TOK|SYS|HTTP)-[0-9]{3}", code)] == []


@pytest.mark.parametrize("code", CODES)
def test_no_cell_of_an_entry_is_empty(code):
    entry = catalogue()[code]
    cells = (*words(code, "fr"), *words(code, "en"), entry.developer)
    assert all(cell.strip() for cell in cells)
    assert entry.todo["fr"]


@pytest.mark.parametrize("code", CODES)
def test_both_languages_say_equally_much_with_the_same_placeholders(code):
    french, english = words(code, "fr"), words(code, "en")
    assert [placeholders(text) for text in french] == [placeholders(text) for text in english]
    assert placeholders(*french) <= PLACEHOLDERS


@pytest.mark.parametrize("code", CODES)
def test_a_title_stands_alone(code):
    entry = catalogue()[code]
    assert placeholders(entry.title["fr"], entry.title["en"], entry.developer) == set()


@pytest.mark.parametrize("code", CODES)
def test_an_entry_has_a_side_a_status_of_failure_and_an_error_that_the_protocol_knows(code):
    entry = catalogue()[code]
    assert entry.side in ("citizen", "service", "account", "country", "us")
    assert 400 <= entry.status < 600
    assert entry.oidc is None or entry.oidc in OAUTH_ERRORS


@pytest.mark.parametrize("code", CODES)
def test_french_has_its_typographic_apostrophes_and_no_break_spaces(code):
    assert not re.search(r"'| [:;!?»]|« ", " ".join(words(code, "fr")))


def test_nobody_is_told_that_a_french_error_is_the_fault_of_a_module():
    said = " ".join(word for code in CODES for language in ("fr", "en") for word in words(code, language))
    assert not re.search(r"(?i)oidc|openid|eidas|fournisseur|identity provider|token endpoint|broker", said)


def test_every_code_that_the_code_base_names_is_in_the_catalogue():
    named = {code for path in ROOT.rglob("*.py") for code in CODE.findall(path.read_text("utf-8"))}
    assert named - set(CODES) == set()


def test_a_problem_carries_its_entry_and_shows_its_detail_to_developers_only():
    problem = Problem("FI-205", "birthdate is missing", field="birthdate")
    assert (str(problem), problem.entry.code, problem.words) == (
        "FI-205: birthdate is missing",
        "FI-205",
        {"field": "birthdate"},
    )


def test_a_problem_without_detail_is_its_code():
    assert str(Problem("USR-101")) == "USR-101"


def test_the_page_of_codes_is_current():
    written = (ROOT.parent / "docs" / "errors.md").read_text("utf-8")
    assert written == errors_page.markdown(), "python -m tests.tools.errors_page > docs/errors.md"


def test_the_page_of_codes_has_an_anchor_for_each_code():
    assert re.findall(r'<a id="([A-Z]+-[0-9]+)">', errors_page.markdown()) == list(CODES)
