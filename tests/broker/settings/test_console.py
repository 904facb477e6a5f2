"""The table [console]: a provider whole, or none."""

import pytest

from tests.broker.settings.instance import MAIN, MAIN_FILE

TABLE = """
[console]
issuer = "https://sso.example.fr"
client_id = "passerelle-console"
client_secret_file = "secrets/console"
operators = ["ops"]
auditors = ["audit"]
"""


@pytest.fixture
def whole(folder):
    folder.hide("console", "our-secret-at-the-provider")
    folder.write(MAIN_FILE, MAIN + TABLE)
    return folder


def is_told(folder, problem):
    """Whether this problem, by code and key, is among those of the main file."""
    return any(line.startswith(f"passerelle.toml: {problem}:") for line in folder.problems())


def test_without_the_table_people_come_by_links_alone(folder):
    assert folder.load().console is None


def test_a_whole_table_is_a_provider(whole):
    console = whole.load().console
    assert (console.issuer, console.client_secret) == ("https://sso.example.fr", "our-secret-at-the-provider")
    assert (console.operators, console.auditors) == (frozenset(("ops",)), frozenset(("audit",)))
    assert (console.claim, console.name_claim, console.scope) == ("groups", "name", "openid profile groups")
    assert console.algorithms == {"ES256"}


@pytest.mark.parametrize("name", ["issuer", "client_id", "client_secret_file"])
def test_half_a_provider_is_none(whole, name):
    lines = [line for line in TABLE.splitlines() if not line.startswith(f"{name} ")]
    whole.write(MAIN_FILE, MAIN + "\n".join(lines))
    assert is_told(whole, f"E013 console.{name}")


def test_a_provider_whose_groups_nobody_named_lets_nobody_in(whole):
    lines = [line for line in TABLE.splitlines() if not line.startswith(("operators", "auditors"))]
    whole.write(MAIN_FILE, MAIN + "\n".join(lines))
    assert is_told(whole, "E013 console.operators")


@pytest.mark.parametrize("issuer", ["http://sso.example.fr", "sso.example.fr", "https://u@sso.example.fr"])
def test_the_issuer_is_https(whole, issuer):
    whole.write(MAIN_FILE, MAIN + TABLE.replace("https://sso.example.fr", issuer))
    assert is_told(whole, "E030 console.issuer")


def test_a_secret_that_is_not_there_is_named(whole):
    (whole.path / "secrets/console").unlink()
    assert is_told(whole, "E021 console.client_secret_file")


def test_the_secret_is_never_shown(whole):
    assert "our-secret-at-the-provider" not in repr(whole.load())
