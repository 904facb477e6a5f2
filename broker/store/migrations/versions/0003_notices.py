"""Notices: which services must still be told that a session has ended."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "notices",
        sa.Column("id", sa.LargeBinary, primary_key=True),
        sa.Column("service", sa.String(200), nullable=False),
        sa.Column("sid", sa.String(32), nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due", sa.BigInteger, nullable=False),
    )
    op.create_index("notices_due", "notices", ["due"])
    op.create_index("notices_expires", "notices", ["expires"])


def downgrade() -> None:
    """Remove it: what it held has expired within hours anyway."""
    op.drop_table("notices")
