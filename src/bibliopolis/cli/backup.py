"""``bibliopolis backup``: everything that cannot be made again, in one file."""

from __future__ import annotations

from pathlib import Path

import click

from bibliopolis.cli.environment import config_option, database_engine, site_settings
from bibliopolis.cli.progress import shown_progress


@click.command()
@config_option
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(config: str, file: Path) -> None:
    """Write the database, the uploaded files and the settings into FILE, a ZIP archive.

    The site stays open meanwhile. FILE appears when it is whole; only you may read it, since
    it holds what the site knows of people, and its secret.
    """
    from bibliopolis.backup.making import Backup, CannotBackUp
    from bibliopolis.clock import Clock

    settings = site_settings(config)
    if not file.absolute().parent.is_dir():
        raise click.ClickException(f"there is no folder {file.absolute().parent}")
    if file.exists():
        raise click.ClickException(f"there is a file {file} already")
    with database_engine(settings, must_exist=True) as engine, shown_progress() as progress:
        making = Backup(settings, Path(config).resolve(), engine, Clock().now())
        try:
            manifest = making.write(file.absolute(), progress)
        except CannotBackUp as error:
            raise click.ClickException(str(error)) from error
        except FileExistsError as error:
            raise click.ClickException(f"there is a file {file} already") from error
        except OSError as error:
            raise click.ClickException(f"{file} cannot be written: {error.strerror}") from error
    for remark in making.remarks:
        click.echo(remark, err=True)
    click.echo(
        f"{file}: {manifest.rows} rows in {len(manifest.tables)} tables, "
        f"{len(manifest.files)} files, {file.stat().st_size / 1e6:.1f} MB"
    )
