"""``staff/sought``: what readers look for in vain, for those who buy and describe books."""

from __future__ import annotations

from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.catalogue.sought import SeekingInVain
from bibliopolis.frame import Link, RailGroup
from bibliopolis.i18n import _, _n
from bibliopolis.parameters import offset, pager, whole_number
from bibliopolis.resources.access import Permission, Role, permission_map
from bibliopolis.resources.traversal import MountedRoom
from bibliopolis.search.asking import Asked

NAME = "sought"
PAGE = 50
PERIODS = (30, 90, 365)
STAFF = (Role.LIBRARIAN, Role.CONSULTANT, Role.MANAGER, Role.ADMINISTRATOR)


class SoughtRoom(MountedRoom):
    """``staff/sought``: like the staff area it lies in every scope its visitor has a role in."""

    permissions = permission_map(see_counts=STAFF)

    def __init__(self, parent: Any, request: Request) -> None:
        super().__init__(parent, request, NAME)


@view_config(
    context=SoughtRoom,
    name="",
    permission=Permission.SEE_COUNTS,
    request_method="GET",
    renderer="catalogue/sought.pt",
)
def show_sought(context: SoughtRoom, request: Request) -> dict[str, Any]:
    """Show what was sought in vain, the commonest first."""
    asked = whole_number(request.GET.get("days", ""), 3)
    days = asked if asked in PERIODS else PERIODS[0]
    seeking = request.find_service(SeekingInVain, context=None)
    total, rows = seeking.listed(days, offset(request, PAGE), PAGE)
    search = request.frame.search
    return {
        "rows": [(one, Asked(text=one.words).address(search)) for one in rows],
        "total": total,
        "days": days,
        "periods": [(one, _n("${n} day", "${n} days", one)) for one in PERIODS],
        "kept": _n("${n} day", "${n} days", request.settings.sought_days),
        "url": request.address(context),
        "pager": pager(request, total, PAGE),
    }


def rail(request: Request) -> list[RailGroup]:
    """Return the way to what is sought in vain."""
    if not request.principals.holds_anywhere(STAFF):
        return []
    link = Link(_("Sought in vain"), f"{request.frame.home}/staff/{NAME}", "search")
    return [RailGroup(_("Catalogue"), (link,))]
