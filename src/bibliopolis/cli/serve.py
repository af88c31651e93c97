"""``bibliopolis serve``: a whole site on one machine, from an empty folder to an open page.

A small supervisor: it prepares the data folder, starts the web process and the worker, starts
again what died, and stops both when it is told to stop. ``make serve`` runs it.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from types import FrameType

import click

from bibliopolis.cli.catalogues import compile_stale
from bibliopolis.cli.children import Child
from bibliopolis.cli.environment import (
    config_option,
    migrate_database,
    refuse_unfinished,
    site_settings,
)
from bibliopolis.cli.first_run import FirstRun, occupy
from bibliopolis.settings import Settings

LOOK_AROUND = 0.1
PATIENCE = 60.0

ACCOUNTS = {
    "reader": "a reader with holds, loans and a child",
    "maria": "a reader who speaks English",
    "rana": "a reader who speaks Arabic",
    "timur": "a reader whose hold waits in a locker",
    "lola": "a reader whose registration is to be finished at a desk",
    "editor": "writes pages, news, events and collections",
    "translator": "translates into Arabic",
    "translator-uz": "translates into Uzbek",
    "reviewer": "publishes, or sends back",
    "librarian": "works at every desk",
    "mayak": "works at one children's library, through a group",
    "consultant": "answers enquiries on every topic",
    "joining": "answers enquiries on one topic",
    "manager": "manages the libraries, their hours and closures",
    "admin": "manages people, groups and the whole site",
}
"""People of the demo by the beginning of their address, and what each is good to look at for."""


@click.command()
@config_option
@click.option("--host", envvar="LISTEN_HOST", default="127.0.0.1", show_default=True)
@click.option(
    "--port", envvar="PORT", default=6543, show_default=True, type=click.IntRange(1, 65535)
)
@click.option("--data", help="the data folder, instead of the one the .ini names")
@click.option("--demo/--no-demo", default=True, help="fill an empty site with the demo")
def serve(config: str, host: str, port: int, data: str | None, demo: bool) -> None:
    """Prepare the data folder, then run web and worker until stopped."""
    signal.signal(signal.SIGTERM, _interrupt)
    if data:
        # The processes started from here find the data folder as this one does.
        os.environ["BIBLIOPOLIS_DATA"] = data
    settings = site_settings(config)
    listener = listen(host, port)
    occupy(settings.data)
    refuse_unfinished(settings)
    try:
        prepare(config, settings, demo=demo)
        supervise(config, listener, f"http://localhost:{port}")
    except KeyboardInterrupt:
        click.echo("Stopped.")


def listen(host: str, port: int) -> socket.socket:
    """Take the port before anything else is done, and keep it while the web process restarts."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        raise click.ClickException(
            f"port {port} of {host} cannot be used ({error.strerror}): "
            f"choose another one, for example PORT={port + 1} make serve"
        ) from error
    return listener


def prepare(config: str, settings: Settings, *, demo: bool) -> None:
    """Bring the data folder to where the site can start; quick when it is there already."""
    first_run = FirstRun(settings.data)
    if first_run.was_interrupted:
        click.echo("The first start was interrupted: the demo is loaded from the beginning.")
        first_run.forget()
    wants_demo = demo and first_run.is_due
    if wants_demo:
        first_run.begin()
    compile_stale(settings.site / "locales")
    migrate_database(settings)
    if wants_demo:
        click.echo(f"Loading the demo into {settings.data} …")
        first_run.load_demo(config)
        first_run.complete()


def supervise(config: str, listener: socket.socket, address: str) -> None:
    """Keep web and worker running; returns only by KeyboardInterrupt, after stopping both."""
    program = [sys.executable, "-m", "bibliopolis"]
    descriptor = listener.fileno()
    web = Child(
        "web process",
        [*program, "web", "--config", config, "--fd", str(descriptor)],
        say=click.echo,
        pass_fds=[descriptor],
    )
    worker = Child("worker", [*program, "worker", "--config", config], say=click.echo)
    children = (web, worker)
    greeting_due_until: float | None = time.monotonic() + PATIENCE
    try:
        while True:
            for child in children:
                child.look_after()
            if greeting_due_until is not None:
                if answers(f"{address}/healthz"):
                    greet(address)
                    greeting_due_until = None
                elif time.monotonic() > greeting_due_until:
                    click.echo(f"Not everything is well yet; {address}/healthz says what.")
                    greeting_due_until = None
            time.sleep(LOOK_AROUND)
    finally:
        # A second Ctrl-C must not leave half of the processes running.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        for child in children:
            child.ask_to_stop()
        for child in children:
            child.wait_until_stopped()


def answers(url: str) -> bool:
    """Tell whether the site says that all its parts are well."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def greet(address: str) -> None:
    """Say where the site is and as whom to look at it."""
    click.echo(f"\n  Bibliopolis is open at {address}/\n")
    click.echo("  Sign in with the password “bibliopolis” as one of")
    width = max(map(len, ACCOUNTS)) + 2
    for name, who in ACCOUNTS.items():
        click.echo(f"    {name + '@example.org':{width + 12}}{who}")
    click.echo("\n  Ctrl-C stops it.")


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
