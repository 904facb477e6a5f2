"""A browser as far as a service needs one: cookies, redirects one at a time, forms.

Cookies follow RFC 6265bis: kept for each host, not for each port; one that is SameSite comes with no form of another site.
Every name under `.localhost` is this machine (RFC 6761 6.3), whatever the system's resolver knows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import CookieError, Morsel, SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit

import urllib3
from urllib3.exceptions import HTTPError

SECONDS = 20
MOST_REDIRECTS = 15
_LONGEST = 2_000_000


class NoAnswer(Exception):
    """The service did not answer, or sent the browser round in circles. The text says so."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a server answered at an address."""

    url: str
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def location(self) -> str:
        """Where a redirect leads; "" when this is none."""
        found = self.headers.get("location", "")
        return urljoin(self.url, found) if found and self.status in (301, 302, 303, 307, 308) else ""

    @property
    def place(self) -> str:
        """The address without its query, as people are told it."""
        return self.url.partition("?")[0]


@dataclass(frozen=True, slots=True)
class Going:
    """Where a browser goes: an address, or a form that is posted there, from another site or not."""

    url: str
    fields: Mapping[str, str] | None = None
    foreign: bool = False


@dataclass(slots=True)
class Browser:
    """The cookies of one citizen, by the host that set them, or by `.domain` where it shares them."""

    cookies: dict[str, dict[str, "Morsel[str]"]] = field(default_factory=dict)

    def go(self, going: Going, stop_before: str = "") -> Page:
        """Go somewhere and follow redirects; with `stop_before`, not to an address that begins so. Raises NoAnswer."""
        page = self.request(going)
        for _ in range(MOST_REDIRECTS):
            if not page.location or (stop_before and page.location.startswith(stop_before)):
                return page
            page = self.request(Going(page.location))
        raise NoAnswer(f"redirects without end at {page.place}")

    def request(self, going: Going) -> Page:
        """One request, one answer. Raises NoAnswer."""
        parts = urlsplit(going.url)
        host = parts.hostname or ""
        if parts.scheme not in ("http", "https") or not host:
            raise NoAnswer(f"the browser was sent to {going.url[:100]!r}, which is no address of the web")
        body = None if going.fields is None else urlencode(going.fields).encode()
        page, set_cookies = _fetched(going.url, self._headers(going, host, parts.path or "/"), body)
        self._keep(host, set_cookies)
        return page

    def _headers(self, going: Going, host: str, path: str) -> dict[str, str]:
        headers = {"Accept": "text/html,*/*", "Accept-Language": "en", "User-Agent": "passerelle fs test"}
        if going.fields is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        kept = [
            f"{one.key}={one.coded_value}"
            for domain, jar in self.cookies.items()
            if host == domain.lstrip(".") or (domain.startswith(".") and host.endswith(domain))
            for one in jar.values()
            if _on_path(path, one["path"] or "/") and not (going.foreign and one["samesite"].lower() in ("lax", "strict"))
        ]
        return {**headers, "Cookie": "; ".join(kept)} if kept else headers

    def _keep(self, host: str, lines: list[str]) -> None:
        for line in lines:
            try:
                found = SimpleCookie(line)
            except CookieError:
                continue
            for name, one in found.items():
                domain = one["domain"].lstrip(".").lower()
                jar = self.cookies.setdefault(f".{domain}" if domain else host, {})
                jar.pop(name, None)
                if one["max-age"] != "0" and "1970" not in one["expires"]:
                    jar[name] = one


def _on_path(path: str, cookie_path: str) -> bool:
    """RFC 6265 5.1.4."""
    return path == cookie_path or path.startswith(cookie_path.rstrip("/") + "/")


def _fetched(url: str, headers: dict[str, str], body: bytes | None) -> tuple[Page, list[str]]:
    """The answer, and the cookies that it sets, a line each."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    reached = "localhost" if host.endswith(".localhost") else host
    secure = parts.scheme == "https"
    pools = urllib3.HTTPSConnectionPool if secure else urllib3.HTTPConnectionPool
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    try:
        with pools(reached, parts.port, timeout=SECONDS) as pool:
            sent = {**headers, "Host": parts.netloc}
            method = "GET" if body is None else "POST"
            answer = pool.request(method, path, body=body, headers=sent, redirect=False, retries=False)
    except HTTPError as failed:
        raise NoAnswer(f"no answer from {parts.scheme}://{parts.netloc} ({type(failed).__name__})") from failed
    text = answer.data[:_LONGEST].decode("utf-8", "replace")
    held = {name.lower(): value for name, value in answer.headers.items()}
    return Page(url, answer.status, held, text), answer.headers.getlist("Set-Cookie")
