"""``staff/refusals``: counts for all who work at a library."""

from __future__ import annotations

from typing import Any

from pyramid.request import Request

from bibliopolis.frame import Link, RailGroup
from bibliopolis.i18n import _
from bibliopolis.libraries.staff_resources import STAFF
from bibliopolis.resources.access import permission_map
from bibliopolis.resources.traversal import MountedRoom

NAME = "refusals"


class RefusalsRoom(MountedRoom):
    """Like the staff area it lies in every scope its visitor has a role in."""

    permissions = permission_map(see_counts=STAFF)

    def __init__(self, parent: Any, request: Request) -> None:
        super().__init__(parent, request, NAME)


def rail(request: Request) -> list[RailGroup]:
    """Return the way to the refusals."""
    if not request.principals.holds_anywhere(STAFF):
        return []
    link = Link(_("Refusals"), f"{request.frame.home}/staff/{NAME}", "slash-circle")
    return [RailGroup(_("Service"), (link,))]
