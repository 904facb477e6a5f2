"""Core statements as the driver executes them: compiled once a store, without SQLAlchemy's own execution."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.sql.elements import ClauseElement

from broker.store.connections import Values


@dataclass(frozen=True, slots=True)
class Compiled:
    """A statement's text, the order of its values where they have no names, and the values that it brings itself."""

    text: str
    order: tuple[str, ...] | None
    constants: Mapping[str, Any]


class Statements:
    """Core statements in one database's own words, each compiled once."""

    def __init__(self, engine: Engine) -> None:
        self._dialect = engine.dialect
        self._compiled: dict[int, Compiled] = {}

    def words(self, statement: ClauseElement, values: Mapping[str, Any]) -> tuple[str, Values]:
        """What the driver must execute for a statement of this module."""
        compiled = self._compiled.get(id(statement)) or self._compile(statement)
        given = {**compiled.constants, **values} if compiled.constants else values
        return compiled.text, given if compiled.order is None else [given[name] for name in compiled.order]

    def _compile(self, statement: ClauseElement) -> Compiled:
        compiled: Any = statement.compile(dialect=self._dialect)
        order = tuple(compiled.positiontup) if compiled.positional else None
        constants = {name: value for name, value in compiled.params.items() if value is not None}
        self._compiled[id(statement)] = Compiled(str(compiled), order, constants)
        return self._compiled[id(statement)]
