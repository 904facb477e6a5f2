from dataclasses import replace

import pytest

from broker.assurance import Level
from broker.european import EuropeanIdentity, Spelling
from broker.session import NotReusable, Session, check_reusable
from tests.broker.people import demand, proof

ANNA = EuropeanIdentity("EL", "EL/FR/Ab-12.34", Spelling("Anna"), Spelling("Papas"), "1970-01-31")
NOW = 1_000_060
REFUSED = {
    "prompt=login": (proof(), demand(fresh=True)),
    "another country vouched": (proof(identity=ANNA), demand()),
    "level high was proven": (proof(level=Level.HIGH), demand()),
    "level high is asked": (proof(level=Level.HIGH), demand(level=Level.HIGH)),
    "the level is too low": (proof(level=Level.LOW), demand()),
    "a minute is too old": (proof(), demand(max_age=59)),
}


def test_a_french_login_serves_another_service():
    check_reusable(Session(proof()), demand(max_age=60), NOW)


@pytest.mark.parametrize(("proven", "asked"), REFUSED.values(), ids=REFUSED)
def test_a_session_does_not_serve(proven, asked):
    with pytest.raises(NotReusable):
        check_reusable(Session(proven), asked, NOW)


def test_a_service_visited_again_is_the_newest():
    session = replace(Session(proof()), services=("mairie", "rsa")).with_release("mairie", b"grant")
    assert (session.services, session.grants) == (("rsa", "mairie"), (b"grant",))
