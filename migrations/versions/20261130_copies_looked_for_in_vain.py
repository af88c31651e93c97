"""Which copies were looked for in vain, and holds for which there is no hope."""

import sqlalchemy as sa
from alembic import op

revision = "c93b1f7e5d08"
down_revision = "b7d2e91c40a6"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "past_target",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hold_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("targeted", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["hold_id"], ["hold.id"], name="fk_past_target_hold_id_hold", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["item.id"], name="fk_past_target_item_id_item", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["library_id"], ["library.id"], name="fk_past_target_library_id_library"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_past_target"),
    )
    op.create_index("ix_past_target_hold_id", "past_target", ["hold_id"])
    op.create_index("ix_past_target_item_id", "past_target", ["item_id"])
    op.add_column("hold", sa.Column("hopeless_since", sa.DateTime(timezone=True), nullable=True))


def downgrade():
    op.drop_column("hold", "hopeless_since")
    op.drop_table("past_target")
