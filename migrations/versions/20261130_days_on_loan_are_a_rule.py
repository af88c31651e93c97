"""days on loan are a rule: what libraries had set is set as a rule of theirs."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "b7a95d3c61fe"
down_revision = "8d1c4f7e20ab"
branch_labels = None
depends_on = None

SETTING = "loan_days"


def upgrade():
    library = sa.table("library", sa.column("id", sa.Integer), sa.column("settings", sa.JSON()))
    connection = op.get_bind()
    for row in connection.execute(sa.select(library.c.id, library.c.settings)).all():
        settings = dict(row.settings or {})
        if SETTING not in settings:
            continue
        connection.execute(
            sa.insert(_rules()).values(
                library_id=row.id,
                name=SETTING,
                category="",
                item_type="",
                value=settings.pop(SETTING),
                changed=datetime.now(UTC),
            )
        )
        connection.execute(
            sa.update(library).where(library.c.id == row.id).values(settings=settings)
        )


def downgrade():
    """Leave the rules: what libraries set since must not be lost."""


def _rules():
    return sa.table(
        "circulation_rule",
        sa.column("library_id", sa.Integer),
        sa.column("name", sa.String),
        sa.column("category", sa.String),
        sa.column("item_type", sa.String),
        sa.column("value", sa.JSON()),
        sa.column("changed", sa.DateTime(timezone=True)),
    )
