"""The home library of whoever is signed in: asked and kept by the room of libraries."""

from __future__ import annotations

from typing import Any

from zope.interface import implementer

from bibliopolis.clock import Clock
from bibliopolis.libraries.interfaces import IHomeLibrary
from bibliopolis.resources.history import History

from .readers import Readers


@implementer(IHomeLibrary)
class HomeLibrary:
    """Where a reader is at home; holds offer it first, and it is shown as "my library"."""

    def __init__(
        self, readers: Readers, reader_id: int | None, clock: Clock, history: History
    ) -> None:
        self.readers = readers
        self.reader_id = reader_id
        self.clock = clock
        self.history = history

    @classmethod
    def from_request(cls, context: Any, request: Any) -> HomeLibrary:
        """Make it for a request."""
        return cls(
            readers=request.find_service(Readers, context=None),
            reader_id=request.principals.reader_id,
            clock=request.clock,
            history=request.find_service(History, context=None),
        )

    def get(self) -> int | None:
        """Return the id of the visitor's home library."""
        reader = self.readers.get(self.reader_id)
        return reader.home_library_id if reader else None

    def keep(self, library_id: int) -> None:
        """Make a library the visitor's home library; the change is in their history."""
        reader = self.readers.get(self.reader_id)
        if reader is None or reader.home_library_id == library_id:
            return
        reader.home_library_id = library_id
        reader.changed = self.clock.now()
        self.history.write(("reader", reader.id), "home_library", data={"library": library_id})
