"""groups of people that hold roles."""

import sqlalchemy as sa
from alembic import op

revision = "b14f0cdd4f62"
down_revision = "f24c2631bbbb"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "person_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("folded", sa.String(length=300), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_group")),
        sa.UniqueConstraint("folded", name=op.f("uq_person_group_folded")),
    )
    op.create_table(
        "group_member",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["person_group.id"],
            name=op.f("fk_group_member_group_id_person_group"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_group_member_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("group_id", "person_id", name=op.f("pk_group_member")),
    )
    with op.batch_alter_table("group_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_group_member_person_id"), ["person_id"], unique=False)
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.add_column(sa.Column("group_id", sa.Integer(), nullable=True))
        batch_op.alter_column("person_id", existing_type=sa.INTEGER(), nullable=True)
        batch_op.create_unique_constraint(
            batch_op.f("uq_role_grant_group_id_role_scope"), ["group_id", "role", "scope"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_role_grant_group_id_person_group"),
            "person_group",
            ["group_id"],
            ["id"],
            ondelete="CASCADE",
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_role_grant_one_holder"), "(person_id IS NULL) <> (group_id IS NULL)"
        )


def downgrade():
    op.execute("DELETE FROM role_grant WHERE person_id IS NULL")
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_role_grant_one_holder"), type_="check")
        batch_op.drop_constraint(
            batch_op.f("fk_role_grant_group_id_person_group"), type_="foreignkey"
        )
        batch_op.drop_constraint(batch_op.f("uq_role_grant_group_id_role_scope"), type_="unique")
        batch_op.alter_column("person_id", existing_type=sa.INTEGER(), nullable=False)
        batch_op.drop_column("group_id")
    op.drop_table("group_member")
    op.drop_table("person_group")
