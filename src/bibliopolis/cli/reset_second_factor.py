"""``bibliopolis reset-second-factor``: lets somebody in again who has lost phone and codes."""

from __future__ import annotations

import click

from bibliopolis.cli.environment import config_option, ready_request


@click.command()
@config_option
@click.argument("email")
def reset_second_factor(config: str, email: str) -> None:
    """Switch the second step of EMAIL off; for the administrator whom no other can help."""
    from bibliopolis.accounts.second_factor import SecondFactors
    from bibliopolis.accounts.services import People
    from bibliopolis.accounts.sessions import Sessions
    from bibliopolis.errors import Conflict

    with ready_request(config) as request:
        try:
            with request.tm:
                person = request.find_service(People).by_email(email)
                if person is None:
                    raise click.ClickException(f"{email} has no account here")
                request.find_service(SecondFactors).reset(person)
                request.find_service(Sessions).end_all(person.id, programs=True)
        except Conflict as error:
            raise click.ClickException(request.localizer.translate(error.reason)) from error
    click.echo(f"{email} signs in with the password alone now.")
