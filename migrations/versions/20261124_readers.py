"""Readers: several cards, categories, guardians, registration, what they want kept."""

import sqlalchemy as sa
from alembic import op

from bibliopolis.search.analysis import fold

revision = "75bfcb9af515"
down_revision = "2f8568e0a96d"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "guardianship",
        sa.Column("guardian_id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["child_id"], ["reader.id"], name=op.f("fk_guardianship_child_id_reader")
        ),
        sa.ForeignKeyConstraint(
            ["guardian_id"], ["reader.id"], name=op.f("fk_guardianship_guardian_id_reader")
        ),
        sa.PrimaryKeyConstraint("guardian_id", "child_id", name=op.f("pk_guardianship")),
    )
    with op.batch_alter_table("guardianship", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_guardianship_child_id"), ["child_id"], unique=False)

    with op.batch_alter_table("card", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("kind", sa.String(length=20), server_default="library", nullable=False)
        )
        batch_op.add_column(sa.Column("valid_from", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("valid_until", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("blocked", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("block_reason", sa.String(length=20), nullable=True))
        batch_op.drop_constraint(batch_op.f("uq_card_number"), type_="unique")
        batch_op.drop_constraint(batch_op.f("uq_card_reader_id"), type_="unique")
        batch_op.create_index("ix_card_number", ["number"], unique=False)
        batch_op.create_index(batch_op.f("ix_card_reader_id"), ["reader_id"], unique=False)
        batch_op.create_unique_constraint(batch_op.f("uq_card_kind_number"), ["kind", "number"])

    with op.batch_alter_table("reader", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("folded", sa.String(length=400), server_default="", nullable=False)
        )
        batch_op.add_column(
            sa.Column("registration", sa.String(length=20), server_default="full", nullable=False)
        )
        batch_op.add_column(sa.Column("registered_until", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("category", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("born", sa.Date(), nullable=True))
        batch_op.add_column(
            sa.Column("phone", sa.String(length=40), server_default="", nullable=False)
        )
        batch_op.add_column(
            sa.Column("address", sa.String(length=500), server_default="", nullable=False)
        )
        batch_op.add_column(
            sa.Column("keeps_history", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.add_column(sa.Column("consent", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("consented", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("document_seen", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(
            batch_op.f("ix_reader_home_library_id"), ["home_library_id"], unique=False
        )
        batch_op.create_index(
            "ix_reader_registration", ["registration", "registered_until"], unique=False
        )

    with op.batch_alter_table("loan", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("kept", sa.Boolean(), server_default=sa.false(), nullable=False)
        )

    fold_names()


def fold_names():
    reader = sa.table("reader", sa.column("id"), sa.column("name"), sa.column("folded"))
    connection = op.get_bind()
    rows = [
        {"b_id": row.id, "b_folded": fold(row.name)}
        for row in connection.execute(sa.select(reader.c.id, reader.c.name))
    ]
    if rows:
        change = sa.update(reader).where(reader.c.id == sa.bindparam("b_id"))
        connection.execute(change.values(folded=sa.bindparam("b_folded")), rows)


def downgrade():
    with op.batch_alter_table("loan", schema=None) as batch_op:
        batch_op.drop_column("kept")

    with op.batch_alter_table("reader", schema=None) as batch_op:
        batch_op.drop_index("ix_reader_registration")
        batch_op.drop_index(batch_op.f("ix_reader_home_library_id"))
        batch_op.drop_column("document_seen")
        batch_op.drop_column("consented")
        batch_op.drop_column("consent")
        batch_op.drop_column("keeps_history")
        batch_op.drop_column("address")
        batch_op.drop_column("phone")
        batch_op.drop_column("born")
        batch_op.drop_column("category")
        batch_op.drop_column("registered_until")
        batch_op.drop_column("registration")
        batch_op.drop_column("folded")

    with op.batch_alter_table("card", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_card_kind_number"), type_="unique")
        batch_op.drop_index(batch_op.f("ix_card_reader_id"))
        batch_op.drop_index("ix_card_number")
        batch_op.create_unique_constraint(batch_op.f("uq_card_reader_id"), ["reader_id"])
        batch_op.create_unique_constraint(batch_op.f("uq_card_number"), ["number"])
        batch_op.drop_column("block_reason")
        batch_op.drop_column("blocked")
        batch_op.drop_column("valid_until")
        batch_op.drop_column("valid_from")
        batch_op.drop_column("kind")

    with op.batch_alter_table("guardianship", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_guardianship_child_id"))

    op.drop_table("guardianship")
