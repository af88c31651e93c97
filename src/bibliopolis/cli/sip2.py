"""``bibliopolis sip2``: answer self-service terminals."""

from __future__ import annotations

import asyncio
import signal

import click

from bibliopolis.cli.environment import config_option, one_line_errors, ready_request


@click.command()
@config_option
@click.option("--hash", "hashing", is_flag=True, help="ask for a password and print its hash")
def sip2(config: str, hashing: bool) -> None:
    """Answer the terminals of policies/sip2.yaml until stopped."""
    from bibliopolis.accounts.passwords import Passwords

    if hashing:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        click.echo(Passwords().hash(password))
        return
    with ready_request(config) as request:
        from bibliopolis.interchange.sip2.server import Sip2Server, tls_context
        from bibliopolis.interchange.sip2.terminals import FILE, load_policy

        settings = request.registry["bibliopolis.settings"]
        with one_line_errors():
            policy = load_policy(settings.site, settings.languages)
        if not policy.terminals:
            raise click.ClickException(f"{FILE} names no terminal: see docs/operators.md")
        try:
            tls = tls_context(settings.sip2_certificate, settings.sip2_key)
        except (OSError, ValueError) as error:
            said = getattr(error, "strerror", None) or str(error)
            raise click.ClickException(f"bibliopolis.sip2_certificate: {said}") from error
        server = Sip2Server(request.registry, policy, tls)
        try:
            asyncio.run(_until_stopped(server))
        except OSError as error:
            address = f"{policy.host}:{policy.port}"
            raise click.ClickException(f"cannot listen at {address}: {error.strerror}") from error


async def _until_stopped(server: object) -> None:
    from bibliopolis.interchange.sip2.server import Sip2Server

    assert isinstance(server, Sip2Server)
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await server.run(stop)
