"""What all scenarios need: a stage, a service, people, and how a login is played and judged."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from broker.identity import Person
from broker.journey import Demand
from broker.sandbox.node.people import load_europeans
from broker.sandbox.people import european, french
from broker.sandbox.personas import load_personas
from broker.sandbox.rehearsal.audience import Audience, error_in
from broker.sandbox.rehearsal.browser import Browser, Going, Page
from broker.sandbox.rehearsal.outcome import Failed, NotPlayed
from broker.sandbox.rehearsal.stage import TOKEN, Citizen, Script, Stage

_TRACEBACK = re.compile(
    r"Traceback \(most recent call last\)|\bat [\w.$<>]+\([\w$]+\.(?:java|kt|scala):\d+\)|^\s+at .+:\d+:\d+\)?$"
    r"|Stack trace:|Fatal error: .+ on line|Whoops!|node_modules/",
    re.MULTILINE,
)


class Cast:
    """The people of a rehearsal."""

    def __init__(self, today: date) -> None:
        self._today = today
        self._french = load_personas()
        self._europeans = load_europeans()

    def french(self, name: str) -> Person:
        """A test person of the French providers."""
        return french(self._french[name], self._today)

    def european(self, name: str, country: str) -> Citizen:
        """A test citizen of another country, who is asked for what the service asks."""
        return lambda demand: european(self._europeans[name], country, demand.claims)


@dataclass(slots=True)
class Scene:
    """One scenario while it is played. `wait` lets seconds pass, for a reason; `warnings` are what was seen and is no
    failure: what, and how it is mended.
    """

    stage: Stage
    audience: Audience
    cast: Cast
    wait: Callable[[int, str], None]
    warnings: list[tuple[str, str]] = field(default_factory=list)

    def warn(self, said: str, fix: str = "") -> None:
        """Go on, and tell it."""
        self.warnings.append((said, fix))

    # -- logins -------------------------------------------------------------------------------------------------------

    def begin(self, person: Person, **how: Any) -> None:
        """Somebody comes to the broker next."""
        self.stage.begin(Script(lambda _demand: person, **how))

    def departed(self, browser: Browser) -> Going:
        """To the callback, not opened yet. Raises Failed when the broker could not but refuse the request."""
        going = self.audience.depart(browser)
        if self.stage.script.refusal is None and (error := error_in(going)):
            raise Failed(f"the broker refuses the request: {error}", "send what the broker expects")
        return going

    def logged_in(self, browser: Browser) -> Page:
        """A whole login."""
        return browser.go(self.departed(browser))

    @property
    def demand(self) -> Demand:
        """What the service asked last."""
        if not self.stage.heard.demands:
            raise Failed("the service asked for no login")
        return self.stage.heard.demands[-1]

    def codes(self) -> list[str]:
        """The codes that the service has brought, in order."""
        return [call.values.get("code", "") for call in self.stage.heard.of(TOKEN)]

    def diagnosis(self) -> str:
        """What went wrong between the service and the broker, as far as the broker sees it; "" for nothing."""
        for call in reversed(self.stage.heard.calls):
            if call.error:
                return f"the broker had answered {call.endpoint.partition('.')[2]} with {call.error}"
        return "" if self.stage.heard.of(TOKEN) else "the service did not ask the broker for tokens"

    # -- judging ------------------------------------------------------------------------------------------------------

    def let_in(self, browser: Browser, page: Page, person: Person, who: str) -> str:
        """The service lets somebody in who has a right to it."""
        if self.audience.opened(browser, page, person):
            return f"session opened for {who}"
        traceback = ", with a traceback" if has_traceback(page) else ""
        raise Failed(f"no session for {who}: HTTP {page.status} at {page.place}{traceback}", _LOOK)

    def kept_out(self, browser: Browser, page: Page, person: Person, defect: str, fix: str) -> str:
        """The service lets nobody in on an answer that it must not believe."""
        if self.audience.opened(browser, page, person):
            raise Failed(f"the service OPENED A SESSION: {defect}", fix)
        if page.status >= 500:
            self.warn(f"refused, but the citizen reads HTTP {page.status}", "show a page that says that it did not work")
        elif has_traceback(page):
            self.warn("refused, but the page shows a traceback", "show a page that says that it did not work")
        return f"refused (HTTP {page.status})"

    def refuses(self, fault: str, defect: str, fix: str) -> str:
        """One login with a false answer, in a browser of its own."""
        person, browser = self.cast.french("angela"), Browser()
        self.begin(person, fault=fault)
        page = self.logged_in(browser)
        if not self.stage.heard.falsified:
            if fault.startswith("userinfo.") and not self.audience.reads_userinfo:
                raise NotPlayed("the service does not ask for the userinfo")
            raise Failed(f"the false answer was never fetched: HTTP {page.status} at {page.place}", _LOOK)
        return self.kept_out(browser, page, person, defect, fix)


_LOOK = "look into the log of your service: it had an answer that is right"


def has_traceback(page: Page) -> bool:
    """Whether a page shows what only developers should read."""
    return bool(_TRACEBACK.search(page.text))


def with_values(going: Going, **changes: str | None) -> Going:
    """The same answer with other parameters; None takes one away."""
    given = dict(going.fields) if going.fields is not None else dict(parse_qsl(urlsplit(going.url).query))
    values = {name: value for name, value in {**given, **changes}.items() if value is not None}
    if going.fields is not None:
        return Going(going.url, values, going.foreign)
    return Going(f"{going.url.partition('?')[0]}?{urlencode(values)}")


def value_of(going: Going, name: str) -> str:
    """One parameter of an answer."""
    given = dict(going.fields) if going.fields is not None else dict(parse_qsl(urlsplit(going.url).query))
    return given.get(name, "")


Play = Callable[[Scene], str]
