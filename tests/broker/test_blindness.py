"""The provider never learns the service, the service never learns the provider: every byte that each receives is searched.

Here the redirects and the back channels of each kind of journey; with a real browser, its Referer and its cookies too, in
`tests/browser/test_blindness.py`.
"""

import json
import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest

from broker.fetch import FetchFailed
from tests.broker.web.markup import Document
from tests.broker.world import ISSUER, NONCE, SECRET, STATE, json_answer

SERVICE_WORDS = ("mairie", "assurance", "Service", STATE, NONCE, SECRET)
PROVIDER_WORDS = ("impots", "poste", "Compte", "account", "person-at-the-provider", "fi-access", "fi-secret-method", "fi-1")


@dataclass
class Bags:
    """What each side received."""

    world: object
    service: list[str] = field(default_factory=list)

    @property
    def provider(self):
        """Every request that reached a provider, through the browser or from us."""
        return [text for fi in self.world.fi.values() for text in fi.received]

    def take(self, response):
        """Sort a redirect of ours to whoever will receive it, headers and all."""
        host = urlsplit(response.location).hostname or ""
        text = response.location + str(response.headers)
        if host.removesuffix(".example") in self.world.fi:
            next(iter(self.world.fi.values())).received.append(text)
        elif host:
            self.service.append(text)
        return response

    def take_form(self, text):
        """Give a service the form that a page of ours posts to it; returns its fields."""
        page = Document(text)
        fields = {field.get("name"): field.get("value") for field in page.all("input")}
        self.service.append(page.one("form").get("action") + json.dumps(fields))
        return fields


def whole_login(bags, browser, service_id="mairie", **changes):
    departure = bags.take(browser.choose(browser.page(browser.authorize(service_id, **changes))))
    confirmation = browser.page(browser.prove(departure))
    back = bags.take(browser.confirm(confirmation, consent="yes"))
    return redeemed(bags, browser, back.location.partition("code=")[2].partition("&")[0], service_id)


def login_answered_in_a_form(bags, browser):
    departure = bags.take(browser.choose(browser.page(browser.authorize(response_mode="form_post"))))
    confirmation = browser.page(browser.prove(departure))
    answer = browser.page(browser.confirm(confirmation))
    redeemed(bags, browser, bags.take_form(answer.text)["code"], "mairie")


def citizen_leaves_and_the_answer_is_a_form(bags, browser):
    bags.world.fi["impots"].id_token = {"nonce": "wrong"}
    departure = bags.take(browser.choose(browser.page(browser.authorize(response_mode="form_post"))))
    page = browser.page(browser.prove(departure))
    bags.take_form(browser.page(browser.post("/choisir", **page.hidden, action="cancel")).text)


def wrong_request_whose_answer_is_a_form(bags, browser):
    bags.take_form(browser.authorize(response_mode="form_post", nonce="short").text)


def redeemed(bags, browser, code, service_id):
    tokens = browser.redeem(code, service_id)
    bags.service.append(tokens.text + str(tokens.headers))
    userinfo = browser.userinfo(tokens.json["access_token"])
    bags.service.append(userinfo.text + str(userinfo.headers))
    bags.service.extend(json.dumps(decoded(part)) for part in (tokens.json["id_token"], userinfo.text))
    return tokens.json


def decoded(token):
    from joserfc import jws

    signed = jws.extract_compact(token.encode())
    return [signed.headers(), json.loads(signed.payload)]


def login(bags, browser):
    whole_login(bags, browser)


def private_login_with_every_scope(bags, browser):
    whole_login(bags, browser, "assurance", scope="openid identite_pivot email preferred_username amr")


def hinted_login(bags, browser):
    bags.take(browser.authorize(idp_hint="impots"))


def single_sign_on(bags, browser):
    whole_login(bags, browser)
    page = browser.page(browser.authorize("assurance"))
    confirmation = browser.page(browser.post("/choisir", **page.hidden, action="continue"))
    bags.take(browser.confirm(confirmation, consent="yes"))


def citizen_leaves(bags, browser):
    page = browser.page(browser.authorize())
    bags.take(browser.post("/choisir", **page.hidden, action="cancel"))


def citizen_sends_nothing(bags, browser):
    page = browser.to_confirmation()
    bags.take(browser.post("/confirmer", **page.hidden, action="cancel"))


def provider_refuses_and_the_citizen_leaves(bags, browser):
    departure = bags.take(browser.choose(browser.page(browser.authorize())))
    page = browser.page(browser.prove(departure, error="access_denied", error_description="impots says no"))
    bags.take(browser.post("/choisir", **page.hidden, action="cancel"))


def provider_lies_and_the_citizen_leaves(bags, browser):
    bags.world.fi["impots"].id_token = {"nonce": "wrong"}
    departure = bags.take(browser.choose(browser.page(browser.authorize())))
    page = browser.page(browser.prove(departure))
    bags.take(browser.post("/choisir", **page.hidden, action="cancel"))


