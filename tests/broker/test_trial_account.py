"""A test login through a French provider: by a link of the operator's, to nobody."""

import pytest

from broker.relying.trial import LIFE, link, provider_link
from tests.broker.test_providers_oidc import failing
from tests.broker.world import PUBLIC, SECRET_KEY


def opened(world, provider="impots"):
    browser = world.browser()
    return browser, browser.get(provider_link(PUBLIC, SECRET_KEY, provider, world.clock()))


def test_the_link_leads_to_the_provider_and_shows_what_came_by_name(world):
    browser, departed = opened(world)
    page = browser.page(browser.prove(departed))
    assert "Le test par le compte Compte impots a réussi" in page.text
    assert ("reçu" in page.text, "DUBOIS" in page.text, "non fourni par ce compte" in page.text) == (True, False, True)


@pytest.mark.parametrize(("field", "value", "word"), [("gender", "F", "Sexe"), ("birthdate", None, "Date de naissance")])
def test_a_claim_that_is_missing_or_not_in_its_format_is_named(world, field, value, word):
    world.fi["impots"].claims[field] = value
    browser, departed = opened(world)
    assert word.lower() in browser.page(browser.prove(departed)).text.lower()


def test_no_form_gets_anything_out_of_it(world):
    browser, departed = opened(world)
    page = browser.page(browser.prove(departed))
    assert 'action="/confirmer"' not in page.text
    assert 'name="step"' not in page.text


def test_a_provider_that_does_not_answer_says_so(world):
    world.fi["impots"].answers["/.well-known/openid-configuration"] = failing("timeout")
    browser, departed = opened(world)
    assert "FI-202" in browser.page(departed).text


def test_a_link_for_a_country_begins_nothing_here_nor_the_reverse(world):
    browser, now = world.browser(), world.clock()
    crossed = [
        link(PUBLIC, SECRET_KEY, "EL", now).replace("/eidas/essai", "/essai"),
        provider_link(PUBLIC, SECRET_KEY, "impots", now).replace("/essai", "/eidas/essai"),
    ]
    assert ["USR-102" in browser.get(address).text for address in crossed] == [True, True]


@pytest.mark.parametrize("spoil", [lambda address: address[:-4], lambda address: address.partition("?")[0]])
def test_another_link_begins_nothing(world, spoil):
    address = spoil(provider_link(PUBLIC, SECRET_KEY, "impots", world.clock()))
    assert "USR-102" in world.browser().get(address).text


def test_the_link_ends_after_ten_minutes(world):
    address = provider_link(PUBLIC, SECRET_KEY, "impots", world.clock())
    world.clock.advance(LIFE)
    assert "USR-102" in world.browser().get(address).text


def test_a_provider_that_is_not_there_is_told(world):
    _, answer = opened(world, "nobody")
    assert "FI-207" in answer.text
