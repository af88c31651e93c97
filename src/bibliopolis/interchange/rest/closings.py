"""Emergency closings for programs: to look at one, to close, to change the days, to undo it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from pyramid.request import Request

from bibliopolis.bodies import demand_json
from bibliopolis.circulation.emergency.closings import AlreadyClosed, Closings, Wanted
from bibliopolis.circulation.emergency.models import EmergencyClosing
from bibliopolis.circulation.emergency.preview import Line
from bibliopolis.circulation.emergency.views import closing_json
from bibliopolis.circulation.posted import text
from bibliopolis.circulation.presenters import library_name
from bibliopolis.errors import InvalidInput, NotFoundHere
from bibliopolis.i18n import _
from bibliopolis.libraries.forms import LONGEST
from bibliopolis.libraries.staff_resources import OrganisationPage
from bibliopolis.parameters import batch, batching, read_day, row_id
from bibliopolis.resources.access import Permission
from bibliopolis.resources.exact import problems_of
from bibliopolis.resources.operations import operation

from .described_loans import CLOSING, DAY
from .schemas import BATCH, NUMBER, OPTIONAL_TEXT, TEXT, listing, shape
from .workflow import one_step

HERE = "/{language}/staff/libraries/{library}"
NO_DAY = _("Write the day as a date, such as 2026-12-31.")
MEND = _("Some fields need mending.")
WANTED: dict[str, Any] = {
    "type": "object",
    "properties": {
        "first": {"type": "string", "format": "date", "maxLength": 10},
        "last": {"type": "string", "format": "date", "maxLength": 10},
        "with_below": {
            "type": "boolean",
            "description": "Whether all below it close, too: they do",
        },
        "reason": {
            "type": "object",
            "description": "What readers are told, by language",
            "additionalProperties": {"type": "string", "maxLength": LONGEST},
        },
    },
    "required": ["first"],
    "additionalProperties": False,
}
CHANGE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "last": {"type": "string", "format": "date", "maxLength": 10},
        "paused": {"type": "boolean", "description": "Whether the worker rests"},
    },
    "additionalProperties": False,
}
MOVED = shape(
    {
        "what": {"enum": ["due", "collect_by"]},
        "title": TEXT,
        "barcode": OPTIONAL_TEXT,
        "library": TEXT,
        "before": DAY,
        "after": DAY,
    }
)
PREVIEW = listing(
    MOVED,
    **{
        "@type": {"const": "EmergencyClosingPreview"},
        "loans": NUMBER,
        "shelf": NUMBER,
        "readers": NUMBER,
        "ready": NUMBER,
        "in_transit": NUMBER,
        "targets": NUMBER,
        "days": {"type": "array", "items": shape({"day": DAY, "loans": NUMBER})},
    },
)


@operation(
    "POST",
    f"{HERE}/@closings-preview",
    "What closing a library in an emergency would move; nothing is written",
    context=OrganisationPage,
    name="@closings-preview",
    permission=Permission.EDIT,
    facts={
        "answer": PREVIEW,
        "body": WANTED,
        "parameters": BATCH,
        "problems": (401, 403, 422),
        "tag": "desk",
    },
)
def preview_closing(context: OrganisationPage, request: Request) -> dict[str, Any]:
    """Tell the effects, and a batch of the dates: those of loans first; no reader is in it."""
    preview = request.find_service(Closings).preview(_wanted(context, request))
    effects = preview.effects()
    asked, size = batch(request.GET)
    start, total = asked or 0, effects.loans + effects.shelf
    loans = preview.loans(start, size)[1] if start < effects.loans else []
    on_shelf = max(0, start - effects.loans), size - len(loans)
    shelf = preview.shelf(*on_shelf)[1] if on_shelf[1] else []
    here = f"{request.address(context, absolute=True)}/@closings-preview"
    return {
        "@id": here,
        "@type": "EmergencyClosingPreview",
        "loans": effects.loans,
        "shelf": effects.shelf,
        "readers": effects.readers,
        "ready": effects.ready,
        "in_transit": effects.in_transit,
        "targets": effects.targets,
        "days": [{"day": day.isoformat(), "loans": count} for day, count in effects.days],
        "items": [
            *(_moved(request, "due", line) for line in loans),
            *(_moved(request, "collect_by", line) for line in shelf),
        ],
        "items_total": total,
        **batching(here, total, start, size),
    }


@operation(
    "POST",
    f"{HERE}/@closings",
    "Close a library in an emergency: its dates are moved, and readers written to",
    context=OrganisationPage,
    name="@closings",
    permission=Permission.EDIT,
    facts={
        "answer": CLOSING,
        "status": 201,
        "body": WANTED,
        "problems": (401, 403, 409, 422),
        "tag": "desk",
    },
)
def close_by_program(context: OrganisationPage, request: Request) -> dict[str, Any]:
    """Close it; the same said twice leads to what came of it."""
    wanted = _wanted(context, request)
    try:
        with request.db.begin_nested():
            closing = request.find_service(Closings).begin(wanted)
    except AlreadyClosed as refusal:
        closing = refusal.closing
    told = closing_json(context, request, closing)
    request.response.status_int = 201
    request.response.location = told["@id"]
    return told


@operation(
    "GET",
    f"{HERE}/@closings/{{closing}}",
    "An emergency closing, and how far moving its dates is",
    context=OrganisationPage,
    name="@closings",
    permission=Permission.VIEW_WORKING,
    facts={"answer": CLOSING, "problems": (401, 403), "tag": "desk"},
)
def show_closing_to_program(context: OrganisationPage, request: Request) -> dict[str, Any]:
    """Show it; no reader is in it."""
    return closing_json(context, request, _closing(context, request))


@operation(
    "PATCH",
    f"{HERE}/@closings/{{closing}}",
    "Let an emergency closing end on another day, or its worker rest or go on",
    context=OrganisationPage,
    name="@closings",
    permission=Permission.EDIT,
    facts={
        "answer": CLOSING,
        "body": CHANGE,
        "problems": (401, 403, 409, 422),
        "tag": "desk",
    },
)
def change_closing_by_program(context: OrganisationPage, request: Request) -> dict[str, Any]:
    """Do what is said, the day first: all of it or nothing."""
    closing, closings = _closing(context, request), request.find_service(Closings)
    sent = _sent(request, CHANGE)
    with request.db.begin_nested():
        if "last" in sent:
            closings.set_last(closing, _day(sent, "last"))
        if "paused" in sent:
            (closings.pause if sent["paused"] else closings.resume)(closing)
    return closing_json(context, request, closing)


@operation(
    "DELETE",
    f"{HERE}/@closings/{{closing}}",
    "Undo an emergency closing, on its day only",
    context=OrganisationPage,
    name="@closings",
    permission=Permission.EDIT,
    facts={"answer": CLOSING, "problems": (401, 403, 409), "tag": "desk"},
)
def undo_closing_by_program(context: OrganisationPage, request: Request) -> dict[str, Any]:
    """Open the place again; dates that nothing has changed since are put back."""
    closing = request.find_service(Closings).undo(_closing(context, request))
    return closing_json(context, request, closing)


def _closing(context: OrganisationPage, request: Request) -> EmergencyClosing:
    closing_id = row_id(one_step(request))
    if closing_id is None:
        raise NotFoundHere(_("There is no such emergency closing."))
    return request.find_service(Closings).find(context.library, closing_id)


def _sent(request: Request, schema: Mapping[str, Any]) -> dict[str, Any]:
    sent = demand_json(request)
    wrong = dict(problems_of(schema, sent))
    if wrong:
        raise InvalidInput(MEND, wrong)
    return sent


def _wanted(context: OrganisationPage, request: Request) -> Wanted:
    """Return what is to be closed; without a last day, on the first one only."""
    sent = _sent(request, WANTED)
    reason, languages = sent.get("reason", {}), request.settings.languages
    of_reason = {
        "type": "object",
        "properties": {tag: {"type": "string", "maxLength": LONGEST} for tag in languages},
        "additionalProperties": False,
    }
    wrong = dict(problems_of(of_reason, reason, "reason"))
    if wrong:
        raise InvalidInput(MEND, wrong)
    first = _day(sent, "first")
    return Wanted(
        context.library,
        first,
        _day(sent, "last") if "last" in sent else first,
        sent.get("with_below", True),
        {tag: words for tag in languages if (words := text(reason, tag))},
    )


def _day(sent: Mapping[str, Any], name: str) -> date:
    day = read_day(sent[name])
    if day is None:
        raise InvalidInput(NO_DAY, {name: NO_DAY})
    return day


def _moved(request: Request, what: str, line: Line) -> dict[str, Any]:
    return {
        "what": what,
        "title": line.record.title,
        "barcode": line.item.barcode if line.item else None,
        "library": library_name(request, line.place_id),
        "before": line.before.isoformat(),
        "after": line.after.isoformat(),
    }
