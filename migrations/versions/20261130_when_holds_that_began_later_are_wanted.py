"""When holds that begin later are wanted."""

import sqlalchemy as sa
from alembic import op

revision = "6b67e5ad635e"
down_revision = "7c1f0e9b52da"
branch_labels = None
depends_on = None


def upgrade():
    """Add the column; what has not begun stands by its first day, unless staff moved it."""
    op.add_column("hold", sa.Column("wanted_since", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE hold SET wanted_since = placed WHERE starts IS NOT NULL")


def downgrade():
    """Drop it; the table is not made anew, or it would lose, on SQLite, what refers to its holds."""
    op.drop_column("hold", "wanted_since")
