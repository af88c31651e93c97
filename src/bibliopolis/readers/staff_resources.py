"""What readers put below ``staff``: those of one's libraries, and a page for each."""

from __future__ import annotations

from typing import Any

from pyramid.request import Request

from bibliopolis.libraries.services import Libraries
from bibliopolis.resources.access import Permission, Role, permission_map
from bibliopolis.resources.traversal import MountedRoom

from .models import Reader, Registration
from .services import Readers

DESK = permission_map(use_desk=[Role.LIBRARIAN])


class ReadersRoom(MountedRoom):
    """``staff/readers``: for the librarians of any library.

    Like the staff area it lies in every scope its visitor has a role in.
    """

    permissions = DESK

    def __init__(self, parent: Any, request: Request) -> None:
        super().__init__(parent, request, "readers")

    def __getitem__(self, name: str) -> ReaderPage:
        """Return the page of the reader with this uid."""
        reader = self.request.find_service(Readers, context=None).by_uid(name)
        if reader is None or reader.registration == Registration.CLOSED:
            raise KeyError(name)
        return ReaderPage(self, self.request, reader)


class ReaderPage(MountedRoom):
    """``staff/readers/3f…``: one reader, at whatever desk they stand.

    One card serves in all libraries, so each of their librarians may open it; only who was shown
    a card or an address, or works at the reader's own library, finds the way here.
    """

    permissions = DESK

    def __init__(self, parent: ReadersRoom, request: Request, reader: Reader) -> None:
        super().__init__(parent, request, reader.uid)
        self.reader = reader


class AtLibrary(MountedRoom):
    """The desk of one library, to ask who works there."""

    permissions = DESK

    def __init__(self, request: Request, library_id: int, libraries: Libraries) -> None:
        super().__init__(None, request, str(library_id))
        self._scopes = libraries.scopes((library_id,)) | {f"lang:{request.language}"}

    @property
    def scopes(self) -> frozenset[str]:
        """Return the scopes of the language, the library and what is above it."""
        return self._scopes


def libraries_of_work(request: Request) -> list[int]:
    """Return the libraries whose desk the visitor may use; their readers are listed by name."""
    libraries, principals = request.find_service(Libraries, context=None), request.principals
    return [
        library_id
        for library_id in libraries.by_id
        if principals.may(Permission.USE_DESK, AtLibrary(request, library_id, libraries))
    ]


def may_use_some_desk(request: Request) -> bool:
    """Say whether a menu should show the way to readers."""
    return request.principals.holds_anywhere((Role.LIBRARIAN,))
