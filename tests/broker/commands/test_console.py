"""passerelle console login: the link that an operator hands to somebody."""

import re

import pytest

from broker import console
from broker.commands import console as commands
from broker.console import ConsoleRefused, Person
from broker.seal import locator
from broker.settings import load
from broker.store import open_store
from broker.vault import Vault

NOW = 1_790_000_000


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    monkeypatch.setattr(commands, "now", lambda: NOW)


def vault_at(instance, moment):
    settings = load(instance, {})
    return Vault(open_store(settings.database, lambda: moment), locator(settings.peppers))


def token_of(answer):
    return re.search(r"^https://connexion\.mairie\.fr/console/entrer\?t=([\w-]{43})$", answer.output, re.MULTILINE)[1]


def login(run, instance, *more):
    return run("console", "login", "--role", "auditor", "--name", "Camille Martin", "-C", instance, *more)


def test_the_link_is_for_one_person_in_one_role(run, instance):
    answer = login(run, instance)
    assert answer.exit_code == 0
    assert console.invited(vault_at(instance, NOW), token_of(answer)) == Person("Camille Martin", "auditor")


def test_each_call_makes_another_link(run, instance):
    assert token_of(login(run, instance)) != token_of(login(run, instance))


@pytest.mark.parametrize(("more", "minutes"), [((), 10), (("--minutes", 30), 30)])
def test_the_link_counts_for_its_minutes(run, instance, more, minutes):
    token = token_of(login(run, instance, *more))
    console.invited(vault_at(instance, NOW + minutes * 60 - 1), token)
    with pytest.raises(ConsoleRefused):
        console.invited(vault_at(instance, NOW + minutes * 60), token)


@pytest.mark.parametrize("name", ["", "x", "x" * 81, "a\nb"])
def test_a_name_that_the_ledger_would_not_take_is_wrong_usage(run, instance, name):
    answer = run("console", "login", "--role", "operator", "--name", name, "-C", instance)
    assert (answer.exit_code, "2 to 80" in answer.output) == (2, True)


def test_a_database_in_memory_is_said_to_be_none_for_links(run, instance):
    main = instance / "passerelle.toml"
    text = re.sub(r"(?m)^database.*$", "", main.read_text("utf-8"))
    main.write_text(text.replace("[broker]", '[broker]\ndatabase = "memory:"', 1), "utf-8")
    answer = login(run, instance)
    assert (answer.exit_code, "broker.database" in answer.output) == (2, True)
