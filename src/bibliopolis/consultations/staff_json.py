"""The queue and its questions for programs of consultants."""

from __future__ import annotations

from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.parameters import batch, batching
from bibliopolis.resources.access import Permission

from .presenters import enquiry_json, lines_of, thread_json
from .resources import QueueRoom, StaffThread
from .services import EnquiryLists
from .staff_views import PAGE, asked_filters, asked_part


@view_config(
    context=QueueRoom,
    name="",
    permission=Permission.USE_QUEUE,
    request_method="GET",
    accept="application/json",
    renderer="json",
)
def queue_as_json(context: QueueRoom, request: Request) -> dict[str, Any]:
    """Tell a program of the questions its person has to do with; no asker is named."""
    start, size = batch(request.GET, PAGE)
    show = asked_part(request)
    total, rows = request.find_service(EnquiryLists).queue(
        show, **asked_filters(request), offset=start or 0, limit=size
    )
    here = request.address(context, absolute=True)
    return {
        "@id": here,
        "@type": "EnquiryQueue",
        "items_total": total,
        "items": [
            {**enquiry_json(request, line), "consultant": line.who or None}
            for line in lines_of(request, rows)
        ],
        **batching(here, total, start or 0, size, [("show", show)]),
    }


@view_config(
    context=StaffThread,
    name="",
    permission=Permission.VIEW,
    request_method="GET",
    accept="application/json",
    renderer="json",
)
def staff_thread_as_json(context: StaffThread, request: Request) -> dict[str, Any]:
    """Tell a consultant's program of a question, notes among the messages."""
    enquiry = context.enquiry
    notes = request.principals.may(Permission.NOTE, context)
    (line,) = lines_of(request, [enquiry])
    here = request.address(context)
    return {
        **enquiry_json(request, line),
        "consultant": line.who or None,
        **thread_json(request, enquiry, here, notes=notes, for_staff=True),
    }
