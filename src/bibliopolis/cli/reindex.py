"""``bibliopolis reindex``: the search index, made anew from the database."""

from __future__ import annotations

import click

from bibliopolis.cli.environment import config_option, prepared_request


@click.command()
@config_option
def reindex(config: str) -> None:
    """Build the search index beside the live one and swap it in.

    The site stays up and keeps searching the old index. Breaking off does no harm: the old index
    stays, and what was half built is removed by the next run.
    """
    from rich.progress import Progress

    from bibliopolis.errors import Conflict
    from bibliopolis.search.jobs import rebuild

    with prepared_request(config) as request, Progress() as bar:
        task = bar.add_task("Indexing", total=None)
        try:
            total = rebuild(
                request, lambda done, total: bar.update(task, completed=done, total=total)
            )
        except Conflict as error:
            raise click.ClickException(str(error.reason)) from error
    click.echo(f"The new index is in use: {total} resources.")
