"""One TOML file against the schema: every problem in it, each with its line, its code and a hint."""

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from broker.settings.schema import REQUIRED, Key

_TABLE = re.compile(r"\s*\[\[?\s*([^\]]+?)\s*\]\]?")
_KEY = re.compile(r"\s*([A-Za-z0-9_-]+)\s*=")
_SYNTAX = re.compile(r"at line (\d+), column (\d+)")
_SECRET_NAMES = ("client_secret", "secret", "password", "key")
_CONTACTS = ("type", "mail", "tel")


@dataclass(frozen=True, slots=True)
class Problem:
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
        return "\n".join(lines)


class Document:
    """A file with its text, so that a problem can point into it."""

    def __init__(self, path: Path, shown: str) -> None:
        self.shown = shown
        self.problems: list[Problem] = []
        self.lines: list[str] = []
        self.tables: Mapping[str, Any] = {}
        try:
            text = path.read_text("utf-8")
            self.lines = text.splitlines()
            self.tables = tomllib.loads(text)
        except tomllib.TOMLDecodeError as wrong:
            self._syntax(wrong)
        except UnicodeDecodeError:
            self.report("E001", "", "", "the file is not UTF-8")
        except OSError as absent:
            self.report("E002", "", "", f"the file cannot be read: {absent.strerror}")

    def _syntax(self, wrong: tomllib.TOMLDecodeError) -> None:
        place = _SYNTAX.search(str(wrong))
        line, column = (int(place[1]), int(place[2])) if place else (len(self.lines), 1)
        source = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        self.problems.append(Problem(self.shown, line, column, "E001", "", str(wrong), source=source))

    def report(self, code: str, table: str, key: str, sentence: str, hint: str = "") -> None:
        """Add a problem at a key, or at its table when the key is absent."""
        line, column = self._find(table, key)
        name = f"{table}.{key}" if key else table
        source = self.lines[line - 1] if line else ""
        self.problems.append(Problem(self.shown, line, column, code, name, sentence, hint, source))

    def place(self, table: str, key: str) -> str:
        """Where a key is set: file and line, or `default`."""
        given = self.tables.get(table, {})
        return f"{self.shown}:{self._find(table, key)[0]}" if key in given else "default"

    def _find(self, table: str, key: str) -> tuple[int, int]:
        current, at_table = "", 0
        for number, line in enumerate(self.lines, 1):
            if header := _TABLE.match(line):
                current = header[1]
                at_table = number if current == table else at_table
            elif (found := _KEY.match(line)) and current == table and found[1] == key:
                return number, found.start(1) + 1
        return (at_table, 1) if at_table else (0, 0)

    # -- against the schema -----------------------------------------------------------------------------------------

    def read(self, schema: Mapping[str, tuple[Key, ...]]) -> dict[str, dict[str, Any]]:
        """The values of every table, defaults filled in; what is wrong is reported and has its default, or is absent."""
        if any(problem.is_error for problem in self.problems):
            return {}
        for name in self.tables:
            if name not in schema:
                self.report("E010", name, "", f'unknown table "{name}"', _nearest(name, schema))
        return {name: self._table(name, keys) for name, keys in schema.items()}

    def _table(self, name: str, keys: tuple[Key, ...]) -> dict[str, Any]:
        given = self.tables.get(name, {})
        if not isinstance(given, dict):
            self.report("E011", name, "", "must be a table")
            return {}
        known = {key.name: key for key in keys}
        for key in given:
            if key not in known:
                self._unknown(name, key, known)
        return {key.name: value for key in keys if (value := self._value(name, key, given)) is not REQUIRED}

    def _unknown(self, table: str, key: str, known: Iterable[str]) -> None:
        if key in _SECRET_NAMES:
            hint = "a secret is a file of its own (mode 0600): passerelle fs rotate-secret, or client_secret_file"
            self.report("E020", table, key, "secret written in clear", hint)
        else:
            self.report("E010", table, key, f'unknown key "{key}"', _nearest(key, known))

    def _value(self, table: str, key: Key, given: Mapping[str, Any]) -> Any:
        if key.name not in given:
            if key.default is REQUIRED:
                self.report("E013", table, key.name, "required key is missing", f"{key.name} = {key.example}")
            return key.default
        value = given[key.name]
        if not _fits(key, value):
            self.report("E011", table, key.name, f"must be {_SHAPES[key.kind]}", f"{key.name} = {key.example}")
            return key.default
        for word in value if key.kind == "words" else (value,):
            if key.allowed and key.kind in ("text", "words") and word not in key.allowed:
                code = "E012" if key.name == "scopes" else "E011"
                what = "unknown scope" if code == "E012" else "value not allowed:"
                hint = _nearest(word, key.allowed) or f"allowed: {', '.join(key.allowed)}"
                self.report(code, table, key.name, f'{what} "{word}"', hint)
        return tuple(value) if key.kind in ("words", "contacts") else value


_SHAPES = {
    "text": "a text",
    "texts": "a table of texts",
    "flag": "true or false",
    "number": "a whole number, not negative",
    "words": "a list of texts",
    "contacts": "a list of tables with type, mail, tel",
}


def _fits(key: Key, value: Any) -> bool:
    match key.kind:
        case "text":
            return isinstance(value, str)
        case "flag":
            return isinstance(value, bool)
        case "number":
            return isinstance(value, int) and not isinstance(value, bool) and value >= 0
        case "words":
            return isinstance(value, list) and all(isinstance(word, str) for word in value)
        case "texts":
            names = key.allowed or ("fr", "en")
            complete = bool(key.allowed) or set(names) == (set(value) if isinstance(value, dict) else set())
            return complete and isinstance(value, dict) and _texts(value, names)
        case "contacts":
            return isinstance(value, list) and all(isinstance(entry, dict) and _texts(entry, _CONTACTS) for entry in value)


def _texts(value: Mapping[str, Any], names: Iterable[str]) -> bool:
    return set(value) <= set(names) and all(isinstance(text, str) for text in value.values())


def _nearest(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(known), 1, 0.5)
    return f'did you mean "{close[0]}"?' if close else ""
