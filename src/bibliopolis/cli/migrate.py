"""``bibliopolis migrate``: the database gets the schema that the code expects."""

from __future__ import annotations

import click

from bibliopolis.cli.environment import config_option, migrate_database, site_settings


@click.command()
@config_option
def migrate(config: str) -> None:
    """Bring the database to the newest schema."""
    migrate_database(site_settings(config))
