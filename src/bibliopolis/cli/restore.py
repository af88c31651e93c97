"""``bibliopolis restore``: a site out of a backup, in an empty place."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bibliopolis.cli.environment import (
    config_option,
    database_engine,
    prepared_request,
    site_settings,
)
from bibliopolis.cli.first_run import occupied
from bibliopolis.cli.progress import shown_progress

if TYPE_CHECKING:
    from bibliopolis.backup.archive import Archive, Progress


@click.command()
@config_option
@click.option("--check", is_flag=True, help="only say whether FILE is whole and fits here")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(config: str, check: bool, file: Path) -> None:
    """Put what FILE holds into the data folder and the database of the .ini file.

    Both must be empty. If this is interrupted, the same command again completes it.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from bibliopolis.backup.archive import Archive
    from bibliopolis.backup.manifest import UnusableArchive
    from bibliopolis.backup.restoring import OLD_SETTINGS, CannotRestore, NotEmpty, Restore

    settings = site_settings(config)
    with ExitStack() as stack:
        try:
            archive = stack.enter_context(Archive(file))
            engine = stack.enter_context(database_engine(settings))
            restoring = Restore(archive, settings, Path(config).resolve(), engine)
            progress = stack.enter_context(shown_progress())
            restoring.check(progress)
            if check:
                click.echo(f"{file} is whole and can be restored here: {_contents(archive)}.")
                return
            stack.enter_context(occupied(settings.data))
            restoring.run(progress)
        except (UnusableArchive, NotEmpty, CannotRestore) as error:
            raise click.ClickException(str(error)) from error
        except SQLAlchemyError as error:
            reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
            raise click.ClickException(
                f"the database refused what is in {file}: {reason}"
            ) from error
        except OSError as error:
            raise click.ClickException(f"{error.filename}: {error.strerror}") from error
        _build_index(config, progress)
        restoring.finish()
    for remark in restoring.remarks:
        click.echo(remark, err=True)
    click.echo(f"Restored: {_contents(archive)}.")
    click.echo(f"The old settings are in {settings.data / OLD_SETTINGS}, to be compared.")


def _contents(archive: Archive) -> str:
    manifest = archive.manifest
    return f"{manifest.rows} rows, {len(manifest.files)} files, made {manifest.made[:16]}"


def _build_index(config: str, progress: Progress) -> None:
    from bibliopolis.search.jobs import rebuild

    with prepared_request(config) as request:
        rebuild(request, lambda done, total: progress("Building the index", done, total))
