"""Topics, questions and their threads."""

import sqlalchemy as sa
from alembic import op

revision = "b982fe9fc9f4"
down_revision = "c37fdda86ced"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "topic",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("intro", sa.JSON(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("without_account", sa.Boolean(), nullable=False),
        sa.Column("working_days", sa.Integer(), nullable=False),
        sa.Column("daily_quota", sa.Integer(), nullable=True),
        sa.Column("reopens_at", sa.Time(), nullable=False),
        sa.Column("keep_days", sa.Integer(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["library_id"], ["library.id"], name=op.f("fk_topic_library_id_library")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic")),
        sa.UniqueConstraint("code", name=op.f("uq_topic_code")),
    )
    op.create_table(
        "enquiry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("folded", sa.String(length=400), nullable=False),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("consultant_id", sa.Integer(), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused", sa.DateTime(timezone=True), nullable=True),
        sa.Column("days_left", sa.Integer(), nullable=True),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rule", sa.String(length=40), nullable=True),
        sa.Column("forgotten", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["consultant_id"],
            ["person.id"],
            name=op.f("fk_enquiry_consultant_id_person"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_enquiry_topic_id_topic")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enquiry")),
        sa.UniqueConstraint("uid", name=op.f("uq_enquiry_uid")),
    )
    with op.batch_alter_table("enquiry", schema=None) as batch_op:
        batch_op.create_index("ix_enquiry_consultant", ["consultant_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_enquiry_ended"), ["ended"], unique=False)
        batch_op.create_index("ix_enquiry_queue", ["state", "due", "id"], unique=False)
        batch_op.create_index("ix_enquiry_topic", ["topic_id", "state"], unique=False)

    op.create_table(
        "topic_day",
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["topic.id"], name=op.f("fk_topic_day_topic_id_topic"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("topic_id", "day", name=op.f("pk_topic_day")),
    )
    op.create_table(
        "asker",
        sa.Column("enquiry_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("site_url", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["enquiry_id"],
            ["enquiry.id"],
            name=op.f("fk_asker_enquiry_id_enquiry"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_asker_person_id_person"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("enquiry_id", name=op.f("pk_asker")),
    )
    with op.batch_alter_table("asker", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_asker_email"), ["email"], unique=False)
        batch_op.create_index(batch_op.f("ix_asker_person_id"), ["person_id"], unique=False)

    op.create_table(
        "enquiry_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("enquiry_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written", sa.DateTime(timezone=True), nullable=False),
        sa.Column("via", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"],
            ["person.id"],
            name=op.f("fk_enquiry_message_author_id_person"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["enquiry_id"],
            ["enquiry.id"],
            name=op.f("fk_enquiry_message_enquiry_id_enquiry"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enquiry_message")),
        sa.UniqueConstraint("uid", name=op.f("uq_enquiry_message_uid")),
    )
    with op.batch_alter_table("enquiry_message", schema=None) as batch_op:
        batch_op.create_index("ix_enquiry_message_enquiry", ["enquiry_id", "id"], unique=False)


def downgrade():
    with op.batch_alter_table("enquiry_message", schema=None) as batch_op:
        batch_op.drop_index("ix_enquiry_message_enquiry")

    op.drop_table("enquiry_message")
    with op.batch_alter_table("asker", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_asker_person_id"))
        batch_op.drop_index(batch_op.f("ix_asker_email"))

    op.drop_table("asker")
    op.drop_table("topic_day")
    with op.batch_alter_table("enquiry", schema=None) as batch_op:
        batch_op.drop_index("ix_enquiry_topic")
        batch_op.drop_index("ix_enquiry_queue")
        batch_op.drop_index(batch_op.f("ix_enquiry_ended"))
        batch_op.drop_index("ix_enquiry_consultant")

    op.drop_table("enquiry")
    op.drop_table("topic")
