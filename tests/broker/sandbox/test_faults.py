"""Faults can be switched, and a misspelt one is no fault."""

import pytest

from broker.sandbox.faults import BROKER_FAULTS, COUNTRY_FAULTS, DATA_FAULTS, FAULTS, Fault, Faults, UnknownFault


@pytest.mark.parametrize("name", [*FAULTS, *COUNTRY_FAULTS, *BROKER_FAULTS, *DATA_FAULTS])
def test_every_listed_fault_can_be_switched_on(name: str) -> None:
    faults = Faults()
    faults.switch("impots-demo", name)
    assert faults.on("impots-demo") == Fault(name)


@pytest.mark.parametrize("name", ["fi.bad_nonse", "fi.slow", "fi.slow=s", "fi.slow=100s", "down", "country.sha-1"])
def test_a_misspelt_fault_is_refused(name: str) -> None:
    with pytest.raises(UnknownFault):
        Fault(name)


def test_a_delay_is_in_the_name() -> None:
    assert Fault("fi.slow=12s").seconds == 12


def test_a_fault_is_one_providers_alone() -> None:
    faults = Faults([("impots-demo", "fi.down")])
    assert faults.on("poste-demo") is None


def test_a_fault_is_switched_off() -> None:
    faults = Faults([("impots-demo", "fi.down")])
    faults.switch("impots-demo", None)
    assert faults.on("impots-demo") is None
