"""Holds can be paused."""

import sqlalchemy as sa
from alembic import op

revision = "a1f0c37d52b4"
down_revision = "53a4fa4cb892"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("hold", sa.Column("suspended", sa.DateTime(timezone=True), nullable=True))
    op.add_column("hold", sa.Column("suspended_until", sa.Date(), nullable=True))


def downgrade():
    op.drop_column("hold", "suspended_until")
    op.drop_column("hold", "suspended")
