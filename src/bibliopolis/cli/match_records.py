"""``bibliopolis match-records``: join what was imported before records were joined."""

from __future__ import annotations

import click

from bibliopolis.cli.environment import config_option, ready_request, writing

INTERRUPTED = 130


@click.command(short_help="join descriptions that came before records were joined")
@config_option
def match_records(config: str) -> None:
    """Look for the records of descriptions that have not been matched yet, and join them.

    Imports do this by themselves; descriptions that came before they did are matched here. The
    site stays open. A command that is broken off goes on when it is given again; it ends with 0,
    or with 130 when it was interrupted.
    """
    from bibliopolis.catalogue.matching_again import how_many, match_some
    from bibliopolis.cli.progress import shown_progress

    looked_at = joined = last_id = 0
    with ready_request(config) as request, shown_progress() as show:
        with request.tm:
            total = how_many(request.db)
        try:
            while True:
                with writing(request.registry) as portion:
                    matched = match_some(portion, last_id)
                if matched is None:
                    break
                last_id = matched.last_id
                looked_at += matched.looked_at
                joined += matched.joined
                show("matching", looked_at, max(total, looked_at))
        except KeyboardInterrupt:
            click.echo(_told(looked_at, joined))
            click.echo("Interrupted. The same command goes on where this one stopped.", err=True)
            raise SystemExit(INTERRUPTED) from None
    click.echo(_told(looked_at, joined))


def _told(looked_at: int, joined: int) -> str:
    return f"{looked_at} descriptions looked at, {joined} joined to the record of another library"
