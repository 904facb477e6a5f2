"""One TOML file against the schema: every problem in it, each with its place, its code and a hint."""

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from broker.settings import places
from broker.settings.schema import REQUIRED, Key, Schema

_SYNTAX = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_SECRET = re.compile(r"secret|passw|pwd|private_key|pepper|^key$", re.IGNORECASE)
_VALUE = re.compile(r"=.*")
_CREDENTIALS = re.compile(r"://[^/\s\"']*@")


REFUSED = object()
"""What stands for a value that is wrong."""


@dataclass(frozen=True, slots=True)
class SettingProblem:
    """Something in a file: `code` E… is an error, W… a warning; line and column from 1, or 0 when it has no place."""

    file: str
    line: int
    column: int
    code: str
    key: str
    sentence: str
    hint: str = ""
    source: str = ""

    @property
    def is_error(self) -> bool:
        """Whether nothing can start with it."""
        return self.code.startswith("E")

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        lines = [f"{place}: {self.code} {self.key + ': ' if self.key else ''}{self.sentence}"]
        if self.source:
            lines.append(f"{self.line:>5} | {self.source}")
        if self.hint:
            lines.append(f"    hint: {self.hint}")
        return "\n".join(_printable(line) for line in lines)


def without_credentials(text: str) -> str:
    """A text without the user and password of addresses in it."""
    return _CREDENTIALS.sub("://…@", text)


