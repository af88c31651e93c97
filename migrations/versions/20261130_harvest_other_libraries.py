"""harvest other libraries."""

import sqlalchemy as sa
from alembic import op

revision = "2054c0b5026f"
down_revision = "8828ccab1d4f"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "harvest_source",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("granularity", sa.String(length=30), nullable=False),
        sa.Column("deleted", sa.String(length=20), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["library_id"], ["library.id"], name=op.f("fk_harvest_source_library_id_library")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_harvest_source")),
        sa.UniqueConstraint("name", "library_id", name=op.f("uq_harvest_source_name_library_id")),
    )
    op.create_table(
        "harvest_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("dry", sa.Boolean(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("keeps", sa.Boolean(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("granularity", sa.String(length=30), nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("stale", sa.Integer(), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("began", sa.DateTime(timezone=True), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("read", sa.Integer(), nullable=False),
        sa.Column("restarts", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("touched", sa.DateTime(timezone=True), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.Column("trouble_values", sa.JSON(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["harvest_source.id"],
            name=op.f("fk_harvest_run_source_id_harvest_source"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_harvest_run")),
        sa.UniqueConstraint("uid", name=op.f("uq_harvest_run_uid")),
    )
    with op.batch_alter_table("harvest_run", schema=None) as batch_op:
        batch_op.create_index("ix_harvest_run_source", ["source_id", "id"], unique=False)

    op.create_table(
        "harvested_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("identifier", sa.String(length=255), nullable=False),
        sa.Column("control_number", sa.String(length=80), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["harvest_source.id"],
            name=op.f("fk_harvested_record_source_id_harvest_source"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_harvested_record")),
        sa.UniqueConstraint(
            "source_id", "identifier", name=op.f("uq_harvested_record_source_id_identifier")
        ),
    )
    with op.batch_alter_table("harvested_record", schema=None) as batch_op:
        batch_op.create_index(
            "ix_harvested_record_number", ["source_id", "control_number"], unique=False
        )
        batch_op.create_index("ix_harvested_record_run", ["source_id", "run_id"], unique=False)


def downgrade():
    with op.batch_alter_table("harvested_record", schema=None) as batch_op:
        batch_op.drop_index("ix_harvested_record_run")
        batch_op.drop_index("ix_harvested_record_number")

    op.drop_table("harvested_record")
    with op.batch_alter_table("harvest_run", schema=None) as batch_op:
        batch_op.drop_index("ix_harvest_run_source")

    op.drop_table("harvest_run")
    op.drop_table("harvest_source")
