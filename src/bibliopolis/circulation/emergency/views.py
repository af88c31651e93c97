"""Staff pages of emergency closings: what there was, what one would move, how far one is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config
from sqlalchemy import func, select

from bibliopolis.catalogue.models import Item, Record
from bibliopolis.errors import InvalidInput, NotFoundHere
from bibliopolis.i18n import _
from bibliopolis.libraries.forms import LONGEST, Reading
from bibliopolis.libraries.staff_resources import OrganisationPage
from bibliopolis.libraries.staff_views import head
from bibliopolis.parameters import batch, batching, offset, pager, read_day, row_id
from bibliopolis.parts import problems_of
from bibliopolis.problems import status_of
from bibliopolis.resources.access import Permission
from bibliopolis.spreadsheets import csv_response

from ..models import Hold, Loan
from ..presenters import library_name
from .closings import WRONG, Closings, Wanted
from .models import AT_WORK, ClosingState, EmergencyClosing, MovedDate
from .preview import Line

PAGE = 50
CSV_ROWS = 50_000
LONGEST_SHOWN = 2000
"""So much of what was typed is shown again, far more than is taken."""
STATES: Mapping[str, tuple[str, Any]] = {
    ClosingState.WAITING: ("is-wait", _("Waits for its turn")),
    ClosingState.RUNNING: ("is-scheduled", _("Dates are being moved")),
    ClosingState.PAUSED: ("is-wait", _("Paused")),
    ClosingState.DONE: ("is-done", _("All dates are moved")),
    ClosingState.UNDOING: ("is-scheduled", _("Dates are being put back")),
    ClosingState.UNDONE: ("is-withdrawn", _("Undone")),
}
HEADS = (_("Title"), _("Barcode"), _("Where"), _("Before"), _("After"))


@view_config(
    context=OrganisationPage,
    name="emergency",
    permission=Permission.VIEW_WORKING,
    request_method="GET",
    renderer="circulation/emergency.pt",
)
def show_closings(context: OrganisationPage, request: Request) -> dict[str, Any]:
    """List the emergency closings of an organisation, and the form to look at a new one."""
    today = request.find_service(Closings).calendars.today(context.library).isoformat()
    return list_page(context, request, {"first": today, "last": today, "with_below": "yes"}, {})


@view_config(
    context=OrganisationPage,
    name="emergency",
    permission=Permission.VIEW_WORKING,
    request_method="GET",
    accept="application/json",
    renderer="json",
)
def closings_as_json(context: OrganisationPage, request: Request) -> dict[str, Any]:
    """Tell a program of the emergency closings of an organisation; no reader is named."""
    start, size = batch(request.GET, PAGE)
    start = start or 0
    total, rows = request.find_service(Closings).page(context.library, start, size)
    here = request.address(context, "emergency", absolute=True)
    return {
        "@id": here,
        "@type": "EmergencyClosings",
        "items_total": total,
        "items": [closing_json(context, request, one) for one in rows],
        **batching(here, total, start, size),
    }


@view_config(
    context=OrganisationPage,
    name="emergency-preview",
    permission=Permission.EDIT,
    request_method="GET",
    renderer="circulation/emergency_preview.pt",
)
def show_preview(context: OrganisationPage, request: Request) -> dict[str, Any]:
    """Show what a closing would move, whom it concerns, and who is told; nothing is written."""
    sent = typed(request.GET)
    try:
        wanted = read_wanted(context, request, sent)
        preview = request.find_service(Closings).preview(wanted)
    except InvalidInput as error:
        request.response.status_int = status_of(error)
        request.override_renderer = "circulation/emergency.pt"
        return list_page(context, request, sent, error.errors)
    request.response.cache_control.no_store = True
    shelf = request.GET.get("what") == "shelf"
    lines_of = preview.shelf if shelf else preview.loans
    total, lines = lines_of(offset(request, PAGE), PAGE)
    here = request.address(context)
    asked = {name: value for name, value in sent.items() if name not in ("what", "page")}
    return {
        **head(context, request),
        "wanted": wanted,
        "values": asked,
        "effects": preview.effects(),
        "lines": [_named(request, one) for one in lines],
        "shelf": shelf,
        "tabs_of_dates": [
            (name, title, f"{here}/emergency-preview?{urlencode({**asked, 'what': name})}")
            for name, title in (("loans", _("Due dates")), ("shelf", _("Last days to collect")))
        ],
        "csv_url": f"{here}/emergency-preview.csv?{urlencode(asked)}",
        "pager": pager(request, total, PAGE),
    }


@view_config(
    context=OrganisationPage,
    name="emergency-preview.csv",
    permission=Permission.EDIT,
    request_method="GET",
)
def preview_as_csv(context: OrganisationPage, request: Request) -> Response:
    """Give the dates that would move to a spreadsheet."""
    wanted = read_wanted(context, request, request.GET)
    lines = request.find_service(Closings).preview(wanted).lines()
    rows = (_cells(request, line) for line, _number in zip(lines, range(CSV_ROWS), strict=False))
    return csv_response(request, f"closing-{context.library.code}.csv", HEADS, rows)


@view_config(
    context=OrganisationPage,
    name="closing",
    permission=Permission.VIEW_WORKING,
    request_method="GET",
    renderer="circulation/closing.pt",
)
def show_closing(context: OrganisationPage, request: Request) -> dict[str, Any]:
    """Show how far a closing is, and the dates that it moved to those who may change it."""
    return closing_page(context, request, {})


@view_config(
    context=OrganisationPage,
    name="closing.csv",
    permission=Permission.EDIT,
    request_method="GET",
)
def closing_as_csv(context: OrganisationPage, request: Request) -> Response:
    """Give the dates that were moved to a spreadsheet."""
    closing = closing_of(context, request)
    rows = (_cells(request, line) for line in _moved(request, closing, 0, CSV_ROWS))
    return csv_response(request, f"closing-{closing.id}.csv", HEADS, rows)


def closing_page(
    context: OrganisationPage, request: Request, errors: dict[str, Any]
) -> dict[str, Any]:
    """Return what the page of a closing shows."""
    closing, closings = closing_of(context, request), request.find_service(Closings)
    request.response.cache_control.no_store = True
    page = head(context, request)
    pill, state = STATES[closing.state]
    total = request.db.scalar(
        select(func.count(MovedDate.id)).where(MovedDate.closing_id == closing.id)
    )
    lines = _moved(request, closing, offset(request, PAGE), PAGE) if page["may_edit"] else ()
    done = closing.moved_loans + closing.moved_holds
    return {
        **page,
        "closing": closing,
        "days": days_of(request, closing),
        "pill": pill,
        "state_words": state,
        "at_work": closing.state in AT_WORK,
        "may_pause": closing.state in (ClosingState.WAITING, ClosingState.RUNNING),
        "may_undo": closings.may_undo(closing),
        "stands": closing.stands,
        "share": min(1.0, done / closing.total) if closing.total else 1.0,
        "moved": total or 0,
        "lines": [_named(request, one) for one in lines],
        "here": f"{page['url']}/closing?closing={closing.id}",
        "csv_url": f"{page['url']}/closing.csv?closing={closing.id}",
        "errors": errors,
        "problems": problems_of(errors),
        "pager": pager(request, total or 0, PAGE),
    }


def list_page(
    context: OrganisationPage, request: Request, values: Mapping[str, Any], errors: dict[str, Any]
) -> dict[str, Any]:
    """Return what the list of closings shows, with the form as it was sent."""
    closings = request.find_service(Closings)
    total, rows = closings.page(context.library, offset(request, PAGE), PAGE)
    page = head(context, request)
    tree = closings.libraries.tree
    return {
        **page,
        "rows": [
            (
                one,
                days_of(request, one),
                one.reason_in(request.language),
                *STATES[one.state],
                f"{page['tree_url']}/{tree[one.library_id].code}/closing?closing={one.id}",
                ""
                if one.library_id == context.library.id
                else library_name(request, one.library_id),
            )
            for one in rows
        ],
        "total": total,
        "values": values,
        "errors": errors,
        "problems": problems_of(errors),
        "pager": pager(request, total, PAGE),
    }


def typed(sent: Mapping[str, Any]) -> dict[str, str]:
    """Return the texts of a form, to be read and shown again: no files, and nothing without end."""
    return {name: text[:LONGEST_SHOWN] for name, text in sent.items() if isinstance(text, str)}


def read_wanted(context: OrganisationPage, request: Request, values: Mapping[str, Any]) -> Wanted:
    """Return what was typed of a closing; InvalidInput says what is wrong, by field."""
    reading = Reading(values)
    says = _("Choose a day.")
    first, last = (reading.parsed(name, _day, says) for name in ("first", "last"))
    if first is None:
        reading.errors.setdefault("first", says)
    reason = reading.spoken("reason", request.settings.languages, LONGEST)
    reading.done(WRONG)
    assert first is not None
    below = bool(values.get("with_below"))
    return Wanted(context.library, first, last or first, below, reason)


def _day(typed: str) -> date:
    """Return the day that was typed: other ways to write one than a browser's are none."""
    day = read_day(typed)
    if day is None:
        raise ValueError(typed)
    return day


