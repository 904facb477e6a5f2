"""Notices in SQLite or PostgreSQL: leased by one statement, so that of all workers one tries at a time."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Integer, LargeBinary, String, bindparam, delete, insert, literal_column, select, update
from sqlalchemy.sql.elements import ClauseElement

from broker.ports import Notice
from broker.store.connections import Connections
from broker.store.schema import notices
from broker.store.statements import Statements

_id, _service = bindparam("notice_id", type_=LargeBinary), bindparam("named", type_=String)
_columns = (notices.c.id, notices.c.service, notices.c.sid, notices.c.expires, notices.c.attempts, notices.c.due)
_due = (notices.c.due <= bindparam("now"), notices.c.expires > bindparam("now"))

PUT = insert(notices).values(
    id=_id,
    service=_service,
    sid=bindparam("sid_"),
    expires=bindparam("ends"),
    attempts=bindparam("tried"),
    due=bindparam("from_"),
)
WAITING = select(notices.c.service).where(*_due).distinct()
# Two workers that lease at once pass over each other's; SQLite has no such words, nor the need.
LEASE = (
    update(notices)
    .where(
        notices.c.id.in_(
            select(notices.c.id)
            .where(notices.c.service == _service, *_due)
            .order_by(notices.c.due)
            .limit(bindparam("most", type_=Integer))
            .with_for_update(skip_locked=True)
        )
    )
    .values(due=bindparam("until"), attempts=notices.c.attempts + literal_column("1"))
    .returning(*_columns)
)
POSTPONE = (
    update(notices).where(notices.c.id == _id, notices.c.attempts == bindparam("tried")).values(due=bindparam("until"))
)
DROP = delete(notices).where(notices.c.id == _id)


def values_of(notice: Notice) -> Mapping[str, Any]:
    """What `PUT` is executed with."""
    return {
        "notice_id": notice.id,
        "named": notice.service,
        "sid_": notice.sid,
        "ends": notice.expires,
        "tried": notice.attempts,
        "from_": notice.due,
    }


class SqlNotices:
    """The notices of a database."""

    def __init__(self, connections: Connections, statements: Statements, clock: Callable[[], int]) -> None:
        self._connections = connections
        self._statements = statements
        self._clock = clock

    def waiting(self) -> list[str]:
        """The services for which a notice is due."""
        return [str(found[0]) for found in self._found(WAITING, {"now": self._clock()})]

    def lease(self, service: str, until: int, most: int) -> list[Notice]:
        """At most so many that are due, with one attempt more, and not due again before `until`."""
        values = {"named": service, "until": until, "most": most, "now": self._clock()}
        return [Notice(bytes(found[0]), *found[1:]) for found in self._found(LEASE, values)]

    def postpone(self, notice: Notice, due: int) -> None:
        """Let a leased one be due at another moment, unless somebody else has leased it since."""
        self._do(POSTPONE, {"notice_id": notice.id, "tried": notice.attempts, "until": due})

    def drop(self, notice: Notice) -> None:
        """It is done, or given up."""
        self._do(DROP, {"notice_id": notice.id})

    def _found(self, statement: ClauseElement, values: Mapping[str, Any]) -> Sequence[Any]:
        """The rows of a single statement, which is its own transaction."""
        return self._connections.rows(*self._statements.words(statement, values))

    def _do(self, statement: ClauseElement, values: Mapping[str, Any]) -> None:
        self._connections.count(*self._statements.words(statement, values))
