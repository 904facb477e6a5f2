"""The steps of a login: each brings a browser to where the step's request is due, and gives that request, not yet sent."""

from urllib.parse import urlsplit

from tests.broker.faults.provider import authenticate
from tests.broker.faults.servers import AUTHORIZE, Answer, Client

Request = tuple[str, str, dict[str, str] | None]


def begin(_browser: Client) -> Request:
    return ("GET", AUTHORIZE, None)


def read_the_choice(browser: Client) -> Request:
    return ("GET", browser.get(AUTHORIZE).location, None)


def choose(browser: Client) -> Request:
    page = browser.get(read_the_choice(browser)[1])
    return ("POST", "/choisir", {**page.form, "provider": "impots"})


def come_back(browser: Client) -> Request:
    return ("GET", authenticate(browser.send(*choose(browser)).location), None)


def read_the_confirmation(browser: Client) -> Request:
    return ("GET", browser.send(*come_back(browser)).location, None)


def confirm(browser: Client) -> Request:
    page = browser.send(*read_the_confirmation(browser))
    return ("POST", "/confirmer", {**page.form, "action": "continue"})


def cancel(browser: Client) -> Request:
    page = browser.send(*read_the_confirmation(browser))
    return ("POST", "/confirmer", {**page.form, "action": "cancel"})


LOGIN = (begin, read_the_choice, choose, come_back, read_the_confirmation, confirm)


def after(browser: Client, at: Answer, path: str) -> Answer:
    """What a citizen does with a page that a request to `path` brought; a redirect he just follows."""
    if at.location:
        return at
    path = urlsplit(path).path
    act = {"provider": "impots"} if path == "/choisir" else {"action": "continue"}
    return browser.post(path, {**at.form, **act})