def closing_of(context: OrganisationPage, request: Request) -> EmergencyClosing:
    """Return the closing that an address or a form names."""
    sent = request.params.get("closing", "")
    closing_id = row_id(sent)
    if closing_id is None:
        raise NotFoundHere(_("There is no such emergency closing."))
    return request.find_service(Closings).find(context.library, closing_id)


def days_of(request: Request, closing: EmergencyClosing) -> str:
    """Return the days of a closing in words."""
    first = request.formats.date(closing.first)
    if closing.first == closing.last:
        return str(first)
    return f"{first} – {request.formats.date(closing.last)}"


def closing_json(
    context: OrganisationPage, request: Request, closing: EmergencyClosing
) -> dict[str, Any]:
    """Return a closing for programs; its address is at the organisation that it closes."""
    tree = request.find_service(Closings).libraries.tree
    organisations = request.address(context.__parent__, absolute=True)
    return {
        "@id": f"{organisations}/{tree[closing.library_id].code}/@closings/{closing.id}",
        "@type": "EmergencyClosing",
        "UID": closing.uid,
        "id": closing.id,
        "library": library_name(request, closing.library_id),
        "first": closing.first.isoformat(),
        "last": closing.last.isoformat(),
        "with_below": closing.with_below,
        "reason": closing.reason_in(request.language),
        "state": closing.state,
        "to_move": closing.total,
        "moved_loans": closing.moved_loans,
        "moved_holds": closing.moved_holds,
    }


