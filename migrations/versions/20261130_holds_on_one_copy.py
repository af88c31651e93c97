"""holds on one copy."""

import sqlalchemy as sa
from alembic import op

revision = "5b9e2c7d41f3"
down_revision = "c64e0f1b7d28"
branch_labels = None
depends_on = None

WANTED = sa.text("wanted_item_id IS NOT NULL")


def upgrade():
    item = sa.ForeignKey("item.id", name="fk_hold_wanted_item_id_item")
    # Within the column: a table made anew would lose, on SQLite, what refers to its holds.
    op.add_column(
        "hold",
        sa.Column("wanted_item_id", sa.Integer(), item, nullable=True),
        inline_references=True,
    )
    op.create_index(
        "ix_hold_wanted_item",
        "hold",
        ["record_id", "wanted_item_id"],
        sqlite_where=WANTED,
        postgresql_where=WANTED,
    )


def downgrade():
    op.drop_index("ix_hold_wanted_item", table_name="hold")
    op.drop_column("hold", "wanted_item_id")
