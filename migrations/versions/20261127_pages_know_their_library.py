"""pages know their library: news, events and its own page are listed by it."""

import sqlalchemy as sa
from alembic import op

revision = "c37fdda86ced"
down_revision = "b14f0cdd4f62"
branch_labels = None
depends_on = None

content = sa.table("content", sa.column("id", sa.Integer), sa.column("library_id", sa.Integer))
translation = sa.table(
    "content_translation",
    sa.column("content_id", sa.Integer),
    sa.column("language", sa.String),
    sa.column("live_revision_id", sa.Integer),
    sa.column("working_revision_id", sa.Integer),
)
revision_table = sa.table("revision", sa.column("id", sa.Integer), sa.column("data", sa.JSON))


def upgrade():
    with op.batch_alter_table("content", schema=None) as batch_op:
        batch_op.add_column(sa.Column("library_id", sa.Integer(), nullable=True))
        batch_op.create_index("ix_content_library", ["library_id", "type", "starts"], unique=False)
    shown = sa.func.coalesce(translation.c.live_revision_id, translation.c.working_revision_id)
    rows = op.get_bind().execute(
        sa.select(translation.c.content_id, revision_table.c.data)
        .join_from(translation, revision_table, revision_table.c.id == shown)
        .where(translation.c.language == "*")
    )
    for content_id, data in rows.all():
        library = (data or {}).get("library")
        if isinstance(library, int):
            op.execute(
                content.update().where(content.c.id == content_id).values(library_id=library)
            )


def downgrade():
    with op.batch_alter_table("content", schema=None) as batch_op:
        batch_op.drop_index("ix_content_library")
        batch_op.drop_column("library_id")
