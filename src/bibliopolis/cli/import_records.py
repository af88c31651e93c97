"""``bibliopolis import-records``: catalogue files of a library into the catalogue."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import click

from bibliopolis.cli.environment import config_option, ready_request

REJECTED = 3
INTERRUPTED = 130
SHOWN = 20


# What ``intake.profiles`` knows, said here so that ``--help`` need not load it.
DIALECTS = ("marc21", "unimarc", "rusmarc", "irbis")
ENCODINGS = ("utf-8", "marc-8", "windows-1251", "koi8-r", "cp866", "windows-1252")


def _tag(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """Refuse what is no tag: a slip would silently take in records without their copies."""
    if value is not None and not re.fullmatch(r"[0-9]{3}", value):
        raise click.BadParameter("a tag has three digits, as 952")
    return value


def _writable(_context: click.Context, _option: click.Parameter, value: Path | None) -> Path | None:
    """Refuse a report that could not be written, before hours of work rather than after."""
    if value is not None and not value.absolute().parent.is_dir():
        raise click.BadParameter(f"there is no folder {value.absolute().parent}")
    return value


@click.command(short_help="take catalogue files of a library in")
@config_option
@click.option("--library", "code", required=True, help="code of the library they come from")
@click.option(
    "--profile",
    help="a profile of policies/imports.yaml; what is said beside it goes before what it says",
)
@click.option(
    "--items",
    "items_tag",
    metavar="TAG",
    callback=_tag,
    help="field with the copies: 952 as Koha writes it, 999 as SirsiDynix, 852 as MARC 21, 910 as "
    "IRBIS, 899 as RUSMARC, 995 as French libraries; without it 952, in UNIMARC and RUSMARC the "
    "first of 910, 952, 995 and 899 that has any",
)
@click.option(
    "--format",
    "dialect",
    type=click.Choice(DIALECTS),
    help="what the fields mean, where the records do not tell by themselves",
)
@click.option(
    "--encoding",
    type=click.Choice(ENCODINGS),
    help="how the letters are written, where the records do not tell by themselves",
)
@click.option(
    "--rejected",
    "rejected_file",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    callback=_writable,
    help="write the bytes of what was not taken in here, to be mended and imported again",
)
@click.option(
    "--report",
    "report_file",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    callback=_writable,
    help="write the whole report here, as JSON",
)
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
)
def import_records(
    config: str,
    code: str,
    profile: str | None,
    items_tag: str | None,
    dialect: str | None,
    encoding: str | None,
    rejected_file: Path | None,
    report_file: Path | None,
    files: tuple[Path, ...],
) -> None:
    """Take records in MARC 21, UNIMARC, RUSMARC or of IRBIS with their copies into the catalogue.

    Files may be ISO 2709, MARCXML, MARC-in-JSON or the text export of IRBIS; dialect and encoding
    are recognised from the records.

    The same command again changes nothing, or completes what was interrupted. Ends with 0 when
    every record was taken in, 3 when some were rejected, 130 when it was interrupted.
    """
    from bibliopolis.catalogue.import_run import ImportRun
    from bibliopolis.intake import profiles

    said = {
        "items_tag": items_tag,
        "dialect": profiles.DIALECTS[dialect] if dialect else None,
        "encoding": profiles.ENCODINGS[encoding] if encoding else None,
    }
    with ready_request(config) as request:
        known = request.registry["bibliopolis.import_profiles"]
        if profile and (profile not in known or not known[profile].serves(code)):
            names = ", ".join(name for name, one in known.items() if one.serves(code))
            raise click.ClickException(
                f"there is no profile {profile} for {code}; there are: {names or 'none'}"
            )
        wanted = profiles.wanted_of(known, profile or "", said)
        run = ImportRun(_transactions(request, code, {**said, "profile": profile}), wanted)
        interrupted = False
        with _progress(files) as show, _rejected(rejected_file) as keep:
            run.progress, run.rejected = show, keep
            try:
                run.run(files)
            except KeyboardInterrupt:
                interrupted = True
    if report_file is not None:
        report_file.write_text(
            json.dumps({"library": code, **run.report.as_json()}, ensure_ascii=False, indent=1)
            + "\n",
            encoding="utf-8",
        )
    _print(run.report)
    if interrupted:
        click.echo("Interrupted. The same command again goes on where this one stopped.", err=True)
        raise SystemExit(INTERRUPTED)
    if run.report.rejected:
        raise SystemExit(REJECTED)


def _transactions(request: Any, code: str, said: Any) -> Callable[[], AbstractContextManager[Any]]:
    """Return what opens a transaction, with a request of its own, for the library."""
    from sqlalchemy import select

    from bibliopolis.catalogue.import_history import LibraryBatches
    from bibliopolis.intake.batches import keeping_batches
    from bibliopolis.libraries.models import Library, OrganisationKind

    with request.tm:
        found = select(Library.code, Library.id).where(Library.kind == OrganisationKind.LIBRARY)
        libraries = {row.code: row.id for row in request.db.execute(found)}
    if code not in libraries:
        known = ", ".join(sorted(libraries)) or "none yet"
        raise click.ClickException(f"there is no library {code}; there are: {known}")
    return partial(
        keeping_batches,
        request.registry,
        libraries[code],
        libraries,
        LibraryBatches.new_operation(),
        said,
    )


@contextmanager
def _rejected(file: Path | None) -> Iterator[Callable[[Any], None]]:
    """Write the bytes of rejected records one after the other, as readers of files take them."""
    if file is None:
        yield lambda rejection: None
        return
    with file.open("wb") as stream:

        def keep(rejection: Any) -> None:
            stream.write(rejection.raw + b"\n")

        yield keep


@contextmanager
def _progress(files: Sequence[Path]) -> Iterator[Callable[[Any], None]]:
    """Show how much of the files has been read, where a person is looking."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    sizes = [file.stat().st_size for file in files]
    size_of = {str(file): size for file, size in zip(files, sizes, strict=True)}
    before = {str(file): sum(sizes[:n]) for n, file in enumerate(files)}
    bar = Progress(
        TextColumn("{task.fields[records]:>9,} records"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with bar if console.is_terminal else nullcontext():
        task = bar.add_task("import", total=sum(sizes) or 1, records=0)
        records = 0

        def show(place: Any) -> None:
            nonlocal records
            records += 1
            if records % 50 == 0:
                read = min(place.offset, size_of[place.file])  # a packed file has more bytes inside
                bar.update(task, completed=before[place.file] + read, records=records)

        yield show


def _print(report: Any) -> None:
    """Say what was done, and the first of what was not."""
    from bibliopolis.catalogue.import_run import plain_text

    counts = report.counts
    click.echo(
        f"{report.read} read, {counts.created} created, {counts.updated} updated, "
        f"{counts.unchanged} unchanged, {counts.withdrawn} withdrawn, {report.rejected} rejected"
    )
    click.echo(
        f"copies: {counts.items_created} created, {counts.items_updated} updated, "
        f"{counts.items_withdrawn} withdrawn"
    )
    for file, forms in report.recognised.items():
        said = "; ".join(f"{form}: {count}" for form, count in forms.most_common())
        click.echo(f"{file}: {said}")
    speed = report.read / report.seconds if report.seconds else 0
    click.echo(f"{report.seconds:.1f} seconds, {speed:.0f} records a second")
    for title, notes, total in (
        ("rejected", report.rejections, report.rejected),
        ("remark", report.remarks, len(report.remarks)),
    ):
        for note in notes[:SHOWN]:
            number = f" ({note.control_number})" if note.control_number else ""
            click.echo(
                f"{title}: {note.place.file}: record {note.place.ordinal} at byte "
                f"{note.place.offset}{number}: {plain_text(note.text)}",
                err=True,
            )
        if total > SHOWN:
            click.echo(f"… and {total - SHOWN} more; --report FILE lists them", err=True)
