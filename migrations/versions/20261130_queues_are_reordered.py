"""queues are reordered by staff."""

import sqlalchemy as sa
from alembic import op

revision = "7c41d90e5ab2"
down_revision = "dad81d87d7ed"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("hold", sa.Column("requested", sa.DateTime(timezone=True), nullable=True))


def downgrade():
    op.drop_column("hold", "requested")
