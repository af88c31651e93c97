"""say which process has the file of an import open."""

import sqlalchemy as sa
from alembic import op

revision = "4b0574fd9c9f"
down_revision = "c93b1f7e5d08"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("intake_run", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("worker", sa.String(length=100), server_default="", nullable=False)
        )
        batch_op.add_column(sa.Column("touched", sa.DateTime(timezone=True), nullable=True))


def downgrade():
    with op.batch_alter_table("intake_run", schema=None) as batch_op:
        batch_op.drop_column("touched")
        batch_op.drop_column("worker")
