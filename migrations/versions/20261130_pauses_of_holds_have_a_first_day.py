"""pauses of holds have a first day."""

import sqlalchemy as sa
from alembic import op

revision = "5e0b7c41d9a2"
down_revision = "bb4eabd412dc"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("hold", sa.Column("suspend_from", sa.Date(), nullable=True))
    op.create_index(
        "ix_hold_suspend_from",
        "hold",
        ["suspend_from"],
        sqlite_where=sa.text("suspend_from IS NOT NULL"),
        postgresql_where=sa.text("suspend_from IS NOT NULL"),
    )


def downgrade():
    op.drop_index("ix_hold_suspend_from", "hold")
    op.drop_column("hold", "suspend_from")
