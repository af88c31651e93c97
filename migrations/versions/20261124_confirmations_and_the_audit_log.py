"""confirmations and the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "2f8568e0a96d"
down_revision = "5fb46b12fb7e"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "audit_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("happened", sa.DateTime(timezone=True), nullable=False),
        sa.Column("what", sa.String(length=60), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("about_type", sa.String(length=40), nullable=True),
        sa.Column("about_id", sa.Integer(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("network", sa.String(length=50), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.create_index(
            "ix_audit_event_about", ["about_type", "about_id", "id"], unique=False
        )
        batch_op.create_index("ix_audit_event_actor", ["actor_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_event_happened"), ["happened"], unique=False)
        batch_op.create_index("ix_audit_event_what", ["what", "id"], unique=False)

    op.create_table(
        "confirmation_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=320), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmation_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_confirmation_token_token_hash")),
    )
    with op.batch_alter_table("confirmation_token", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_confirmation_token_expires"), ["expires"], unique=False
        )
        batch_op.create_index(
            "ix_confirmation_token_subject", ["purpose", "subject", "created"], unique=False
        )

    with op.batch_alter_table("mail_message", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("confidential", sa.Boolean(), server_default=sa.false(), nullable=False)
        )


def downgrade():
    with op.batch_alter_table("mail_message", schema=None) as batch_op:
        batch_op.drop_column("confidential")

    with op.batch_alter_table("confirmation_token", schema=None) as batch_op:
        batch_op.drop_index("ix_confirmation_token_subject")
        batch_op.drop_index(batch_op.f("ix_confirmation_token_expires"))

    op.drop_table("confirmation_token")
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_event_what")
        batch_op.drop_index(batch_op.f("ix_audit_event_happened"))
        batch_op.drop_index("ix_audit_event_actor")
        batch_op.drop_index("ix_audit_event_about")

    op.drop_table("audit_event")
