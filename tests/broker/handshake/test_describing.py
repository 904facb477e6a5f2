"""What the steps say of a document that is proven: what somebody should look at."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from broker.assurance import Level
from broker.parties import Parties
from eidas import xml
from eidas.algorithms import Compatibility, Deviation
from metadata.trust.links import Policy
from tests.broker.foreign import EUROPEAN_SERVICES
from tests.broker.handshake.meetings import Handshaking, connector_document, first_wrong, lines
from tests.broker.world import PROVIDERS
from tests.eidas.parts import certificate_of, private_key

RSA_2048 = Compatibility(frozenset({Deviation.RSA_2048}))


@pytest.fixture
def shaking(tmp_path: Path) -> Handshaking:
    return Handshaking(tmp_path)


def edited(old: str, new: str) -> Callable[[Handshaking], None]:
    return lambda shaking: shaking.publisher.edits.append((old, new))


def allowed(shaking: Handshaking) -> None:
    shaking.publisher.signing = [private_key("rsa2048")]
    shaking.change(compatibility=RSA_2048, policy=Policy("EL", RSA_2048))


def nameless(shaking: Handshaking) -> None:
    shaking.publisher.edits += [("<eidas:NodeCountry", '<x:a xmlns:x="urn:x"'), ("</eidas:NodeCountry>", "</x:a>")]
    anonymous = Compatibility(frozenset({Deviation.NO_NODE_COUNTRY}))
    shaking.change(compatibility=anonymous, policy=Policy("EL", anonymous))


def for_long(shaking: Handshaking) -> None:
    shaking.publisher.days = 60


NOTES: dict[str, tuple[Callable[[Handshaking], None], str, str]] = {
    "counts for months": (for_long, "validity", "more than 30 days"),
    "a word that is no level": (edited("http://eidas.europa.eu/LoA/low<", "urn:low<"), "levels", "urn:low is no level"),
    "too low for a service": (
        edited("http://eidas.europa.eu/LoA/high<", "High<"),
        "levels",
        "for the services strict",
    ),
    "a key that is allowed": (allowed, "keys", "rsa-2048"),
    "no country, as it may": (nameless, "role", "of which country"),
    "another host": (edited("https://node.el.example/sso", "https://sso.example/"), "endpoints", "sso.example"),
    "an attribute that a scope needs": (edited("naturalperson/Gender", "naturalperson/Other"), "attributes", "gender"),
    "nobody to write to": (edited("mailto:support@node.el.example", ""), "role", "nobody to write to"),
}


@pytest.mark.parametrize("name", NOTES)
def test_what_works_and_should_be_looked_at_is_noted(shaking: Handshaking, name: str):
    spoil, step, words = NOTES[name]
    spoil(shaking)
    shaking.gives(shaking.publisher.document())
    steps = shaking.steps()
    assert (first_wrong(steps), steps[step].verdict) == ("", "note")
    assert any(words.lower() in fact.lower() for fact in lines(steps[step]) if fact.startswith("!")), steps[step].facts


def test_levels_that_are_not_notified_do_not_count_unless_it_is_agreed(shaking: Handshaking):
    for word in ("low", "substantial", "high"):
        shaking.publisher.edits.append((f"eu/LoA/{word}<", f"eu/NotNotified/LoA/{word}<"))
    shaking.gives(shaking.publisher.document())
    assert first_wrong(shaking.steps()) == "levels"
    shaking.change(not_notified=True)
    assert shaking.steps()["levels"].found == "up to high"


def test_the_binding_that_we_use_is_named(shaking: Handshaking):
    shaking.gives(shaking.publisher.document())
    shaking.change(redirects=True)
    steps = shaking.steps()
    assert "HTTP-Redirect" in steps["endpoints"].found
    assert (steps["trial"].verdict, "as we would send it" in steps["trial"].found) == ("fine", True)


def test_a_scope_that_no_country_can_serve_is_a_fact_and_no_note(shaking: Handshaking):
    shaking.gives(shaking.publisher.document())
    step = shaking.steps()["attributes"]
    assert (step.verdict, any("birthplace: no country" in fact for fact in lines(step))) == ("fine", True)


def test_services_that_take_no_europeans_are_not_asked_for(shaking: Handshaking):
    national = {"national": replace(EUROPEAN_SERVICES["national"], minimum=Level.HIGH)}
    shaking.base = replace(shaking.base, parties=Parties(national, PROVIDERS, shaking.base.parties.countries))
    shaking.publisher.edits.append(("http://eidas.europa.eu/LoA/high<", "High<"))
    shaking.gives(shaking.publisher.document())
    assert shaking.steps()["levels"].verdict == "fine"


# -- a Connector ------------------------------------------------------------------------------------------------------

GCM, CBC = "http://www.w3.org/2009/xmlenc11#aes128-gcm", "http://www.w3.org/2001/04/xmlenc#aes256-cbc"


def test_the_method_that_we_would_use_is_named_with_its_key(shaking: Handshaking):
    shaking.gives(connector_document(shaking, methods=(CBC, GCM)), "connector")
    steps = shaking.steps("connector")
    assert steps["encryption"].found == "we would encrypt by aes128-gcm for EC P-256"
    assert "aes128-gcm" in steps["trial"].found


def test_what_is_offered_is_shown_where_nothing_can_be_used(shaking: Handshaking):
    shaking.gives(connector_document(shaking, methods=(CBC,)), "connector")
    step = shaking.steps("connector")["encryption"]
    assert any("methods offered for EC P-256: aes256-cbc" in fact for fact in lines(step))
    assert "do you decrypt" in step.ours[0]


def test_a_short_key_may_be_allowed_for_encryption(shaking: Handshaking):
    own = xml.encoded(certificate_of(shaking.connector.decryption))
    weak = (own, xml.encoded(certificate_of(private_key("rsa2048"))))
    shaking.gives(connector_document(shaking, weak), "connector")
    assert 'compat = ["rsa-2048"]' in shaking.steps("connector")["encryption"].ours[0]
    shaking.change(compatibility=RSA_2048, policy=Policy("EL", RSA_2048))
    steps = shaking.steps("connector")
    assert (first_wrong(steps), steps["encryption"].verdict) == ("", "note")
