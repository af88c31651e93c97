"""Find old letters."""

from alembic import op

revision = "21dc941eef3d"
down_revision = "915d576674ed"
branch_labels = None
depends_on = None


def upgrade():
    op.create_index(op.f("ix_mail_message_sent"), "mail_message", ["sent"])


def downgrade():
    op.drop_index(op.f("ix_mail_message_sent"), table_name="mail_message")
