"""What happens between the last directive and the first request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pyramid.exceptions import ConfigurationExecutionError

from bibliopolis.errors import ConfigurationError


@contextmanager
def plain_errors() -> Iterator[None]:
    """Let a mistake in a declaration through as its one line.

    Pyramid wraps whatever a deferred action raises in a message about the directive; the person
    who wrote the file needs the file and the line, nothing else.
    """
    try:
        yield
    except ConfigurationExecutionError as error:
        if isinstance(error.evalue, ConfigurationError):
            raise error.evalue from None
        raise
