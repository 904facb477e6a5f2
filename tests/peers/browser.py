"""A browser as far as a login needs one: cookies, redirects one at a time, forms. Every host is this machine.

Cookies follow RFC 6265bis: kept per host, not per port; `Secure` ones go to `*.localhost` too, as in Chromium and Firefox;
a `__Host-` cookie that is not `Secure` with `Path=/` and without `Domain` is an error of the server's.
"""

import http.client
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import Morsel, SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit

MOST_REDIRECTS = 20
SECONDS = 20


@dataclass
class Form:
    """One form of a page: where it goes, the values that it holds already, and its buttons (name, value)."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Page:
    """What a server answered at an address."""

    url: str
    status: int
    headers: http.client.HTTPMessage
    text: str

    @property
    def location(self) -> str:
        """Where a redirect leads; "" when this is none."""
        found = self.headers.get("Location", "")
        return urljoin(self.url, found) if found and self.status in (301, 302, 303, 307, 308) else ""

    @property
    def forms(self) -> list[Form]:
        """The forms of this page."""
        reader = _FormReader()
        reader.feed(self.text)
        return list(reader.forms.values())


class Browser:
    """The cookies of one citizen. `visited` lists every address that was opened, in order."""

    def __init__(self) -> None:
        self.cookies: dict[str, dict[str, Morsel]] = {}
        self.visited: list[str] = []

    def open(self, url: str, *, stop_before: str | None = None) -> Page:
        """Open an address and follow redirects; with `stop_before`, not to an address that begins so."""
        return self._follow(self.request("GET", url), stop_before)

    def press(self, page: Page, name: str = "", value: str = "", stop_before: str | None = None, **typed: str) -> Page:
        """Fill in the form that has this button, press it, and follow redirects. One without any is sent by a script."""
        wanted = (name, value)
        form = next((form for form in page.forms if wanted in (form.buttons or [("", "")])), None)
        assert form, f"no button {name}={value} on the page {page.status} at {page.url}: {page.text[:2000]}"
        fields = {**form.fields, **typed, **({name: value} if name else {})}
        body = urlencode(fields).encode()
        return self._follow(self.request("POST", urljoin(page.url, form.action), body), stop_before)

    def request(self, method: str, url: str, body: bytes = b"") -> Page:
        """One request, one answer."""
        parts = urlsplit(url)
        assert parts.scheme == "http", url
        assert parts.hostname == "localhost" or parts.hostname.endswith(".localhost"), url
        self.visited.append(url)
        connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=SECONDS)
        try:
            path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
            connection.request(method, path, body or None, self._headers(url, parts, body))
            answer = connection.getresponse()
            page = Page(url, answer.status, answer.headers, answer.read().decode())
        finally:
            connection.close()
        self._keep(parts.hostname, page.headers.get_all("Set-Cookie", []))
        return page

    def cookie(self, host: str, name: str) -> str | None:
        """The value of a cookie."""
        morsel = self.cookies.get(host, {}).get(name)
        return morsel.value if morsel else None

    def _follow(self, page: Page, stop_before: str | None) -> Page:
        for _ in range(MOST_REDIRECTS):
            if not page.location or (stop_before and page.location.startswith(stop_before)):
                return page
            page = self.request("GET", page.location)
        raise AssertionError(f"redirects without end: {self.visited[-4:]}")

    def _headers(self, url: str, parts, body: bytes) -> dict[str, str]:
        headers = {"Host": parts.netloc, "Accept": "text/html, */*;q=0.8", "Accept-Language": "en", "Connection": "close"}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        sent = [
            f"{morsel.key}={morsel.value}"
            for morsel in self.cookies.get(parts.hostname, {}).values()
            if _on_path(parts.path or "/", morsel["path"] or "/")
        ]
        return {**headers, "Cookie": "; ".join(sent)} if sent else headers

    def _keep(self, host: str, lines: list[str]) -> None:
        kept = self.cookies.setdefault(host, {})
        for line in lines:
            for name, morsel in SimpleCookie(line).items():
                if name.startswith("__Host-"):
                    assert morsel["secure"], line
                    assert (morsel["path"], morsel["domain"]) == ("/", ""), line
                kept.pop(name, None)
                if morsel["max-age"] != "0" and "1970" not in morsel["expires"]:
                    kept[name] = morsel


def _on_path(path: str, cookie_path: str) -> bool:
    """RFC 6265 5.1.4."""
    return path == cookie_path or path.startswith(cookie_path.rstrip("/") + "/")


class _FormReader(HTMLParser):
    """Forms by their id; a button may stand outside of its form, and name it."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, Form] = {}
        self._open = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = given.get("id") or str(len(self.forms))
            self.forms[self._open] = Form(given.get("action", ""))
        form = self.forms.get(given.get("form") or self._open)
        if form is None:
            return
        if tag == "input" and given.get("name") and given.get("type") not in ("checkbox", "submit"):
            form.fields[given["name"]] = given.get("value", "")
        if tag == "button":
            form.buttons.append((given.get("name", ""), given.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = ""
