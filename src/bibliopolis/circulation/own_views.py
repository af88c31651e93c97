"""What is one's own: holds and loans, on one page for people, as a list each for programs."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.parameters import batch, batching
from bibliopolis.resources.access import Permission

from .family import whose
from .loan_presenters import loan_json, loan_lines
from .presenters import hold_json, hold_lines
from .resources import HoldsRoom, LoansRoom
from .services import Lists


@view_config(context=HoldsRoom, name="", permission=Permission.USE_ACCOUNT, request_method="GET")
@view_config(context=LoansRoom, name="", permission=Permission.USE_ACCOUNT, request_method="GET")
def show_own(context: HoldsRoom | LoansRoom, request: Request) -> HTTPSeeOther:
    """Show one's holds or loans where everything else of one's own is."""
    return HTTPSeeOther(location=f"{request.frame.home}/account#{context.__name__}")


@view_config(
    context=HoldsRoom,
    name="",
    permission=Permission.USE_ACCOUNT,
    request_method="GET",
    accept="application/json",
    renderer="json",
)
def holds_as_json(context: HoldsRoom, request: Request) -> dict[str, Any]:
    """Tell a program of the open holds of the visitor, or of a child they act for."""
    uid, lists = request.GET.get("reader", ""), request.find_service(Lists)
    reader_id = whose(request, uid)
    asked, size = batch(request.GET)
    start = asked or 0
    total = lists.count_open_holds_of(reader_id) if reader_id else 0
    rows = lists.open_holds_of(reader_id, offset=start, limit=size) if reader_id else ()
    lines = hold_lines(request, [(hold, record) for hold, record, _item in rows])
    here = request.address(context, absolute=True)
    return {
        "@id": here,
        "@type": "Holds",
        "items": [hold_json(request, line) for line in lines],
        "items_total": total,
        **batching(here, total, start, size, [("reader", uid)] if uid else []),
    }


@view_config(
    context=LoansRoom,
    name="",
    permission=Permission.USE_ACCOUNT,
    request_method="GET",
    accept="application/json",
    renderer="json",
)
def loans_as_json(context: LoansRoom, request: Request) -> dict[str, Any]:
    """Tell a program what the visitor has, or a child they act for; and what a renewal brings."""
    reader_id = whose(request, request.GET.get("reader", ""))
    rows = request.find_service(Lists).loans_of(reader_id) if reader_id else ()
    lines = loan_lines(request, rows, renewable=True)
    return {
        "@id": request.address(context, absolute=True),
        "@type": "Loans",
        "items": [loan_json(request, line) for line in lines],
        "items_total": len(lines),
    }
