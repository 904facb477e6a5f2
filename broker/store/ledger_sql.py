"""The ledger in SQLite or PostgreSQL: three tables to which rows are only ever added.

A number is taken once: of two writers who append at the same place one is refused, and reads again. Octets are read as
octets whatever was put there: who can write to the database must not be able to stop the program.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, Integer, LargeBinary, String, bindparam, cast, insert, select
from sqlalchemy.sql.elements import ClauseElement, ColumnElement

from broker.ports import DuplicateRow
from broker.store.connections import Connections
from broker.store.engines import Begin, Errors
from broker.store.schema import blobs, checkpoints, entries
from broker.store.statements import Statements

_named, _sealed = bindparam("named", type_=String), bindparam("sealed", type_=LargeBinary)


def _octets(column: ColumnElement[bytes]) -> ColumnElement[bytes]:
    return cast(column, LargeBinary)


LINES = (
    select(entries.c.seq, _octets(entries.c.line))
    .where(entries.c.seq >= bindparam("since", type_=BigInteger))
    .order_by(entries.c.seq)
    .limit(bindparam("most", type_=Integer))
)
APPEND = insert(entries).values(seq=bindparam("number"), line=_sealed)
BLOB = select(_octets(blobs.c.octets)).where(blobs.c.digest == _named)
KEEP = insert(blobs).values(digest=_named, octets=_sealed)
CHECKPOINTS = select(checkpoints.c.name, _octets(checkpoints.c.octets))
KEEP_CHECKPOINT = insert(checkpoints).values(name=_named, octets=_sealed)


class SqlLedger:
    """The ledger in a database."""

    def __init__(self, connections: Connections, statements: Statements, errors: Errors, begin: Begin) -> None:
        self._connections = connections
        self._statements = statements
        self._errors = errors
        self._begin = begin

    def lines(self, since: int, most: int) -> list[tuple[int, bytes]]:
        """The entries from a number on, at most so many: their numbers, in order, and their lines."""
        return [(seq, bytes(line)) for seq, line in self._found(LINES, {"since": since, "most": most})]

    def append(self, seq: int, lines: Sequence[bytes], blobs: Mapping[str, bytes]) -> None:
        """Lines as the entries `seq`, `seq + 1`…, and the files that they speak of. Raises DuplicateRow."""
        added = [(APPEND, {"number": number, "sealed": line}) for number, line in enumerate(lines, seq)]
        new = {digest: octets for digest, octets in blobs.items() if self.blob(digest) is None}
        self._add([*added, *((KEEP, {"named": digest, "sealed": octets}) for digest, octets in new.items())])

    def blob(self, digest: str) -> bytes | None:
        """The file of a digest, None when there is none."""
        found = self._found(BLOB, {"named": digest})
        return bytes(found[0][0]) if found else None

    def checkpoints(self) -> dict[str, bytes]:
        """The signed notes by their names."""
        return {str(name): bytes(octets) for name, octets in self._found(CHECKPOINTS, {})}

    def keep_checkpoint(self, name: str, octets: bytes) -> None:
        """Keep a signed note. Raises DuplicateRow."""
        self._add([(KEEP_CHECKPOINT, {"named": name, "sealed": octets})])

    def _found(self, statement: ClauseElement, values: Mapping[str, Any]) -> Sequence[Any]:
        return self._connections.rows(*self._statements.words(statement, values))

    def _add(self, rows: Sequence[tuple[ClauseElement, Mapping[str, Any]]]) -> None:
        """All rows or none. What two write at once, the second one finds: it reads again, and tries again."""
        with self._connections.transaction(self._begin) as cursor:
            for statement, values in rows:
                try:
                    cursor.execute(*self._statements.words(statement, values))
                except self._errors.twice as twice:
                    raise DuplicateRow from twice
