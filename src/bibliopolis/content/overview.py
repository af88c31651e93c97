"""What an editor begins the day with: what can be added, and what has just been changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyramid.request import Request

from bibliopolis.frame import Link
from bibliopolis.i18n import _
from bibliopolis.resources.access import Permission, Role
from bibliopolis.resources.types import ResourceTypes

from .access import WorkingAccess, scopes_of
from .frame import lines
from .head import staff_url
from .inventory import Inventory
from .listings import Listings
from .place_of_work import working_language, works_on_pages

RECENT = 8


def begin_panel(request: Request) -> Mapping[str, Any] | None:
    """Offer to add one of each type, there where the newest of them lies."""
    if not request.principals.holds_anywhere((Role.EDITOR, Role.MANAGER)):
        return None
    types = request.find_service(ResourceTypes)
    language = working_language(request)
    homes = request.find_service(Inventory).homes()
    named = request.find_service(Listings).by_ids([home.id for home in homes.values()])
    links = []
    for one in types:
        home = homes.get(one.name)
        workflow = types[home.type].workflow if home is not None else None
        if home is None or workflow is None or one not in types.addable_to(home.type):
            continue
        access = WorkingAccess(workflow, scopes_of(home, language), home.owner_id)
        if request.principals.may(Permission.ADD, access):
            url = f"{staff_url(request, language, home.path, 'add')}?type={one.name}"
            place = named[home.id].title if home.id in named and home.path else None
            links.append(Link(one.title, url, one.icon, note=place))
    return {"title": _("What would you like to add?"), "links": links} if links else None


def recent_panel(request: Request) -> Mapping[str, Any] | None:
    """Show what was changed last, by whomever."""
    if not works_on_pages(request):
        return None
    found = request.find_service(Inventory).recently_changed(RECENT)
    if not found:
        return None
    return {"title": _("Changed last"), "rows": lines(request, found, "preview", states=True)}
