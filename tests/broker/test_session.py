from dataclasses import replace

import pytest

from broker.assurance import Level
from broker.european import EuropeanIdentity, Spelling
from broker.session import Given, NotReusable, Session, check_reusable, session_after
from tests.broker.people import ANGELA, demand, proof

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
MARTIN = replace(ANGELA, family_name="MARTIN")


def test_a_french_login_serves_another_service():
    check_reusable(Session(proof(), ID, serves=NOW + 1), demand(max_age=60), NOW)


@pytest.mark.parametrize(("proven", "asked"), REFUSED.values(), ids=REFUSED)
def test_a_session_does_not_serve(proven, asked):
    with pytest.raises(NotReusable):
        check_reusable(Session(proven, ID, serves=NOW + 1), asked, NOW)


def test_a_session_serves_until_its_moment_whatever_it_is_kept_for():
    agreed = (replace(given("mairie", NOW + 600), data=("revenu_fiscal",)), given("rsa", NOW + 900))
    session = Session(proof(), ID, agreed, serves=NOW)
    assert session.kept_until() == NOW + 600
    with pytest.raises(NotReusable):
        check_reusable(session, demand(), NOW)


def test_a_session_that_gave_no_data_is_kept_as_long_as_it_serves():
    assert Session(proof(), ID, (given("mairie", NOW + 600),), serves=NOW + 30).kept_until() == NOW + 30


@pytest.mark.parametrize(
    ("identity", "kept"),
    [(ANGELA, True), (replace(ANGELA, email="other@courriel.example"), True), (MARTIN, False), (ANNA, False)],
    ids=["the same", "with another address", "another person", "a European"],
)
def test_what_was_given_stays_with_the_person_it_was_given_by(identity, kept):
    former = Session(proof(), ID, (given("mairie"),), serves=NOW)
    after = session_after(former, proof(identity=identity, at=NOW), bytes(16))
    assert (after.proof, after.given) == (proof(identity=identity, at=NOW), former.given if kept else ())


def test_a_browser_without_a_session_begins_one():
    assert session_after(None, proof(), ID) == Session(proof(), ID)


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
