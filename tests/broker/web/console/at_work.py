"""Somebody at the console, in a browser of his own."""

from dataclasses import dataclass
from typing import Literal

from werkzeug.test import TestResponse

from broker import console
from broker.console import Person
from tests.broker.web.markup import Document
from tests.broker.world import PUBLIC, Browser, World

CAMILLE, DOMINIQUE, SACHA = "Camille Martin", "Dominique Petit", "Sacha Robert"


@dataclass
class Desk:
    """A browser at the console of a world; `page` is the last one that it was shown."""

    world: World
    browser: Browser
    page: Document

    def open(self, path: str, language: str = "en") -> TestResponse:
        """Read a page of the console; `path` is what follows /console."""
        joint = "&" if "?" in path else "?"
        return self._shown(self.browser.get(f"{PUBLIC}/console{path}{joint}lang={language}"))

    def send(self, path: str, headers: dict[str, str] | None = None, **form: str) -> TestResponse:
        """Post a form with exactly these fields."""
        return self._shown(self.browser.client.post(f"/console{path}", data=form, headers=headers, base_url=PUBLIC))

    def submit(self, path: str, headers: dict[str, str] | None = None, **form: str) -> TestResponse:
        """Post the form of the page that is shown, with what it carries hidden and these fields."""
        hidden = {one.get("name"): one.get("value") for one in self.page.all("input", type="hidden")}
        return self.send(path, headers, **{**hidden, **form})

    @property
    def cookie(self) -> str:
        """The value of the session's cookie, "" where there is none."""
        cookie = self.browser.client.get_cookie("__Host-console", domain="connexion.example")
        return cookie.value if cookie else ""

    def says(self, testid: str) -> str:
        """The words of the element with this test id."""
        return self.page.one(data_testid=testid).text

    def _shown(self, response: TestResponse) -> TestResponse:
        self.page = Document(response.text) if response.mimetype == "text/html" else Document("")
        return response


def nobody(world: World) -> Desk:
    """A browser that nobody has signed in with."""
    return Desk(world, world.browser(), Document(""))


def link_for(world: World, name: str, role: Literal["auditor", "operator"], seconds: int = 600) -> str:
    """What follows /console in the address of a new link."""
    vault = world.app.extensions["passerelle"]().vault
    return f"/entrer?t={console.invite(vault, Person(name, role), world.clock() + seconds)}"


def signed_in(world: World, role: Literal["auditor", "operator"] = "operator", name: str = DOMINIQUE) -> Desk:
    """Somebody who came by a link."""
    desk = nobody(world)
    desk.open(link_for(world, name, role))
    assert desk.submit("/entrer").status_code == 303
    return desk
