"""Refusals for staff: the list with its filters, as CSV and JSON, and a tab of each library."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from bibliopolis.catalogue.sought_views import NAME as SOUGHT
from bibliopolis.errors import InvalidInput
from bibliopolis.i18n import _, _n
from bibliopolis.libraries.models import Library
from bibliopolis.libraries.presenters import depth_first, name_of
from bibliopolis.libraries.services import Libraries
from bibliopolis.libraries.staff_resources import OrganisationPage
from bibliopolis.libraries.staff_views import head
from bibliopolis.parameters import batch, batching, offset, pager, read_day, whole_number
from bibliopolis.parts import problems_of
from bibliopolis.resources.access import Permission
from bibliopolis.spreadsheets import csv_response

from ..presenters import library_name
from .kinds import ACTS, KINDS, REASONS, RefusalKind
from .listing import RefusalRow, Refusals, Shown, SumRow
from .resources import NAME, RefusalsRoom

PAGE = 50
PERIODS = (7, 30, 90, 365)
USUAL = 30
DATES = ("from", "to")
OVERVIEW = 10
"""So many titles stand on the page of a library; the whole list is a click away."""


@view_config(
    context=RefusalsRoom,
    name="",
    permission=Permission.SEE_COUNTS,
    request_method="GET",
    renderer="circulation/refusals.pt",
)
def show_refusals(context: RefusalsRoom, request: Request) -> dict[str, Any]:
    """List what was refused: what was least avoided first; wrong days show the usual ones."""
    errors: Mapping[str, Any] = {}
    try:
        organisation, shown = _shown(request)
    except InvalidInput as error:
        request.response.status_int, errors = 400, error.errors
        organisation, shown = _shown(request, dated=False)
    refusals = request.find_service(Refusals)
    total, rows = refusals.page(shown, offset(request, PAGE), PAGE)
    here = request.address(context)
    return {
        **_page(request, refusals.sums(shown), rows),
        "total": total,
        "shown": shown,
        "days": _days(request),
        "dates": {name: request.GET.get(name, "")[:10] for name in DATES},
        "errors": errors,
        "problems": problems_of(errors),
        "organisation": organisation,
        "organisations": [
            (depth, one.code, name_of(request, one))
            for depth, one in depth_first(request.find_service(Libraries).tree.values())
        ],
        "periods": [(one, _n("${n} day", "${n} days", one)) for one in PERIODS],
        "kept": _n("${n} day", "${n} days", request.settings.refusal_days),
        "url": here,
        "csv_url": request.address(
            context, "refusals.csv", query=_kept(request, organisation, shown)
        ),
        "sought_url": f"{request.frame.home}/staff/{SOUGHT}",
        "pager": pager(request, total, PAGE),
    }


@view_config(
    context=RefusalsRoom,
    name="",
    permission=Permission.SEE_COUNTS,
    request_method="GET",
    accept="application/json",
    renderer="json",
)
def refusals_as_json(context: RefusalsRoom, request: Request) -> dict[str, Any]:
    """Tell a program what was refused: sums by kind, and a batch of titles."""
    organisation, shown = _shown(request)
    asked, size = batch(request.GET)
    refusals, start = request.find_service(Refusals), asked or 0
    total, rows = refusals.page(shown, start, size)
    here = request.address(context, absolute=True)
    codes = {one.id: one.code for one in request.find_service(Libraries).tree.values()}
    kept = tuple(_kept(request, organisation, shown).items())
    return {
        "@id": here,
        "@type": "Refusals",
        "days": (shown.last - shown.first).days + 1,
        "from": shown.first.isoformat(),
        "to": shown.last.isoformat(),
        "sums": [
            {"kind": one.kind, "times": one.times, "avoided": one.avoided}
            for one in refusals.sums(shown)
        ],
        "items": [
            {
                "record": f"{request.host_url}{_record_url(request, row)}",
                "title": row.title,
                "library": codes.get(row.library_id),
                "act": row.act,
                "kind": row.kind,
                "reason": row.code,
                "times": row.times,
                "avoided": row.avoided,
                "last": row.last.isoformat(),
            }
            for row in rows
        ],
        "items_total": total,
        **batching(here, total, start, size, kept),
    }


@view_config(
    context=RefusalsRoom,
    name="refusals.csv",
    permission=Permission.SEE_COUNTS,
    request_method="GET",
)
def refusals_as_csv(context: RefusalsRoom, request: Request) -> Response:
    """Give the list for a spreadsheet."""
    _organisation, shown = _shown(request)
    heads = (
        *(_("Title"), _("Record"), _("Library"), _("Attempted"), _("Kind of refusal"), _("Reason")),
        *(_("Refused"), _("Avoided"), _("Last on")),
    )
    cells = (
        (
            *(row.title, str(row.record_id), library_name(request, row.library_id)),
            *(ACTS.get(row.act, row.act), KINDS[row.kind] if row.kind else ""),
            *(REASONS.get(row.code, row.code), str(row.times), str(row.avoided)),
            row.last.isoformat(),
        )
        for row in request.find_service(Refusals).all(shown)
    )
    return csv_response(request, "refusals.csv", heads, cells)


@view_config(
    context=OrganisationPage,
    name=NAME,
    permission=Permission.VIEW_WORKING,
    request_method="GET",
    renderer="circulation/refusals_of_library.pt",
)
def show_refusals_of_library(context: OrganisationPage, request: Request) -> dict[str, Any]:
    """Show what was refused at an organisation and below it in the last days."""
    first, last = _last_days(request, USUAL)
    shown = Shown(first, last, _below(request, context.library))
    refusals = request.find_service(Refusals)
    total, rows = refusals.page(shown, 0, OVERVIEW)
    query = {"library": context.library.code}
    return {
        **head(context, request),
        **_page(request, refusals.sums(shown), rows),
        "total": total,
        "period": _n("${n} day", "${n} days", USUAL),
        "all_url": f"{request.frame.home}/staff/{NAME}?library={query['library']}",
    }


def _page(request: Request, sums: list[SumRow], rows: Sequence[RefusalRow]) -> dict[str, Any]:
    known = [one for one in sums if one.avoided is not None]
    ratios = _ratio_urls(request, rows)
    times, avoided = sum(one.times for one in known), sum(one.avoided or 0 for one in known)
    return {
        "sums": sums,
        "all_of_it": SumRow("", times, avoided),
        "kinds": KINDS,
        "searched": str(RefusalKind.NOT_FOUND),
        "rows": [
            (
                row,
                _record_url(request, row),
                library_name(request, row.library_id),
                ACTS.get(row.act, row.act),
                REASONS.get(row.code, row.code),
                ratios.get((row.library_id, row.record_id)),
            )
            for row in rows
        ],
    }


def _shown(request: Request, dated: bool = True) -> tuple[Library | None, Shown]:
    """Return the organisation and what is to be shown; what there is not is any.

    Days that were typed go before a period; InvalidInput where they are none, unless ``dated`` says
    to look away.
    """
    kind = request.GET.get("kind", "")
    organisation = request.find_service(Libraries).organisation(request.GET.get("library", ""))
    typed = _typed_days(request) if dated else None
    first, last = typed or _last_days(request, _days(request))
    return organisation, Shown(
        first,
        last,
        _below(request, organisation) if organisation else None,
        kind if kind in KINDS and kind != RefusalKind.NOT_FOUND else None,
    )


def _days(request: Request) -> int:
    """Return the period that is chosen, in days."""
    days = whole_number(request.GET.get("days", ""), 3)
    return days if days in PERIODS else USUAL


def _last_days(request: Request, days: int) -> tuple[date, date]:
    today = request.clock.today()
    return today - timedelta(days=days - 1), today


def _typed_days(request: Request) -> tuple[date, date] | None:
    """Return the days that were typed, today where the last is left out; None where none were."""
    typed = {name: request.GET.get(name, "").strip() for name in DATES}
    if not any(typed.values()):
        return None
    today, errors = request.clock.today(), {}
    first, last = (read_day(typed[name]) for name in DATES)
    if first is None:
        errors["from"] = _("Choose the first day.")
    elif first > today:
        errors["from"] = _("Choose a day that has come already.")
    if typed["to"] and last is None:
        errors["to"] = _("Choose a day.")
    elif first is not None and last is not None and last < first:
        errors["to"] = _("The last day is before the first.")
    if errors or first is None:
        raise InvalidInput(_("These days cannot be shown: correct what is marked."), errors)
    return first, min(last or today, today)


def _below(request: Request, organisation: Library) -> frozenset[int]:
    """Return the ids of an organisation and of all that is below it."""
    libraries = request.find_service(Libraries)
    return frozenset(
        one.id for one in libraries.tree.values() if organisation in libraries.lineage(one)
    )


def _kept(request: Request, organisation: Library | None, shown: Shown) -> dict[str, Any]:
    """Return what the address of another form of the same list says."""
    dated = {name: request.GET.get(name, "") for name in DATES}
    kept = {
        **(dated if any(dated.values()) else {"days": _days(request)}),
        "library": organisation.code if organisation else "",
        "kind": shown.kind or "",
    }
    return {name: value for name, value in kept.items() if value}


def _ratio_urls(request: Request, rows: Iterable[RefusalRow]) -> dict[tuple[int, int], str]:
    """Return where holds and copies of a title are at a library, for those who may see that."""
    staff = request.root[request.language]["staff"]["libraries"]
    tree = request.find_service(Libraries).tree
    pages = {
        library_id: OrganisationPage(staff, request, tree[library_id])
        for library_id in {row.library_id for row in rows}
        if library_id in tree
    }
    return {
        (row.library_id, row.record_id): request.address(
            page, "hold-ratio", query={"record": str(row.record_id)}
        )
        for row in rows
        if (page := pages.get(row.library_id)) is not None
        and request.principals.may(Permission.SEE_COUNTS, page)
    }


def _record_url(request: Request, row: RefusalRow) -> str:
    return f"{request.frame.home}/catalogue/{row.record_id}"
