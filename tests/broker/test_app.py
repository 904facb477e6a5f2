"""Composition: what is in force, and what happens when the configuration changes under running workers."""

from dataclasses import replace

import pytest

from broker import app
from broker.app import House, Ways, create_app, provider_scope
from broker.deciding import set_state
from broker.ledger import Ledger
from broker.parties import DataGrant, DataProvider, DataScope, Parties, Text
from broker.ports import StoreUnavailable
from broker.refreshing import MetadataWays
from broker.settings import SettingsInvalid
from broker.store import open_store
from broker.trusting import without_countries
from tests.broker.fetched import Trusting
from tests.broker.foreign import Abroad
from tests.broker.world import ISSUER, PROVIDERS, SERVICES, Clock, service


@pytest.fixture
def house(world, monkeypatch):
    """A house that looks for a new configuration at each call."""
    monkeypatch.setattr(app.time, "monotonic", iter(range(0, 1000, 2)).__next__)
    return House(world.settings, world.store, Ways(world.fetch, MetadataWays(world.fetch, world.fetch)), world.clock)


def test_a_new_configuration_is_in_force_after_a_reload(house, world, monkeypatch):
    renamed = replace(world.settings, fingerprint="new")
    monkeypatch.setattr(app, "load", lambda _folder: renamed)
    assert house().settings.fingerprint != "new"
    world.store.raise_generation()
    assert house().settings.fingerprint == "new"


def test_an_invalid_configuration_leaves_the_old_one_in_force_and_says_so(house, world, monkeypatch):
    def invalid(_folder):
        raise SettingsInvalid(())

    monkeypatch.setattr(app, "load", invalid)
    world.store.raise_generation()
    rooms = house()
    assert rooms.settings == world.settings
    assert "passerelle check" in rooms.warning


def test_the_configuration_is_not_looked_at_more_than_once_a_second(world, monkeypatch):
    looked = []
    monkeypatch.setattr(world.store, "generation", lambda: looked.append(1) or 1)
    monkeypatch.setattr(app.time, "monotonic", lambda: 5.0)
    house = House(world.settings, world.store, Ways(world.fetch, MetadataWays(world.fetch, world.fetch)), world.clock)
    for _ in range(10):
        house()
    assert len(looked) == 1


def test_an_instance_that_could_not_sign_does_not_start(world, tmp_path):
    (tmp_path / "keys").mkdir()
    with pytest.raises(LookupError, match="passerelle keys new"):
        create_app(replace(world.settings, secrets_folder=tmp_path), store=world.store, fetch=world.fetch, clock=Clock())


def test_providers_are_asked_for_address_and_phone_only_where_a_service_may_have_them():
    assert provider_scope(Parties(SERVICES, PROVIDERS)) == "openid profile birth email"
    more = {"post": service("post", scopes=frozenset(("openid", "address", "phone")))}
    assert provider_scope(Parties({**SERVICES, **more}, PROVIDERS)) == "openid profile birth email address phone"


def test_address_and_phone_reach_the_service_that_was_granted_them(make_world):
    post = {"post": service("post", scopes=frozenset(("openid", "address", "phone")))}
    world = make_world(parties=Parties({**SERVICES, **post}, PROVIDERS))
    world.fi["impots"].claims |= {"phone_number": "+33 1 23 45 67 89", "address": {"locality": "Paris"}}
    claims = world.browser().claims("post", scope="openid address phone")
    assert (claims["phone_number"], claims["address"]) == ("+33 1 23 45 67 89", {"locality": "Paris"})


# -- data providers ---------------------------------------------------------------------------------------------------


def fiscal(**changes: object) -> Parties:
    """The services of every world, of which the town hall may ask for the tax income."""
    scope = DataScope("revenu_fiscal", Text("Votre revenu", "Your income"), "Loi 1")
    facts = {"scopes": (scope,), "authentication": frozenset(("private_key_jwt",)), **changes}
    facts = {"resource": "https://revenus.example/api", **facts}
    revenus = DataProvider("revenus", Text("Revenus", "Income"), "revenus", **facts)
    mairie = service("mairie", data={"revenu_fiscal": DataGrant("revenu_fiscal", "Loi 2")})
    return Parties({**SERVICES, "mairie": mairie}, PROVIDERS, data={"revenus": revenus})


