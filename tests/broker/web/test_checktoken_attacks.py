"""What a thief, a curious data provider or a careless operator tries at /checktoken; and that none can tell by the time."""

import json
import re
from collections import Counter
from dataclasses import replace

import pytest

from broker import seal
from broker.parties import DataGrant
from certs import keys
from tests.broker.checks import DATA, parties, with_secret
from tests.broker.data import ASKERS, asks
from tests.broker.web.attacks import STRANGE, TAKEN_AWAY
from tests.broker.world import PUBLIC, SECRET, payload

INACTIVE = {"active": False}
REVENUS = "https://revenus.example/api"


@pytest.fixture
def world(make_checks):
    return make_checks()


def expired(world):
    token = world.token()
    world.clock.advance(91)
    return token


def revoked(world):
    token = world.token()
    form = {"token": token, "client_id": "mairie", "client_secret": SECRET}
    assert world.app.test_client().post("/api/v2/token/revocation", data=form, base_url=PUBLIC).status_code == 200
    return token


def withdrawn(world):
    browser = world.citizen()
    token = browser.redeem(world.code("revenu_fiscal", "points_permis", browser=browser)).json["access_token"]
    browser.withdraw("mairie revenus")
    assert world.checked(token, "points")["active"]  # what was agreed to for another stands
    return token


def replayed(world):
    code = world.code("revenu_fiscal")
    token = world.citizen().redeem(code).json["access_token"]
    world.citizen().redeem(code)
    return token


def of_somebody_else(world):
    return world.token("points_permis", service="assurance", scope="openid points_permis")


NOT_GOOD = {
    "unknown": lambda _: "nobody-was-ever-given-this",
    "garbage": lambda _: "jeton-é\u202e\U0001f511' OR 1=1 --",
    "with a letter more": lambda world: world.token() + "A",
    "a code": lambda world: world.code("revenu_fiscal"),
    "an id token": lambda world: world.tokens("revenu_fiscal")["id_token"],
    "for another data provider by what was agreed": lambda world: (
        world.token("revenu_fiscal")[:0] or of_somebody_else(world)
    ),
    "for another data provider by its resource": lambda world: world.token(resource="https://points.example/api"),
    "without any data": lambda world: world.token(service="rsa", scope="openid identite_pivot"),
    "expired": expired,
    "revoked": revoked,
    "withdrawn": withdrawn,
    "of a code that was replayed": replayed,
}


@pytest.mark.parametrize("made", [NOT_GOOD[name] for name in STRANGE], ids=STRANGE)
def test_what_is_not_good_here_is_inactive_and_nothing_more(world, made):
    assert world.checked(made(world)) == INACTIVE


def counted(world, monkeypatch, act):
    """The calls of the store, the derivations, signatures and hashes of secrets, while something is done."""
    calls = Counter()

    def watch(owner, name):
        original = getattr(owner, name)
        monkeypatch.setattr(owner, name, lambda *a, **k: calls.update([name]) or original(*a, **k))

    for name in ("read", "grant_stands", "checks", "note_check", "put", "swap", "transaction"):
        watch(world.store, name)
    watch(seal, "_place")
    watch(keys.InMemory, "sign")
    act()
    monkeypatch.undo()
    return calls


@pytest.mark.parametrize("made", [NOT_GOOD[name] for name in STRANGE], ids=STRANGE)
def test_whatever_is_not_good_is_as_much_work_as_what_never_was(world, monkeypatch, made):
    token = made(world)
    world.checked("the first of a minute takes a share of it")
    work = counted(world, monkeypatch, lambda: world.ask(token))
    assert work == Counter(read=1, note_check=1, _place=1, sign=1)


def test_what_is_good_is_as_much_work_too(world, monkeypatch):
    token = world.token()
    world.checked("the first of a minute takes a share of it")
    assert counted(world, monkeypatch, lambda: world.ask(token)) == Counter(read=1, note_check=1, _place=1, sign=1)


@pytest.mark.parametrize("made", [NOT_GOOD[name] for name in STRANGE], ids=STRANGE)
def test_answers_that_are_inactive_cannot_be_told_apart(world, made):
    token = made(world)
    known, other = world.ask("nobody-was-ever-given-this"), world.ask(token)
    assert sorted(dict(other.headers)) == sorted(dict(known.headers))
    assert len(other.data) == len(known.data)


# -- who asks ---------------------------------------------------------------------------------------------------------


def test_anothers_credentials_get_what_the_other_may_know_and_no_more(world):
    token = world.token("revenu_fiscal", resource=REVENUS)
    assert world.told(world.ask(token, "points"), "points") == INACTIVE


