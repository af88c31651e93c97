"""The parts of pages elsewhere: one's questions in "my account", the queue on the staff side."""

from __future__ import annotations

from typing import Any

from pyramid.request import Request

from bibliopolis.i18n import _

from .access import works_on_some
from .presenters import line_of, my_url, queue_url
from .services import EnquiryLists

SHOWN = 3


def my_enquiries(request: Request) -> dict[str, Any] | None:
    """Return the latest questions of the visitor; one that waits for them stands first."""
    person_id = request.principals.person_id
    if person_id is None:
        return None
    total, rows = request.find_service(EnquiryLists, context=None).asked_and_open(person_id, SHOWN)
    return {
        "title": _("My questions"),
        "count": total,
        "lines": [line_of(request, one, my_url(request, one)) for one in rows],
        "all_url": f"{request.frame.home}/account/enquiries" if total > SHOWN else None,
        "ask_url": f"{request.frame.home}/ask",
    }


def my_queue(request: Request) -> dict[str, Any] | None:
    """Return what waits for a consultant."""
    if not works_on_some(request.principals):
        return None
    return {
        "counts": request.find_service(EnquiryLists, context=None).counts(),
        "url": queue_url(request),
    }
