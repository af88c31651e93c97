"""cells of lockers."""

import sqlalchemy as sa
from alembic import op

revision = "5e2b71c09ad4"
down_revision = "e1105a396029"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "locker_cell",
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["library_id"], ["library.id"], name=op.f("fk_locker_cell_library_id_library")
        ),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["item.id"],
            name=op.f("fk_locker_cell_item_id_item"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("library_id", "number", name=op.f("pk_locker_cell")),
        sa.UniqueConstraint("item_id", name=op.f("uq_locker_cell_item_id")),
    )
    # What lies in lockers already gets cells in the order in which it was laid there.
    op.execute(
        """
        INSERT INTO locker_cell (library_id, number, item_id)
        SELECT hold.pickup_library_id,
               row_number() OVER (
                   PARTITION BY hold.pickup_library_id ORDER BY hold.changed, hold.id
               ),
               hold.item_id
        FROM hold JOIN library ON library.id = hold.pickup_library_id
        WHERE hold.state = 'ready' AND hold.item_id IS NOT NULL
          AND library.kind = 'pickup_point' AND library.cells IS NOT NULL
        """
    )


def downgrade():
    op.drop_table("locker_cell")
