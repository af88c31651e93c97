"""Contents and works of records."""

import sqlalchemy as sa
from alembic import op

revision = "d745d3ea69bf"
down_revision = "21dc941eef3d"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("record", schema=None) as batch_op:
        batch_op.add_column(sa.Column("contents", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("work_key", sa.String(length=120), nullable=True))
        batch_op.create_index(batch_op.f("ix_record_work_key"), ["work_key"], unique=False)


def downgrade():
    with op.batch_alter_table("record", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_record_work_key"))
        batch_op.drop_column("work_key")
        batch_op.drop_column("contents")
