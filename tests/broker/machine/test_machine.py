"""No order of events breaks a law. More of them: PASSERELLE_MACHINE=2000 (examples), of 80 steps each."""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from broker.store.migrate import upgrade
from tests.broker.machine.machine import Machine
from tests.tools.rules import Rule, turn_off

pytestmark = pytest.mark.slow
EXAMPLES = int(os.environ.get("PASSERELLE_MACHINE", "60"))
DEEPER = EXAMPLES > 60


@pytest.fixture(scope="module")
def machine(instance_folder, tmp_path_factory):
    """The machine with its folders."""
    folder = tmp_path_factory.mktemp("plays")
    upgrade(f"sqlite:///{folder}/empty.db")

    class InFolder(Machine):
        instance = instance_folder
        database = folder / "empty.db"

    return InFolder


def bounded(**changes):
    """The same plays in every run; with more examples, others in each run, and the seed is printed."""
    facts = {
        "max_examples": EXAMPLES,
        "stateful_step_count": 80 if DEEPER else 40,
        "derandomize": not DEEPER,
        "print_blob": True,
        "database": None,
        "deadline": None,
        "suppress_health_check": list(HealthCheck),
    }
    return settings(**{**facts, **changes})


def test_no_order_of_events_breaks_a_law(machine):
    run_state_machine_as_test(machine, settings=bounded())


LAWS = {
    "no release without consent": ("broker.journey:check_consent",),
    "no release below the level": ("broker.journey:check_level", "oidc.id_token:check_level"),
    "no level that a provider may not vouch for": ("broker.providers.oidc:check_level_allowed", "oidc.id_token:check_acr"),
    "no claims of somebody else": ("oidc.id_token:check_same_subject",),
    "no answer to another ask": ("broker.flow:check_state", "oidc.client:check_callback_state"),
    "no step by a form of before": ("broker.flow:check_step_token",),
    "no step by another site": ("broker.web.headers:check_same_site",),
    "no code of another login": ("oidc.id_token:check_nonce",),
    "no token of long ago": ("oidc.id_token:check_times",),
    "no release to another address": ("oidc.provider:check_redirect_registered",),
    "no claim that was not granted": ("oidc.authorization_rules:check_scopes_granted",),
    "no code for another service": ("oidc.token_endpoint:check_code_client",),
    "no code without its verifier": ("oidc.token_endpoint:check_code_verifier",),
    "no code after the logout": ("broker.relying.tokens:check_grant",),
    "no session that is too weak": ("broker.session:check_levels_shareable",),
    "no session against prompt": ("broker.session:check_not_fresh",),
    "no session that is too old": ("broker.session:check_age",),
    "no logout by a forged form": ("broker.logout:check_exit_token",),
    "no logout by another service's hint": ("oidc.logout:check_hint_client",),
}
"""Each law with the rules that hold it: where two stand one behind the other, both."""


@pytest.mark.parametrize("law", LAWS)
def test_the_machine_notices_that_a_law_is_off(machine, law):
    functions = [Rule.parse(name).function() for name in LAWS[law]]
    codes = [function.__code__ for function in functions]
    for name in LAWS[law]:
        turn_off(Rule.parse(name))
    try:
        with pytest.raises(AssertionError):
            run_state_machine_as_test(
                machine, settings=bounded(max_examples=400, phases=[Phase.generate], print_blob=False)
            )
    finally:
        for function, code in zip(functions, codes, strict=True):
            function.__code__ = code
