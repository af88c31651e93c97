"""How Alembic finds the database and the tables: by the site's settings."""

import os

from alembic import context
from pyramid.paster import get_appsettings, setup_logging

from bibliopolis.db import UtcDateTime, make_engine
from bibliopolis.models import Base
from bibliopolis.settings import parse_settings, with_environment

config = context.config


def render_item(kind, item, _context):
    # A migration must not change its meaning when the application's types do.
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def compare_type(_context, _inspected, _declared, inspected_type, declared_type):
    # Instants are dates with a time zone on PostgreSQL and plain ones on SQLite: both are right.
    return False if isinstance(declared_type, UtcDateTime) else None


def run(connection):
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=compare_type,
        render_item=render_item,
    )
    with context.begin_transaction():
        context.run_migrations()


connection = config.attributes.get("connection")
if connection is not None:
    run(connection)
else:
    setup_logging(config.config_file_name)
    raw = with_environment(get_appsettings(config.config_file_name), os.environ)
    settings = parse_settings(raw, config.config_file_name)
    settings.data.mkdir(parents=True, exist_ok=True)
    engine = make_engine(settings.database_url)
    with engine.connect() as connection:
        run(connection)
    engine.dispose()
