"""The migrations make exactly what the models describe, on both databases."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from fixtures.sites import SITE

from bibliopolis.db import UtcDateTime, make_engine
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
