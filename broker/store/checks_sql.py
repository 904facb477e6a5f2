"""The statements of checks: what data providers did with a grant.

Each is one statement that reads the grant and writes the check, so that the database decides between a check and a
withdrawal that run at once: the one that finds the other's row waits, and judges it again when the other has ended.
"""

from typing import Any

from sqlalchemy import BigInteger, LargeBinary, String, bindparam, delete, false, null, select, true
from sqlalchemy.dialects.postgresql import Insert, insert  # SQLite has the same words
from sqlalchemy.sql.elements import ColumnElement

from broker.store.schema import checks, grants

_grant = bindparam("row_id", type_=LargeBinary)
_now = bindparam("now", type_=BigInteger)
_at = bindparam("at", type_=BigInteger)
_named = bindparam("named", type_=String)
_columns = ("grant_id", "data_provider", "expires", "last", "withdrawn")


def _written(last: ColumnElement[Any], withdrawn: ColumnElement[bool]) -> Insert:
    """A new row for a grant that stands; it expires with it."""
    standing = select(grants.c.id, _named, grants.c.expires, last, withdrawn)
    return insert(checks).from_select(_columns, standing.where(grants.c.id == _grant, grants.c.expires > _now))


_both = (checks.c.grant_id, checks.c.data_provider)
_counts = checks.c.withdrawn == false()

NOTE = _written(_at, false()).on_conflict_do_update(index_elements=_both, set_={"last": _at}, where=_counts)
WITHDRAW = _written(null(), true()).on_conflict_do_update(index_elements=_both, set_={"withdrawn": true()}, where=_counts)
CHECKS = (
    select(checks.c.data_provider, checks.c.last, checks.c.withdrawn)
    .join(grants, grants.c.id == checks.c.grant_id)
    .where(grants.c.id == _grant, grants.c.expires > _now)
)
FORGET = delete(checks).where(checks.c.grant_id == _grant)
