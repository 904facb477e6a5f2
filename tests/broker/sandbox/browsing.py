"""A browser of few words: cookies by host, redirects followed, forms found by their buttons. No script, no rendering."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin, urlsplit

from urllib3 import HTTPConnectionPool
from urllib3.response import BaseHTTPResponse

_MOST_REDIRECTS = 12


@dataclass
class Form:
    """A form of a page: where it goes, and what it sends."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: dict[str, tuple[str, str]] = field(default_factory=dict)


class Page(HTMLParser):
    """A page: its address, status, text, forms, and what stands under each data-testid."""

    def __init__(self, url: str, response: BaseHTTPResponse) -> None:
        super().__init__()
        self.url = url
        self.status = response.status
        self.headers = response.headers
        self.source = response.data.decode("utf-8", "replace")
        self.language = ""
        self.forms: list[Form] = []
        self.marked: dict[str, str] = {}
        self.links: dict[str, str] = {}
        self._open: list[tuple[str, str]] = []
        if response.headers.get("Content-Type", "").startswith("text/html"):
            self.feed(self.source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take notice of forms, buttons, links and marks."""
        given = {name: value or "" for name, value in attrs}
        mark = given.get("data-testid", "")
        if tag == "html":
            self.language = given["lang"]
        if tag == "form":
            self.forms.append(Form(urljoin(self.url, given["action"]), given["method"]))
        if tag in ("input", "select") and self.forms and given.get("type") not in ("checkbox", "radio"):
            self.forms[-1].fields[given["name"]] = given.get("value", "")
        if tag == "button":
            self.forms[-1].buttons[mark or given.get("value", "")] = (given.get("name", ""), given.get("value", ""))
        if tag == "a" and mark:
            self.links[mark] = urljoin(self.url, given["href"])
        if tag not in ("input", "meta", "link", "br", "img"):
            self._open.append((tag, mark))
        if mark:
            self.marked.setdefault(mark, "")

    def handle_endtag(self, tag: str) -> None:
        """Leave the innermost element of this name."""
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Give the text to every mark that is open."""
        for _, mark in self._open:
            if mark:
                self.marked[mark] += data

    def text(self, mark: str) -> str:
        """The text under a data-testid, with single spaces."""
        return " ".join(self.marked[mark].split())


class Browser:
    """One person at one computer."""

    def __init__(self, language: str = "fr", agent: str = "Mozilla/5.0") -> None:
        self._cookies: dict[str, dict[str, str]] = {}
        self._headers = {"Accept-Language": language, "User-Agent": agent, "Accept": "text/html"}
        self.visited: list[str] = []

    def open(self, url: str) -> Page:
        """Open an address and follow where it leads."""
        return self._follow("GET", url, None)

    def press(self, page: Page, button: str, **typed: str | list[str]) -> Page:
        """Press the button of this mark or value, after typing into its form; boxes of one name are ticked by a list."""
        form = next(form for form in page.forms if button in form.buttons)
        name, value = form.buttons[button]
        sent = {**form.fields, **typed, **({name: value} if name else {})}
        if form.method == "get":
            return self.open(f"{form.action}?{urlencode(sent, doseq=True)}" if sent else form.action)
        return self._follow("POST", form.action, sent)

    def click(self, page: Page, link: str) -> Page:
        """Follow the link of this mark."""
        return self.open(page.links[link])

    def step(self, method: str, url: str, form: Mapping[str, str | list[str]] | None = None) -> Page:
        """One request, without following its redirect."""
        parts = urlsplit(url)
        self.visited.append(url)
        path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        cookies = self._cookies.setdefault(parts.hostname or "", {})
        headers = {**self._headers, "Host": parts.netloc}
        if cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        body = None if form is None else urlencode(form, doseq=True).encode()
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        with HTTPConnectionPool("127.0.0.1", parts.port) as pool:
            response = pool.request(method, path, body=body, headers=headers, redirect=False, retries=False)
        for header in response.headers.getlist("Set-Cookie"):
            self._keep(cookies, header)
        return Page(url, response)

    def _keep(self, cookies: dict[str, str], header: str) -> None:
        name, _, value = header.partition(";")[0].partition("=")
        cookies.pop(name, None)
        if "max-age=0" not in header.lower():
            cookies[name] = value

    def _follow(self, method: str, url: str, form: Mapping[str, str | list[str]] | None) -> Page:
        for _ in range(_MOST_REDIRECTS):
            page = self.step(method, url, form)
            if page.status not in (302, 303):
                return page
            method, url, form = "GET", urljoin(url, page.headers["Location"]), None
        raise AssertionError(f"redirected {_MOST_REDIRECTS} times, at last to {url}")