def test_a_service_cannot_check_its_own_token(world):
    refused = world.ask(world.token(), client_id="mairie")
    assert (refused.status_code, refused.json["error"]) == (401, "invalid_client")


def test_a_data_provider_gets_no_userinfo_by_a_token_that_it_has_checked(world):
    token = world.token()
    world.checked(token)
    assert world.citizen().userinfo(token).status_code == 401


def test_a_data_provider_can_end_no_login(world):
    token = world.token()
    form = {"token": token, "client_id": "fd-revenus", "client_secret": SECRET}
    world.app.test_client().post("/api/v2/token/revocation", data=form, base_url=PUBLIC)
    assert world.checked(token)["active"]


# -- what changed since the citizen agreed ----------------------------------------------------------------------------


@pytest.fixture
def database(tmp_path):
    return f"sqlite:///{tmp_path}/data.db"


@pytest.fixture
def after(make_checks, database):
    """A function that makes the instance as it is after the operator changed its files."""
    return lambda data=DATA, **services: make_checks(database, parties=parties(data, **services))


@pytest.fixture
def before(make_checks, database):
    """The instance before."""
    return make_checks(database)


REVENUS_FD = DATA["revenus"]
CHANGES = {
    "suspended": {"data": {**DATA, "revenus": replace(REVENUS_FD, active=False)}},
    "it delivers it no more": {"data": {**DATA, "revenus": replace(REVENUS_FD, scopes=REVENUS_FD.scopes[1:])}},
    "the service may ask it no more": {"mairie": asks("mairie", may=("parts_fiscales", "points_permis"))},
    "another delivers it now": {
        "data": {
            "revenus": replace(REVENUS_FD, scopes=REVENUS_FD.scopes[1:]),
            "points": replace(DATA["points"], scopes=(*DATA["points"].scopes, REVENUS_FD.scopes[0])),
        }
    },
}


@pytest.mark.parametrize("change", [CHANGES[name] for name in TAKEN_AWAY], ids=TAKEN_AWAY)
def test_what_the_operator_takes_away_is_inactive_at_once(before, after, change):
    token = before.token("revenu_fiscal")
    changed = after(**change)
    assert changed.checked(token) == INACTIVE
    assert changed.told(changed.ask(token, "points"), "points") == INACTIVE


def test_a_scope_that_is_granted_later_was_not_agreed_to(before, after):
    token = before.token("revenu_fiscal")
    more = with_secret("revenus", "revenu_fiscal", "parts_fiscales", "tout_le_reste")
    grants = {**ASKERS["mairie"].data, "tout_le_reste": DataGrant("tout_le_reste", "décret", True)}
    changed = after({**DATA, "revenus": more}, mairie=replace(ASKERS["mairie"], data=grants))
    assert changed.checked(token)["scope"] == "revenu_fiscal"


@pytest.mark.parametrize(
    "claim",
    ["gender", "birthdate"],
    ids=["a claim that is entitled after the consent", "a claim that was entitled before"],
)
def test_neither_a_claim_that_it_is_entitled_to_later_is_told_nor_one_of_before(before, after, claim):
    token = before.token("revenu_fiscal")
    told = after({**DATA, "revenus": replace(REVENUS_FD, identity=("family_name", "gender"))}).checked(token)
    assert (told.get("family_name"), claim in told) == ("DUBOIS", False)


def test_a_service_that_is_gone_has_no_token(before, make_checks, database):
    token = of_somebody_else(before)
    assert before.checked(token, "points")["active"]
    services = {name: one for name, one in before.settings.parties.services.items() if name != "assurance"}
    changed = make_checks(database, parties=replace(before.settings.parties, services=services))
    assert changed.checked(token, "points") == INACTIVE


# -- blindness --------------------------------------------------------------------------------------------------------


def test_a_data_provider_learns_neither_provider_nor_more_of_the_service_than_its_name(world):
    answer = world.ask(world.token(), headers={"Accept": "application/json"})
    bytes_received = answer.text + str(answer.headers) + json.dumps(payload(world.ask(world.token()).text))
    words = ("impots", "poste", "Compte", "person-at-the-provider", "fi-access", "fi-secret-method", "fi-1", "pwd", "mail")
    assert not [word for word in words if re.search(rf"\b{word}\b", bytes_received)]
    assert not [word for word in ("courriel", "75107", "mairie.example", "Service mairie") if word in bytes_received]


def test_neither_service_nor_provider_learns_what_the_data_provider_does(world):
    tokens = world.tokens("revenu_fiscal")
    world.checked(tokens["access_token"])
    said = json.dumps(payload(tokens["id_token"])) + "".join(world.fi["impots"].received)
    assert not [word for word in ("revenus", "revenu_fiscal", "fd-") if word in said]
