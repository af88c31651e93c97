"""``bibliopolis worker``: do what follows changes: write the index, send mail."""

from __future__ import annotations

import signal
from threading import Event
from types import FrameType

import click

from bibliopolis.cli.environment import (
    config_option,
    prepared_request,
    refuse_unfinished,
    site_settings,
)


@click.command()
@config_option
@click.option("--once", is_flag=True, help="do what waits now, then end")
def worker(config: str, once: bool) -> None:
    """Work off the outbox until stopped; a batch that is begun is finished."""
    from bibliopolis.worker import Worker

    stop = Event()

    def finish_and_stop(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, finish_and_stop)
    signal.signal(signal.SIGINT, finish_and_stop)
    refuse_unfinished(site_settings(config))
    with prepared_request(config) as request:
        worker = Worker(request.registry, stop)
        if once:
            worker.take_over()
            worker.drain()
        else:
            worker.run()
