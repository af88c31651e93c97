"""The lists of a desk: what to take from the shelves, what waits, what is on its way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from bibliopolis.catalogue.resources import record_path
from bibliopolis.errors import Conflict
from bibliopolis.frame import flash
from bibliopolis.i18n import _, _n
from bibliopolis.parameters import batch, batching, read_page
from bibliopolis.resources.access import Permission
from bibliopolis.spreadsheets import csv_response

from .desk_words import keep
from .models import Hold
from .posted import number, posted, text
from .presenters import hold_lines, library_name
from .resources import Desk
from .services import DeskLists, Holds, Lists, Loans, Slips
from .services.desk_lists import Way

SIZE = 50
CSV_ROWS = 5000
SHOWN_OUTCOMES = 12
"""So many outcomes of one click are told one by one: they wait in a cookie."""


@view_config(
    context=Desk,
    name="pull",
    permission=Permission.USE_DESK,
    request_method="GET",
    renderer="circulation/pull.pt",
)
def show_pull_list(context: Desk, request: Request) -> dict[str, Any]:
    """Show which copies are to be taken from this library's shelves, and where they go."""
    lists, here = request.find_service(DeskLists), context.library.id
    way, hide = _way(request), "hide" in request.GET
    total, rows, pages = read_page(
        request, SIZE, lambda start: lists.pull(here, way, hide, start, SIZE)
    )
    return {
        **_frame(context, request),
        "way": way,
        "hide": hide,
        "total": total,
        "groups": _by_location(request, context, rows),
        "csv_url": request.address(context, "pull.csv", query=dict(_kept(way, hide)) or None),
        "pager": pages,
    }


@view_config(
    context=Desk,
    name="pull",
    permission=Permission.USE_DESK,
    request_method="GET",
    accept="application/json",
    renderer="json",
)
def pull_list_as_json(context: Desk, request: Request) -> dict[str, Any]:
    """Tell a program of the pull list; no reader is in it.

    ``alias`` is what the slip of a copy will say once it is taken in.
    """
    aliases = request.find_service(Slips).aliases
    asked, size = batch(request.GET, SIZE)
    start = asked or 0
    way, hide = _way(request), "hide" in request.GET
    total, rows = request.find_service(DeskLists).pull(context.library.id, way, hide, start, size)
    here = request.address(context, "pull", absolute=True)
    return {
        "@id": here,
        "@type": "PullList",
        "items_total": total,
        "items": [
            {
                "@type": "hold_target",
                "alias": aliases.of(hold.id),
                "title": record.title,
                "barcode": item.barcode,
                "location": item.location,
                "shelf_mark": item.shelf_mark,
                "found": target.found.isoformat() if target.found else None,
                "hold": hold.uid,
                "pickup_library": library_name(request, hold.pickup_library_id),
                "record": f"{request.host_url}{record_path(request, record.id)}",
            }
            for target, hold, item, record in rows
        ],
        **batching(here, total, start, size, _kept(way, hide)),
    }


@view_config(context=Desk, name="pull.csv", permission=Permission.USE_DESK, request_method="GET")
def pull_list_as_csv(context: Desk, request: Request) -> Response:
    """Give the pull list to a spreadsheet, narrowed as the page is."""
    _total, rows = request.find_service(DeskLists).pull(
        context.library.id, _way(request), "hide" in request.GET, limit=CSV_ROWS
    )
    heads = (_("Location"), _("Shelf mark"), _("Title"), _("Barcode"), _("Where to"))
    cells = (
        (
            item.location,
            item.shelf_mark,
            record.title,
            item.barcode,
            library_name(request, hold.pickup_library_id),
        )
        for _target, hold, item, record in rows
    )
    return csv_response(request, f"pull-{context.library.id}.csv", heads, cells)


@view_config(context=Desk, name="found", permission=Permission.USE_DESK, request_method="POST")
def mark_found(context: Desk, request: Request) -> HTTPSeeOther:
    """Note that a copy was found, or take that back."""
    sent = posted(request)
    holds, here = request.find_service(Holds), context.library.id
    found = sent.get("undo") is None
    return _attempt(
        context,
        request,
        "pull",
        lambda: holds.mark_found(number(sent, "hold"), here, found=found),
        # A row that is hidden now has no focus to give.
        at="main" if found and "hide" in request.GET else f"hold-{number(sent, 'hold')}",
    )


