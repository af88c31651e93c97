"""first tables."""

import sqlalchemy as sa
from alembic import op

revision = "5fb46b12fb7e"
down_revision = None
branch_labels = None
depends_on = None

TO_REVISION = ("live_revision_id", "working_revision_id")


def upgrade():
    op.create_table(
        "history",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("operation", sa.String(length=32), nullable=False),
        sa.Column("resource_type", sa.String(length=40), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("happened", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("state_before", sa.String(length=40), nullable=True),
        sa.Column("state_after", sa.String(length=40), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
    )
    with op.batch_alter_table("history", schema=None) as batch_op:
        batch_op.create_index("ix_history_operation", ["operation"], unique=False)
        batch_op.create_index(
            "ix_history_resource", ["resource_type", "resource_id", "id"], unique=False
        )

    op.create_table(
        "library",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("address", sa.JSON(), nullable=False),
        sa.Column("sort_key", sa.String(length=200), nullable=False),
        sa.Column("is_pickup_point", sa.Boolean(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["library.id"], name=op.f("fk_library_parent_id_library")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_library")),
        sa.UniqueConstraint("code", name=op.f("uq_library_code")),
        sa.UniqueConstraint("uid", name=op.f("uq_library_uid")),
    )
    op.create_table(
        "mail_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("recipient", sa.String(length=320), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_message")),
        sa.UniqueConstraint("message_id", name=op.f("uq_mail_message_message_id")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Boolean(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbox_waiting", ["topic", "failed", "priority", "id"], unique=False
        )

    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("folded", sa.String(length=600), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
        sa.UniqueConstraint("uid", name=op.f("uq_person_uid")),
    )
    op.create_table(
        "sequence",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sequence")),
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("name", sa.String(length=320), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sign_in_attempt")),
    )
    op.create_table(
        "worker_heartbeat",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("seen", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker_heartbeat")),
    )
    op.create_table(
        "content",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=100), nullable=False),
        sa.Column("path", sa.String(length=1000), nullable=False),
        sa.Column("ancestors", sa.String(length=400), nullable=False),
        sa.Column("in_navigation", sa.Boolean(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("source_language", sa.String(length=20), nullable=False),
        sa.Column("starts", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.Column("binned", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["person.id"], name=op.f("fk_content_owner_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["content.id"], name=op.f("fk_content_parent_id_content")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_content")),
        sa.UniqueConstraint("uid", name=op.f("uq_content_uid")),
    )
    with op.batch_alter_table("content", schema=None) as batch_op:
        batch_op.create_index("ix_content_children", ["parent_id", "position"], unique=False)
        batch_op.create_index("ix_content_dates", ["type", "starts"], unique=False)
        batch_op.create_index("ix_content_path", ["path"], unique=False)
        batch_op.create_index(
            "uq_content_slug",
            ["parent_id", "slug"],
            unique=True,
            sqlite_where=sa.text("binned IS NULL"),
            postgresql_where=sa.text("binned IS NULL"),
        )

    op.create_table(
        "media",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_media_owner_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media")),
        sa.UniqueConstraint("uid", name=op.f("uq_media_uid")),
    )
    with op.batch_alter_table("media", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_media_sha256"), ["sha256"], unique=False)

    op.create_table(
        "reader",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sort_key", sa.String(length=200), nullable=False),
        sa.Column("home_library_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["home_library_id"], ["library.id"], name=op.f("fk_reader_home_library_id_library")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_reader_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reader")),
        sa.UniqueConstraint("person_id", name=op.f("uq_reader_person_id")),
        sa.UniqueConstraint("uid", name=op.f("uq_reader_uid")),
    )
    with op.batch_alter_table("reader", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reader_sort_key"), ["sort_key"], unique=False)

    op.create_table(
        "record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("control_number", sa.String(length=80), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("subtitle", sa.Text(), nullable=True),
        sa.Column("part", sa.Text(), nullable=True),
        sa.Column("title_statement", sa.Text(), nullable=True),
        sa.Column("other_titles", sa.JSON(), nullable=False),
        sa.Column("responsibility", sa.Text(), nullable=True),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("contributors", sa.JSON(), nullable=False),
        sa.Column("publisher", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("edition", sa.Text(), nullable=True),
        sa.Column("extent", sa.Text(), nullable=True),
        sa.Column("series", sa.JSON(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=True),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("isbns", sa.JSON(), nullable=False),
        sa.Column("issns", sa.JSON(), nullable=False),
        sa.Column("subjects", sa.JSON(), nullable=False),
        sa.Column("classes", sa.JSON(), nullable=False),
        sa.Column("age", sa.Integer(), nullable=True),
        sa.Column("links", sa.JSON(), nullable=False),
        sa.Column("sort_key", sa.String(length=200), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["library_id"], ["library.id"], name=op.f("fk_record_library_id_library")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record")),
        sa.UniqueConstraint(
            "library_id", "control_number", name=op.f("uq_record_library_id_control_number")
        ),
        sa.UniqueConstraint("uid", name=op.f("uq_record_uid")),
    )
    op.create_table(
        "role_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("scope", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_role_grant_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
        sa.UniqueConstraint(
            "person_id", "role", "scope", name=op.f("uq_role_grant_person_id_role_scope")
        ),
    )
    op.create_table(
        "signed_in_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("browser", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_signed_in_session_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signed_in_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_signed_in_session_token_hash")),
    )
    with op.batch_alter_table("signed_in_session", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_signed_in_session_person_id"), ["person_id"], unique=False
        )

    op.create_table(
        "availability",
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("available", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["library_id"], ["library.id"], name=op.f("fk_availability_library_id_library")
        ),
        sa.ForeignKeyConstraint(
            ["record_id"],
            ["record.id"],
            name=op.f("fk_availability_record_id_record"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("record_id", "library_id", name=op.f("pk_availability")),
    )
    with op.batch_alter_table("availability", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_availability_sequence"), ["sequence"], unique=False)

    op.create_table(
        "card",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("reader_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reader_id"], ["reader.id"], name=op.f("fk_card_reader_id_reader")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card")),
        sa.UniqueConstraint("number", name=op.f("uq_card_number")),
        sa.UniqueConstraint("reader_id", name=op.f("uq_card_reader_id")),
    )
    op.create_table(
        "content_translation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("content_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=True),
        sa.Column("live_revision_id", sa.Integer(), nullable=True),
        sa.Column("working_revision_id", sa.Integer(), nullable=True),
        sa.Column("live_title", sa.String(length=300), nullable=True),
        sa.Column("working_title", sa.String(length=300), nullable=True),
        sa.Column("published", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["content_id"], ["content.id"], name=op.f("fk_content_translation_content_id_content")
        ),
        sa.ForeignKeyConstraint(
            ["live_revision_id"],
            ["revision.id"],
            name=op.f("fk_content_translation_live_revision_id_revision"),
            use_alter=True,
        ),
        sa.ForeignKeyConstraint(
            ["working_revision_id"],
            ["revision.id"],
            name=op.f("fk_content_translation_working_revision_id_revision"),
            use_alter=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_content_translation")),
        sa.UniqueConstraint(
            "content_id", "language", name=op.f("uq_content_translation_content_id_language")
        ),
    )
    op.create_table(
        "item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("holding_library_id", sa.Integer(), nullable=False),
        sa.Column("barcode", sa.String(length=60), nullable=False),
        sa.Column("shelf_mark", sa.String(length=200), nullable=True),
        sa.Column("location", sa.String(length=200), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["holding_library_id"], ["library.id"], name=op.f("fk_item_holding_library_id_library")
        ),
        sa.ForeignKeyConstraint(
            ["library_id"], ["library.id"], name=op.f("fk_item_library_id_library")
        ),
        sa.ForeignKeyConstraint(
            ["record_id"], ["record.id"], name=op.f("fk_item_record_id_record")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item")),
        sa.UniqueConstraint("library_id", "barcode", name=op.f("uq_item_library_id_barcode")),
    )
    with op.batch_alter_table("item", schema=None) as batch_op:
        batch_op.create_index("ix_item_barcode", ["barcode"], unique=False)
        batch_op.create_index("ix_item_record", ["record_id"], unique=False)

    op.create_table(
        "hold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reader_id", sa.Integer(), nullable=True),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("pickup_library_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("cut_in_line", sa.Boolean(), nullable=False),
        sa.Column("placed", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_hold_item_id_item")),
        sa.ForeignKeyConstraint(
            ["pickup_library_id"], ["library.id"], name=op.f("fk_hold_pickup_library_id_library")
        ),
        sa.ForeignKeyConstraint(
            ["reader_id"], ["reader.id"], name=op.f("fk_hold_reader_id_reader")
        ),
        sa.ForeignKeyConstraint(
            ["record_id"], ["record.id"], name=op.f("fk_hold_record_id_record")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
        sa.UniqueConstraint("uid", name=op.f("uq_hold_uid")),
    )
    with op.batch_alter_table("hold", schema=None) as batch_op:
        batch_op.create_index("ix_hold_pickup", ["pickup_library_id", "state"], unique=False)
        batch_op.create_index(
            "ix_hold_queue", ["record_id", "state", "cut_in_line", "placed", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_hold_reader_id"), ["reader_id"], unique=False)
        batch_op.create_index(
            "uq_hold_bound_item",
            ["item_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('in_transit', 'ready')"),
            postgresql_where=sa.text("state IN ('in_transit', 'ready')"),
        )
        batch_op.create_index(
            "uq_hold_open_reader_record",
            ["reader_id", "record_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('queued', 'in_transit', 'ready')"),
            postgresql_where=sa.text("state IN ('queued', 'in_transit', 'ready')"),
        )

    op.create_table(
        "loan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("reader_id", sa.Integer(), nullable=True),
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("opened", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_loan_item_id_item")),
        sa.ForeignKeyConstraint(
            ["library_id"], ["library.id"], name=op.f("fk_loan_library_id_library")
        ),
        sa.ForeignKeyConstraint(
            ["reader_id"], ["reader.id"], name=op.f("fk_loan_reader_id_reader")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loan")),
        sa.UniqueConstraint("uid", name=op.f("uq_loan_uid")),
    )
    with op.batch_alter_table("loan", schema=None) as batch_op:
        batch_op.create_index("ix_loan_reader", ["reader_id", "closed"], unique=False)
        batch_op.create_index(
            "uq_loan_open_item",
            ["item_id"],
            unique=True,
            sqlite_where=sa.text("closed IS NULL"),
            postgresql_where=sa.text("closed IS NULL"),
        )

    op.create_table(
        "missing_copy",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("noticed", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["item.id"], name=op.f("fk_missing_copy_item_id_item"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["library_id"], ["library.id"], name=op.f("fk_missing_copy_library_id_library")
        ),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_missing_copy")),
    )
    with op.batch_alter_table("missing_copy", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_missing_copy_library_id"), ["library_id"], unique=False
        )

    op.create_table(
        "revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("translation_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("source_revision_id", sa.Integer(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["person.id"], name=op.f("fk_revision_author_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["source_revision_id"],
            ["revision.id"],
            name=op.f("fk_revision_source_revision_id_revision"),
        ),
        sa.ForeignKeyConstraint(
            ["translation_id"],
            ["content_translation.id"],
            name=op.f("fk_revision_translation_id_content_translation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision")),
        sa.UniqueConstraint(
            "translation_id", "number", name=op.f("uq_revision_translation_id_number")
        ),
    )
    # Translations and revisions refer to each other. PostgreSQL gets these two references now that
    # both tables exist; SQLite, which cannot add one later, has them in the table already.
    if op.get_bind().dialect.name == "postgresql":
        for column in TO_REVISION:
            op.create_foreign_key(
                op.f(f"fk_content_translation_{column}_revision"),
                "content_translation",
                "revision",
                [column],
                ["id"],
            )
    op.create_table(
        "shelf_removal",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["item.id"], name=op.f("fk_shelf_removal_item_id_item"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["library_id"], ["library.id"], name=op.f("fk_shelf_removal_library_id_library")
        ),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_shelf_removal")),
    )
    with op.batch_alter_table("shelf_removal", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_shelf_removal_library_id"), ["library_id"], unique=False
        )

    op.create_table(
        "hold_target",
        sa.Column("hold_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("targeted", sa.DateTime(timezone=True), nullable=False),
        sa.Column("found", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["hold_id"], ["hold.id"], name=op.f("fk_hold_target_hold_id_hold"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_hold_target_item_id_item")),
        sa.ForeignKeyConstraint(
            ["library_id"], ["library.id"], name=op.f("fk_hold_target_library_id_library")
        ),
        sa.PrimaryKeyConstraint("hold_id", name=op.f("pk_hold_target")),
        sa.UniqueConstraint("item_id", name=op.f("uq_hold_target_item_id")),
    )
    with op.batch_alter_table("hold_target", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hold_target_library_id"), ["library_id"], unique=False)

    op.create_table(
        "media_use",
        sa.Column("media_id", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["media_id"], ["media.id"], name=op.f("fk_media_use_media_id_media"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"],
            ["revision.id"],
            name=op.f("fk_media_use_revision_id_revision"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("media_id", "revision_id", name=op.f("pk_media_use")),
    )
    op.create_table(
        "transit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("hold_id", sa.Integer(), nullable=True),
        sa.Column("from_library_id", sa.Integer(), nullable=False),
        sa.Column("to_library_id", sa.Integer(), nullable=False),
        sa.Column("sent", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["from_library_id"], ["library.id"], name=op.f("fk_transit_from_library_id_library")
        ),
        sa.ForeignKeyConstraint(["hold_id"], ["hold.id"], name=op.f("fk_transit_hold_id_hold")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_transit_item_id_item")),
        sa.ForeignKeyConstraint(
            ["to_library_id"], ["library.id"], name=op.f("fk_transit_to_library_id_library")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transit")),
    )
    with op.batch_alter_table("transit", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_transit_to_library_id"), ["to_library_id"], unique=False
        )
        batch_op.create_index(
            "uq_transit_open_item",
            ["item_id"],
            unique=True,
            sqlite_where=sa.text("received IS NULL"),
            postgresql_where=sa.text("received IS NULL"),
        )


def downgrade():
    if op.get_bind().dialect.name == "postgresql":
        for column in TO_REVISION:
            op.drop_constraint(
                op.f(f"fk_content_translation_{column}_revision"), "content_translation"
            )
    with op.batch_alter_table("transit", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_transit_open_item",
            sqlite_where=sa.text("received IS NULL"),
            postgresql_where=sa.text("received IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_transit_to_library_id"))

    op.drop_table("transit")
    op.drop_table("media_use")
    with op.batch_alter_table("hold_target", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_hold_target_library_id"))

    op.drop_table("hold_target")
    with op.batch_alter_table("shelf_removal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_shelf_removal_library_id"))

    op.drop_table("shelf_removal")
    op.drop_table("revision")
    with op.batch_alter_table("missing_copy", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_missing_copy_library_id"))

    op.drop_table("missing_copy")
    with op.batch_alter_table("loan", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_loan_open_item",
            sqlite_where=sa.text("closed IS NULL"),
            postgresql_where=sa.text("closed IS NULL"),
        )
        batch_op.drop_index("ix_loan_reader")

    op.drop_table("loan")
    with op.batch_alter_table("hold", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_hold_open_reader_record",
            sqlite_where=sa.text("state IN ('queued', 'in_transit', 'ready')"),
            postgresql_where=sa.text("state IN ('queued', 'in_transit', 'ready')"),
        )
        batch_op.drop_index(
            "uq_hold_bound_item",
            sqlite_where=sa.text("state IN ('in_transit', 'ready')"),
            postgresql_where=sa.text("state IN ('in_transit', 'ready')"),
        )
        batch_op.drop_index(batch_op.f("ix_hold_reader_id"))
        batch_op.drop_index("ix_hold_queue")
        batch_op.drop_index("ix_hold_pickup")

    op.drop_table("hold")
    with op.batch_alter_table("item", schema=None) as batch_op:
        batch_op.drop_index("ix_item_record")
        batch_op.drop_index("ix_item_barcode")

    op.drop_table("item")
    op.drop_table("content_translation")
    op.drop_table("card")
    with op.batch_alter_table("availability", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_availability_sequence"))

    op.drop_table("availability")
    with op.batch_alter_table("signed_in_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_signed_in_session_person_id"))

    op.drop_table("signed_in_session")
    op.drop_table("role_grant")
    op.drop_table("record")
    with op.batch_alter_table("reader", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reader_sort_key"))

    op.drop_table("reader")
    with op.batch_alter_table("media", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_media_sha256"))

    op.drop_table("media")
    with op.batch_alter_table("content", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_content_slug",
            sqlite_where=sa.text("binned IS NULL"),
            postgresql_where=sa.text("binned IS NULL"),
        )
        batch_op.drop_index("ix_content_path")
        batch_op.drop_index("ix_content_dates")
        batch_op.drop_index("ix_content_children")

    op.drop_table("content")
    op.drop_table("worker_heartbeat")
    op.drop_table("sign_in_attempt")
    op.drop_table("sequence")
    op.drop_table("person")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_waiting")

    op.drop_table("outbox")
    op.drop_table("mail_message")
    op.drop_table("library")
    with op.batch_alter_table("history", schema=None) as batch_op:
        batch_op.drop_index("ix_history_resource")
        batch_op.drop_index("ix_history_operation")

    op.drop_table("history")
