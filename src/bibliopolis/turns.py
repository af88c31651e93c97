"""Pages made one after the other, where threads would only get in each other's way.

Python runs one thread at a time, and SQLite's driver lets another go on with every row it reads.
Four threads that make four pages pass the interpreter on some hundred times a page, which takes a
third of the processor; when they make them in turn, no page comes later than it would have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any

from bibliopolis.db import SAFE_METHODS

PATIENCE = 0.1
"""After so many seconds a request goes on without its turn: the one before may wait for a disk."""

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class InTurn:
    """A WSGI application whose pages are made in turn; what may wait for a lock takes no turn."""

    def __init__(self, app: Application, patience: float = PATIENCE) -> None:
        self.app = app
        self.patience = patience
        self._turn = Lock()

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer when it is this request's turn; what is sent afterwards is the next one's time."""
        if environ["REQUEST_METHOD"] not in SAFE_METHODS:
            return self.app(environ, start_response)
        mine = self._turn.acquire(timeout=self.patience)
        try:
            return self.app(environ, start_response)
        finally:
            if mine:
                self._turn.release()
