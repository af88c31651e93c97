"""books brought home."""

import sqlalchemy as sa
from alembic import op

revision = "a3d85e14f6c2"
down_revision = "63ba6c413f94"
branch_labels = None
depends_on = None

BEFORE = "state IN ('in_transit', 'ready')"
NOW = "state IN ('in_transit', 'ready', 'out_for_delivery')"


def bound(condition):
    op.drop_index("uq_hold_bound_item", table_name="hold")
    op.create_index(
        "uq_hold_bound_item",
        "hold",
        ["item_id"],
        unique=True,
        sqlite_where=sa.text(condition),
        postgresql_where=sa.text(condition),
    )


def upgrade():
    op.add_column(
        "hold", sa.Column("by_delivery", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    bound(NOW)
    op.create_table(
        "hold_delivery",
        sa.Column("hold_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=500), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["hold_id"],
            ["hold.id"],
            name=op.f("fk_hold_delivery_hold_id_hold"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("hold_id", name=op.f("pk_hold_delivery")),
    )
    op.create_table(
        "delivery_mark",
        sa.Column("reader_id", sa.Integer(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["reader_id"],
            ["reader.id"],
            name=op.f("fk_delivery_mark_reader_id_reader"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("reader_id", name=op.f("pk_delivery_mark")),
    )


def downgrade():
    op.drop_table("delivery_mark")
    op.drop_table("hold_delivery")
    bound(BEFORE)
    op.drop_column("hold", "by_delivery")
