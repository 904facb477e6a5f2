"""Services that are told of logouts: what each was sent, and how it answers."""

from collections.abc import Callable
from concurrent.futures import wait
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

from joserfc import jwt
from joserfc.jwk import KeySet
from werkzeug.test import TestResponse

from broker.parties import Parties
from broker.ports import Told
from broker.relying.telling import Telling
from broker.web.rooms import Rooms
from oidc.messages import HttpRequest, HttpResponse
from tests.broker.world import ISSUER, PROVIDERS, SERVICES, Browser, World

TOLD = ("mairie", "assurance", "strict", "rsa")
"""Those that are told; `appli` is not."""


def address(name: str) -> str:
    """Where a service is told."""
    return f"https://{name}.example/deconnexion?de=nous"


def parties(*names: str, **changes: object) -> Parties:
    """The services of every world, of which these are told; changes are of them."""
    told = {name: replace(SERVICES[name], tell_at=address(name), **changes) for name in names or TOLD}  # type: ignore[arg-type]
    return Parties({**SERVICES, **told}, PROVIDERS)


class Receivers:
    """The ends of the services: `heard` is what each was sent, `answers` how it answers (200)."""

    def __init__(self, world: World, *names: str) -> None:
        self.world = world
        self.heard: dict[str, list[HttpRequest]] = {name: [] for name in names or TOLD}
        self.answers: dict[str, Callable[[], HttpResponse]] = {}
        for name in self.heard:
            world.answers[address(name)] = lambda request, name=name: self._hear(name, request)

    def _hear(self, name: str, request: HttpRequest) -> HttpResponse:
        self.heard[name].append(request)
        return self.answers[name]() if name in self.answers else HttpResponse(200, {}, b"")

    def answer(self, name: str, status: int = 200) -> None:
        """Let a service answer with a status from now on."""
        self.answers[name] = lambda: HttpResponse(status, {}, b"")

    def tokens(self, name: str) -> list[str]:
        """The logout tokens that a service was sent, as they came."""
        return [dict(parse_qsl(request.body.decode()))["logout_token"] for request in self.heard[name]]

    def claims(self, name: str) -> dict[str, object]:
        """The claims of the only one, with the signature verified by the published keys."""
        (token,) = self.tokens(name)
        return verified(self.world, token).claims

    @property
    def told(self) -> dict[str, int]:
        """How often each was told, if it was."""
        return {name: len(heard) for name, heard in self.heard.items() if heard}


def verified(world: World, token: str) -> jwt.Token:
    """A token of ours, by another implementation."""
    keys = KeySet.import_key_set(world.browser().get(f"{ISSUER}/jwks").json)
    return jwt.decode(token, keys, algorithms=["ES256", "RS256"])


def rooms_of(world: World) -> Rooms:
    """What the world works with."""
    rooms: Rooms = world.app.extensions["passerelle"]()
    return rooms


def turn(world: World) -> tuple[Told, ...]:
    """One turn of a worker, until it is over; what became of each notice that it tried."""
    telling: Telling = rooms_of(world).telling
    begun = telling.take_turn()
    wait(begun, 10)
    return tuple("pending" if one.cancelled() or one.exception() else one.result() for one in begun)


def log_in(browser: Browser, service: str) -> str:
    """A login, by single sign-on where that is offered; the ID token."""
    page = browser.page(browser.authorize(service))
    if "Vous êtes déjà connecté" in page.text:
        confirmation = browser.page(browser.post("/choisir", **page.hidden, action="continue"))
    else:
        confirmation = browser.page(browser.prove(browser.choose(page)))
    back = browser.confirm(confirmation, consent="yes").location
    return str(browser.redeem(back.partition("code=")[2].partition("&")[0], service).json["id_token"])


def end(browser: Browser, **params: str) -> TestResponse:
    """A service sends its citizen to our logout."""
    return browser.get(f"{ISSUER}/session/end?{urlencode(params)}")
