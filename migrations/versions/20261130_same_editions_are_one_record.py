"""same editions are one record: keys to find them by, what staff decide, where a joined one leads."""

import sqlalchemy as sa
from alembic import op

revision = "a41c7be05d13"
down_revision = "ecaa4bdde506"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "source_key",
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["source_record.id"],
            name=op.f("fk_source_key_source_id_source_record"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("source_id", "key", name=op.f("pk_source_key")),
    )
    op.create_index("ix_source_key_key", "source_key", ["key"], unique=False)
    op.create_table(
        "sources_apart",
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["first_id"],
            ["source_record.id"],
            name=op.f("fk_sources_apart_first_id_source_record"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["second_id"],
            ["source_record.id"],
            name=op.f("fk_sources_apart_second_id_source_record"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("first_id", "second_id", name=op.f("pk_sources_apart")),
    )
    op.create_index("ix_sources_apart_second", "sources_apart", ["second_id"], unique=False)
    op.add_column(
        "source_record",
        sa.Column("pinned", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("record", sa.Column("field_sources", sa.JSON(), nullable=True))
    op.execute(
        "ALTER TABLE record ADD COLUMN joined_to INTEGER"
        " CONSTRAINT fk_record_joined_to_record REFERENCES record (id)"
    )
    op.create_index("ix_record_joined_to", "record", ["joined_to"], unique=False)


def downgrade():
    op.drop_index("ix_record_joined_to", "record")
    # SQLite lets no column go that a constraint names; it stays there, and leads nowhere.
    op.execute("UPDATE record SET joined_to = NULL")
    if op.get_bind().dialect.name != "sqlite":
        op.drop_column("record", "joined_to")
    op.drop_column("record", "field_sources")
    op.drop_column("source_record", "pinned")
    op.drop_table("sources_apart")
    op.drop_table("source_key")
