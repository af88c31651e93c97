"""``bibliopolis reindex``: the search index, made anew from the database."""

from __future__ import annotations

import click

from bibliopolis.cli.environment import config_option, ready_request, writing

PORTION = 500


@click.command()
@config_option
def reindex(config: str) -> None:
    """Build the search index beside the live one and swap it in.

    The site stays up and keeps searching the old index. Breaking off does no harm: the old index
    stays, and what was half built is removed by the next run. What waited for the worker to be
    indexed when it began waits no more.
    """
    from rich.progress import Progress

    from bibliopolis.errors import Conflict
    from bibliopolis.outbox import Outbox
    from bibliopolis.search.jobs import covered, rebuild

    with ready_request(config) as request, Progress() as bar:
        done_with = covered(request)
        task = bar.add_task("Indexing", total=None)
        try:
            total = rebuild(
                request, lambda done, total: bar.update(task, completed=done, total=total)
            )
        except Conflict as error:
            raise click.ClickException(str(error.reason)) from error
        except OSError as error:
            raise click.ClickException(
                f"The index could not be written ({error.strerror or error}). The old one stays in "
                "use. When there is room for it, run `bibliopolis reindex` again."
            ) from error
        for start in range(0, len(done_with), PORTION):
            with writing(request.registry) as portion:
                portion.find_service(Outbox).forget(done_with[start : start + PORTION])
    click.echo(f"The new index is in use: {total} resources.")
