"""due dates of loans.

Loans of before are due three weeks after they were made, as new ones are unless a library says
otherwise.
"""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

revision = "5f0d3e7a91c2"
down_revision = "a41c7be05d13"
branch_labels = None
depends_on = None

DAYS = timedelta(days=21)
AT_ONCE = 1000


def upgrade():
    with op.batch_alter_table("loan", schema=None) as batch_op:
        batch_op.add_column(sa.Column("due", sa.Date(), nullable=True))
    loan = sa.table(
        "loan",
        sa.column("id", sa.Integer),
        sa.column("opened", sa.DateTime(timezone=True)),
        sa.column("due", sa.Date),
    )
    connection, last = op.get_bind(), 0
    update = (
        sa.update(loan).where(loan.c.id == sa.bindparam("of")).values(due=sa.bindparam("until"))
    )
    while True:
        rows = connection.execute(
            sa.select(loan.c.id, loan.c.opened)
            .where(loan.c.id > last)
            .order_by(loan.c.id)
            .limit(AT_ONCE)
        ).all()
        if not rows:
            break
        connection.execute(
            update, [{"of": row.id, "until": (row.opened + DAYS).date()} for row in rows]
        )
        last = rows[-1].id
    with op.batch_alter_table("loan", schema=None) as batch_op:
        batch_op.alter_column("due", existing_type=sa.Date(), nullable=False)


def downgrade():
    with op.batch_alter_table("loan", schema=None) as batch_op:
        batch_op.drop_column("due")
