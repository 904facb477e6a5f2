import pytest

from broker.assurance import Level
from broker.european import EuropeanIdentity, Spelling
from broker.session import Given, NotReusable, Session, check_reusable, session_after
from tests.broker.people import demand, proof

ANNA = EuropeanIdentity("EL", "EL/FR/Ab-12.34", Spelling("Anna"), Spelling("Papas"), "1970-01-31")
NOW = 1_000_060
ID = b"i" * 16
REFUSED = {
    "prompt=login": (proof(), demand(fresh=True)),
    "another country vouched": (proof(identity=ANNA), demand()),
    "level high was proven": (proof(level=Level.HIGH), demand()),
    "level high is asked": (proof(level=Level.HIGH), demand(level=Level.HIGH)),
    "the level is too low": (proof(level=Level.LOW), demand()),
    "a minute is too old": (proof(), demand(max_age=59)),
}


def test_a_french_login_serves_another_service():
    check_reusable(Session(proof(), ID), demand(max_age=60), NOW)


@pytest.mark.parametrize(("proven", "asked"), REFUSED.values(), ids=REFUSED)
def test_a_session_does_not_serve(proven, asked):
    with pytest.raises(NotReusable):
        check_reusable(Session(proven, ID), asked, NOW)


def given(service, until=NOW + 90):
    return Given(service, f"{service} {until}".encode(), until)


def test_a_service_visited_again_is_the_newest():
    session = Session(proof(), ID, (given("mairie", NOW), given("rsa"))).with_release(given("mairie"), NOW)
    assert (session.services, session.given) == (("rsa", "mairie"), (given("rsa"), given("mairie")))


def test_what_counts_no_more_is_kept_for_the_logout_of_its_service_alone():
    session = Session(proof(), ID, (given("rsa", NOW), given("rsa", NOW - 1), given("mairie", NOW)))
    assert session.with_release(given("poste"), NOW).given == (given("rsa", NOW - 1), given("mairie", NOW), given("poste"))


def test_what_still_counts_is_kept_beside_what_the_service_is_given_anew():
    session = Session(proof(), ID, (given("rsa", NOW + 1),)).with_release(given("rsa"), NOW)
    assert session.given == (given("rsa", NOW + 1), given("rsa"))


# -- its names, and what follows it -----------------------------------------------------------------------------------


def test_a_service_has_one_name_for_a_session_and_another_service_another():
    session = Session(proof(), ID)
    assert (session.sid("mairie"), len(session.sid("rsa"))) == (Session(proof(), ID).sid("mairie"), 32)
    assert len({session.sid("mairie"), session.sid("rsa"), Session(proof(), b"j" * 16).sid("mairie")}) == 3


def test_the_id_of_a_session_is_not_shown():
    assert repr(ID) not in repr(Session(proof(), ID))


def test_the_same_person_keeps_what_was_given_under_the_new_proof():
    former, again = Session(proof(), ID, (given("mairie"),)), proof(level=Level.HIGH)
    assert session_after(former, again, b"new") == Session(again, ID, (given("mairie"),))


@pytest.mark.parametrize("former", [None, Session(proof(identity=ANNA), ID, (given("mairie"),))])
def test_another_person_begins_anew(former):
    assert session_after(former, proof(), b"new") == Session(proof(), b"new")
