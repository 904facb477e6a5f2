import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow  # each starts an interpreter of its own
RULES = """
def check_small(number: int) -> None:
    if number > 10:
        raise ValueError(number)

def check_even(number: int) -> None:
    if number % 2:
        raise ValueError(number)

def check_forgotten(number: int) -> None:
    if number == 7:
        raise ValueError(number)
"""
TESTS = """
import pytest
from toy.rules import check_even, check_small

@pytest.fixture
def four():
    check_even(4)
    return 4

def test_four_is_small(four):
    check_small(four)

def test_eleven_is_not_small():
    with pytest.raises(ValueError):
        check_small(11)
"""
ODD = """
def test_five_is_odd():
    with pytest.raises(ValueError):
        check_even(5)
"""
FORGOTTEN = """
def test_seven_is_refused():
    from toy.rules import check_forgotten
    with pytest.raises(ValueError):
        check_forgotten(7)
"""


@pytest.fixture
def toy(tmp_path):
    """A project with three rules, and a way to have them tried against these tests: (exit status, output)."""
    (tmp_path / "setup.cfg").write_text("[tool:pytest]\npythonpath = .\n")
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy" / "rules.py").write_text(RULES)
    (tmp_path / "cases" / "toy").mkdir(parents=True)

    def run(tests, *packages):
        (tmp_path / "cases" / "toy" / "test_rules.py").write_text(tests)
        command = [sys.executable, "-m", "tests.tools.check_rules", "--tests", "cases", *(packages or ("toy",))]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout

    return run


def test_it_is_content_when_a_test_misses_every_rule(toy):
    status, output = toy(TESTS + ODD + FORGOTTEN)
    assert status == 0, output
    assert "toy.rules:check_small … caught by cases/toy/test_rules.py::test_eleven_is_not_small" in output


def test_a_rule_that_tests_only_pass_through_is_a_survivor(toy):
    status, output = toy(TESTS + FORGOTTEN)
    assert (status, output.count("SURVIVOR")) == (1, 1), output
    assert "SURVIVOR toy.rules:check_even: every test passes without it" in output


def test_a_rule_that_no_test_calls_is_a_survivor(toy):
    status, output = toy(TESTS + ODD)
    assert (status, output.count("SURVIVOR")) == (1, 1), output
    assert "SURVIVOR toy.rules:check_forgotten: no quick test calls it" in output


def test_a_fixture_that_breaks_is_not_a_test_that_fails(toy):
    fixture = "@pytest.fixture\ndef odd():\n    with pytest.raises(ValueError):\n        check_even(5)\n"
    status, output = toy(TESTS + FORGOTTEN + fixture + "def test_odd(odd):\n    assert True\n")
    assert status == 1, output
    assert "SURVIVOR toy.rules:check_even: only the preparation of cases/toy/test_rules.py::test_odd breaks" in output


def test_tests_that_fail_anyway_prove_nothing(toy):
    status, output = toy(TESTS + ODD + FORGOTTEN + "def test_wrong():\n    assert not check_small(1) is None\n")
    assert status == 2, output
    assert "do not pass with every rule on" in output


def test_tests_that_cannot_be_collected_prove_nothing(toy):
    status, output = toy("import nothing_of_this_name")
    assert status == 2, output
    assert "cannot be collected" in output


def test_a_project_without_rules_is_refused(toy, tmp_path):
    (tmp_path / "empty").mkdir()
    assert toy(TESTS, "empty")[0] == 1
