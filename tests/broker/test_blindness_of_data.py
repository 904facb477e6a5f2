"""Data providers are a third party: they learn neither the provider nor the country, and the provider nothing of them.

Every byte that each receives is searched, as in `test_blindness`, in each kind of journey that has to do with data.
"""

import json
import re
from dataclasses import dataclass, field
from types import MethodType

import pytest

from tests.broker.checks import KIND, CheckWorld, basic, parties, with_secret
from tests.broker.data import SCOPE, asks
from tests.broker.foreign import EUROPEAN_SERVICES
from tests.broker.test_blindness import PROVIDER_WORDS, decoded
from tests.broker.web.test_dpop import proof, send
from tests.broker.world import NONCE, PUBLIC, SECRET, STATE, Shown, payload

DATA = {
    "revenus": with_secret("revenus", "revenu_fiscal", "parts_fiscales"),
    "points": with_secret("points", "points_permis", identity=(), checks=3),
}
DATA_WORDS = ("revenus", "revenu_fiscal", "parts_fiscales", "points", "points_permis")
SERVICE_SECRETS = (STATE, NONCE, SECRET, "mairie.example", "Service mairie", "/retour")
MORE_OF_THE_PERSON = ("courriel", "email", "75107", "birthplace", "preferred_username", "amr", "pwd", "country")
COUNTRY_WORDS = ("EL", "GR", "Greece", "Grèce", "node", "eidas", "EL/FR/Ab-12.34", "Αριστοτέλης", "Ωνάσης", "foreign")


def words_in(words, texts):
    """Which of these stand there, each by itself: acr's `eidas1` is no `eidas`."""
    return [word for word in words for text in texts if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text)]


@dataclass
class Bags:
    """What each data provider received, and the service."""

    world: object
    data: list[str] = field(default_factory=list)
    service: list[str] = field(default_factory=list)

    @property
    def provider(self):
        """Every request that reached a provider or a node."""
        return [text for fi in self.world.fi.values() for text in fi.received]

    def check(self, token, fd="revenus", headers=None, **form):
        """A data provider has a token checked."""
        answer = self.world.ask(token, fd, headers or {}, **form)
        said = json.dumps(decoded(answer.text)) if answer.mimetype == KIND else answer.text
        self.data.append(said + str(answer.headers))
        return answer

    def login(self, *agreed, citizen=None, service="mairie", **changes):
        """A service logs somebody in, who agrees to these; its access token."""
        browser = citizen or self.world.citizen()
        back = browser.agree(browser.asked(service, **changes), *agreed)
        tokens = browser.redeem(back.location.partition("code=")[2].partition("&")[0], service)
        self.service += [back.location + str(back.headers), tokens.text + str(tokens.headers)]
        self.service.append(json.dumps(payload(tokens.json["id_token"])))
        return tokens.json["access_token"]


# -- the journeys -----------------------------------------------------------------------------------------------------


def checked_by_both(bags):
    token = bags.login("revenu_fiscal", "points_permis")
    for fd in DATA:
        bags.check(token, fd)
        bags.check(token, fd, {"Accept": "application/json"})


def an_optional_one_refused(bags):
    token = bags.login("revenu_fiscal")
    bags.check(token)
    bags.check(token, "points")


def a_required_one_refused(bags):
    citizen = bags.world.citizen()
    shown = Shown(citizen.agree(citizen.asked(), "points_permis"))
    back = citizen.post("/confirmer", **shown.hidden, action="cancel")
    bags.service.append(back.location + str(back.headers))
    bags.check("never issued")


def of_a_private_service(bags):
    bags.check(
        bags.login("points_permis", service="assurance", scope="openid identite_pivot email points_permis"), "points"
    )


def for_one_alone(bags):
    token = bags.login("revenu_fiscal", "points_permis", resource="https://points.example/api")
    for fd in DATA:
        bags.check(token, fd)


def bound_to_a_key(bags):
    form = {"grant_type": "authorization_code", "redirect_uri": "https://mairie.example/retour"}
    answer = send(bags.world, "token", proof(), code=bags.world.code("revenu_fiscal"), **form)
    bags.service.append(answer.text + str(answer.headers))
    bags.check(answer.json["access_token"])


def withdrawn(bags):
    citizen = bags.world.citizen()
    token = bags.login("revenu_fiscal", citizen=citizen)
    bags.check(token)
    citizen.withdraw(citizen.agreements().one(name="withdraw").get("value"))
    bags.check(token)


def revoked(bags):
    token = bags.login("revenu_fiscal")
    send(bags.world, "token/revocation", token=token)
    bags.check(token)


def asked_too_often(bags):
    token = bags.login("revenu_fiscal", "points_permis")
    assert {bags.check(token, "points").status_code for _ in range(5)} == {200, 429}


