"""states of loans and transits, and how often a loan was renewed.

What is over was returned and has arrived, what is not is on loan and on its way.
"""

import sqlalchemy as sa
from alembic import op

revision = "8d1c4f7e20ab"
down_revision = "4b0574fd9c9f"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("loan", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("state", sa.String(length=20), nullable=False, server_default="on_loan")
        )
        batch_op.add_column(sa.Column("renewals", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("changed", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(
            "ix_loan_open_due",
            ["due", "library_id"],
            unique=False,
            sqlite_where=sa.text("closed IS NULL"),
            postgresql_where=sa.text("closed IS NULL"),
        )
    with op.batch_alter_table("transit", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("state", sa.String(length=20), nullable=False, server_default="sent")
        )
    op.execute("UPDATE loan SET state = 'returned', changed = closed WHERE closed IS NOT NULL")
    op.execute("UPDATE transit SET state = 'received' WHERE received IS NOT NULL")


def downgrade():
    with op.batch_alter_table("transit", schema=None) as batch_op:
        batch_op.drop_column("state")
    with op.batch_alter_table("loan", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_loan_open_due",
            sqlite_where=sa.text("closed IS NULL"),
            postgresql_where=sa.text("closed IS NULL"),
        )
        batch_op.drop_column("changed")
        batch_op.drop_column("renewals")
        batch_op.drop_column("state")
