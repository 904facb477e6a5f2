import dataclasses

import pytest

from broker.assurance import Level
from broker.journey import (
    Ask,
    Choosing,
    Consenting,
    ConsentMissing,
    DataMissing,
    Demand,
    Failure,
    LevelTooLow,
    Manner,
    Proving,
    Ready,
    Release,
    WrongProvider,
)
from tests.broker.people import demand, proof

PROVING = Choosing(demand()).choose("impots", "handle.tag", {"nonce": "n"})


def names(kind):
    return {field.name for field in dataclasses.fields(kind)}


def test_a_provider_is_handed_nothing_of_the_service():
    assert names(Ask) == {"level", "state"}


def test_a_service_is_handed_nothing_of_the_provider():
    assert names(Release) == {"sub", "claims", "level", "at"}


def test_what_is_asked_of_a_provider_is_the_lowest_of_its_levels_that_is_enough():
    assert Choosing(demand()).ask((Level.LOW, Level.SUBSTANTIAL, Level.HIGH), "s") == Ask(Level.SUBSTANTIAL, "s")


def test_a_proof_leads_to_consent():
    assert PROVING.prove(proof()) == Consenting(demand(), proof())


def test_a_proof_at_a_higher_level_is_welcome():
    assert PROVING.prove(proof(level=Level.HIGH)).proof.level is Level.HIGH


def test_a_proof_at_a_lower_level_is_refused():
    with pytest.raises(LevelTooLow):
        PROVING.prove(proof(level=Level.LOW))


def test_a_proof_of_another_provider_is_refused():
    with pytest.raises(WrongProvider):
        PROVING.prove(proof(provider="poste"))


def test_a_session_is_reused_only_at_its_level():
    with pytest.raises(LevelTooLow):
        Choosing(demand(level=Level.HIGH)).reuse(proof())


def test_a_failure_leads_back_to_the_choice_with_its_reason():
    failure = Failure("FI-201", {})
    assert PROVING.fail(failure) == Choosing(demand(), failure)


@pytest.mark.parametrize("step", [Choosing(demand()), PROVING, Consenting(demand(), proof())])
def test_every_step_can_go_back_to_the_choice(step):
    assert step.reconsider() == Choosing(demand())


def test_a_private_service_gets_nothing_without_consent():
    with pytest.raises(ConsentMissing):
        Consenting(demand(manner=Manner.CONSENT), proof()).consent(agreed=False)


@pytest.mark.parametrize(("manner", "agreed"), [(Manner.CONSENT, True), (Manner.INFORM, False), (Manner.ANONYMOUS, False)])
def test_consent_and_information_make_the_journey_ready(manner, agreed):
    asked = demand(manner=manner)
    assert Consenting(asked, proof()).consent(agreed) == Ready(asked, proof())


DATA = {"revenu_fiscal": True, "points": False}


@pytest.mark.parametrize("agreed", [(), ("points",), ("revenu", "points")])
def test_data_that_the_service_cannot_do_without_need_the_citizens_word(agreed):
    with pytest.raises(DataMissing) as missing:
        Consenting(demand(data=DATA), proof()).consent(agreed=True, data=agreed)
    assert missing.value.scopes == ("revenu_fiscal",)


@pytest.mark.parametrize(
    ("agreed", "left"),
    [
        (("revenu_fiscal",), ("revenu_fiscal",)),
        (("points", "revenu_fiscal"), ("revenu_fiscal", "points")),
        (("revenu_fiscal", "retraite"), ("revenu_fiscal",)),
    ],
    ids=["the optional one is refused", "both", "one that nobody asked"],
)
def test_of_the_data_that_were_asked_those_are_released_that_the_citizen_agreed_to(agreed, left):
    assert Consenting(demand(data=DATA), proof()).consent(agreed=False, data=agreed).data == left


def test_a_release_holds_what_was_asked_and_nothing_else():
    release = Ready(demand(), proof()).release(lambda identity: "sub-of-" + identity.family_name)
    assert release == Release(
        "sub-of-DUBOIS", {"family_name": "DUBOIS", "email": "angela@courriel.example"}, Level.SUBSTANTIAL, 1_000_000
    )


def test_what_a_person_lacks_is_left_out_of_the_release():
    asked = demand(claims=("phone_number", "address", "amr"))
    assert Ready(asked, proof()).release(lambda identity: "s").claims == {}


def test_amr_is_released_when_it_was_asked_and_is_known():
    ready = Ready(demand(claims=("amr",)), proof(amr=("pwd", "otp")))
    assert ready.release(lambda identity: "s").claims == {"amr": ["pwd", "otp"]}


def test_steps_offer_only_the_method_that_may_come_next():
    assert not hasattr(Choosing, "release")
    assert not hasattr(Proving, "consent")
    assert not hasattr(Consenting, "release")


def test_a_demand_cannot_be_changed_on_its_way():
    with pytest.raises(dataclasses.FrozenInstanceError):
        demand().level = Level.LOW  # type: ignore[misc]


def test_a_demand_names_no_provider():
    assert "provider" not in names(Demand)
