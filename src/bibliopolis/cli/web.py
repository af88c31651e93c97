"""``bibliopolis web``: the web process alone, for a supervisor or a service manager."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import linecache
import signal
import socket
import sys
from types import FrameType
from typing import Any

import click

from bibliopolis.cli.environment import (
    config_option,
    one_line_errors,
    refuse_unfinished,
    site_settings,
)

BELIEVED = frozenset({"x-forwarded-for", "x-forwarded-proto"})
CONNECTIONS = 500
M_ARENA_MAX = -8
"""A parameter of ``mallopt``, see ``malloc.h`` of glibc."""
LARGEST_UPLOADS = 5
"""So many files of the largest size fit into one form; more would only fill the disk."""


@click.command()
@config_option
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", envvar="PORT", default=6543, show_default=True, type=int)
@click.option("--threads", default=4, show_default=True, type=int)
@click.option("--fd", type=int, help="a listening socket inherited from the parent process")
@click.option(
    "--trusted-proxy",
    metavar="ADDRESS",
    help="the web server in front, whose X-Forwarded-For and X-Forwarded-Proto are believed",
)
def web(
    config: str, host: str, port: int, threads: int, fd: int | None, trusted_proxy: str | None
) -> None:
    """Serve the site over HTTP."""
    from pyramid.paster import get_app, setup_logging
    from waitress import create_server

    from bibliopolis.turns import InTurn

    share_memory()
    signal.signal(signal.SIGTERM, _leave)
    # Until the application stands hardly anything is garbage; settle() looks once for what is.
    gc.disable()
    try:
        refuse_unfinished(site_settings(config))
        setup_logging(config)
        with one_line_errors():
            app = get_app(config)
        settle()
    finally:
        # Whoever called the command goes on, where it refuses to start.
        gc.enable()
    settings = app.registry["bibliopolis.settings"]
    limit = max(LARGEST_UPLOADS * settings.upload_limit, settings.import_limit)
    if fd is not None:
        listening: dict[str, Any] = {"sockets": [socket.socket(fileno=fd)]}
    else:
        listening = {"host": host, "port": port}
    if trusted_proxy:
        listening |= {"trusted_proxy": trusted_proxy, "trusted_proxy_headers": BELIEVED}
    on_sqlite = app.registry["bibliopolis.engine"].dialect.name == "sqlite"
    try:
        server = create_server(
            InTurn(app) if on_sqlite else app,
            threads=threads,
            max_request_body_size=limit,
            connection_limit=CONNECTIONS,
            # select() knows no more than 1024 files, whatever the system allows.
            asyncore_use_poll=True,
            clear_untrusted_proxy_headers=True,
            **listening,
        )
    except OSError as error:
        raise click.ClickException(
            f"port {port} of {host} cannot be used ({error.strerror})"
        ) from error
    server.run()


def share_memory() -> None:
    """Let all threads take memory from one place.

    The C library of Linux gives each thread its own, so that they need not wait for one another:
    those of Python wait anyway, and what one has given back the others could not use.
    """
    with contextlib.suppress(AttributeError):  # a C library that has no such thing
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


def settle() -> None:
    """Spare Python from looking for garbage among what stays as long as the process.

    Each look goes through all objects of a generation, and an application has many; those that a
    request leaves behind are few and nearly all freed at once, so it is enough to look seldom.
    """
    linecache.clearcache()  # the sources of all that was decorated, kept for messages
    gc.collect()
    give_back()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def give_back() -> None:
    """Give the system back what the start has used and nothing uses any more."""
    with contextlib.suppress(AttributeError):  # a C library that has no such thing
        ctypes.CDLL(None).malloc_trim(0)


def _leave(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)
