"""Files of questions."""

import sqlalchemy as sa
from alembic import op

revision = "682f9876cbc1"
down_revision = "b85877209b16"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "enquiry_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("enquiry_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enquiry_id"],
            ["enquiry.id"],
            name=op.f("fk_enquiry_file_enquiry_id_enquiry"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["enquiry_message.id"],
            name=op.f("fk_enquiry_file_message_id_enquiry_message"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enquiry_file")),
        sa.UniqueConstraint("uid", name=op.f("uq_enquiry_file_uid")),
    )
    with op.batch_alter_table("enquiry_file", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_enquiry_file_enquiry_id"), ["enquiry_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_enquiry_file_message_id"), ["message_id"], unique=False
        )


def downgrade():
    with op.batch_alter_table("enquiry_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enquiry_file_message_id"))
        batch_op.drop_index(batch_op.f("ix_enquiry_file_enquiry_id"))

    op.drop_table("enquiry_file")
