"""One-time links, sessions and rights of the console, without any page."""

import base64

import pytest

from broker import console
from broker.console import IDLE, LONGEST, ConsoleRefused, Person, Session
from broker.seal import locator
from broker.store import open_store
from broker.vault import Vault
from tests.broker.world import Clock

CAMILLE = Person("Camille Martin", "auditor")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vault(clock) -> Vault:
    return Vault(open_store("memory:", clock), locator((b"p" * 32,)))


def link(vault, clock, person=CAMILLE, seconds=600):
    return console.invite(vault, person, clock() + seconds)


def worker(vault, secret, clock):
    held = console.at_work(vault, secret, clock())
    return held.value if held else None


# -- one-time links ---------------------------------------------------------------------------------------------------


def test_a_link_lets_in_once_with_its_name_and_role(vault, clock):
    secret = console.enter(vault, link(vault, clock), clock())
    assert worker(vault, secret, clock) == Session("Camille Martin", "auditor", clock())


def test_looking_at_a_link_does_not_use_it_up(vault, clock):
    token = link(vault, clock)
    assert [console.invited(vault, token) for _ in range(3)] == [CAMILLE] * 3
    console.enter(vault, token, clock())


@pytest.mark.parametrize("use", [console.invited, lambda vault, token: console.enter(vault, token, 0)])
def test_a_link_that_was_used_counts_no_more(vault, clock, use):
    token = link(vault, clock)
    console.enter(vault, token, clock())
    with pytest.raises(ConsoleRefused, match="used"):
        use(vault, token)


@pytest.mark.parametrize("use", [console.invited, lambda vault, token: console.enter(vault, token, 0)])
def test_a_link_that_has_expired_counts_no_more(vault, clock, use):
    token = link(vault, clock, seconds=600)
    clock.advance(600)
    with pytest.raises(ConsoleRefused, match="expired"):
        use(vault, token)


@pytest.mark.parametrize("token", ["", "é", "AAAA", "A" * 43, "=" * 5, "A" * 100_000])
def test_what_is_no_token_leads_nowhere(vault, token):
    with pytest.raises(ConsoleRefused):
        console.invited(vault, token)


def test_a_link_of_another_instance_leads_nowhere_even_in_the_same_database(vault, clock):
    other = Vault(vault.store, locator((b"q" * 32,)))
    with pytest.raises(ConsoleRefused, match="another instance"):
        console.enter(other, link(vault, clock), clock())


def test_a_session_is_no_link_and_a_link_no_session(vault, clock):
    token = link(vault, clock)
    secret = console.enter(vault, token, clock())
    with pytest.raises(ConsoleRefused):
        console.invited(vault, base64.urlsafe_b64encode(secret).decode())
    again = link(vault, clock)
    assert worker(vault, base64.urlsafe_b64decode(again + "="), clock) is None


@pytest.mark.parametrize(
    "name", ["", "C", "C" * 81, "Camille\nMartin", "Camille\u202eMartin", " Camille", "Camille\x1b[1m"]
)
def test_a_name_that_the_ledger_would_not_take_or_that_looks_like_another_is_refused(vault, clock, name):
    for make in (lambda who: link(vault, clock, who), lambda who: console.begin(vault, who, clock())):
        with pytest.raises(ConsoleRefused, match="2 to 80"):
            make(Person(name, "operator"))


# -- sessions ---------------------------------------------------------------------------------------------------------


def test_each_sign_in_has_a_secret_of_its_own(vault, clock):
    assert console.begin(vault, CAMILLE, clock()) != console.begin(vault, CAMILLE, clock())


def test_a_session_ends_half_an_hour_after_it_was_last_used(vault, clock):
    secret = console.begin(vault, CAMILLE, clock())
    clock.advance(IDLE - 1)
    assert worker(vault, secret, clock)
    clock.advance(IDLE - 1)
    assert worker(vault, secret, clock)
    clock.advance(IDLE)
    assert worker(vault, secret, clock) is None


def test_a_session_ends_after_eight_hours_however_busy(vault, clock):
    secret, begun = console.begin(vault, CAMILLE, clock()), clock()
    while clock() - begun < LONGEST - 600:
        clock.advance(600)
        assert worker(vault, secret, clock)
    clock.advance(600)
    assert worker(vault, secret, clock) is None


def test_a_session_that_was_prolonged_a_moment_ago_is_not_written_again(vault, clock):
    secret = console.begin(vault, CAMILLE, clock())
    clock.advance(59)
    worker(vault, secret, clock)
    assert vault.find(console.SESSIONS, secret).version == 0
    clock.advance(1)
    worker(vault, secret, clock)
    assert vault.find(console.SESSIONS, secret).version == 1


def test_after_the_sign_out_a_copy_of_the_cookie_is_worth_nothing(vault, clock):
    secret = console.begin(vault, CAMILLE, clock())
    console.leave(vault, secret)
    assert worker(vault, secret, clock) is None


def test_to_leave_twice_or_without_a_session_does_no_harm(vault, clock):
    for secret in (None, b"", b"x" * 32):
        console.leave(vault, secret)
        assert worker(vault, secret, clock) is None


def test_the_store_sees_neither_name_nor_role(vault, clock):
    console.begin(vault, CAMILLE, clock())
    link(vault, clock)
    bodies = [row.body for row in vault.store._rows.values()]
    assert len(bodies) == 2
    assert not [body for body in bodies if b"Camille" in body or b"auditor" in body]


# -- rights -----------------------------------------------------------------------------------------------------------


def test_an_operator_may_write_and_an_auditor_may_not():
    console.check_may_write(Session("Dominique Petit", "operator", 0))
    with pytest.raises(ConsoleRefused) as refused:
        console.check_may_write(Session("Camille Martin", "auditor", 0))
    assert refused.value.kind == "rights"


@pytest.mark.parametrize("words", ["", "no", "x" * 301, "read\nover the phone", "read\u202eover the phone", "a\x00bc"])
def test_what_is_no_reason_is_refused(words):
    with pytest.raises(ConsoleRefused, match="3 to 300"):
        console.check_words(words)


def test_a_reason_may_be_three_letters_or_three_hundred():
    for words in ("lu.", "é" * 300):
        console.check_words(words)
