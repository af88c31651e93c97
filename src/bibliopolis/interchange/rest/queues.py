"""The queue of a title for programs of staff: to read it, and to give it another order."""

from __future__ import annotations

from typing import Any

from pyramid.request import Request

from bibliopolis.bodies import demand_json
from bibliopolis.catalogue.resources import RecordResource
from bibliopolis.circulation.posted import text
from bibliopolis.circulation.presenters import hold_url
from bibliopolis.circulation.queue_views import LONGEST, unit
from bibliopolis.circulation.services import Queues
from bibliopolis.circulation.services.queues import AT_ONCE
from bibliopolis.errors import InvalidInput
from bibliopolis.i18n import _
from bibliopolis.parameters import batch, batching
from bibliopolis.resources.access import Permission
from bibliopolis.resources.exact import problems_of
from bibliopolis.resources.operations import operation

from .schemas import BATCH, FLAG, NUMBER, TEXT, listing, shape

REQUEST = shape(
    {
        "@id": TEXT,
        "UID": TEXT,
        "position": NUMBER,
        "review_state": TEXT,
        "put_first": FLAG,
        "suspended": FLAG,
        "start": {"type": ["string", "null"]},
        "item": {"type": ["integer", "null"]},
        "created": TEXT,
    }
)
ORDER: dict[str, Any] = {
    "type": "object",
    "properties": {
        "items": {
            "type": "array",
            "maxItems": AT_ONCE,
            "items": {
                "type": "object",
                "properties": {
                    "UID": {"type": "string", "maxLength": 40},
                    "position": {"type": "integer", "minimum": 1, "maximum": AT_ONCE},
                },
                "required": ["UID", "position"],
            },
        },
        "comment": {"type": "string", "maxLength": LONGEST, "description": "Why"},
    },
    "required": ["items", "comment"],
    "additionalProperties": False,
}


@operation(
    "GET",
    "/{language}/catalogue/{record}/@queue",
    "Every open request of a title, those being fulfilled first",
    context=RecordResource,
    name="@queue",
    permission=Permission.CAPTURE,
    facts={
        "answer": listing(REQUEST, **{"@type": {"const": "Queue"}}),
        "parameters": BATCH,
        "problems": (401, 403, 404),
        "tag": "holds",
    },
)
def show_queue(context: RecordResource, request: Request) -> dict[str, Any]:
    """Show it in batches; no reader is in it."""
    return _told(context, request)


@operation(
    "PUT",
    "/{language}/catalogue/{record}/@queue",
    "Give the requests of a title another order",
    context=RecordResource,
    name="@queue",
    permission=Permission.CAPTURE,
    facts={
        "answer": listing(REQUEST, **{"@type": {"const": "Queue"}}),
        "body": ORDER,
        "problems": (401, 403, 404, 409, 422),
        "tag": "holds",
    },
)
def reorder_queue(context: RecordResource, request: Request) -> dict[str, Any]:
    """Take a list of all of them with positions from 1; answer the queue as it is now."""
    sent = demand_json(request)
    wrong = dict(problems_of(ORDER, sent))
    if wrong:
        raise InvalidInput(_("Some fields need mending."), wrong)
    wanted = [(one["UID"], one["position"]) for one in sent["items"]]
    request.find_service(Queues).arrange(
        context.record.id, wanted, text(sent, "comment"), unit(context, request)
    )
    return _told(context, request)


def _told(context: RecordResource, request: Request) -> dict[str, Any]:
    asked, size = batch(request.GET)
    start = asked or 0
    total, _fulfilled, places = request.find_service(Queues).page(context.record.id, start, size)
    here = f"{request.address(context, absolute=True)}/@queue"
    return {
        "@id": here,
        "@type": "Queue",
        "items": [
            {
                "@id": f"{request.host_url}{hold_url(request, one.hold)}",
                "UID": one.hold.uid,
                "position": one.position,
                "review_state": one.hold.state,
                "put_first": one.hold.cut_in_line,
                "suspended": one.hold.is_suspended,
                "start": one.hold.starts.isoformat() if one.hold.starts else None,
                "item": one.hold.wanted_item_id,
                "created": one.hold.asked.isoformat(),
            }
            for one in places
        ],
        "items_total": total,
        **batching(here, total, start, size),
    }