@view_config(context=Desk, name="not-found", permission=Permission.USE_DESK, request_method="POST")
def mark_not_found(context: Desk, request: Request) -> HTTPSeeOther:
    """Note that a copy is not in its place; the next one is looked for."""
    hold_id, holds = number(posted(request), "hold"), request.find_service(Holds)
    return _attempt(
        context,
        request,
        "pull",
        lambda: holds.not_found(hold_id, context.library.id),
        _("Noted. Another copy is looked for if there is one."),
    )


@view_config(
    context=Desk, name="check-in-found", permission=Permission.USE_DESK, request_method="POST"
)
def check_in_found(context: Desk, request: Request) -> HTTPSeeOther:
    """Take in all copies that were found, and say what to do with each."""
    outcomes = request.find_service(Loans).check_in_found(context.library.id)
    for outcome in outcomes[:SHOWN_OUTCOMES]:
        keep(request, outcome)
    if outcomes:
        flash(request, _n("${n} copy is taken in.", "${n} copies are taken in.", len(outcomes)))
    else:
        flash(request, _("Nothing on the pull list is marked as found now."), "info")
    return HTTPSeeOther(location=request.address(context))


@view_config(
    context=Desk,
    name="shelf",
    permission=Permission.USE_DESK,
    request_method="GET",
    renderer="circulation/shelf.pt",
)
def show_shelf(context: Desk, request: Request) -> dict[str, Any]:
    """Show what waits on the hold shelf for readers, and what lies there for nobody."""
    lists, here = request.find_service(DeskLists), context.library.id
    slips, typed = request.find_service(Slips), text(request.GET, "alias")
    hold_id = (slips.aliases.hold_id(typed) or 0) if typed else None
    total, rows, pages = read_page(
        request, SIZE, lambda start: lists.shelf(here, start, SIZE, hold_id=hold_id)
    )
    return {
        **_frame(context, request),
        "total": total,
        "rows": rows,
        "typed": typed,
        "aliases": {hold.id: slips.alias(hold) for hold, *_rest in rows},
        "lockers": {
            hold.id: library_name(request, hold.pickup_library_id)
            for hold, *_rest in rows
            if hold.pickup_library_id != here
        },
        "cells": request.find_service(Lists).cells(hold for hold, *_rest in rows),
        "for_a_cell": [
            (item, record, library_name(request, hold.pickup_library_id))
            for hold, item, record in lists.waiting_for_a_cell(here)
        ],
        "to_clear": lists.to_clear(here),
        "pager": pages,
    }


@view_config(
    context=Desk,
    name="shelf",
    permission=Permission.USE_DESK,
    request_method="GET",
    accept="application/json",
    renderer="json",
)
def shelf_as_json(context: Desk, request: Request) -> dict[str, Any]:
    """Tell a program what waits for readers; ``?alias=`` narrows it to one slip."""
    lists, slips = request.find_service(DeskLists), request.find_service(Slips)
    (asked, size), typed = batch(request.GET, SIZE), text(request.GET, "alias")
    start = asked or 0
    hold_id = (slips.aliases.hold_id(typed) or 0) if typed else None
    total, rows = lists.shelf(context.library.id, start, size, hold_id=hold_id)
    cells = request.find_service(Lists).cells(hold for hold, *_rest in rows)
    here = request.address(context, "shelf", absolute=True)
    return {
        "@id": here,
        "@type": "HoldShelf",
        "items_total": total,
        "items": [
            {
                "@type": "hold",
                "hold": hold.uid,
                "id": hold.id,
                "alias": slips.alias(hold),
                "title": record.title,
                "barcode": item.barcode,
                "reader": reader.name,
                "pickup_library": library_name(request, hold.pickup_library_id),
                "cell": cells.get(hold.id),
                "collect_by": hold.collect_by.isoformat() if hold.collect_by else None,
                "record": f"{request.host_url}{record_path(request, record.id)}",
            }
            for hold, item, record, reader in rows
        ],
        **batching(here, total, start, size, [("alias", typed)] if typed else []),
    }


@view_config(context=Desk, name="clear", permission=Permission.USE_DESK, request_method="POST")
def clear_from_shelf(context: Desk, request: Request) -> HTTPSeeOther:
    """Close a hold that was not collected and say where its copy goes now."""
    hold_id, here = number(posted(request), "hold"), context.library.id
    holds, loans = request.find_service(Holds), request.find_service(Loans)

    def clear() -> None:
        _demand_on_shelf(context, request, hold_id)
        hold = holds.not_collected(hold_id)
        if hold.item_id is not None:
            keep(request, loans.check_in(hold.item_id, here))

    return _attempt(context, request, "", clear)


