"""``bibliopolis check``: say whether everything that a site rests on is in order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from bibliopolis.cli.environment import config_option, prepared_request, site_settings
from bibliopolis.cli.findings import ERROR, Finding


@click.command()
@config_option
@click.option("--mail", "greet_server", is_flag=True, help="speak to the mail server, too")
def check(config: str, greet_server: bool) -> None:
    """Look at declarations, settings, database, index, files and mail of a site.

    One line a finding: an error has to be mended, a remark is to be known. Ends with 0 when there
    is no error, 1 when there is one, 78 when a declaration or a setting cannot be read at all.
    """
    from bibliopolis.cli.check_data import look_at_data
    from bibliopolis.cli.check_site import look_at_site

    settings = site_settings(config)
    # A folder that cannot be written to would break the start itself.
    found = list(look_at_data(settings))
    if not any(finding.stops for finding in found):
        with prepared_request(config) as request:
            found += look_at_site(request, greet_server=greet_server)
            summary = _summary(request.registry)
    tell(found)
    errors = sum(finding.kind == ERROR for finding in found)
    if errors:
        click.echo("1 error." if errors == 1 else f"{errors} errors.")
        raise click.exceptions.Exit(1)
    click.echo(summary)


def tell(findings: Iterable[Finding]) -> None:
    """Write each finding on a line, errors first."""
    for finding in sorted(findings, key=lambda finding: finding.kind != ERROR):
        click.echo(f"{finding.kind}: {' '.join(finding.text.split())}")


def _summary(registry: Any) -> str:
    types = list(registry["bibliopolis.types"])
    workflows = list(registry["bibliopolis.workflows"])
    return f"In order: {len(types)} types, {len(workflows)} workflows."
