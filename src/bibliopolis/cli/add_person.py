"""``bibliopolis add-person``: an account from the terminal; a new site's first administrator."""

from __future__ import annotations

import click

from bibliopolis.cli.environment import config_option, ready_request, site_settings
from bibliopolis.resources.access import STAFF_ROLES


@click.command()
@config_option
@click.option("--name", required=True, help="the person's name")
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice(sorted(map(str, STAFF_ROLES))),
    help="a role held on the whole site; may be given more than once",
)
@click.option("--language", default=None, help="the language they are written to in")
@click.password_option(help="asked for when it is not given")
@click.argument("email")
def add_person(
    config: str,
    name: str,
    roles: tuple[str, ...],
    language: str | None,
    password: str,
    email: str,
) -> None:
    """Open an account for EMAIL."""
    from bibliopolis.accounts.roles import Roles
    from bibliopolis.accounts.services import People
    from bibliopolis.errors import InvalidInput

    language = language or site_settings(config).default_language
    with ready_request(config) as request:
        try:
            with request.tm:
                person = request.find_service(People).create(
                    name=name, email=email, password=password, language=language
                )
                for role in roles:
                    request.find_service(Roles).grant(person, role)
        except InvalidInput as error:
            reasons = error.errors.values() or (error.reason,)
            told = " ".join(request.localizer.translate(reason) for reason in reasons)
            raise click.ClickException(told) from error
    click.echo(f"{email} can sign in now.")