@view_config(context=Desk, name="collected", permission=Permission.USE_DESK, request_method="POST")
def mark_collected(context: Desk, request: Request) -> HTTPSeeOther:
    """Lend what a reader has taken out of a locker by themselves."""
    hold_id, loans = number(posted(request), "hold"), request.find_service(Loans)

    def collect() -> None:
        _demand_on_shelf(context, request, hold_id)
        loans.collect(hold_id, context.library.id)

    said = _("Lent to the reader who waited for it.")
    return _attempt(context, request, "shelf", collect, said)


@view_config(
    context=Desk,
    name="transits",
    permission=Permission.USE_DESK,
    request_method="GET",
    renderer="circulation/transits.pt",
)
def show_transits(context: Desk, request: Request) -> dict[str, Any]:
    """Show what is on its way to this library."""
    lists, here = request.find_service(DeskLists), context.library.id
    total, rows, pages = read_page(request, SIZE, lambda start: lists.arriving(here, start, SIZE))
    return {
        **_frame(context, request),
        "total": total,
        "rows": [
            (transit, item, record, hold, library_name(request, transit.from_library_id))
            for transit, item, record, hold in rows
        ],
        "pager": pages,
    }


@view_config(
    context=Desk,
    name="waiting",
    permission=Permission.USE_DESK,
    request_method="GET",
    renderer="circulation/waiting.pt",
)
def show_waiting(context: Desk, request: Request) -> dict[str, Any]:
    """Show the holds of this library for which no copy can be looked for now."""
    lists, here = request.find_service(DeskLists), context.library.id
    hopeless = "hopeless" in request.GET
    total, rows, pages = read_page(
        request, SIZE, lambda start: lists.without_copy(here, start, SIZE, hopeless=hopeless)
    )
    return {
        **_frame(context, request),
        "hopeless": hopeless,
        "total": total,
        "lines": hold_lines(request, [(hold, record) for hold, record in rows]),
        "pager": pages,
    }


def _attempt(
    context: Desk,
    request: Request,
    back: str,
    act: Callable[[], Any],
    said: Any = None,
    at: str = "main",
) -> HTTPSeeOther:
    """Do it and go back to the list as it was; what is no longer possible is said there.

    ``at`` is the id of what has the focus then: who works with keys goes on from there, not from
    the top of the page.
    """
    try:
        with request.db.begin_nested():
            act()
    except Conflict as refusal:
        flash(request, refusal.reasons[0], "warn")
        at = "main"
    else:
        if said is not None:
            flash(request, said)
    if not back:
        # At the desk the field has the focus, and nothing else.
        return HTTPSeeOther(location=request.address(context))
    address = request.address(context, back, query=request.GET or None)
    return HTTPSeeOther(location=f"{address}#{at}")


def _demand_on_shelf(context: Desk, request: Request, hold_id: int) -> None:
    """Refuse what does not wait at this desk for its reader: an old page, or another's hold."""
    lists = request.find_service(DeskLists)
    total, _rows = lists.shelf(context.library.id, hold_id=hold_id, limit=1)
    if not total:
        raise Conflict(_("This book does not wait on the hold shelf of this library, or no more."))


def _frame(context: Desk, request: Request) -> dict[str, Any]:
    return {
        "kept": f"?{request.query_string}" if request.query_string else "",
        "url": request.address(context),
        "place": context.library.name_in(request.language),
        "waiting": request.find_service(DeskLists).waiting_at(context.library.id),
    }


def _kept(way: Way | None, hide: bool) -> list[tuple[str, str]]:
    """Return the parameters of the address that narrow the pull list."""
    return [*([("way", str(way))] if way else []), *([("hide", "1")] if hide else [])]


def _way(request: Request) -> Way | None:
    asked = request.GET.get("way")
    return Way(asked) if asked in set(Way) else None


def _by_location(request: Request, context: Desk, rows: Any) -> list[tuple[str, list[Any]]]:
    """Return the rows in groups of one location each, in their order."""
    groups: list[tuple[str, list[Any]]] = []
    for target, hold, item, record in rows:
        place = item.location or ""
        if not groups or groups[-1][0] != place:
            groups.append((place, []))
        away = _destination(request, context, hold)
        groups[-1][1].append((target, hold, item, record, away))
    return groups


def _destination(request: Request, context: Desk, hold: Hold) -> str | None:
    """Return the library the copy goes to, or None where it stays."""
    if hold.pickup_library_id == context.library.id:
        return None
    return library_name(request, hold.pickup_library_id)
