"""The tables: sealed rows, grants with their checks, one number, notices, and the ledger's.

The ledger names no citizen. The others name nobody: but a check has the name of a data provider, beside a grant that nobody
can tell whose it is, and a notice has the name of a service.
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

# A sid is an HMAC under a key that went with the session: it tells nobody anything but its service. No column has one value
# for all notices of a session.
notices = Table(
    "notices",
    metadata,
    Column("id", LargeBinary, primary_key=True),
    Column("service", String(200), nullable=False),
    Column("sid", String(32), nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due", BigInteger, nullable=False),
    Index("notices_due", "due"),
    Index("notices_expires", "expires"),
)

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
