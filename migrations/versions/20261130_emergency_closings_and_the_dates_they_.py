"""emergency closings and the dates they moved."""

import sqlalchemy as sa
from alembic import op

revision = "dad81d87d7ed"
down_revision = "5e2b71c09ad4"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "emergency_closing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("exception_id", sa.Integer(), nullable=True),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("with_below", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("step", sa.String(length=20), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("moved_loans", sa.Integer(), nullable=False),
        sa.Column("moved_holds", sa.Integer(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("operation", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["exception_id"],
            ["hours_exception.id"],
            name=op.f("fk_emergency_closing_exception_id_hours_exception"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["library_id"], ["library.id"], name=op.f("fk_emergency_closing_library_id_library")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_closing")),
        sa.UniqueConstraint("uid", name=op.f("uq_emergency_closing_uid")),
    )
    with op.batch_alter_table("emergency_closing", schema=None) as batch_op:
        batch_op.create_index(
            "ix_emergency_closing_library_id", ["library_id", "last"], unique=False
        )

    op.create_table(
        "moved_date",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("closing_id", sa.Integer(), nullable=False),
        sa.Column("loan_id", sa.Integer(), nullable=True),
        sa.Column("hold_id", sa.Integer(), nullable=True),
        sa.Column("before", sa.Date(), nullable=False),
        sa.Column("after", sa.Date(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("moved", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stayed", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(loan_id IS NULL) != (hold_id IS NULL)", name=op.f("ck_moved_date_one_thing")
        ),
        sa.ForeignKeyConstraint(
            ["closing_id"],
            ["emergency_closing.id"],
            name=op.f("fk_moved_date_closing_id_emergency_closing"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["hold_id"], ["hold.id"], name=op.f("fk_moved_date_hold_id_hold"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["loan_id"], ["loan.id"], name=op.f("fk_moved_date_loan_id_loan"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moved_date")),
        sa.UniqueConstraint("closing_id", "hold_id", name=op.f("uq_moved_date_closing_id_hold_id")),
        sa.UniqueConstraint("closing_id", "loan_id", name=op.f("uq_moved_date_closing_id_loan_id")),
    )
    with op.batch_alter_table("moved_date", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_moved_date_hold_id"), ["hold_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_moved_date_loan_id"), ["loan_id"], unique=False)

    with op.batch_alter_table("hours_exception", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("urgent", sa.Boolean(), server_default=sa.false(), nullable=False)
        )


def downgrade():
    with op.batch_alter_table("hours_exception", schema=None) as batch_op:
        batch_op.drop_column("urgent")

    with op.batch_alter_table("moved_date", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_moved_date_loan_id"))
        batch_op.drop_index(batch_op.f("ix_moved_date_hold_id"))

    op.drop_table("moved_date")
    with op.batch_alter_table("emergency_closing", schema=None) as batch_op:
        batch_op.drop_index("ix_emergency_closing_library_id")

    op.drop_table("emergency_closing")
