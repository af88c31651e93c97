"""Replies by mail."""

import sqlalchemy as sa
from alembic import op

revision = "915d576674ed"
down_revision = "682f9876cbc1"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "incoming_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("received", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("enquiry_id", sa.Integer(), nullable=True),
        sa.Column("sender", sa.String(length=320), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("handled_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["enquiry_id"],
            ["enquiry.id"],
            name=op.f("fk_incoming_mail_enquiry_id_enquiry"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["handled_by"],
            ["person.id"],
            name=op.f("fk_incoming_mail_handled_by_person"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incoming_mail")),
        sa.UniqueConstraint("key", name=op.f("uq_incoming_mail_key")),
    )
    with op.batch_alter_table("incoming_mail", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_incoming_mail_enquiry_id"), ["enquiry_id"], unique=False
        )
        batch_op.create_index("ix_incoming_mail_outcome", ["outcome", "id"], unique=False)

    with op.batch_alter_table("mail_message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("headers", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("about", sa.String(length=60), nullable=True))
        batch_op.create_index(batch_op.f("ix_mail_message_about"), ["about"], unique=False)


def downgrade():
    with op.batch_alter_table("mail_message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mail_message_about"))
        batch_op.drop_column("about")
        batch_op.drop_column("headers")

    with op.batch_alter_table("incoming_mail", schema=None) as batch_op:
        batch_op.drop_index("ix_incoming_mail_outcome")
        batch_op.drop_index(batch_op.f("ix_incoming_mail_enquiry_id"))

    op.drop_table("incoming_mail")
