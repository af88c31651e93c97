"""Staff pages of holds and copies: what to order more of."""

from __future__ import annotations

from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from bibliopolis.catalogue.models import Record
from bibliopolis.catalogue.resources import record_path
from bibliopolis.i18n import _, _n
from bibliopolis.libraries.staff_resources import OrganisationPage
from bibliopolis.libraries.staff_views import head
from bibliopolis.parameters import offset, pager, row_id, whole_number
from bibliopolis.resources.access import Permission
from bibliopolis.spreadsheets import csv_response

from .ratio import HoldRatios, Options, Wanted

SIZE = 50
CSV_ROWS = 5000
LARGEST_TARGET = 100


@view_config(
    context=OrganisationPage,
    name="hold-ratio",
    permission=Permission.SEE_COUNTS,
    request_method="GET",
    renderer="circulation/hold_ratio.pt",
)
def show_hold_ratio(context: OrganisationPage, request: Request) -> dict[str, Any]:
    """Show the titles for which more copies should be ordered, here and below."""
    ratios, options = request.find_service(HoldRatios, context=None), _options(request)
    total, rows = ratios.page(context.library.id, options, offset(request, SIZE), SIZE)
    return {
        **head(context, request),
        "options": options,
        "only": _title(request, options.record_id),
        "rule": ratios.target(context.library.id),
        "total": total,
        "rows": [(one, record_path(request, one.record.id), _shorter(one)) for one in rows],
        "csv": f"{request.address(context, 'hold-ratio.csv')}?{request.query_string}",
        "pager": pager(request, total, SIZE),
    }


@view_config(
    context=OrganisationPage,
    name="hold-ratio.csv",
    permission=Permission.SEE_COUNTS,
    request_method="GET",
)
def hold_ratio_as_csv(context: OrganisationPage, request: Request) -> Response:
    """Give the titles to a spreadsheet."""
    ratios = request.find_service(HoldRatios, context=None)
    _total, rows = ratios.page(context.library.id, _options(request), 0, CSV_ROWS)
    heads = (
        _("Title"),
        _("Author"),
        _("Holds waiting"),
        _("Copies"),
        _("Holds for each copy"),
        _("Target"),
        _("To order"),
        _("Days of a loan while so many wait"),
    )
    cells = (
        (
            one.record.title,
            one.record.author,
            str(one.holds),
            str(one.copies),
            request.formats.cell(None if one.ratio is None else round(one.ratio, 1)),
            str(one.target),
            str(one.to_order),
            str(one.lent_for or ""),
        )
        for one in rows
    )
    return csv_response(request, f"hold-ratio-{context.library.code}.csv", heads, cells)


def _title(request: Request, record_id: int | None) -> Record | None:
    """Return the one title that is asked about, if it is about one."""
    return request.db.get(Record, record_id) if record_id else None


def _shorter(one: Wanted) -> Any:
    """Return for how long a title in high demand is lent, in words."""
    if one.lent_for is None:
        return None
    return _n(
        "In high demand: lent for ${n} day", "In high demand: lent for ${n} days", one.lent_for
    )


def _options(request: Request) -> Options:
    target = whole_number(request.GET.get("target", ""), 3)
    return Options(
        suspended="suspended" in request.GET,
        ordered="ordered" in request.GET,
        target=target if target and target <= LARGEST_TARGET else None,
        record_id=row_id(request.GET.get("record", "")),
    )
