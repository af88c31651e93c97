"""What staff decide of records: to join them, to take descriptions out, to keep them."""

import sqlalchemy as sa
from alembic import op

revision = "c5e2d90b71f8"
down_revision = "5f0d3e7a91c2"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "union_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=True),
        sa.Column("verb", sa.String(length=20), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("happened", sa.DateTime(timezone=True), nullable=False),
        sa.Column("operation", sa.String(length=32), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("undone", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["other_id"], ["record.id"], name=op.f("fk_union_decision_other_id_record")
        ),
        sa.ForeignKeyConstraint(
            ["record_id"], ["record.id"], name=op.f("fk_union_decision_record_id_record")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_union_decision")),
    )
    op.create_index("ix_union_decision_other_id", "union_decision", ["other_id"], unique=False)
    op.create_index("ix_union_decision_record_id", "union_decision", ["record_id"], unique=False)


def downgrade():
    op.drop_table("union_decision")
