"""The tables: sealed rows, grants, and one number. Nothing in them names a person, a service or a provider."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table

metadata = MetaData()

rows = Table(
    "rows",
    metadata,
    Column("id", LargeBinary, primary_key=True),
    Column("expires", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("rows_expires", "expires"),
)

grants = Table(
    "grants",
    metadata,
    Column("id", LargeBinary, primary_key=True),
    Column("expires", BigInteger, nullable=False),
    Index("grants_expires", "expires"),
)

generations = Table("generations", metadata, Column("generation", BigInteger, nullable=False))
