"""``bibliopolis demo``: fill an empty site with a city to look at, or with books to measure by."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from bibliopolis.cli.environment import config_option, ready_request, writing


@click.command()
@config_option
@click.option(
    "--records",
    type=click.IntRange(min=0),
    default=0,
    help="see to it that there are so many plain made-up records, too",
)
def demo(config: str, records: int) -> None:
    """Put the demo city into an empty site; on a site in use it changes nothing."""
    from bibliopolis.demo import City, is_loaded

    with ready_request(config) as request:
        with request.tm:
            if is_loaded(request):
                click.echo("There are libraries here already: the demo is left out.")
            else:
                City(request, lambda text: click.echo(f"  {text} …")).build()
        if records:
            _generate(request.registry, records)


def _generate(registry: Any, count: int) -> None:
    from bibliopolis.catalogue.generated import GeneratedRecords, generate_records

    @contextmanager
    def transaction() -> Iterator[GeneratedRecords]:
        with writing(registry) as request:
            yield GeneratedRecords.from_request(None, request)

    with click.progressbar(length=count, label="  made-up records") as bar:
        written = generate_records(
            transaction, count, progress=lambda done: bar.update(done - bar.pos)
        )
    click.echo(f"  {written} records were written; the rest were there.")
