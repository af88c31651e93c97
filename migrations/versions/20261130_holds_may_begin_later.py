"""holds may begin later."""

import sqlalchemy as sa
from alembic import op

revision = "7c1f0e9b52da"
down_revision = "f4ee9bbe595a"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("hold", sa.Column("starts", sa.Date(), nullable=True))
    op.create_index(
        "ix_hold_starts",
        "hold",
        ["starts"],
        sqlite_where=sa.text("starts IS NOT NULL"),
        postgresql_where=sa.text("starts IS NOT NULL"),
    )


def downgrade():
    op.drop_index("ix_hold_starts", "hold")
    op.drop_column("hold", "starts")
