"""What each library said: source records beside the record of their edition.

Every record becomes the union of one source record with the same id. ``content_hash`` and ``source``
go there, and two records may name the same number, since that of a record only says who leads.
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "6d1f0a4c92be"
down_revision = "1b980adaa0a9"
branch_labels = None
depends_on = None

AT_ONCE = 1000
UNIQUE = "uq_record_library_id_control_number"
TEXTS = (
    "title",
    "subtitle",
    "part",
    "title_statement",
    "responsibility",
    "author",
    "publisher",
    "place",
    "year",
    "edition",
    "extent",
    "summary",
    "contents",
    "kind",
    "language",
    "age",
    "work_key",
    "sort_key",
)
LISTS = (
    "other_titles",
    "contributors",
    "series",
    "languages",
    "isbns",
    "issns",
    "subjects",
    "classes",
    "links",
)
INSTANT = sa.DateTime(timezone=True)
COMMON = ("library_id", "control_number", "content_hash", "source", "withdrawn")

record = sa.table(
    "record",
    sa.column("id", sa.Integer),
    *(sa.column(name) for name in (*COMMON, *TEXTS)),
    *(sa.column(name, sa.JSON) for name in LISTS),
    sa.column("library_ids", sa.JSON),
    sa.column("created", INSTANT),
    sa.column("changed", INSTANT),
)
source_record = sa.table(
    "source_record",
    sa.column("id", sa.Integer),
    sa.column("record_id", sa.Integer),
    *(sa.column(name) for name in COMMON),
    sa.column("described", sa.Text),
    sa.column("created", INSTANT),
    sa.column("changed", INSTANT),
)
item = sa.table("item", sa.column("record_id"), sa.column("source_record_id"))


def upgrade():
    op.create_table(
        "source_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("control_number", sa.String(length=80), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=True),
        sa.Column("described", sa.Text(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["library_id"], ["library.id"], name=op.f("fk_source_record_library_id_library")
        ),
        sa.ForeignKeyConstraint(
            ["record_id"], ["record.id"], name=op.f("fk_source_record_record_id_record")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_record")),
        sa.UniqueConstraint(
            "library_id",
            "control_number",
            name=op.f("uq_source_record_library_id_control_number"),
        ),
    )
    with op.batch_alter_table("source_record", schema=None) as batch_op:
        batch_op.create_index("ix_source_record_record", ["record_id"], unique=False)
    with op.batch_alter_table("record", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("library_ids", sa.JSON(), nullable=False, server_default="[]")
        )
    _copy_descriptions()
    op.execute(
        "ALTER TABLE item ADD COLUMN source_record_id INTEGER"
        " CONSTRAINT fk_item_source_record_id_source_record REFERENCES source_record (id)"
    )
    op.execute(item.update().values(source_record_id=item.c.record_id))
    op.create_index("ix_item_source_record", "item", ["source_record_id"], unique=False)
    if _is_sqlite():
        _rebuild_records(leave_out=("content_hash", "source"))
    else:
        op.drop_constraint(UNIQUE, "record", type_="unique")
        op.drop_column("record", "content_hash")
        op.drop_column("record", "source")
        op.alter_column("record", "library_ids", server_default=None)
        op.execute(
            "SELECT setval('source_record_id_seq', (SELECT coalesce(max(id), 1) FROM record))"
        )


def _copy_descriptions():
    connection, last = op.get_bind(), 0
    while True:
        rows = connection.execute(
            sa.select(record).where(record.c.id > last).order_by(record.c.id).limit(AT_ONCE)
        ).all()
        if not rows:
            return
        connection.execute(sa.insert(source_record), [_source(row) for row in rows])
        connection.execute(
            sa.update(record)
            .where(record.c.id == sa.bindparam("record_id"))
            .values(library_ids=sa.bindparam("ids", type_=sa.JSON)),
            [{"record_id": row.id, "ids": [row.library_id]} for row in rows],
        )
        last = rows[-1].id


def _source(row):
    said = {name: getattr(row, name) for name in (*TEXTS, *LISTS)}
    return {
        "id": row.id,
        "record_id": row.id,
        **{name: getattr(row, name) for name in COMMON},
        "described": json.dumps(
            {name: value for name, value in said.items() if value not in (None, "", [])},
            ensure_ascii=False,
            separators=(",", ":"),
        ),
        "created": row.created,
        "changed": row.changed,
    }


def _is_sqlite():
    return op.get_bind().dialect.name == "sqlite"


def _rebuild_records(leave_out=()):
    """Make the table anew without some columns and without the unique number.

    SQLite can take no constraint away. While the table is gone, references to it are looked at
    no more than at the end, and what would go with its rows is kept aside.
    """
    connection = op.get_bind()
    op.execute("PRAGMA defer_foreign_keys = ON")
    old = sa.Table("record", sa.MetaData(), autoload_with=connection, resolve_fks=False)
    indexes = [(index.name, [column.name for column in index.columns]) for index in old.indexes]
    columns = [column for column in old.columns if column.name not in leave_out]
    names = ", ".join(column.name for column in columns)
    for name in ("record", "availability"):
        op.execute(f"CREATE TEMPORARY TABLE kept_{name} AS SELECT * FROM {name}")
    op.execute("DROP TABLE record")
    op.create_table(
        "record",
        *(sa.Column(one.name, one.type, nullable=one.nullable) for one in columns),
        sa.ForeignKeyConstraint(
            ["library_id"], ["library.id"], name="fk_record_library_id_library"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_record"),
        sa.UniqueConstraint("uid", name="uq_record_uid"),
    )
    for name, indexed in indexes:
        op.create_index(name, "record", indexed)
    op.execute(f"INSERT INTO record ({names}) SELECT {names} FROM kept_record")
    op.execute("DELETE FROM availability")
    op.execute("INSERT INTO availability SELECT * FROM kept_availability")
    for name in ("record", "availability"):
        op.execute(f"DROP TABLE kept_{name}")


def downgrade():
    """Give each record what came as the description that leads; the others are lost."""
    for column in ("content_hash VARCHAR(64) NOT NULL DEFAULT ''", "source " + _bytes()):
        op.execute(f"ALTER TABLE record ADD COLUMN {column}")
    leading = (
        "SELECT {} FROM source_record WHERE source_record.library_id = record.library_id"
        " AND source_record.control_number = record.control_number"
    )
    # A record whose description is at another by now, as after a join, gives its number up.
    op.execute(
        "UPDATE record SET control_number = substr(control_number, 1, 60) || '#' || id"
        f" WHERE EXISTS ({leading.format('1')} AND source_record.record_id <> record.id)"
    )
    op.execute(
        f"UPDATE record SET content_hash = coalesce(({leading.format('content_hash')}), ''),"
        f" source = ({leading.format('source')})"
    )
    op.drop_index("ix_item_source_record", "item")
    # SQLite lets no column go that a constraint names; it stays there, empty.
    op.execute("UPDATE item SET source_record_id = NULL")
    if _is_sqlite():
        op.create_index(UNIQUE, "record", ["library_id", "control_number"], unique=True)
    else:
        op.drop_column("item", "source_record_id")
        op.create_unique_constraint(UNIQUE, "record", ["library_id", "control_number"])
    op.drop_column("record", "library_ids")
    op.drop_table("source_record")


def _bytes():
    return "BLOB" if _is_sqlite() else "BYTEA"
