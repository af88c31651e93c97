"""Refusals for staff: the list with its filters, as CSV and JSON, and a tab of each library."""

from __future__ import annotations

from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from bibliopolis.catalogue.sought_views import NAME as SOUGHT
from bibliopolis.i18n import _, _n
from bibliopolis.libraries.models import Library
from bibliopolis.libraries.presenters import depth_first, name_of
from bibliopolis.libraries.services import Libraries
from bibliopolis.libraries.staff_resources import OrganisationPage
from bibliopolis.libraries.staff_views import head
from bibliopolis.parameters import batch, batching, offset, pager, whole_number
from bibliopolis.resources.access import Permission
from bibliopolis.spreadsheets import csv_response

from ..presenters import library_name
from .kinds import ACTS, KINDS, REASONS, RefusalKind
from .listing import RefusalRow, Refusals, Shown, SumRow
from .resources import NAME, RefusalsRoom

PAGE = 50
PERIODS = (7, 30, 90, 365)
USUAL = 30
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
    """List what was refused: what was least avoided first."""
    organisation, shown = _shown(request)
    refusals = request.find_service(Refusals)
    total, rows = refusals.page(shown, offset(request, PAGE), PAGE)
    here = request.address(context)
    return {
        **_page(request, refusals.sums(shown), rows),
        "total": total,
        "shown": shown,
        "organisation": organisation,
        "organisations": [
            (depth, one.code, name_of(request, one))
            for depth, one in depth_first(request.find_service(Libraries).tree.values())
        ],
        "periods": [(one, _n("${n} day", "${n} days", one)) for one in PERIODS],
        "kept": _n("${n} day", "${n} days", request.settings.refusal_days),
        "url": here,
        "csv_url": request.address(context, "refusals.csv", query=_kept(organisation, shown)),
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
    kept = tuple(_kept(organisation, shown).items())
    return {
        "@id": here,
        "@type": "Refusals",
        "days": shown.days,
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
    shown = Shown(USUAL, _below(request, context.library))
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


def _page(request: Request, sums: list[SumRow], rows: Any) -> dict[str, Any]:
    known = [one for one in sums if one.avoided is not None]
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
            )
            for row in rows
        ],
    }


def _shown(request: Request) -> tuple[Library | None, Shown]:
    """Return the organisation and what is to be shown; what there is not is any."""
    sent = request.GET
    days, kind = whole_number(sent.get("days", ""), 3), sent.get("kind", "")
    organisation = request.find_service(Libraries).organisation(sent.get("library", ""))
    return organisation, Shown(
        days if days in PERIODS else USUAL,
        _below(request, organisation) if organisation else None,
        kind if kind in KINDS and kind != RefusalKind.NOT_FOUND else None,
    )


def _below(request: Request, organisation: Library) -> frozenset[int]:
    """Return the ids of an organisation and of all that is below it."""
    libraries = request.find_service(Libraries)
    return frozenset(
        one.id for one in libraries.tree.values() if organisation in libraries.lineage(one)
    )


def _kept(organisation: Library | None, shown: Shown) -> dict[str, Any]:
    kept = {
        "days": shown.days,
        "library": organisation.code if organisation else "",
        "kind": shown.kind or "",
    }
    return {name: value for name, value in kept.items() if value}


def _record_url(request: Request, row: RefusalRow) -> str:
    return f"{request.frame.home}/catalogue/{row.record_id}"