def _moved(request: Request, closing: EmergencyClosing, start: int, size: int) -> Iterable[Line]:
    """Return some of the dates that a closing moved, in the order in which it did."""
    rows = request.db.execute(
        select(MovedDate, Item, Record, func.coalesce(Loan.library_id, Hold.pickup_library_id))
        .outerjoin(Loan, Loan.id == MovedDate.loan_id)
        .outerjoin(Hold, Hold.id == MovedDate.hold_id)
        .outerjoin(Item, Item.id == func.coalesce(Loan.item_id, Hold.item_id))
        .join(Record, Record.id == func.coalesce(Hold.record_id, Item.record_id))
        .where(MovedDate.closing_id == closing.id)
        .order_by(MovedDate.id)
        .offset(start)
        .limit(size)
    )
    for moved, item, record, place_id in rows:
        # What was put back is where it was before.
        after = moved.before if moved.undone and not moved.stayed else moved.after
        yield Line(record, item, place_id, moved.before, after)


def _named(request: Request, line: Line) -> tuple[Line, str]:
    return line, library_name(request, line.place_id)


def _cells(request: Request, line: Line) -> tuple[Any, ...]:
    return (
        line.record.title,
        line.item.barcode if line.item else None,
        library_name(request, line.place_id),
        line.before.isoformat(),
        line.after.isoformat(),
    )
