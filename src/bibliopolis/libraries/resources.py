"""What libraries mount: ``libraries``, and a page for each by its code."""

from __future__ import annotations

from typing import Any

from pyramid.request import Request

from bibliopolis.errors import Gone
from bibliopolis.i18n import _
from bibliopolis.resources.traversal import MountedRoom

from .models import Library
from .services import Libraries


class LibrariesRoom(MountedRoom):
    """``libraries``: all of them."""

    def __init__(self, parent: Any, request: Request) -> None:
        super().__init__(parent, request, "libraries")

    def __getitem__(self, name: str) -> LibraryPage:
        """Return the library with the code."""
        libraries = self.request.find_service(Libraries, context=None)
        library = libraries.find(name)
        if library is None:
            raise KeyError(name)
        if not libraries.is_there(library):
            raise Gone(_("This library is there no more."))
        return LibraryPage(self, self.request, library)


class LibraryPage(MountedRoom):
    """``libraries/17``: one library."""

    def __init__(self, parent: LibrariesRoom, request: Request, library: Library) -> None:
        super().__init__(parent, request, library.code)
        self.library = library

    @property
    def scopes(self) -> frozenset[str]:
        """Add the scopes of the library and of what is above it to that of the language."""
        libraries = self.request.find_service(Libraries, context=None)
        return self.__parent__.scopes | libraries.scopes((self.library.id,))
