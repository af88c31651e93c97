"""``bibliopolis compile-messages``: .mo files from the catalogues of locales/."""

from __future__ import annotations

from pathlib import Path

import click

from bibliopolis.cli.catalogues import compile_stale


@click.command()
@click.argument("locales", default="locales", type=click.Path(path_type=Path))
def compile_messages(locales: Path) -> None:
    """Compile the catalogues that changed."""
    for path in compile_stale(locales):
        click.echo(f"Compiled {path}")
