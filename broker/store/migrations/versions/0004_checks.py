"""What data providers did with a grant: the last check, and whether the citizen has withdrawn it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table of checks."""
    op.create_table(
        "checks",
        sa.Column("grant_id", sa.LargeBinary, primary_key=True),
        sa.Column("data_provider", sa.String(60), primary_key=True),
        sa.Column("expires", sa.BigInteger, nullable=False),
        sa.Column("last", sa.BigInteger),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
    )
    op.create_index("checks_expires", "checks", ["expires"])


def downgrade() -> None:
    """Remove it: what it held has expired within the hour anyway."""
    op.drop_table("checks")
