"""calendars of due dates, at secret addresses."""

import sqlalchemy as sa
from alembic import op

revision = "f3a86d10b7e4"
down_revision = "5e0b7c41d9a2"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "due_calendar",
        sa.Column("reader_id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("titles", sa.Boolean(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["reader_id"], ["reader.id"], name=op.f("fk_due_calendar_reader_id_reader")
        ),
        sa.PrimaryKeyConstraint("reader_id", name=op.f("pk_due_calendar")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_due_calendar_secret_hash")),
        sa.UniqueConstraint("uid", name=op.f("uq_due_calendar_uid")),
    )


def downgrade():
    op.drop_table("due_calendar")
