"""rules of circulation and item types."""

import sqlalchemy as sa
from alembic import op

revision = "53a4fa4cb892"
down_revision = "775f4c44c875"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "circulation_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("item_type", sa.String(length=40), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["library_id"], ["library.id"], name=op.f("fk_circulation_rule_library_id_library")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_circulation_rule")),
        sa.UniqueConstraint(
            "library_id",
            "name",
            "category",
            "item_type",
            name=op.f("uq_circulation_rule_library_id_name_category_item_type"),
        ),
    )
    op.add_column("item", sa.Column("item_type", sa.String(length=40), nullable=True))


def downgrade():
    op.drop_column("item", "item_type")

    op.drop_table("circulation_rule")
