"""No order of events breaks a law. More of them: PASSERELLE_MACHINE=2000 (examples), of 80 steps each."""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from broker.store.migrate import upgrade
from tests.broker.machine.machine import Machine

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
