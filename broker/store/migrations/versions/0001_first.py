"""Sealed rows, grants, and the generation of the configuration."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the first tables."""
    op.create_table(
        "rows",
        sa.Column("id", sa.LargeBinary, primary_key=True),
        sa.Column("expires", sa.BigInteger, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_index("rows_expires", "rows", ["expires"])
    op.create_table(
        "grants",
        sa.Column("id", sa.LargeBinary, primary_key=True),
        sa.Column("expires", sa.BigInteger, nullable=False),
    )
    op.create_index("grants_expires", "grants", ["expires"])
    generations = op.create_table("generations", sa.Column("generation", sa.BigInteger, nullable=False))
    op.bulk_insert(generations, [{"generation": 1}])


def downgrade() -> None:
    """Remove them: what they held has expired within hours anyway."""
    for table in ("generations", "grants", "rows"):
        op.drop_table(table)
