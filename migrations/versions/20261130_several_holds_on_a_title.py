"""several holds on a title: how many is a rule."""

import sqlalchemy as sa
from alembic import op

revision = "8d1f6b2c90ae"
down_revision = "b7a95d3c61fe"
branch_labels = None
depends_on = None

OPEN = "state IN ('queued', 'in_transit', 'ready')"


def upgrade():
    op.drop_index("uq_hold_open_reader_record", "hold")
    op.create_index("ix_hold_reader_record", "hold", ["reader_id", "record_id", "state"])


def downgrade():
    # Who has several keeps the first: the index would not stand otherwise.
    op.execute(
        "UPDATE hold SET state = 'cancelled', closed = changed WHERE "
        + OPEN
        + " AND EXISTS (SELECT 1 FROM hold AS earlier WHERE earlier.reader_id = hold.reader_id"
        " AND earlier.record_id = hold.record_id AND earlier.id < hold.id"
        " AND earlier.state IN ('queued', 'in_transit', 'ready'))"
    )
    op.drop_index("ix_hold_reader_record", "hold")
    op.create_index(
        "uq_hold_open_reader_record",
        "hold",
        ["reader_id", "record_id"],
        unique=True,
        sqlite_where=sa.text(OPEN),
        postgresql_where=sa.text(OPEN),
    )
