"""What the blocks of a revision were made into when it was saved."""

import sqlalchemy as sa
from alembic import op

revision = "1b980adaa0a9"
down_revision = "d745d3ea69bf"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("revision", schema=None) as batch_op:
        batch_op.add_column(sa.Column("compiled", sa.JSON(), nullable=True))


def downgrade():
    with op.batch_alter_table("revision", schema=None) as batch_op:
        batch_op.drop_column("compiled")
