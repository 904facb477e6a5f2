"""The tables: sealed rows, grants with their checks, one number, and the ledger's.

The ledger names no citizen. The others name no person, service or provider: a check has the name of a data provider, and a
grant that nobody can tell whose it is.
"""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, MetaData, String, Table

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

# What data providers did with a grant. It expires when the grant does, and goes with it.
checks = Table(
    "checks",
    metadata,
    Column("grant_id", LargeBinary, primary_key=True),
    Column("data_provider", String(60), primary_key=True),
    Column("expires", BigInteger, nullable=False),
    Column("last", BigInteger),
    Column("withdrawn", Boolean, nullable=False),
    Index("checks_expires", "expires"),
)

generations = Table("generations", metadata, Column("generation", BigInteger, nullable=False))

# The ledger (`metadata/ledger`): rows are only ever added.
entries = Table(
    "ledger_entries",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("line", LargeBinary, nullable=False),
)

blobs = Table(
    "ledger_blobs",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("octets", LargeBinary, nullable=False),
)

checkpoints = Table(
    "ledger_checkpoints",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("octets", LargeBinary, nullable=False),
)