def provider_is_down_and_the_citizen_leaves(bags, browser):
    def down(_request):
        raise FetchFailed("timeout", "impots.example")

    bags.world.fi["impots"].answers["/token"] = down
    departure = bags.take(browser.choose(browser.page(browser.authorize())))
    page = browser.page(browser.prove(departure))
    bags.take(browser.post("/choisir", **page.hidden, action="cancel"))


def provider_breaks(bags, browser):
    bags.world.fi["impots"].answers["/userinfo"] = lambda _request: json_answer({}, 500)
    departure = bags.take(browser.choose(browser.page(browser.authorize())))
    page = browser.page(browser.prove(departure))
    bags.take(browser.post("/choisir", **page.hidden, action="cancel"))


def wrong_request(bags, browser):
    bags.take(browser.authorize(nonce="short"))


def logout(bags, browser):
    tokens = whole_login(bags, browser)
    asked = f"id_token_hint={tokens['id_token']}&post_logout_redirect_uri=https://mairie.example/&state={STATE}"
    there = bags.take(browser.get(f"{ISSUER}/session/end?{asked}"))
    state = there.location.rpartition("state=")[2]
    bags.take(browser.get(f"{ISSUER}/client/logout-callback?state={state}"))


JOURNEYS = (
    login,
    login_answered_in_a_form,
    citizen_leaves_and_the_answer_is_a_form,
    wrong_request_whose_answer_is_a_form,
    private_login_with_every_scope,
    hinted_login,
    single_sign_on,
    citizen_leaves,
    citizen_sends_nothing,
    provider_refuses_and_the_citizen_leaves,
    provider_lies_and_the_citizen_leaves,
    provider_is_down_and_the_citizen_leaves,
    provider_breaks,
    wrong_request,
    logout,
)


@pytest.fixture(params=JOURNEYS, ids=lambda journey: journey.__name__)
def bags(request, world):
    """What each side received in one kind of journey."""
    filled = Bags(world)
    request.param(filled, world.browser())
    return filled


def test_no_provider_receives_a_word_of_the_service(bags):
    assert [(word, text) for text in bags.provider for word in SERVICE_WORDS if word in text] == []


def test_no_service_receives_a_word_of_the_provider(bags):
    assert [(word, text) for text in bags.service for word in PROVIDER_WORDS if word in text] == []


def test_the_bags_are_not_empty(bags):
    assert bags.service or bags.provider


def test_every_provider_is_asked_the_same_whoever_asks_us(world):
    bags = Bags(world)
    asked = []
    for service_id, scope in (("mairie", "openid"), ("assurance", "openid identite_pivot email")):
        whole_login(bags, world.browser(), service_id, scope=scope)
        asked.append({k: v for k, v in world.fi["impots"].asked.items() if k not in ("state", "nonce", "code_challenge")})
    assert asked[0] == asked[1]


def test_every_redirect_forbids_the_referrer(world):
    browser = world.browser()
    authorize = browser.authorize()
    departure = browser.choose(browser.page(authorize))
    assert {r.headers["Referrer-Policy"] for r in (authorize, departure, browser.prove(departure))} == {"no-referrer"}


# -- another country --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("service_id", ["rsa", "assurance"])
def test_a_country_learns_nothing_of_the_service_and_the_service_nothing_of_the_country(make_abroad, service_id):
    world = make_abroad()
    traveller, told = world.traveller(), []
    fields = traveller.depart(service_id, scope="openid identite_pivot amr")
    back = traveller.confirm(traveller.page(traveller.come_back(world.nodes["EL"].answer(world, fields))), consent="yes")
    told.append(back.location + str(back.headers))
    tokens = traveller.redeem(back.location.partition("code=")[2].partition("&")[0], service_id)
    userinfo = traveller.userinfo(tokens.json["access_token"])
    told += [str(answer.headers) + answer.text for answer in (tokens, userinfo)]
    told += [json.dumps(decoded(part)) for part in (tokens.json["id_token"], userinfo.text)]
    received = " ".join(world.nodes["EL"].received)
    service_words = (service_id, f"Service {service_id}", STATE, NONCE, SECRET)
    country_words = ('eidas"', "node.el", "Grèce", "Greece", "Ωνάσης", "Ab-12.34", "EL/FR")
    assert [word for word in service_words if word in received] == []
    heard = " ".join(told[:2] + told[3:])
    assert [word for word in country_words if word in heard] + re.findall(r"(?<![\w-])EL(?![\w-])", heard) == []


def test_a_refusal_tells_the_service_nothing_of_the_country(make_abroad):
    traveller = make_abroad().traveller()
    countries = traveller.to_countries("rsa")
    traveller.pick(countries)
    shown = traveller.get(f"{ISSUER.removesuffix('/api/v2')}/eidas/pays?j={countries.hidden['j']}")
    token = shown.text.partition('name="step" value="')[2].partition('"')[0]
    back = traveller.post("/eidas/pays", j=countries.hidden["j"], step=token, action="cancel")
    assert "error=access_denied" in back.location
    assert not [word for word in ("EL", "eidas", "node.el", "Gr") if word in back.location.partition("error_uri")[0]]
