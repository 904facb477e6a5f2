"""The tables: sealed rows, grants, one number, and the ledger's. Nothing in the first three names a person, a service or a
provider; nothing in the ledger a citizen.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, String, Table

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
