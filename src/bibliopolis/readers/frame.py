"""What readers put into the frame: the way to them, on the staff side."""

from __future__ import annotations

from collections.abc import Iterable

from pyramid.request import Request

from bibliopolis.frame import Link, RailGroup
from bibliopolis.i18n import _

from .staff_resources import may_use_some_desk


def rail(request: Request) -> Iterable[RailGroup]:
    """Return the way to readers, for those who work at a desk."""
    if may_use_some_desk(request):
        here = f"{request.frame.home}/staff/readers"
        yield RailGroup(_("Service"), (Link(_("Readers"), here, "person-vcard"),))