def asked_wrongly(bags):
    token = bags.login("revenu_fiscal")
    bags.check(token, client_secret="wrong")
    bags.check(token, client_id="mairie")
    bags.check(token, headers=basic("fd-revenus"), client_id=None, client_secret=None, more="x")


JOURNEYS = (
    checked_by_both,
    an_optional_one_refused,
    a_required_one_refused,
    of_a_private_service,
    for_one_alone,
    bound_to_a_key,
    withdrawn,
    revoked,
    asked_too_often,
    asked_wrongly,
)


@pytest.fixture(params=JOURNEYS, ids=lambda journey: journey.__name__)
def bags(request, make_checks):
    """What each party received in one kind of journey."""
    filled = Bags(make_checks(parties=parties(DATA)))
    request.param(filled)
    return filled


def test_no_data_provider_receives_a_word_of_the_provider(bags):
    assert words_in(PROVIDER_WORDS, bags.data) == []


def test_no_data_provider_receives_more_of_the_service_than_its_client_id(bags):
    assert words_in(SERVICE_SECRETS, bags.data) == []


def test_no_data_provider_receives_more_of_the_person_than_it_is_entitled_to(bags):
    assert words_in(MORE_OF_THE_PERSON, bags.data) == []


def test_no_provider_receives_a_word_of_data(bags):
    assert words_in((*DATA_WORDS, *SERVICE_SECRETS[:3]), bags.provider) == []


def test_no_service_receives_a_word_of_the_provider(bags):
    assert words_in(PROVIDER_WORDS, bags.service) == []


def test_the_bags_are_not_empty(bags):
    assert (bool(bags.data), bool(bags.provider)) == (True, True)


def test_a_provider_is_asked_the_same_whether_data_are_asked_for_or_not(make_checks):
    asked = []
    for scope in ("openid identite_pivot", SCOPE):
        world = make_checks(parties=parties(DATA))
        world.citizen().asked(scope=scope)
        asked.append({k: v for k, v in world.fi["impots"].asked.items() if k not in ("state", "nonce", "code_challenge")})
    assert asked[0] == asked[1]


def test_the_names_of_a_person_at_service_and_data_providers_have_nothing_in_common(make_checks):
    world = make_checks(parties=parties(DATA))
    bags = Bags(world)
    token = bags.login("revenu_fiscal", "points_permis")
    subs = {payload(world.ask(token, fd).text)["token_introspection"]["sub"] for fd in DATA}
    subs.add(json.loads(bags.service[-1])["sub"])
    assert len({sub[:64] for sub in subs}) == 3


# -- another country --------------------------------------------------------------------------------------------------


@pytest.fixture
def abroad(make_abroad):
    """A world in which Europeans may agree to data, and each data provider asks."""
    scopes = EUROPEAN_SERVICES["assurance"].scopes
    asker = asks("mairie", "revenu_fiscal", may=("points_permis",), europe=True, scopes=scopes)
    world = make_abroad(services={"mairie": asker}, data=DATA)
    world.ask = MethodType(CheckWorld.ask, world)
    return world


def agreed_abroad(world, traveller):
    shown = traveller.arrive(scope="openid identite_pivot revenu_fiscal points_permis")
    data = {**shown.hidden, "action": "continue", "data": ["revenu_fiscal", "points_permis"]}
    back = traveller.client.post("/confirmer", data=data, base_url=PUBLIC)
    return traveller.redeem(back.location.partition("code=")[2].partition("&")[0]).json["access_token"]


def test_no_data_provider_receives_a_word_of_the_country_and_the_country_none_of_data(abroad):
    bags = Bags(abroad)
    token = agreed_abroad(abroad, abroad.traveller())
    for fd in DATA:
        bags.check(token, fd)
        bags.check(token, fd, {"Accept": "application/json"})
    assert json.loads(bags.check(token, "revenus", {"Accept": "application/json"}).text)["active"] is True
    assert words_in((*COUNTRY_WORDS, *MORE_OF_THE_PERSON), bags.data) == []
    assert words_in((*DATA_WORDS, "mairie"), abroad.nodes["EL"].received) == []


def test_a_withdrawal_tells_a_data_provider_nothing_of_the_country(abroad):
    bags, traveller = Bags(abroad), abroad.traveller()
    token = agreed_abroad(abroad, traveller)
    page = traveller.get("/mes-autorisations").text
    step = page.partition('name="step" value="')[2].partition('"')[0]
    value = page.partition('name="withdraw" value="')[2].partition('"')[0]
    traveller.post("/mes-autorisations", step=step, withdraw=value)
    for fd in DATA:
        bags.check(token, fd)
    assert '"active": false' in "".join(bags.data)
    assert words_in(COUNTRY_WORDS, bags.data) == []