@pytest.mark.parametrize(("name", "refused"), [("mairie", False), ("assurance", True)])
def test_a_scope_of_a_data_provider_is_for_the_service_that_was_granted_it(make_world, name, refused):
    world = make_world(parties=fiscal())
    answer = world.browser().authorize(name, scope="openid revenu_fiscal")
    assert ("error=invalid_scope" in answer.location) is refused


@pytest.mark.parametrize("name", ["mairie", "assurance"])
def test_a_scope_of_a_data_provider_that_is_off_is_one_that_nobody_knows(make_world, name):
    world = make_world(parties=fiscal(active=False))
    assert "error" not in world.browser().authorize(name, scope="openid revenu_fiscal").location


@pytest.mark.parametrize(
    ("name", "changes", "resources"),
    [
        ("mairie", {}, {"https://revenus.example/api"}),
        ("mairie", {"active": False}, set()),
        ("mairie", {"resource": ""}, set()),
        ("assurance", {}, set()),
    ],
)
def test_a_service_may_name_the_resources_of_those_whom_it_may_ask(make_world, name, changes, resources):
    house = make_world(parties=fiscal(**changes)).app.extensions["passerelle"]
    assert house().clients[name].resources == resources


def test_the_metadata_name_the_scopes_of_data_providers(make_world):
    found = make_world(parties=fiscal()).browser().get(f"{ISSUER}/.well-known/openid-configuration").json
    assert found["scopes_supported"][-2:] == ["eidas", "revenu_fiscal"]


def test_an_instance_that_could_not_answer_a_data_provider_does_not_start(make_world):
    with pytest.raises(LookupError, match="passerelle keys new op-signing --alg PS256"):
        make_world(parties=fiscal(algorithm="PS256"))


@pytest.mark.parametrize("change", [lambda settings: settings, without_countries], ids=["trusted", "without countries"])
def test_what_changes_with_the_countries_leaves_the_data_providers(tmp_path, change):
    fetched = Trusting(tmp_path)
    parties = replace(fetched.base.parties, data=fiscal().data)
    fetched.base = change(replace(fetched.base, parties=parties))
    assert fetched.settings.parties.data_scopes.keys() == {"revenu_fiscal"}


# -- the database goes away for a moment ------------------------------------------------------------------------------


class Failing:
    """A ledger of a store that does not answer, until it does."""

    def __init__(self, store, monkeypatch) -> None:
        self.down = False
        lines = store.ledger.lines
        monkeypatch.setattr(type(store.ledger), "lines", lambda _, *asked: self._answer(lines, asked))

    def _answer(self, lines, asked):
        if self.down:
            raise StoreUnavailable("the database does not answer")
        return lines(*asked)


@pytest.fixture
def abroad(tmp_path):
    return Abroad(tmp_path)


def test_a_suspension_is_not_missed_by_a_worker_that_could_not_read_the_ledger(abroad, monkeypatch):
    monkeypatch.setattr(app.time, "monotonic", iter(range(0, 1000, 2)).__next__)
    monkeypatch.setattr(app, "load", lambda _folder: abroad.settings)
    ways = Ways(abroad.fetch, MetadataWays(abroad.fetch, abroad.fetch))
    house = House(abroad.settings, abroad.store, ways, abroad.clock)
    failing = Failing(abroad.store, monkeypatch)
    set_state(Ledger(abroad.store), abroad.store, "EL", "suspended", "Camille", "stolen key", abroad.clock())
    failing.down = True
    with pytest.raises(StoreUnavailable):
        house()
    failing.down = False
    assert house().parties.countries["EL"].active is False


def test_the_refresher_outlives_a_database_that_does_not_answer(abroad, monkeypatch, caplog):
    house = abroad.app.extensions["passerelle"]

    def down():
        raise StoreUnavailable("down")

    monkeypatch.setattr(abroad.store, "generation", down)
    house._looked = 0.0
    house.refresh()
    assert "metadata is not fetched" in caplog.text


def test_no_country_counts_by_a_ledger_that_does_not_hold(abroad):
    """Whether somebody suspended it is what nobody can say."""
    store = open_store("memory:", abroad.clock)
    store.ledger.append(0, [b"{}"], {})
    house = House(abroad.settings, store, Ways(abroad.fetch, MetadataWays(abroad.fetch, abroad.fetch)), abroad.clock)
    rooms = house()
    assert {code for code, country in rooms.parties.countries.items() if country.active} == set()
    assert "the ledger is not written" in rooms.warning
    assert rooms.parties.choosable() != []
