"""The ground of the play: the instance with two workers, three browsers, and everything that is noted of them.

Each answer of the broker passes `landed`, which sorts it to whoever receives it and judges it by the laws.
"""

import itertools
import logging
import re
import shutil
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from werkzeug.test import TestResponse

from broker.app import create_app
from broker.refreshing import MetadataWays
from tests.broker.machine.bags import (
    PROVIDER_WORDS,
    SERVICE_WORDS,
    Bag,
    Disk,
    Lines,
    persons_in,
    strangers_in,
)
from tests.broker.machine.model import Code, Departure, Exit, Form, Session, Stage, Tab, Token, asked_at
from tests.broker.machine.offices import open_offices
from tests.broker.machine.parties import LEVELS, PARTIES, PROVIDERS, SERVICES
from tests.broker.web.markup import Document
from tests.broker.world import ISSUER, PUBLIC, Browser, World

FLOW, SSO = "__Host-flow", "__Host-sso"
_numbers = itertools.count()


class Play:
    """Everything that the rules of the machine act upon."""

    def __init__(self, instance: Path, database: Path) -> None:
        path = database.with_name(f"play-{next(_numbers)}.db")
        shutil.copy(database, path)
        self.world = World(instance, f"sqlite:///{path}", parties=PARTIES)
        self.clock = self.world.clock
        self.offices = self.world.fi = open_offices(tuple(PROVIDERS), self.clock, careless="postalis")  # type: ignore[assignment]
        self.workers = [self.world.app, self._second_worker()]
        self.browsers = [self.world.browser() for _ in range(3)]
        self.tabs: list[Tab] = []
        self.sessions: dict[str, Session] = {}
        self.codes: list[Code] = []
        self.tokens: list[Token] = []
        self.exits: list[Exit] = []
        self.subs: dict[tuple[int, str], str] = {}
        self.to_services, self.to_providers = Bag(PROVIDER_WORDS), Bag(SERVICE_WORDS)
        self.disk, self.lines = Disk(path), Lines()
        self._logger = logging.getLogger("passerelle")
        self._level = self._logger.level
        self._logger.addHandler(self.lines)
        self._logger.setLevel(logging.DEBUG)

    def _second_worker(self):
        ways = MetadataWays(self.world.fetch_metadata, self.world.fetch_metadata)
        return create_app(
            self.world.settings,
            store=self.world.store,
            fetch=self.world.fetch,
            metadata_ways=ways,
            clock=self.clock,
            chores=False,
        )

    def close(self) -> None:
        """Nothing of it stays."""
        self.world.store.close()
        self._logger.removeHandler(self.lines)
        self._logger.setLevel(self._level)

    # -- what is so ---------------------------------------------------------------------------------------------------

    @property
    def now(self) -> int:
        """Unix seconds."""
        return self.clock()

    def cookie(self, browser: Browser, name: str) -> str:
        """A cookie of a browser, "" for none."""
        held = browser.client.get_cookie(name, domain="connexion.example")
        return held.value if held else ""

    def session(self, browser: Browser) -> Session | None:
        """The session of this browser, while it runs."""
        held = self.sessions.get(self.cookie(browser, SSO))
        return held if held and self.now < held.until else None

    def owner(self, tab: Tab) -> Browser:
        """A browser in which the journey is open, or any other when its cookie has gone everywhere."""
        return next((one for one in self.browsers if self.cookie(one, FLOW) == tab.secret), self.browsers[0])

    def finds(self, browser: Browser, tab: Tab) -> bool:
        """Whether the broker must know this journey in this browser."""
        return tab.open_for(self.cookie(browser, FLOW), self.now)

    def accepts(self, browser: Browser, form: Form, tab: Tab) -> bool:
        """Whether a form counts at this journey: in its browser, and as a form of its own, while the step stands."""
        own = form.tab is tab and form.version == tab.version
        return self.finds(browser, tab) and (own or tab.stage is Stage.FINISHED)

    # -- what is sent, and what comes ---------------------------------------------------------------------------------

    def get(self, browser: Browser, url: str) -> TestResponse:
        """A browser opens an address."""
        return self.landed(browser, browser.get(url))

    def post(self, browser: Browser, path: str, form: dict[str, str], site: str | None = None) -> TestResponse:
        """A browser posts a form; `site` is what it says of where the form stood."""
        headers = {"Sec-Fetch-Site": site} if site else {}
        return self.landed(browser, browser.client.post(path, data=form, headers=headers, base_url=PUBLIC))

    def landed(self, browser: Browser, response: TestResponse) -> TestResponse:
        """Judge an answer: no crash, no referrer, no stranger's data; and give each side what it receives."""
        assert response.status_code < 500, response.text
        assert response.headers["Referrer-Policy"] == "no-referrer"
        if response.location:
            self._sent_on(browser, response)
        elif response.mimetype == "text/html":
            self._shown(browser, response.text)
        return response

    def _shown(self, browser: Browser, page: str) -> None:
        secret, session = self.cookie(browser, FLOW), self.sessions.get(self.cookie(browser, SSO))
        known = {tab.proof.citizen for tab in self.tabs if tab.secret == secret and tab.proof}
        known |= {session.proof.citizen} if session else set()
        assert strangers_in(page, known) == []
        if 'data-testid="back"' in page and 'name="state"' in page:
            document = Document(page)
            fields = {field.get("name"): field.get("value") for field in document.all("input")}
            self._service_hears(browser, document.one("form").get("action"), fields)

    def _sent_on(self, browser: Browser, response: TestResponse) -> None:
        location = response.location
        parts = urlsplit(location)
        if not parts.netloc:
            assert location.startswith("/")
        elif (name := parts.netloc.removesuffix(".example")) in PROVIDERS:
            self.to_providers.add(location)
        else:
            assert name in SERVICES, location
            self._service_hears(browser, location, dict(parse_qsl(parts.query)))

    def _service_hears(self, browser: Browser, address: str, fields: dict[str, str]) -> None:
        """Law: no code without the word of the browser that began, for that service alone, at the level asked or above."""
        self.to_services.add(address, str(fields))
        if "code" not in fields:
            return
        tab = next(tab for tab in self.tabs if tab.asked["state"] == fields["state"])
        assert address.partition("?")[0] == tab.asked["redirect_uri"] == f"https://{tab.service}.example/retour"
        assert fields["iss"] == ISSUER
        assert self.cookie(browser, FLOW) == tab.secret
        assert tab.confirmed
        assert tab.agreed or not tab.private
        assert tab.code is None or tab.code.text == fields["code"]
        if tab.code is None:
            self._released(tab, fields["code"])

    def _released(self, tab: Tab, text: str) -> None:
        assert tab.stage is Stage.CONSENTING
        assert tab.proof is not None
        assert tab.proof.level >= tab.level
        assert tab.proof.level in LEVELS[tab.proof.provider]
        assert text not in {code.text for code in self.codes}
        code = Code(text, tab, tab.proof, self.now)
        self.codes.append(code)
        tab.move(Stage.FINISHED, code=code, until=self.now + 30, proof=tab.proof)

    def departed(self, tab: Tab, location: str) -> None:
        """The journey's citizen was sent to a provider, which is asked for no more and no less than what is needed."""
        provider = urlsplit(location).netloc.removesuffix(".example")
        asked = dict(parse_qsl(urlsplit(location).query))
        level = asked_at(provider, tab.level)
        assert asked["acr_values"] == f"eidas{level}"
        tab.move(Stage.PROVING, departure=Departure(provider, location, asked["state"], level or 0))

    def form_of(self, tab: Tab, page: str) -> Form:
        """The form of a page of this journey."""
        form = Form(tab, tab.version, _hidden(page))
        tab.forms.append(form)
        return form

    # -- what must not be anywhere ------------------------------------------------------------------------------------

    def check_blindness(self) -> None:
        """Nothing of a provider in what services receive, and the reverse."""
        for office in self.offices.values():
            self.to_providers.add(*office.received)
            office.received.clear()
        assert self.to_services.betrayals() == []
        assert self.to_providers.betrayals() == []

    def check_nothing_at_rest(self) -> None:
        """No value of a person in what was written to the database and to the logs."""
        assert persons_in(self.disk.taken()) == []
        assert persons_in(self.lines.taken()) == []


def _hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'name="(j|step)" value="([^"]+)"', page))
