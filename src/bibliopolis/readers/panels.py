"""What readers bring to "my account": the card, and the children one acts for."""

from __future__ import annotations

from typing import Any

from pyramid.request import Request

from bibliopolis.i18n import _, _n
from bibliopolis.libraries.services import Libraries

from .barcode import barcode
from .models import Registration
from .numbers import spaced
from .services import Guardians, Joining, Readers
from .staff_resources import libraries_of_work, may_use_some_desk


def card(request: Request) -> dict[str, Any] | None:
    """Return the visitor's card, if they are a reader."""
    readers = request.find_service(Readers, context=None)
    reader = readers.of_person(request.principals.person_id)
    if reader is None:
        return None
    home = request.find_service(Libraries, context=None).by_id.get(reader.home_library_id)
    shown = reader.card
    return {
        "name": reader.name,
        "card_number": spaced(shown.number) if shown else None,
        "bars": barcode(shown.number) if shown else None,
        "home": home.name_in(request.language) if home else None,
        "may_bring_children": request.find_service(Joining, context=None).may_bring_children(
            reader
        ),
        "finish_by": (
            reader.registered_until if reader.registration == Registration.PRELIMINARY else None
        ),
    }


def become(request: Request) -> dict[str, Any] | None:
    """Offer a card to whoever has an account without one."""
    return {} if request.principals.reader_id is None else None


def registrations(request: Request) -> dict[str, Any] | None:
    """Tell librarians how many registrations wait to be finished at their libraries."""
    if not may_use_some_desk(request):
        return None
    readers = request.find_service(Readers, context=None)
    waiting, _page = readers.look_up("", libraries_of_work(request), unfinished=True, limit=0)
    if not waiting:
        return None
    return {
        "waiting": _n("${n} registration waits", "${n} registrations wait", waiting),
        "url": f"{request.frame.home}/staff/readers",
    }


def children(request: Request) -> dict[str, Any] | None:
    """Return the children the visitor acts for, each with their card."""
    guardians = request.find_service(Guardians, context=None)
    found = guardians.children_of(request.principals.reader_id)
    if not found:
        return None
    return {
        "title": _("Children"),
        "count": len(found),
        "children": [
            {
                "name": child.name,
                "number": spaced(child.card.number) if child.card else None,
                "bars": barcode(child.card.number) if child.card else None,
            }
            for child in found
        ],
    }
