"""``bibliopolis waiting-times``: how well readers were told how long they would wait."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from bibliopolis.cli.environment import config_option, ready_request, writing

INTERRUPTED = 130
HEADS = ("", "promises", "as promised", "earlier", "later", "left")


@click.command(short_help="compare the waiting times promised with those that came")
@config_option
@click.option("--at", "code", help="only what is collected at this organisation and below it")
@click.option(
    "--back-test",
    "split",
    type=click.DateTime(["%Y-%m-%d"]),
    help="learn from what was known on this day, and try it on the waits that began later",
)
@click.option("--csv", "as_csv", is_flag=True, help="print it with commas between the columns")
def waiting_times(config: str, code: str | None, split: datetime | None, as_csv: bool) -> None:
    """Reckon what last night's work has left out, then show what came of the promises.

    The site stays open. A command that is broken off goes on when it is given again; it ends with
    0, or with 130 when it was interrupted. With --back-test nothing is written.
    """
    with ready_request(config) as request:
        organisation_id = _organisation(request, code)
        if split is not None:
            moment = split.replace(tzinfo=UTC)
            lines, silent = _tried(request, moment, organisation_id)
            _show(request, lines, as_csv)
            click.echo(f"Nothing would have been promised {silent} times.", err=True)
            return
        _reckon(request.registry)
        _show(request, _kept(request, organisation_id), as_csv)


def _organisation(request: Any, code: str | None) -> int | None:
    from bibliopolis.libraries.services import Libraries

    if code is None:
        return None
    with request.tm:
        found = request.find_service(Libraries, context=None).organisation(code)
        if found is None:
            raise click.BadParameter(f"there is no organisation {code}", param_hint="--at")
        return int(found.id)


def _reckon(registry: Any) -> None:
    from bibliopolis.circulation.waiting.reckoning import Reckoning
    from bibliopolis.cli.progress import shown_progress

    with shown_progress() as show:
        try:
            with writing(registry) as first:
                due = first.find_service(Reckoning, context=None).due()
            for number, organisation_id in enumerate(due, start=1):
                with writing(registry) as request:
                    request.find_service(Reckoning, context=None).reckon(organisation_id)
                show("reckoning", number, len(due))
        except KeyboardInterrupt:
            click.echo("Interrupted. The same command goes on where this one stopped.", err=True)
            raise SystemExit(INTERRUPTED) from None


def _kept(request: Any, organisation_id: int | None) -> list[Any]:
    from bibliopolis.circulation.waiting.calibration import Calibrations

    with request.tm:
        calibrations = request.find_service(Calibrations, context=None)
        outline = calibrations.libraries.outline.values()
        roots = [one.id for one in outline if one.parent_id is None]
        wanted = roots if organisation_id is None else [organisation_id]
        return [line for one in wanted for line in calibrations.report(one).lines]


def _tried(request: Any, split: datetime, organisation_id: int | None) -> tuple[Any, int]:
    from bibliopolis.circulation.waiting.back_test import back_test, read_waits
    from bibliopolis.circulation.waiting.reckoning import Reckoning
    from bibliopolis.libraries.services import lineage

    with request.tm:
        reckoning = request.find_service(Reckoning, context=None)
        outline = reckoning.libraries.outline
        places = None if organisation_id is None else reckoning.below(organisation_id)
        waits = read_waits(request.db, places)
        lineages = {
            one.id: [above.id for above in lineage(outline, one)] for one in outline.values()
        }
        return back_test(waits, split, request.clock.now(), lineages)


def _show(request: Any, lines: Any, as_csv: bool) -> None:
    from bibliopolis.circulation.waiting.tally import Tally, grouped
    from bibliopolis.libraries.services import Libraries

    with request.tm:
        outline = request.find_service(Libraries, context=None).outline
    groups: dict[str, Any] = {
        "all": {"": sum((line.tally for line in lines), Tally())},
        "rounds": dict(sorted(grouped(lines, lambda line: line.rounds).items())),
        "item type": grouped(lines, lambda line: line.item_type),
        "place": grouped(lines, lambda line: outline[line.place_id].code),
    }
    rows = [
        (f"{kind} {name}".strip(), *_cells(tally, as_csv))
        for kind, found in groups.items()
        for name, tally in found.items()
    ]
    if as_csv:
        for row in (HEADS, *rows):
            click.echo(",".join(row))
        return
    width = max(len(row[0]) for row in rows)
    for row in (HEADS, *rows):
        click.echo(row[0].ljust(width) + "".join(cell.rjust(13) for cell in row[1:]))


def _cells(tally: Any, as_csv: bool) -> tuple[str, ...]:
    parts = (tally.inside, tally.early, tally.late)
    if as_csv or not tally.judged:
        return (str(tally.judged), *map(str, parts), str(tally.left))
    shares = (f"{part} ({tally.share(part):.0%})" for part in parts)
    return (str(tally.judged), *shares, str(tally.left))
