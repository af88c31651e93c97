"""The database's schema is what the migrations make, in tests as in production."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine

from bibliopolis.db import WRITES


def alembic_config(site: Path) -> Config:
    """Return Alembic's configuration for the site's migrations."""
    config = Config()
    config.set_main_option("script_location", str(site / "migrations"))
    return config


def migrate(engine: Engine, site: Path) -> None:
    """Bring the database to the newest schema, or raise with nothing changed on PostgreSQL."""
    config = alembic_config(site)
    # Two processes that start together: the second waits, then finds nothing left to do.
    with engine.connect().execution_options(**{WRITES: True}) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
