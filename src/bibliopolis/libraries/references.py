"""Libraries as other resources refer to them: where an event takes place, whom news concern."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from zope.interface import implementer

from bibliopolis.resources.interfaces import IReferenceSource

from .services import Libraries


@implementer(IReferenceSource)
class LibraryReferences:
    """What fields of the type ``reference`` to ``library`` ask."""

    def __init__(self, libraries: Libraries, base: str) -> None:
        self.libraries = libraries
        self.base = base

    @classmethod
    def from_request(cls, context: Any, request: Any) -> LibraryReferences:
        """Make it for a request."""
        return cls(request.find_service(Libraries, context=None), request.script_name)

    def options(self, language: str) -> Sequence[tuple[int, str]]:
        """Return every library to choose from."""
        return [(one.id, one.name_in(language)) for one in self.libraries.all()]

    def titles(self, ids: Iterable[int], language: str) -> dict[int, str]:
        """Return the names of those that exist."""
        known = self.libraries.names
        return {one: known[one].name_in(language) for one in ids if one in known}

    def facet_values(self, ids: Iterable[int]) -> dict[int, str]:
        """Return their codes, as records have them."""
        known = self.libraries.names
        return {one: known[one].code for one in ids if one in known}

    def url(self, id: int, language: str) -> str:
        """Return the path of the library's page."""
        return f"{self.base}/{language}/libraries/{self.libraries.get(id).code}"
