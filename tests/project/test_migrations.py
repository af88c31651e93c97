"""The migrations make exactly what the models describe, on both databases."""

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from fixtures.records import make_book
from fixtures.sites import SITE
from sqlalchemy import text
from sqlalchemy.orm import Session

from bibliopolis.catalogue.models import SourceRecord
from bibliopolis.db import WRITES, UtcDateTime, make_engine
from bibliopolis.libraries.models import Library
from bibliopolis.models import Base
from bibliopolis.schema import alembic_config


def same_instants(_context, _inspected, _declared, _inspected_type, declared_type):
    # Dates with a time zone on PostgreSQL and without on SQLite: both are right for an instant.
    return False if isinstance(declared_type, UtcDateTime) else None


def test_the_models_need_no_migration(database_url):
    engine = make_engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": same_instants})
        missing = compare_metadata(context, Base.metadata)
    engine.dispose()

    assert missing == [], 'make migration m="…" writes what is missing'


def test_migrations_follow_one_another_in_one_line():
    assert len(ScriptDirectory.from_config(alembic_config(SITE)).get_heads()) == 1


def test_after_a_join_and_a_split_there_is_a_way_back_to_unique_numbers(database_url, clock):
    engine = make_engine(database_url)
    with Session(engine) as db, engine.connect().execution_options(**{WRITES: True}) as connection:
        joined = make_book(db, clock, control_number="n1", withdrawn=True)
        library = db.get(Library, joined.library_id)
        split = make_book(db, clock, library=library, control_number="n1")
        instants = {"created": clock.now(), "changed": clock.now()}
        said = {"control_number": "n1", "content_hash": "1", "described": "{}", **instants}
        db.add(SourceRecord(record_id=split.id, library_id=library.id, **said))
        expected = [(joined.id, f"n1#{joined.id}"), (split.id, "n1")]
        db.commit()
        config = alembic_config(SITE)
        config.attributes["connection"] = connection
        command.downgrade(config, "1b980adaa0a9")
        numbers = connection.execute(text("SELECT id, control_number FROM record ORDER BY id"))
        assert [tuple(row) for row in numbers] == expected
    engine.dispose()
