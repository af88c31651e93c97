"""What libraries put below ``staff``: the tree of organisations, and a page for each to edit."""

from __future__ import annotations

from typing import Any

from pyramid.request import Request

from bibliopolis.accounts.resources import SiteWide
from bibliopolis.resources.access import Role, permission_map
from bibliopolis.resources.traversal import MountedRoom

from .models import Library
from .services import Libraries

STAFF = (Role.LIBRARIAN, Role.CONSULTANT, Role.MANAGER, Role.ADMINISTRATOR)
EDITORS = (Role.MANAGER, Role.ADMINISTRATOR)


class OrganisationsRoom(MountedRoom):
    """``staff/libraries``: the tree, for all who work at a library.

    Like the staff area it lies in every scope its visitor has a role in.
    """

    permissions = permission_map(view_working=STAFF)

    def __init__(self, parent: Any, request: Request) -> None:
        super().__init__(parent, request, "libraries")

    def __getitem__(self, name: str) -> Any:
        """Return the organisation with the code, or where a new one is founded."""
        if name == FoundingPage.NAME:
            return FoundingPage(self, self.request, name)
        library = self.request.find_service(Libraries, context=None).organisation(name)
        if library is None:
            raise KeyError(name)
        return OrganisationPage(self, self.request, library)


class FoundingPage(SiteWide):
    """``staff/libraries/+new``: administrators of the whole site put organisations into the tree.

    No code of an organisation has a plus in it.
    """

    NAME = "+new"


class OrganisationPage(MountedRoom):
    """``staff/libraries/okhta``: one organisation, to be edited by those who manage it."""

    permissions = permission_map(
        view_working=STAFF, see_counts=STAFF, edit=EDITORS, manage=[Role.ADMINISTRATOR]
    )

    def __init__(self, parent: OrganisationsRoom, request: Request, library: Library) -> None:
        super().__init__(parent, request, library.code)
        self.library = library

    @property
    def scopes(self) -> frozenset[str]:
        """Return the scopes of the language, the organisation and what is above it."""
        language: frozenset[str] = self.__parent__.__parent__.__parent__.scopes
        libraries = self.request.find_service(Libraries, context=None)
        return language | libraries.scopes((self.library.id,))


def may_see_organisations(request: Request) -> bool:
    """Say whether a menu should show the way to the tree."""
    return request.principals.holds_anywhere(STAFF)
