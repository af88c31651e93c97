"""``bibliopolis worker``: do what follows changes: write the index, send mail."""

from __future__ import annotations

import os
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

GIVES_WAY = 5
"""So much less it gets than a web process where there is not enough for both, see nice(2)."""


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
            # Readers who wait for a page come first; a letter may leave a moment later.
            os.nice(GIVES_WAY)
            worker.run()
