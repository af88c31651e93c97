"""What bringing records in puts into the frame of the staff side."""

from __future__ import annotations

from collections.abc import Iterable

from pyramid.request import Request

from bibliopolis.frame import Link, RailGroup
from bibliopolis.i18n import _

from .resources import may_bring_in


def rail(request: Request) -> Iterable[RailGroup]:
    """Return the way to what came in."""
    if may_bring_in(request):
        here = f"{request.frame.home}/staff/imports"
        links = [
            Link(_("Imports"), here, "upload", exact=True),
            Link(_("Quarantine"), f"{here}/quarantine", "inbox"),
        ]
        if request.registry["bibliopolis.harvest_sources"]:
            links.insert(1, Link(_("Harvests"), f"{here}/harvests", "download"))
        yield RailGroup(_("Catalogue"), tuple(links))
