"""Staff pages of waiting: what readers were promised, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from bibliopolis.catalogue.item_types import ItemTypes
from bibliopolis.i18n import Plural, _, _n
from bibliopolis.libraries.services import Libraries
from bibliopolis.libraries.staff_resources import OrganisationPage
from bibliopolis.libraries.staff_views import head
from bibliopolis.parameters import one_page
from bibliopolis.resources.access import Permission
from bibliopolis.spreadsheets import csv_response

from .calibration import Calibrations, Report
from .law import BUCKETS, SHARE
from .tally import Tally

SIZE = 50
NAME = "waiting-times"


@view_config(
    context=OrganisationPage,
    name=NAME,
    permission=Permission.SEE_COUNTS,
    request_method="GET",
    renderer="circulation/waiting_times.pt",
)
def show_waiting_times(context: OrganisationPage, request: Request) -> dict[str, Any]:
    """Show how many promises were kept here and below, by place, item type and place in line."""
    report = request.find_service(Calibrations).report(context.library.id)
    places, pager = one_page(request, list(_places(request, report)), SIZE)
    return {
        **head(context, request),
        "share": SHARE,
        "reckoned": report.reckoned,
        "all": report.all,
        "groups": [
            ("lengths", _("By how far behind in the queue"), list(_lengths(report))),
            ("types", _("By item type"), list(_types(request, report))),
            ("places", _("By pickup place"), places),
        ],
        "pager": pager,
    }


@view_config(
    context=OrganisationPage,
    name=f"{NAME}.csv",
    permission=Permission.SEE_COUNTS,
    request_method="GET",
)
def waiting_times_as_csv(context: OrganisationPage, request: Request) -> Response:
    """Give the promises to a spreadsheet: a row for each place, item type and place in line."""
    report = request.find_service(Calibrations).report(context.library.id)
    tree = request.find_service(Libraries).tree
    titles = request.find_service(ItemTypes, context=None)
    heads = (
        _("Pickup place"),
        _("Item type"),
        _("Rounds of the copies"),
        _("As promised"),
        _("Earlier"),
        _("Later"),
        _("Left before"),
    )
    rows = (
        (
            tree[line.place_id].name_in(request.language),
            titles.get(line.item_type, line.item_type),
            str(line.rounds),
            *(str(number) for number in _numbers(line.tally)),
        )
        for line in report.lines
    )
    return csv_response(request, f"waiting-times-{context.library.code}.csv", heads, rows)


def length_words(rounds: int) -> Any:
    """Return how far behind in the queue, in words."""
    if rounds == 0:
        return _("A copy stood ready")
    following = [one for one in BUCKETS if one > rounds]
    if not following:
        return _n("${n} round of the copies or more", "${n} rounds of the copies or more", rounds)
    last = following[0] - 1
    if last == rounds:
        return _n("${n} round of the copies", "${n} rounds of the copies", rounds)
    return _n("${low} to ${n} round of the copies", "${low} to ${n} rounds of the copies", last,
              {"low": rounds})  # fmt: skip


def _lengths(report: Report) -> Iterable[tuple[Plural | Any, Tally]]:
    for rounds, tally in report.by_rounds().items():
        yield length_words(rounds), tally


def _types(request: Request, report: Report) -> Iterable[tuple[Any, Tally]]:
    titles = request.find_service(ItemTypes, context=None)
    for item_type, tally in report.by_item_type().items():
        yield titles.get(item_type, item_type), tally


def _places(request: Request, report: Report) -> Iterable[tuple[Any, Tally]]:
    tree, found = request.find_service(Libraries).tree, report.by_place()
    for place in tree.values():
        if place.id in found:
            yield place.name_in(request.language), found[place.id]


def _numbers(tally: Tally) -> tuple[int, ...]:
    return tally.inside, tally.early, tally.late, tally.left
