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


LAWS = (
    "broker.journey:check_consent",
    "broker.journey:check_level",
    "broker.flow:check_step_token",
    "broker.flow:check_state",
    "broker.flow:check_strong_enough",
    "broker.logout:check_exit_token",
    "broker.providers.oidc:check_level_allowed",
    "broker.relying.authentication:check_client_secret",
    "broker.relying.oidc:check_grant",
    "broker.session:check_age",
    "broker.session:check_levels_shareable",
    "broker.session:check_not_fresh",
    "broker.web.headers:check_same_site",
    "oidc.id_token:check_audience",
    "oidc.id_token:check_nonce",
    "oidc.id_token:check_same_subject",
    "oidc.id_token:check_times",
    "oidc.id_token:check_token_issuer",
    "oidc.logout:check_hint_client",
    "oidc.provider:check_redirect_registered",
    "oidc.provider:check_scopes_granted",
    "oidc.token_endpoint:check_code_client",
    "oidc.token_endpoint:check_code_redirect",
    "oidc.token_endpoint:check_code_verifier",
)


@pytest.mark.parametrize("law", LAWS)
def test_the_machine_notices_that_a_law_is_off(machine, law):
    function = Rule.parse(law).function()
    code = function.__code__
    turn_off(Rule.parse(law))
    try:
        with pytest.raises(AssertionError):
            run_state_machine_as_test(machine, settings=bounded(phases=[Phase.generate], print_blob=False))
    finally:
        function.__code__ = code
