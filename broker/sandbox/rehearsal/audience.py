"""The service as a citizen's browser meets it: how a login begins there, and how one sees that somebody is signed in."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape
from urllib.parse import parse_qs, urljoin, urlsplit

from broker.identity import Person
from broker.sandbox.rehearsal.browser import Browser, Going, Page
from broker.sandbox.rehearsal.outcome import Failed
from broker.sandbox.rehearsal.reading import Link, links_of

_LOGIN = re.compile(r"(?i)log[ _-]?in|sign[ _-]?in|identifi|connexion|connect|auth|oidc|sso")
_LOGOUT = re.compile(r"(?i)log[ _-]?out|sign[ _-]?out|d[ée]connex|d[ée]connect|quitter")
_CODE_SHOWN = re.compile(r'data-testid="reference">([^<]*)<')
_MOST = 8
_TOLD = ("given_name", "family_name", "preferred_username", "email")


@dataclass(frozen=True, slots=True)
class Ways:
    """Where things are at the service: the page where a login begins, the one where it ends ("": it is looked for), and a
    text that only somebody who is signed in reads ("": the person's name is looked for).
    """

    login: str
    logout: str = ""
    shows: str = ""


class Audience:
    """One service, watched from the browser's side. `reads_userinfo` is learnt at the first login."""

    def __init__(self, issuer: str, callback: str, ways: Ways) -> None:
        self._authorize = f"{issuer}/authorize"
        self._callback = callback
        self._ways = ways
        self.reads_userinfo = False
        self._known: Link | None = None
        self._probe = ""
        self._signed: tuple[int, str] | None = None

    # -- in -----------------------------------------------------------------------------------------------------------

    def depart(self, browser: Browser) -> Going:
        """From the service's page through the broker, to the callback that is not opened yet. Raises Failed, NoAnswer."""
        page = browser.go(self._way_in(browser), self._callback)
        if page.location.startswith(self._callback):
            return Going(page.location)
        for form in (link for link in links_of(page.text) if link.form):
            if urljoin(page.url, form.address) == self._callback:
                return Going(self._callback, form.fields, foreign=True)
        raise Failed(f"the broker does not send the citizen back: {_refusal(page)}", "passerelle explain CODE")

    def log_in(self, browser: Browser) -> Page:
        """A whole login: the page that the citizen reads in the end. Raises Failed, NoAnswer."""
        return browser.go(self.depart(browser))

    def _way_in(self, browser: Browser) -> Going:
        """The service's request to the broker, however the service sends it."""
        page = browser.go(Going(self._ways.login), self._authorize)
        if going := self._to_broker(page):
            return going
        for link in (*self._candidates(page, _LOGIN), *self._known_ways()):
            going = self._to_broker(browser.go(_followed(page, link), self._authorize))
            if going is not None:
                self._known = link
                return going
        raise Failed(
            f"no login begins at {page.place} (HTTP {page.status}): nothing there leads to {self._authorize}",
            "name the page that begins one: --login URL; and give your service the issuer above",
        )

    def _to_broker(self, page: Page) -> Going | None:
        if page.location.startswith(self._authorize):
            return Going(page.location)
        for link in links_of(page.text):
            if urljoin(page.url, link.address).startswith(self._authorize):
                return _followed(page, link)
        return None

    def _known_ways(self) -> tuple[Link, ...]:
        """The link that led there before: whoever is signed in may not see it, and can still open it."""
        return (self._known,) if self._known and not self._known.form else ()

    def _candidates(self, page: Page, words: re.Pattern[str]) -> list[Link]:
        """What people would press, at this service: what led there before, first."""
        host = urlsplit(page.url).netloc
        near = [link for link in links_of(page.text) if urlsplit(urljoin(page.url, link.address)).netloc == host]
        told = [link for link in near if words.search(f"{link.words} {urlsplit(link.address).path}")]
        if words is _LOGIN:
            told = [link for link in told if not _LOGOUT.search(f"{link.words} {link.address}")]
        known = self._known.address.partition("?")[0] if self._known and words is _LOGIN else ""
        return sorted(told, key=lambda link: link.address.partition("?")[0] != known)[:_MOST]

    # -- is somebody signed in? ---------------------------------------------------------------------------------------

    def learn(self, browser: Browser, page: Page, person: Person) -> None:
        """Learn from a login that succeeded how one sees it. Raises Failed when one sees nothing.

        What a browser without a session is shown must differ: by the names on the page, or by where one ends.
        """
        landed = page.url if not page.url.startswith(self._callback) else self._ways.login
        self._probe = landed
        stranger, again = self._looked(Browser()), self._looked(browser)
        signs = self._words(person)
        if _shown(signs, (page, again)) and not _shown(signs, (stranger,)):
            return
        if (stranger.status, stranger.place) != (again.status, again.place) and again.status < 400:
            self._signed = (again.status, again.place)
            return
        raise Failed(
            f"the login ended at {page.place} (HTTP {page.status}), and nothing there tells that somebody is signed in",
            "name a text that only somebody signed in reads there: --shows TEXT"
            if page.status < 400
            else "look into the log of your service",
        )

    def opened(self, browser: Browser, page: Page, person: Person) -> bool:
        """Whether this person is signed in, by the page after a login or by what the service shows now."""
        again = self._looked(browser)
        if self._signed is not None:
            return (again.status, again.place) == self._signed
        return _shown(self._words(person), (page, again))

    def _looked(self, browser: Browser) -> Page:
        """What the service shows this browser now; where that begins another login, no further."""
        return browser.go(Going(self._probe or self._ways.login), self._authorize)

    @property
    def tells_people_apart(self) -> bool:
        """Whether one sees who is signed in, and not only that somebody is."""
        return self._signed is None and not self._ways.shows

    def _words(self, person: Person) -> tuple[str, ...]:
        if self._ways.shows:
            return (self._ways.shows,)
        values = (str(person.claim(name) or "") for name in _TOLD)
        return tuple(value for value in values if len(value) >= 3)

    # -- out ----------------------------------------------------------------------------------------------------------

    def leave(self, browser: Browser, page: Page) -> Page | None:
        """Sign out; the page that the citizen reads in the end, None where no way out was found."""
        if self._ways.logout:
            return browser.go(Going(self._ways.logout))
        for shown in (page, self._looked(browser)):
            for link in self._candidates(shown, _LOGOUT):
                return browser.go(_followed(shown, link))
        return None


def _followed(page: Page, link: Link) -> Going:
    address = urljoin(page.url, link.address)
    return Going(address, link.fields) if link.form and link.method == "post" else Going(address)


def _shown(signs: Iterable[str], pages: Iterable[Page]) -> bool:
    texts = [unescape(page.text).casefold() for page in pages if page.status < 400]
    return any(sign.casefold() in text for sign in signs for text in texts)


def _refusal(page: Page) -> str:
    """What the broker's page says to developers."""
    found = _CODE_SHOWN.search(page.text)
    detail = re.search(r"<pre[^>]*>(.*?)</pre>", page.text, re.DOTALL)
    said = unescape(detail[1]) if detail else ""
    return f"{found[1] if found else f'HTTP {page.status} at {page.place}'} {said}".strip()


def error_in(going: Going) -> str:
    """The error that the broker answers, if it does: its code and description."""
    values = dict(going.fields or {}) or {name: found[0] for name, found in parse_qs(urlsplit(going.url).query).items()}
    return f"{values['error']}: {values.get('error_description', '')}" if "error" in values else ""
