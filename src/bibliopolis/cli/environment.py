"""What every command needs: the .ini it speaks of, and a request to work with.

``BIBLIOPOLIS_DATA`` in the environment is the data folder, ``BIBLIOPOLIS_DATABASE`` the database,
and so on for every setting; otherwise the .ini's own values count.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from configparser import Error as ConfigParserError
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from bibliopolis.errors import ConfigurationError
from bibliopolis.settings import Settings, parse_settings, with_environment

DEFAULT_CONFIG = "development.ini"

config_option = click.option(
    "-c",
    "--config",
    envvar="BIBLIOPOLIS_CONFIG",
    default=DEFAULT_CONFIG,
    show_default=True,
    type=click.Path(exists=True, dir_okay=False),
    help="the .ini file of the site",
)


WRONGLY_CONFIGURED = 78
"""The exit code (``EX_CONFIG``) of a site that no restart can help."""


class Misconfigured(click.ClickException):
    """A declaration or a setting is wrong: one line says where."""

    exit_code = WRONGLY_CONFIGURED


@contextmanager
def one_line_errors() -> Iterator[None]:
    """End the command with the one line of a mistake in a declaration or a setting."""
    try:
        yield
    except ConfigurationError as error:
        raise Misconfigured(str(error)) from error


def site_settings(config: str) -> Settings:
    """Return the settings of the site that the .ini file and the environment describe."""
    from plaster import PlasterError
    from pyramid.paster import get_appsettings

    try:
        given = get_appsettings(str(Path(config).resolve()))
    except (PlasterError, LookupError, ConfigParserError) as error:
        reason = " ".join(str(error).split())
        raise Misconfigured(f"{config} is not an .ini file of a site: {reason}") from error
    with one_line_errors():
        return parse_settings(with_environment(given, os.environ), config)


@contextmanager
def prepared_request(config: str) -> Iterator[Any]:
    """Give a request of the site as a view has it; work inside ``with request.tm:``.

    It is a POST, so that its transactions begin as those of a writer. Its address is the site's
    own, so that links in mail lead there.
    """
    from pyramid.paster import bootstrap, setup_logging
    from pyramid.request import Request

    base_url = site_settings(config).url or None
    setup_logging(config)
    request = Request.blank("/", base_url=base_url, method="POST")
    with one_line_errors():
        environment = bootstrap(config, request=request)
    try:
        with environment:
            yield environment["request"]
    finally:
        environment["registry"]["bibliopolis.engine"].dispose()


@contextmanager
def ready_request(config: str) -> Iterator[Any]:
    """Give the same of a site whose database is there and of this version; else end with one line.

    Nothing is made where there is none.
    """
    from bibliopolis.cli.check_site import look_at_database

    settings = site_settings(config)
    refuse_unfinished(settings)
    with database_engine(settings, must_exist=True):
        pass
    with prepared_request(config) as request:
        for finding in look_at_database(request):
            if finding.stops:
                raise click.ClickException(finding.text)
        yield request


@contextmanager
def writing(registry: Any) -> Iterator[Any]:
    """Give a request whose transaction is committed at the end: for work done in portions."""
    from pyramid.request import Request
    from pyramid.scripting import prepare

    with prepare(Request.blank("/", method="POST"), registry=registry) as environment:
        request = environment["request"]
        with request.tm:
            yield request


@contextmanager
def database_engine(settings: Settings, *, must_exist: bool = False) -> Iterator[Any]:
    """Give an engine on the site's database, which answers; else end with one line."""
    from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError

    from bibliopolis.db import make_engine

    try:
        engine = make_engine(settings.database_url)
    except (ArgumentError, NoSuchModuleError) as error:
        raise Misconfigured(f"bibliopolis.database: {error}") from error
    try:
        # To open a database of SQLite is to make it.
        missing = engine.dialect.name == "sqlite" and not Path(engine.url.database or "").exists()
        if missing and must_exist:
            raise click.ClickException(
                f"there is no database {engine.url.database}: run `bibliopolis init`"
            )
        if not missing or settings.data.is_dir():
            try:
                engine.connect().close()
            except DatabaseError as error:
                raise click.ClickException(
                    f"the database cannot be used: {error.orig}".strip()
                ) from error
        yield engine
    finally:
        engine.dispose()


def refuse_unfinished(settings: Settings) -> None:
    """Open no site of which a restore has made one half."""
    from bibliopolis.backup import UNFINISHED

    if (settings.data / UNFINISHED).exists():
        raise click.ClickException(
            f"a restore into {settings.data} is not finished: run the same command again"
        )


def migrate_database(settings: Settings) -> None:
    """Bring the database to the newest schema; says nothing when it already has it."""
    from alembic.util.exc import CommandError

    from bibliopolis.schema import migrate

    settings.data.mkdir(parents=True, exist_ok=True)
    with database_engine(settings) as engine:
        try:
            migrate(engine, settings.site)
        except CommandError as error:
            raise click.ClickException(
                f"the database does not belong to this version of Bibliopolis: {error}"
            ) from error
