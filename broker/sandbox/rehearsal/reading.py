"""The links and the forms of a service's page, with the words that people read on them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass(slots=True)
class Link:
    """Something to follow: a link, or a form (`method` post or get) with the values that it holds already."""

    address: str
    words: str = ""
    form: bool = False
    method: str = "get"
    fields: dict[str, str] = field(default_factory=dict)


def links_of(html: str) -> list[Link]:
    """Every link and form of a page, in order."""
    reader = _Reader()
    reader.feed(html)
    return list(reader.found())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self._found: list[Link] = []
        self._link: Link | None = None
        self._form: Link | None = None

    def found(self) -> Iterator[Link]:
        yield from self._found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and given.get("href"):
            self._link = Link(given["href"], f"{given.get('title', '')} {given.get('aria-label', '')}")
            self._found.append(self._link)
        elif tag == "form":
            self._form = Link(given.get("action", ""), form=True, method=given.get("method", "get").lower())
            self._found.append(self._form)
        elif tag in ("input", "button"):
            self._control(tag, given)
        elif tag == "img":
            self.handle_data(given.get("alt", ""))

    def _control(self, tag: str, given: dict[str, str]) -> None:
        if self._form is None:
            return
        pressed = tag == "button" or given.get("type") in ("submit", "image")
        if pressed:
            self._form.words += f" {given.get('value', '')} {given.get('alt', '')} {given.get('aria-label', '')}"
        if given.get("name") and given.get("type") not in ("checkbox", "radio", "reset"):
            self._form.fields.setdefault(given["name"], given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._link = None
        elif tag == "form":
            self._form = None

    def handle_data(self, data: str) -> None:
        for open_one in (self._link, self._form):
            if open_one is not None:
                open_one.words += f" {data.strip()}"
