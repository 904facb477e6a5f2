"""What a service would receive: the very claims of a login, and why something is not among them."""

import pytest

from broker.assurance import Level
from broker.claims import ORDER
from broker.preview import preview
from broker.sandbox.node.people import load_europeans
from broker.sandbox.people import CannotLogIn, european
from tests.broker.people import ANGELA
from tests.broker.world import service

KEY = b"s" * 32
EUROPEANS = load_europeans()


def shown(person, scopes=("openid", "identite_pivot", "email"), level=Level.LOW, **changes):
    fs = service("mairie", scopes=frozenset((*scopes, "amr")), **changes)
    return preview(fs, person, level, scopes, KEY)


def abroad(name, country="EL"):
    return european(EUROPEANS[name], country, ("family_name", "gender", "birthcountry", "email"))


def notes(preview):
    return {one.claim: one.note for one in preview.told}


def test_it_says_what_a_login_gives(world):
    browser = world.browser()
    given = browser.claims()
    seen = preview(world.settings.parties.services["mairie"], ANGELA, Level.LOW, ("identite_pivot", "email"), KEY)
    assert {one.claim for one in seen.told} == set(given) - {"sub", "iss", "aud", "iat", "exp"}
    assert seen.sub == given["sub"]


def test_a_claim_is_written_as_it_is_sent():
    assert [one.value for one in shown(ANGELA).told if one.claim == "given_name_array"] == [
        '["Angela", "Claire", "Louise"]'
    ]


@pytest.mark.parametrize(
    ("claim", "note"),
    [
        ("birthplace", "no country states an INSEE code"),
        ("gender", "EL did not send Gender"),
        ("birthcountry", "EL did not send CountryOfBirth"),
        ("given_name", "the Latin form; Αριστοτέλης is shown to the citizen alone"),
        ("family_name", "no birth name was stated"),
    ],
)
def test_what_a_country_does_not_give_has_its_reason(claim, note):
    assert note in notes(shown(abroad("el-onasis")))[claim]


def test_a_claim_that_the_file_requires_and_nobody_gives_stands_out():
    assert "✘ the file says" in notes(shown(abroad("el-onasis"), require=("gender",)))["gender"]
    assert "✘" not in notes(shown(ANGELA, require=("gender",)))["gender"]


def test_what_no_scope_opens_is_withheld_and_says_which_would():
    kept = shown(abroad("el-onasis"), scopes=("openid", "identite_pivot")).withheld
    assert [(one.scope, one.claims, one.granted) for one in kept] == [
        ("eidas", ("country", "amr"), False),
        ("preferred_username", ("preferred_username",), False),
    ]


def test_what_is_granted_and_not_asked_says_so():
    kept = shown(ANGELA, scopes=("openid",)).withheld
    assert ("amr", ("amr",), True) in [(one.scope, one.claims, one.granted) for one in kept]


def test_that_somebody_came_from_abroad_is_withheld_without_the_scope():
    seen = shown(abroad("el-onasis"), scopes=("openid", "amr"))
    assert [(one.value, one.note) for one in seen.told] == [
        ("", "it would say that another country vouched: scope eidas tells that")
    ]


def test_each_person_has_another_sub_for_each_sector_and_kind():
    subs = {
        shown(ANGELA).sub,
        shown(ANGELA, sector="other.example").sub,
        shown(abroad("el-onasis")).sub,
        shown(abroad("el-onasis", "DE")).sub,
    }
    assert len(subs) == 4


@pytest.mark.parametrize("name", EUROPEANS)
def test_each_test_citizen_can_log_in_or_not_as_his_card_says(name):
    expected = EUROPEANS[name].expect
    if expected == "login":
        known, stated = european(EUROPEANS[name], "EL", ORDER), EUROPEANS[name].claims
        assert {claim: known.claim(claim) or "" for claim in stated} == stated
    else:
        with pytest.raises(CannotLogIn) as refused:
            abroad(name)
        assert refused.value.code == expected