def _printable(line: str) -> str:
    """A partner's file must not be able to command the operator's terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in line)


class Refused(KeyError):
    """A value was asked for that is wrong, which is reported already. Who wanted to look at it has nothing to say."""


class Accepted(dict[str, Any]):
    """The values of a table that are in order, defaults included. Asking for another raises Refused."""

    def __missing__(self, key: str) -> Any:
        raise Refused(key)


class Document:
    """A file with its text, so that a problem can point into it. `tables` is what it says, `values` what was accepted."""

    def __init__(self, shown: str, content: bytes) -> None:
        self.shown = shown
        self.problems: list[SettingProblem] = []
        self.lines: list[str] = []
        self.tables: dict[str, Any] = {}
        self.values: dict[str, Accepted] = {}
        try:
            text = content.decode("utf-8")
            self.lines = [line.rstrip("\r") for line in text.split("\n")]
            self.tables = tomllib.loads(text)
        except UnicodeDecodeError:
            self.report("E001", "", "the file is not UTF-8")
        except ValueError as wrong:  # TOMLDecodeError, or a number with more digits than Python reads
            self._syntax(str(wrong))
        except RecursionError:
            self.report("E001", "", "lists or tables are nested too deep")

    @classmethod
    def of_file(cls, path: Path, shown: str) -> "Document":
        """The document of a file; that it cannot be read is its first problem."""
        try:
            return cls(shown, path.read_bytes())
        except OSError as absent:
            document = cls(shown, b"")
            hint = "name the instance's folder with -C, or make one: passerelle init FOLDER"
            document.report("E002", "", f"the file cannot be read: {absent.strerror}", hint)
            return document

    @property
    def sound(self) -> bool:
        """Whether nothing but warnings was reported so far."""
        return not any(problem.is_error for problem in self.problems)

    def _syntax(self, wrong: str) -> None:
        found = _SYNTAX.search(wrong)
        line, column = (int(found[1]), int(found[2])) if found and found[1] else self._end() if found else (0, 0)
        source = without_credentials(self.lines[line - 1]) if line else ""
        sentence = _SYNTAX.sub("", wrong)
        self.problems.append(SettingProblem(self.shown, line, column, "E001", "", sentence, "", source))

    def _end(self) -> places.Place:
        """Behind the last thing that is written."""
        written = [number for number, line in enumerate(self.lines, 1) if line.strip()]
        return (written[-1], len(self.lines[written[-1] - 1]) + 1) if written else (0, 0)

    def report(self, code: str, key: str, sentence: str, hint: str = "") -> None:
        """Add a problem at a key such as fs.min_loa, or at its table when the key is absent."""
        line, column = places.find(self.lines, key)
        source = without_credentials(self.lines[line - 1]) if line else ""
        if code == "E020":
            source = _VALUE.sub("= …", source)  # a secret does not go to the terminal, or to a build's log
        self.problems.append(SettingProblem(self.shown, line, column, code, key, sentence, hint, source))

    def place(self, key: str) -> str:
        """File and line of a key."""
        return f"{self.shown}:{places.find(self.lines, key)[0]}"

    def stated(self, key: str) -> Any:
        """What the file itself says about a key, right or wrong; None when it says nothing."""
        found: Any = self.tables
        for part in key.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        return found

    # -- against the schema -----------------------------------------------------------------------------------------

    def read(self, schema: Schema) -> None:
        """Fill `values`, unless the file could not be read at all; what is wrong is reported and left out."""
        if not self.sound:
            return
        for name in self.tables:
            if name not in schema:
                self.report("E010", name, f'unknown table "{name}"', _nearest(name, schema))
        self.values = {name: self._table(name, keys, self.tables.get(name, {})) for name, keys in schema.items()}

    def _table(self, path: str, keys: tuple[Key, ...], given: Any) -> Accepted:
        if not isinstance(given, dict):
            self.report("E011", path, "must be a table")
            return Accepted()
        known = [key.name for key in keys]
        for name in given:
            if name not in known:
                self._unknown(path, name, known)
        values = {key.name: self._value(f"{path}.{key.name}", key, given) for key in keys}
        return Accepted((name, value) for name, value in values.items() if value is not REFUSED)

    def _unknown(self, path: str, name: str, known: list[str]) -> None:
        slip = difflib.get_close_matches(name, known, 1, 0.9)
        if _SECRET.search(name) and not slip:
            hint = "a secret is a file of its own (mode 0600): passerelle fs rotate-secret ID, or client_secret_file"
            self.report("E020", f"{path}.{name}", "secret written in clear", hint)
        else:
            self.report("E010", f"{path}.{name}", f'unknown key "{name}"', _nearest(name, known))

    def _value(self, path: str, key: Key, given: Mapping[str, Any]) -> Any:
        if key.name in given:
            return self.judged(path, key, given[key.name])
        if key.default is REQUIRED:
            self.report("E013", path, "required key is missing", f"{key.name} = {key.example}")
            return REFUSED
        return self._table(path, key.inside, {}) if key.kind == "table" else key.default

    def judged(self, path: str, key: Key, value: Any) -> Any:
        """A value as it goes on, or REFUSED when something is wrong with it, which is reported."""
        if reason := _wrong_value(key, value):
            self.report("E013" if reason == _EMPTY else "E011", path, reason, f"{key.name} = {key.example}")
            return REFUSED
        if key.kind == "table":
            return self._table(path, key.inside, value)
        if key.kind == "tables":
            return tuple(self._table(places.entry(path, place), key.inside, one) for place, one in enumerate(value))
        unknown = self._unknown_words(path, key, value)
        return REFUSED if unknown else tuple(value) if key.kind == "words" else value

    def _unknown_words(self, path: str, key: Key, value: Any) -> list[str]:
        words: list[str] = value if key.kind == "words" else [value]
        unknown = [word for word in words if key.allowed and word not in key.allowed]
        for word in unknown:
            code, what = ("E012", "unknown scope") if key.name == "scopes" else ("E011", "value not allowed:")
            hint = "; ".join(filter(None, (_nearest(word, key.allowed), f"allowed: {', '.join(key.allowed)}")))
            self.report(code, path, f'{what} "{word}"', hint)
        return unknown


def _wrong_value(key: Key, value: Any) -> str:
    """What the key does not take; "" when the value is of its form."""
    if not _has_type(key, value):
        return f"must be {_SHAPES[key.kind]}"
    if key.filled and not value:
        return _EMPTY
    if key.kind == "number" and not key.least <= value <= key.most:
        return f"must be from {key.least} to {key.most}"
    if key.kind == "words" and not all(isinstance(word, str) and word for word in value):
        return f"must be {_SHAPES['words']}"
    if key.pattern and not re.fullmatch(key.pattern, value):
        return f"must be {key.form}"
    return ""


def _has_type(key: Key, value: Any) -> bool:
    """In Python, though not in TOML, true is a number."""
    return isinstance(value, _TYPES[key.kind]) and isinstance(value, bool) is (key.kind == "flag")


_EMPTY = "must not be empty"
_TYPES: Mapping[str, type] = {"text": str, "flag": bool, "number": int, "words": list, "table": dict, "tables": list}
_SHAPES = {
    "text": "a text",
    "flag": "true or false",
    "number": "a whole number",
    "words": "a list of texts",
    "table": "a table",
    "tables": "a list of tables",
}


def _nearest(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(known), 1, 0.5)
    return f'did you mean "{close[0]}"?' if close else ""
