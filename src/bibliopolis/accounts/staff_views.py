"""The staff area's own pages: its first page, and the outbox."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.accounts.panels import show_panels
from bibliopolis.accounts.resources import OutboxRoom, StaffArea
from bibliopolis.frame import flash
from bibliopolis.i18n import _n
from bibliopolis.outbox import Outbox, heartbeats
from bibliopolis.parameters import offset, pager, row_id
from bibliopolis.resources.access import Permission

PAGE = 50


@view_config(
    context=StaffArea,
    name="",
    permission=Permission.USE_STAFF_AREA,
    request_method="GET",
    renderer="accounts/dashboard.pt",
)
def show_dashboard(context: StaffArea, request: Request) -> dict[str, Any]:
    """Show what waits for the person: the panels of all rooms."""
    return {"person": request.visitor, "panels": show_panels(request, "staff")}


@view_config(
    context=OutboxRoom,
    name="",
    permission=Permission.MANAGE,
    request_method="GET",
    renderer="accounts/outbox.pt",
)
def show_outbox(context: OutboxRoom, request: Request) -> dict[str, Any]:
    """Show what waits, what failed for good, and whether a worker lives."""
    outbox = request.find_service(Outbox)
    total, failures = outbox.failures(offset(request, PAGE), PAGE)
    return {
        "waiting": outbox.waiting(),
        "failures": failures,
        "failed": _n("${n} task failed", "${n} tasks failed", total) if total else None,
        "workers": heartbeats(request.db, request.clock.now()),
        "pager": pager(request, total, PAGE),
    }


@view_config(context=OutboxRoom, name="retry", permission=Permission.MANAGE, request_method="POST")
def retry_failures(context: OutboxRoom, request: Request) -> HTTPSeeOther:
    """Let what failed be tried again: the rows chosen, or all of them."""
    everything = "all" in request.POST
    chosen = [number for text in request.POST.getall("row") if (number := row_id(text))]
    count = request.find_service(Outbox).retry(None if everything else chosen)
    flash(
        request,
        _n("${n} task will be tried again.", "${n} tasks will be tried again.", count),
        "ok" if count else "info",
    )
    return HTTPSeeOther(location=request.address(context))
