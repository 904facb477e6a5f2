"""HTML as the tests look at it: a flat list of elements that know their ancestors and their text."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset("meta link img input br".split())


@dataclass(eq=False)
class Element:
    """One element. `text` is what it and its descendants say."""

    tag: str
    attributes: dict[str, str]
    parents: tuple["Element", ...]
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The words, with white space made single."""
        return " ".join("".join(self.pieces).split())

    def get(self, name: str) -> str:
        """An attribute, or ""."""
        return self.attributes.get(name, "")

    def within(self, tag: str) -> bool:
        """Whether an ancestor has this tag."""
        return any(parent.tag == tag for parent in self.parents)


class Document(HTMLParser):
    """A parsed page. `faults` names end tags that close nothing and elements that were never closed.

    `texts` are the pieces of text, each with the elements around it.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self.faults: list[str] = []
        self.texts: list[tuple[str, tuple[Element, ...]]] = []
        self._open: list[Element] = []
        self.feed(html)
        self.close()
        self.faults += [f"<{element.tag}> is not closed" for element in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the element; void elements do not stay open."""
        if len({name for name, _ in attrs}) < len(attrs):
            self.faults.append(f"<{tag}> repeats an attribute")
        element = Element(tag, {name: value or "" for name, value in attrs}, tuple(self._open))
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost element, which must be this one."""
        if not self._open or self._open[-1].tag != tag:
            self.faults.append(f"</{tag}> closes nothing")
            return
        self._open.pop()

    def handle_data(self, data: str) -> None:
        """Every open element says this."""
        self.texts.append((data, tuple(self._open)))
        for element in self._open:
            element.pieces.append(data)

    def all(self, *tags: str, **attributes: str) -> list[Element]:
        """The elements with one of these tags (any tag without) and these attributes (`_` stands for `-`)."""
        wanted = {name.replace("_", "-"): value for name, value in attributes.items()}
        return [
            element
            for element in self.elements
            if (not tags or element.tag in tags)
            and all(element.attributes.get(name) == value for name, value in wanted.items())
        ]

    def label_of(self, control: Element) -> str:
        """The words of the labels that belong to a control."""
        return " ".join(label.text for label in self.all("label") if label.get("for") == control.get("id") != "")

    def one(self, *tags: str, **attributes: str) -> Element:
        """The only element of that kind."""
        (element,) = self.all(*tags, **attributes)
        return element
