"""Reports of what other rules would have brought."""

import sqlalchemy as sa
from alembic import op

revision = "63ba6c413f94"
down_revision = "f3a86d10b7e4"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "what_if_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("draft", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("share", sa.Double(), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changes", sa.Text(), nullable=True),
        sa.Column("period", sa.Text(), nullable=True),
        sa.Column("progress", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_what_if_report")),
        sa.UniqueConstraint("uid", name=op.f("uq_what_if_report_uid")),
    )
    with op.batch_alter_table("what_if_report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_what_if_report_state"), ["state"], unique=False)


def downgrade():
    with op.batch_alter_table("what_if_report", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_what_if_report_state"))

    op.drop_table("what_if_report")
