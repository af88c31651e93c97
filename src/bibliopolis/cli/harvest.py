"""``bibliopolis harvest``: the catalogues of other libraries' servers into the catalogue."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import click

from bibliopolis.cli.environment import config_option, ready_request, writing

REJECTED = 3
FAILED = 4
INTERRUPTED = 130


@click.command(short_help="harvest other libraries by OAI-PMH")
@config_option
@click.option(
    "--from",
    "since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"]),
    help="what was changed since then, in UTC; without it what is new since the last harvest",
)
@click.option("--whole", is_flag=True, help="everything; what does not come is withdrawn")
@click.option("--gone", is_flag=True, help="with --whole: even if that is a large part")
@click.option("--dry-run", is_flag=True, help="only report what would become of it")
@click.argument("names", nargs=-1, metavar="[SOURCE]...")
def harvest(
    config: str,
    since: datetime | None,
    whole: bool,
    gone: bool,
    dry_run: bool,
    names: tuple[str, ...],
) -> None:
    """Harvest sources of policies/harvests.yaml, all of them if none is named.

    A harvest that was interrupted, or that rests or failed, goes on where it was. Ends with 0 when
    every record was taken in, 3 when some were rejected, 4 when a source could not be harvested,
    130 when it was interrupted.
    """
    if since is not None and whole:
        raise click.UsageError("--from and --whole exclude each other")
    if gone and not whole:
        raise click.UsageError("--gone goes with --whole")
    asked = {
        "since": since.replace(tzinfo=UTC) if since else None,
        "whole": whole,
        "gone": gone,
        "dry": dry_run,
    }
    with ready_request(config) as request:
        registry = request.registry
        sources = registry["bibliopolis.harvest_sources"]
        unknown = [name for name in names if name not in sources]
        if unknown or not sources:
            known = ", ".join(sources) or "none: see policies/harvests.yaml"
            wrong = " ".join(unknown) or "to harvest"
            raise click.ClickException(f"there is no source {wrong}; there are: {known}")
        codes = [_harvest(registry, sources[name], asked) for name in names or sources]
    if any(codes):
        raise SystemExit(max(codes))


def _harvest(registry: Any, source: Any, asked: dict[str, Any]) -> int:
    """Harvest one source to its end and say what was done; return the exit code."""
    from bibliopolis.catalogue.import_run import plain_text
    from bibliopolis.errors import BibliopolisError
    from bibliopolis.intake.harvest.harvests import Harvests
    from bibliopolis.intake.harvest.working import carry_on_one

    try:
        with writing(registry) as request:
            uid = _begun(request.find_service(Harvests), source, asked)
    except BibliopolisError as error:
        click.echo(f"{source.name}: {plain_text(error.reason)}", err=True)
        return FAILED
    try:
        with _progress(source.name) as show:
            while True:
                more = carry_on_one(registry, uid)
                run = _run(registry, uid)
                show(run)
                if more:
                    continue
                if run is None or run.not_before is None:
                    break
                _wait(registry, run)
    except KeyboardInterrupt:
        with writing(registry) as request:
            harvests = request.find_service(Harvests)
            run = harvests.newest(source)
            if run.uid == uid and run.state in ("running", "waiting"):
                harvests.pause(run)
        click.echo("Interrupted. The same command goes on where this one stopped.", err=True)
        raise SystemExit(INTERRUPTED) from None
    return _told(source.name, run)


def _begun(harvests: Any, source: Any, asked: dict[str, Any]) -> str:
    """Return the uid of a harvest that goes on or begins."""
    kept = harvests.of(source)
    last = harvests.latest([kept.id]).get(kept.id)
    if last is not None and last.state in ("waiting", "running", "paused", "failed"):
        fits = last.dry == asked["dry"] and not asked["since"] and not asked["gone"]
        fits = fits and (last.whole or not asked["whole"]) and last.place == source.place
        if fits and last.state in ("paused", "failed"):
            harvests.resume(last, queue=False)
            return str(last.uid)
        if fits:
            # Of a command that was killed, or a worker is at it: whoever is slower gives way.
            harvests.wake(last)
            return str(last.uid)
    return str(harvests.begin(source, **asked, queue=False).uid)


def _run(registry: Any, uid: str) -> Any:
    from sqlalchemy import select

    from bibliopolis.intake.harvest.models import HarvestRun

    with writing(registry) as request:
        return request.db.scalar(select(HarvestRun).where(HarvestRun.uid == uid))


def _wait(registry: Any, run: Any) -> None:
    """Wait until the source may be asked again."""
    from bibliopolis.catalogue.import_run import plain_text
    from bibliopolis.i18n import _
    from bibliopolis.intake.harvest.harvests import Harvests

    seconds = (run.not_before - registry["bibliopolis.clock"].now()).total_seconds()
    said = plain_text(_(run.trouble, mapping=run.trouble_values))
    click.echo(f"{said} It is asked again in {max(seconds, 0):.0f} seconds.", err=True)
    time.sleep(max(seconds, 0))
    with writing(registry) as request:
        request.find_service(Harvests).wake(run)


def _told(name: str, run: Any) -> int:
    """Say what became of a harvest; return the exit code."""
    from bibliopolis.catalogue.import_run import plain_text
    from bibliopolis.i18n import _

    if run is None:
        return FAILED
    report = run.report
    if report:
        click.echo(
            f"{name}: {report['read']} read, {report['created']} created, "
            f"{report['updated']} updated, {report['unchanged']} unchanged, "
            f"{report['withdrawn']} withdrawn, {report['rejected']} rejected"
        )
        for note in report["rejections"][:20]:
            click.echo(f"rejected: {note['file']}: {note['reason']}", err=True)
    if run.trouble:
        said = plain_text(_(run.trouble, mapping=run.trouble_values))
        click.echo(f"{name}: {said}", err=True)
    if run.state != "finished":
        click.echo(f"{name}: {run.state}", err=True)
        return FAILED
    return REJECTED if report and report["rejected"] else 0


@contextmanager
def _progress(name: str) -> Iterator[Callable[[Any], None]]:
    """Show how far it is, where a person is looking."""
    from bibliopolis.cli.progress import shown_progress

    with shown_progress() as moved:

        def show(run: Any) -> None:
            if run is not None:
                moved(name, run.read, run.size or 0)

        yield show
