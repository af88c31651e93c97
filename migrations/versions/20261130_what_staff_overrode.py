"""what staff overrode when they placed a hold."""

import sqlalchemy as sa
from alembic import op

revision = "c64e0f1b7d28"
down_revision = "8d1f6b2c90ae"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("hold", sa.Column("overridden", sa.JSON(), nullable=True))


def downgrade():
    op.drop_column("hold", "overridden")
