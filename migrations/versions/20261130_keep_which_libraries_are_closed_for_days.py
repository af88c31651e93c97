"""keep which libraries are closed for days."""

import sqlalchemy as sa
from alembic import op

revision = "8828ccab1d4f"
down_revision = "a72428a72f53"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "closed_library",
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["library_id"],
            ["library.id"],
            name=op.f("fk_closed_library_library_id_library"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("library_id", name=op.f("pk_closed_library")),
    )


def downgrade():
    op.drop_table("closed_library")
