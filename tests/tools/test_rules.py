import sys

import pytest

from tests.tools import rules
from tests.tools.rules import NotARule, Rule

SOURCE = """
import functools

class Refused(ValueError):
    pass

def check_small(number: int, *, limit: int = 10) -> None:
    if number > limit:
        raise Refused

def read(number: int) -> int:
    for rule in RULES:
        rule(number)
    return number

RULES = (check_small,)
"""
SMALL = Rule("numbers_of_a_test.inner", "check_small")


@pytest.fixture
def package(tmp_path, monkeypatch):
    folder = tmp_path / "numbers_of_a_test"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "inner.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for name in [name for name in sys.modules if name.startswith("numbers_of_a_test")]:
        del sys.modules[name]


@pytest.fixture
def inner(package):
    SMALL.function()
    return sys.modules["numbers_of_a_test.inner"]


def test_the_rules_of_a_package_are_found(package):
    assert rules.find([package]) == [SMALL]


@pytest.mark.parametrize(
    "source", ["def check_it(a: int) -> bool: ...", "def check_it(a: int): ...", "async def check_it() -> None: ..."]
)
def test_a_rule_must_not_return_anything(package, source):
    (package / "wrong.py").write_text(source)
    with pytest.raises(NotARule, match="check_it"):
        rules.find([package])


def test_a_decorated_rule_is_refused_for_its_code_is_not_its_own(package):
    (package / "inner.py").write_text(SOURCE.replace("def check_small", "@functools.cache\ndef check_small"))
    with pytest.raises(NotARule, match="plain"):
        SMALL.function()


@pytest.mark.parametrize("text", ["", "inner", ":check_small", "inner:"])
def test_a_rule_is_named_by_its_module_and_its_function(text):
    with pytest.raises(NotARule):
        Rule.parse(text)


def test_a_rule_refuses_while_it_is_on(inner):
    with pytest.raises(inner.Refused):
        inner.read(11)


def test_a_rule_that_is_off_accepts_everything_even_in_a_table(inner):
    rules.turn_off(SMALL)
    assert inner.read(11) == 11


def test_a_rule_that_is_off_takes_any_arguments(inner):
    rules.turn_off(SMALL)
    assert inner.check_small(1, 2, 3, limit=4, more=5) is None


def test_a_watched_rule_tells_that_it_was_called(inner):
    seen = []
    rules.watch([SMALL], seen.append)
    inner.read(5)
    assert seen == [SMALL]


def test_a_watched_rule_still_refuses(inner):
    rules.watch([SMALL], lambda rule: None)
    with pytest.raises(inner.Refused):
        inner.check_small(9, limit=8)
