"""the tree of organisations: where, how to reach, how to get in, settings, other hours."""

import sqlalchemy as sa
from alembic import op

revision = "a41d7c6e90b2"
down_revision = "75bfcb9af515"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("library", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("withdrawn", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(sa.Column("cells", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("latitude", sa.Double(), nullable=True))
        batch_op.add_column(sa.Column("longitude", sa.Double(), nullable=True))
        for name, empty in (
            ("contacts", "{}"),
            ("access", "[]"),
            ("access_note", "{}"),
            ("settings", "{}"),
        ):
            batch_op.add_column(
                sa.Column(name, sa.JSON(), nullable=False, server_default=sa.text(f"'{empty}'"))
            )
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        batch_op.create_index("ix_library_parent_id", ["parent_id"], unique=False)
    op.create_table(
        "hours_exception",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=True),
        sa.Column("starts", sa.Time(), nullable=True),
        sa.Column("ends", sa.Time(), nullable=True),
        sa.Column("reason", sa.JSON(), nullable=False),
        sa.Column("with_below", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["library_id"],
            ["library.id"],
            name=op.f("fk_hours_exception_library_id_library"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hours_exception")),
    )
    with op.batch_alter_table("hours_exception", schema=None) as batch_op:
        batch_op.create_index("ix_hours_exception_library_id", ["library_id", "last"], unique=False)


def downgrade():
    op.drop_table("hours_exception")
    with op.batch_alter_table("library", schema=None) as batch_op:
        batch_op.drop_index("ix_library_parent_id")
        for name in (
            "version",
            "settings",
            "access_note",
            "access",
            "contacts",
            "longitude",
            "latitude",
            "cells",
            "withdrawn",
        ):
            batch_op.drop_column(name)
