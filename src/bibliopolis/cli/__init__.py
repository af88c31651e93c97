"""The command ``bibliopolis``: everything that is done to a site from a terminal.

Each command is a module of this package holding a click command of the same name. Modules are
imported only when their command runs, so that ``bibliopolis serve`` starts quickly.
"""

from __future__ import annotations

from importlib import import_module

import click

COMMANDS = (
    "add_person",
    "backup",
    "check",
    "compile_messages",
    "demo",
    "harvest",
    "import_records",
    "init",
    "match_records",
    "migrate",
    "reindex",
    "reset_second_factor",
    "restore",
    "serve",
    "sip2",
    "waiting_times",
    "web",
    "worker",
)


class CommandsByModule(click.Group):
    """Find ``import-records`` in the module ``import_records``, when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names a person types."""
        return sorted(name.replace("_", "-") for name in COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module and return the command, or None for an unknown name."""
        name = cmd_name.replace("-", "_")
        if name not in COMMANDS:
            return None
        command = getattr(import_module(f"{__name__}.{name}"), name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=CommandsByModule, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Run and look after a Bibliopolis site."""
