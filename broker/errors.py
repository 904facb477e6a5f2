"""What can go wrong, for everybody who has to read it.

`errors.toml` is the one catalogue: for each code whose side failed, what the citizen reads in French and English, what
he can do, what the developer reads, and the protocol's error that the code becomes. A `Problem` is one occurrence.
"""

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Literal

Side = Literal["citizen", "service", "account", "country", "us"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One code of the catalogue. Texts are {"fr": …, "en": …} with placeholders such as `{service}`.

    `oidc` is the error that a French service gets, `saml` the status and sub-status for a Connector.
    """

    code: str
    side: Side
    status: int
    oidc: str | None
    title: Mapping[str, str]
    message: Mapping[str, str]
    todo: Mapping[str, tuple[str, ...]]
    developer: str
    saml: str = "Responder AuthnFailed"


@functools.cache
def catalogue() -> Mapping[str, Entry]:
    """Every code with its entry, in the order of the file."""
    document = tomllib.loads(resources.files("broker").joinpath("errors.toml").read_text("utf-8"))
    return {code: _entry(code, table) for code, table in document.items()}


def _entry(code: str, table: dict[str, object]) -> Entry:
    todo = table.pop("todo")
    assert isinstance(todo, dict)  # noqa: S101 - the file is ours, and a test reads all of it
    lists = {language: tuple(lines) for language, lines in todo.items()}
    return Entry(code=code, todo=lists, **{"oidc": None, **table})  # type: ignore[arg-type]


class Problem(Exception):
    """Something failed with a code of the catalogue.

    `words` fill the placeholders of the citizen's text (names of parties, levels, labels: never identity values);
    `detail` is for the log and the developer, in English, without personal data.
    """

    def __init__(self, code: str, detail: str = "", **words: str) -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
        self.words = words

    @property
    def entry(self) -> Entry:
        """The catalogue's entry of this code."""
        return catalogue()[self.code]
