"""The table of all keys."""

import pytest

from broker.settings.reader import Document
from broker.settings.schema import EVERYTHING, REQUIRED, every_key

KEYS = dict(every_key())


@pytest.mark.parametrize("table", EVERYTHING)
def test_the_examples_of_a_table_are_valid_together(table: str):
    lines = "\n".join(f"{key.name} = {key.example}" for key in EVERYTHING[table])
    document = Document("x.toml", f"[{table}]\n{lines}".encode())
    document.read({table: EVERYTHING[table]})
    assert document.problems == []


@pytest.mark.parametrize("name", KEYS)
def test_a_key_says_what_it_means_in_a_sentence(name: str):
    assert KEYS[name].meaning.endswith(".")
    assert KEYS[name].since == "0.1.0"


@pytest.mark.parametrize("name", [name for name, key in KEYS.items() if key.default is not REQUIRED and not key.inside])
def test_a_default_is_a_value_that_could_be_written(name: str):
    key = KEYS[name]
    document = Document("x.toml", b"")
    given = list(key.default) if isinstance(key.default, tuple) else key.default
    document.judged(name, key, given)
    assert document.problems == []
