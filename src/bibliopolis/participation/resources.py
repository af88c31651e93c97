"""``account/searches``: the saved searches of whoever is signed in."""

from __future__ import annotations

from typing import Any

from pyramid.request import Request

from bibliopolis.resources.access import Role, permission_map
from bibliopolis.resources.traversal import MountedRoom

from .models import SavedSearch
from .services import SavedSearches

NAME = "searches"


class SavedSearchesRoom(MountedRoom):
    """All that the person has saved; each is opened by its owner only."""

    permissions = permission_map(use_account=[Role.SIGNED_IN])

    def __init__(self, parent: Any, request: Request) -> None:
        super().__init__(parent, request, NAME)

    def __getitem__(self, name: str) -> SavedSearchPage:
        """Return the search with the uid."""
        found = self.request.find_service(SavedSearches, context=None).by_uid(name)
        if found is None:
            raise KeyError(name)
        return SavedSearchPage(self, self.request, found)


class SavedSearchPage(MountedRoom):
    """``account/searches/<uid>``: one of them."""

    permissions = permission_map(use_account=[Role.OWNER])

    def __init__(self, parent: SavedSearchesRoom, request: Request, search: SavedSearch) -> None:
        super().__init__(parent, request, search.uid)
        self.search = search
        self.owner_id = search.person_id
