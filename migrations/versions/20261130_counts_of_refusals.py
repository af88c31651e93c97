"""Counts of refusals, and for two days the wishes behind them."""

import sqlalchemy as sa
from alembic import op

revision = "e1105a396029"
down_revision = "5b9e2c7d41f3"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "refused_wish",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=10), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_refused_wish")),
    )
    with op.batch_alter_table("refused_wish", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_refused_wish_day"), ["day"], unique=False)

    op.create_table(
        "wish_secret",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_wish_secret")),
    )
    op.create_table(
        "refusal",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=10), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("avoided", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["library_id"], ["library.id"], name=op.f("fk_refusal_library_id_library")
        ),
        sa.ForeignKeyConstraint(
            ["record_id"], ["record.id"], name=op.f("fk_refusal_record_id_record")
        ),
        sa.PrimaryKeyConstraint(
            "day", "library_id", "record_id", "act", "code", name=op.f("pk_refusal")
        ),
    )
    with op.batch_alter_table("refusal", schema=None) as batch_op:
        batch_op.create_index("ix_refusal_library", ["library_id", "day"], unique=False)


def downgrade():
    with op.batch_alter_table("refusal", schema=None) as batch_op:
        batch_op.drop_index("ix_refusal_library")

    op.drop_table("refusal")
    op.drop_table("wish_secret")
    with op.batch_alter_table("refused_wish", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_refused_wish_day"))

    op.drop_table("refused_wish")
