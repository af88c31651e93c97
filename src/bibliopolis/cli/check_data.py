"""What can be said of a site before it is put together: its folders and its settings."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bibliopolis.backup import UNFINISHED as RESTORE
from bibliopolis.cli.check_tls import look_at_tls
from bibliopolis.cli.findings import Finding, error, remark
from bibliopolis.cli.first_run import UNFINISHED as FIRST_RUN
from bibliopolis.settings import Settings

LITTLE = 1_000_000_000
TOO_LITTLE = 100_000_000


def look_at_data(settings: Settings) -> Iterator[Finding]:
    """Look at the data folder, the catalogues and how settings go together."""
    yield from _folder(settings.data)
    yield from _settings(settings)
    yield from look_at_tls(settings)
    yield from _catalogues(settings.site / "locales")


def _folder(data: Path) -> Iterator[Finding]:
    if not data.is_dir():
        yield error(f"there is no data folder {data}: run `bibliopolis init`", stops=True)
        return
    try:
        with tempfile.TemporaryFile(dir=data):
            pass
    except OSError as trouble:
        yield error(f"{data} cannot be written to ({trouble.strerror})", stops=True)
        return
    if (data / RESTORE).exists():
        yield error(
            f"a restore into {data} is not finished: run the same command again", stops=True
        )
    if (data / FIRST_RUN).exists():
        yield error(
            f"the first start in {data} was interrupted: `bibliopolis serve` begins it anew"
        )
    free = shutil.disk_usage(data).free
    if free < LITTLE:
        kind = error if free < TOO_LITTLE else remark
        yield kind(f"the disk of {data} has only {free / 1e6:,.0f} MB left")
    secret = data / "secret"
    if secret.exists() and secret.stat().st_mode & 0o077:
        yield error(f"others may read {secret}: chmod 600 {secret}")
    mail = data / "mail"
    if mail.exists() and not mail.is_dir():
        yield error(f"{mail} is no folder: messages cannot be written")


def _settings(settings: Settings) -> Iterator[Finding]:
    public = settings.url.startswith("https:")
    if settings.url and not settings.url.startswith(("http://", "https://")):
        yield error(f"bibliopolis.url = {settings.url} is no address of the web")
    if not settings.url and (settings.secure_cookies or settings.mail != "file"):
        yield error("bibliopolis.url is empty: only who opens the site as localhost gets letters")
    elif not settings.url:
        yield remark("bibliopolis.url is empty: only who opens the site as localhost gets letters")
    if public and not settings.secure_cookies:
        yield error("bibliopolis.url is https, bibliopolis.secure_cookies is not true")
    yield from _credentials(settings.harvest_netrc)
    if public and settings.mail == "file":
        yield remark("bibliopolis.mail = file: letters are written into files, nobody gets them")
    if settings.database and not settings.secret:
        yield remark(
            "bibliopolis.secret is empty: a second machine would have another one, and sign"
            " everybody out"
        )
    if settings.debug and public:
        yield remark("bibliopolis.debug = true: every page looks for changed templates")


def _credentials(path: Path | None) -> Iterator[Finding]:
    if path is None:
        return
    if not path.is_file():
        yield error(f"bibliopolis.harvest_netrc: there is no file {path}")
    elif path.stat().st_mode & 0o077:
        yield error(f"others may read {path}: chmod 600 {path}")


def _catalogues(locales: Path) -> Iterator[Finding]:
    for source in sorted(locales.glob("*/LC_MESSAGES/*.po")):
        compiled = source.with_suffix(".mo")
        if not compiled.exists():
            yield error(f"{source} is not compiled: run `bibliopolis compile-messages`")
        elif compiled.stat().st_mtime < source.stat().st_mtime:
            yield remark(f"{source} has changed since: run `bibliopolis compile-messages`")
