"""A service's login by hand, without the simulated service: who has the code or the token may do with it what he likes."""

from urllib.parse import parse_qsl, urlencode, urlsplit

import requests

from broker.sandbox import instance
from broker.sandbox.parties import PROVIDERS, DemoService
from broker.sandbox.service import CALLBACK
from broker.sandbox.world import World
from tests.broker.sandbox.agreeing import MAIRIE
from tests.broker.sandbox.browsing import Browser


def code(world: World, browser: Browser, service: DemoService, scope: str, agreed: list[str], **more: str) -> str:
    """The code of a login in which Angela agrees to some of what is asked for."""
    asked = {
        "response_type": "code",
        "client_id": service.id,
        "redirect_uri": world.address.of(service.host, CALLBACK),
        "scope": f"openid identite_pivot {scope}",
        "state": "s" * 32,
        "nonce": "n" * 32,
        **more,
    }
    back = came(browser, f"{world.address.issuer}/authorize?{urlencode(asked)}", agreed)
    return dict(parse_qsl(urlsplit(back).query))["code"]


def came(browser: Browser, asked: str, agreed: list[str]) -> str:
    """Where the browser is sent at the end of such a login; it does not go there."""
    choice = browser.open(asked)
    page = browser.press(browser.press(choice, f"provider-{PROVIDERS[0].id}"), "persona-angela")
    (form,) = [form for form in page.forms if "continue" in form.buttons]
    ticked = {"action": "continue", "consent": "yes", "data": agreed}
    return str(browser.step("POST", form.action, {**form.fields, **ticked}).headers["Location"])


def form_of(world: World, service: DemoService, code: str) -> dict[str, str]:
    """What is sent with a code, but for who sends it."""
    return {"grant_type": "authorization_code", "code": code, "redirect_uri": world.address.of(service.host, CALLBACK)}


def tokens_of(world: World, browser: Browser, *agreed: str) -> dict[str, str]:
    """The token answer that the town hall gets of such a login."""
    form = form_of(world, MAIRIE, code(world, browser, MAIRIE, "revenu_fiscal nombre_parts", list(agreed)))
    answer = requests.post(f"{world.address.issuer}/token", form, auth=(MAIRIE.id, secret_of(world, MAIRIE)), timeout=10)
    return answer.json()  # type: ignore[no-any-return]


def secret_of(world: World, service: DemoService) -> str:
    """The secret of a service of the demo."""
    return instance.secret_of(world.settings.folder, service)
