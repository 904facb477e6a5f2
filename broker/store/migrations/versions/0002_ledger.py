"""The ledger: its entries, the files that they speak of, and signed notes."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the ledger's tables; the ledger begins at the next start."""
    op.create_table(
        "ledger_entries",
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("line", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "ledger_blobs",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("octets", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "ledger_checkpoints",
        sa.Column("name", sa.String(60), primary_key=True),
        sa.Column("octets", sa.LargeBinary, nullable=False),
    )


def downgrade() -> None:
    """There is no way back: what the ledger holds is to outlast every version."""
    raise NotImplementedError("the ledger is not thrown away: put the backup in the place of the database")
