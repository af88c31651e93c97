"""Counts of searches in vain, by day."""

import sqlalchemy as sa
from alembic import op

revision = "775f4c44c875"
down_revision = "f8e81446febb"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "sought_in_vain",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("words", sa.String(length=100), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "words", name=op.f("pk_sought_in_vain")),
    )


def downgrade():
    op.drop_table("sought_in_vain")
