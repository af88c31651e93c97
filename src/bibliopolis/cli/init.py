"""``bibliopolis init``: an empty site, ready to be filled."""

from __future__ import annotations

import click

from bibliopolis.cli.catalogues import compile_stale
from bibliopolis.cli.environment import config_option, migrate_database, site_settings


@click.command()
@config_option
def init(config: str) -> None:
    """Make the database and compile the catalogues; running it again changes nothing."""
    settings = site_settings(config)
    compile_stale(settings.site / "locales")
    migrate_database(settings)
    click.echo("The site is ready. `bibliopolis serve --no-demo` opens it.")
