"""Holds have dates: until when they are wanted, and until when a copy waits."""

from datetime import date, timedelta

import sqlalchemy as sa
from alembic import op

revision = "b7d2e91c40a6"
down_revision = "864776b4c7b3"
branch_labels = None
depends_on = None

DAYS = 7
"""What waited before there were such days waits so much longer: nobody was told of an end."""


def upgrade():
    op.add_column("hold", sa.Column("need_by", sa.Date(), nullable=True))
    op.add_column("hold", sa.Column("collect_by", sa.Date(), nullable=True))
    op.add_column("hold", sa.Column("cancel_requested", sa.DateTime(timezone=True), nullable=True))
    op.add_column("hold", sa.Column("cause", sa.String(length=20), nullable=True))
    for day in ("suspended_until", "need_by", "collect_by"):
        kept = sa.text(f"{day} IS NOT NULL")
        op.create_index(f"ix_hold_{day}", "hold", [day], sqlite_where=kept, postgresql_where=kept)
    hold = sa.table("hold", sa.column("state", sa.String), sa.column("collect_by", sa.Date))
    last = date.today() + timedelta(days=DAYS)
    op.execute(hold.update().where(hold.c.state == "ready").values(collect_by=last))


def downgrade():
    for day in ("collect_by", "need_by", "suspended_until"):
        op.drop_index(f"ix_hold_{day}", table_name="hold")
    op.drop_column("hold", "cause")
    op.drop_column("hold", "cancel_requested")
    op.drop_column("hold", "collect_by")
    op.drop_column("hold", "need_by")
