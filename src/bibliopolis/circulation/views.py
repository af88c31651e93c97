"""The holds of readers: placing one, seeing it, cancelling it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.catalogue.resources import RecordResource
from bibliopolis.frame import flash
from bibliopolis.i18n import _
from bibliopolis.libraries.services import Libraries
from bibliopolis.problems import block_json
from bibliopolis.readers.services import Readers
from bibliopolis.resources.access import Permission

from .change_views import CAUSES, attempt, tomorrow, wanted_cause
from .delivery_views import delivery_of
from .family import whose
from .models import BOUND_STATES, Hold, HoldState, TargetEnd
from .pickup_choice import offered_places
from .placing import place_wanted
from .posted import number, posted, text, wanted_item
from .presenters import (
    HoldLine,
    hold_json,
    hold_lines,
    hold_url,
    library_name,
    offers,
    opening,
    opening_json,
)
from .queue_views import queue_url
from .resources import HoldPage, HoldsRoom
from .services import (
    AlreadyHeld,
    Holds,
    HoldSteps,
    LendableCopies,
    Lists,
    OtherPlaces,
    Permits,
    Slips,
)
from .waiting.expecting import Expectations
from .waiting.outlook import outlook_behind_all
from .waiting.words import expected_json

SILENT = frozenset(
    (
        *("thaw", "keep", "keep_delivery", "put_back", "any_copy"),
        *("fetch", "fetch_what_comes", "fetch_from_the_shelf", "set_start"),
    )
)
"""Steps that undo what there is not: that need not be refused aloud."""

IN_VAIN = {
    TargetEnd.NOT_ON_SHELF: _("It was not in its place."),
    TargetEnd.NOT_PULLED: _("Nobody took it from its shelf in time."),
    TargetEnd.REASSIGNED: _("Another copy was chosen."),
}
"""Why a copy is no longer looked for."""


@view_config(context=HoldsRoom, name="", permission=Permission.PLACE, request_method="POST")
def place_hold(context: HoldsRoom, request: Request) -> HTTPSeeOther:
    """Place a hold and show it; a second click shows the first one's."""
    try:
        hold = place_wanted(request, number(posted(request), "record"))
    except AlreadyHeld as refusal:
        flash(request, refusal.reason, "info")
        return HTTPSeeOther(location=hold_url(request, refusal.hold))
    flash(request, _("Your hold is placed."))
    return HTTPSeeOther(location=hold_url(request, hold))


@view_config(
    context=HoldsRoom,
    name="",
    permission=Permission.PLACE,
    request_method="POST",
    accept="application/json",
    renderer="json",
)
def place_hold_by_program(context: HoldsRoom, request: Request) -> dict[str, Any]:
    """Place a hold; answer 201 with the hold."""
    line = _one(request, place_wanted(request, number(posted(request), "record")))
    request.response.status_int = 201
    request.response.location = f"{request.host_url}{line.url}"
    return hold_json(request, line)


@view_config(
    context=RecordResource,
    name="permit",
    permission=Permission.VIEW,
    request_method="GET",
    renderer="json",
)
def ask_for_permit(context: RecordResource, request: Request) -> dict[str, Any]:
    """Tell a program whether a hold could be placed, with every reason why not.

    ``pickup`` is the code of the place, ``reader`` the UID of a child, ``item`` the id of a copy.
    """
    sent = request.GET
    library = request.find_service(Libraries).organisation(text(sent, "pickup"))
    reader = request.find_service(Readers).get(whose(request, text(sent, "reader")))
    title = request.find_service(Holds).titles.read_head(context.record.id)
    blocks = request.find_service(Permits).against_hold(
        title, reader, library.id if library else None, wanted_item(sent)
    )
    return {
        "@id": request.address(context, "permit", absolute=True),
        "@type": "Permit",
        "allowed": not blocks,
        "blocks": [block_json(request, block) for block in blocks],
        **_before_placing(request, context.record.id, library.id if library else 0),
    }


@view_config(
    context=HoldPage,
    name="",
    permission=Permission.VIEW,
    request_method="GET",
    renderer="circulation/hold.pt",
)
def show_hold(context: HoldPage, request: Request) -> dict[str, Any]:
    """Show how a hold stands and what can be done about it."""
    line = _one(request, context.hold)
    found = offers(request, context.hold)
    code = opening(request, context.hold)
    if code is not None:
        # Not even this browser is to show the code to who comes after its reader.
        request.response.cache_control = "private, no-store"
    account = f"{request.frame.home}/account"
    mine = request.find_service(HoldSteps).acts_for_reader(context.hold)
    return {
        "line": line,
        "state": request.find_service(HoldSteps).machine.workflow.states[context.hold.state].title,
        "opening": code,
        **delivery_of(request, context.hold, found, own=mine),
        **_changes(request, context.hold, found),
        "queue_url": queue_url(request, context.hold.record_id),
        "damaged": _has_a_damaged_copy(request, context.hold),
        "looked_for": () if mine else _looked_for(request, context.hold),
        "alias": _alias(request, context.hold),
        "is_mine": mine,
        "child": _child(request, context.hold) if mine else None,
        "crumbs": [
            (_("Home"), request.frame.home),
            (_("My account"), account),
            (line.record.title, None),
        ],
    }


@view_config(
    context=HoldPage,
    name="",
    permission=Permission.VIEW,
    request_method="GET",
    accept="application/json",
    renderer="json",
)
def hold_as_json(context: HoldPage, request: Request) -> dict[str, Any]:
    """Tell a program how a hold stands, and which steps there are."""
    here = f"{request.host_url}{hold_url(request, context.hold)}"
    steps = [
        {"@id": f"{here}/@workflow/{offer['name']}", "title": request.translate(offer["title"])}
        for offer in offers(request, context.hold)
        if not offer["reasons"]
    ]
    hold = hold_json(request, _one(request, context.hold))
    hold["opening"] = opening_json(request, context.hold)
    hold["alias"] = _alias(request, context.hold)
    return {**hold, "@components": {"workflow": {"transitions": steps}}}


@view_config(context=HoldPage, name="cancel", permission=Permission.VIEW, request_method="POST")
def cancel_hold(context: HoldPage, request: Request) -> HTTPSeeOther:
    """Cancel, and show the hold."""
    holds, why = request.find_service(Holds), text(posted(request), "comment") or None
    hold, cause = context.hold, wanted_cause(request)

    def said() -> Any:
        if hold.state == HoldState.READY:
            return _("A librarian will take it off the shelf; until then you can keep it.")
        return _("The hold is cancelled.")

    return attempt(context, request, lambda: holds.cancel(hold.id, why, cause), said)


@view_config(
    context=HoldPage,
    name="cancel",
    permission=Permission.VIEW,
    request_method="POST",
    accept="application/json",
    renderer="json",
)
def cancel_hold_by_program(context: HoldPage, request: Request) -> dict[str, Any]:
    """Cancel, and answer how the hold stands now."""
    sent = posted(request)
    hold = request.find_service(Holds).cancel(
        context.hold.id, text(sent, "comment") or None, wanted_cause(request)
    )
    return hold_json(request, _one(request, hold))


@view_config(context=HoldPage, name="give-up", permission=Permission.CAPTURE, request_method="POST")
def give_up_hold(context: HoldPage, request: Request) -> HTTPSeeOther:
    """Close a hold for which no copy can be had."""
    request.find_service(Holds).give_up(context.hold.id, comment=text(posted(request), "comment"))
    flash(request, _("The hold is closed."))
    return HTTPSeeOther(location=hold_url(request, context.hold))


@view_config(
    context=HoldPage, name="not-collected", permission=Permission.CHECK_OUT, request_method="POST"
)
def close_hold_not_collected(context: HoldPage, request: Request) -> HTTPSeeOther:
    """Close a hold whose reader did not come; the copy is to be cleared from the shelf."""
    request.find_service(Holds).not_collected(context.hold.id)
    flash(request, _("The hold is closed: take the copy off the hold shelf."))
    return HTTPSeeOther(location=hold_url(request, context.hold))


def _child(request: Request, hold: Hold) -> str | None:
    """Return the name of the child it is for; None where it is for the visitor themselves."""
    reader = request.family.get(hold.reader_id)
    return reader.name if reader and reader.id != request.principals.reader_id else None


def _alias(request: Request, hold: Hold) -> str | None:
    """Return what the slip in its copy says to its reader, or who acts for them; to nobody else."""
    mine = request.find_service(HoldSteps).acts_for_reader(hold)
    return request.find_service(Slips).alias(hold) if mine else None


def _has_a_damaged_copy(request: Request, hold: Hold) -> bool:
    """Say whether the copy that comes or waits is damaged, which its reader should know before."""
    if hold.state not in BOUND_STATES or hold.item_id is None:
        return False
    found = request.find_service(Lists, context=None).copies([hold.item_id])
    return any(item.status == ItemStatus.DAMAGED for item, _record in found.values())


def _before_placing(request: Request, record_id: int, place_id: int) -> dict[str, Any]:
    """Return where one who places a hold now would stand, and how long they would wait."""
    lendable = request.find_service(LendableCopies, context=None)
    outlook = outlook_behind_all(request.db, lendable, record_id)
    expected = request.find_service(Expectations).at([place_id], outlook)[place_id]
    return {
        "position": outlook.position,
        "copies": outlook.copies,
        "waiting_time": expected_json(request, expected),
    }


def _changes(request: Request, hold: Hold, found: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the steps that are a click, those that ask for something, and what they offer."""
    asking = [offer for offer in found if _is_form(offer) and not offer["reasons"]]
    places: dict[str, Any] = {}
    if any(offer["asks"] == "pickup" for offer in asking):
        places = _places(request, hold)
        if not places:
            asking = [offer for offer in asking if offer["asks"] != "pickup"]
    reader = request.find_service(Readers).get(hold.reader_id)
    ahead = request.find_service(Holds).days.days_ahead([reader] if reader else [])
    return {
        "offers": [offer for offer in found if not _is_form(offer) and _worth_a_button(offer)],
        "asking": asking,
        **places,
        "today": request.clock.today(),
        "latest": request.clock.today() + timedelta(days=ahead),
        "tomorrow": tomorrow(request),
        "causes": CAUSES,
    }


def _places(request: Request, hold: Hold) -> dict[str, Any]:
    """Return where else it can be collected, for `circulation/places.pt`; empty where nowhere."""
    own = request.find_service(HoldSteps).acts_for_reader(hold)
    reader = request.find_service(Readers).get(hold.reader_id)
    readers = {reader.id: reader} if reader else {}
    found = request.find_service(OtherPlaces).of([hold], readers, own=own).get(hold.id)
    if not found:
        return {}
    # Staff need not know where somebody went before.
    used_by = list(readers) if own else []
    return offered_places(request, found, used_by, f"{hold_url(request, hold)}?", "#collect")


def _looked_for(request: Request, hold: Hold) -> list[tuple[Any, ...]]:
    """Return what was looked for in vain, for staff: copy, library, since when until when, why."""
    rows = request.find_service(Lists).past_targets(hold.id)
    return [
        (
            item.barcode,
            library_name(request, past.library_id),
            past.targeted,
            past.ended,
            IN_VAIN[TargetEnd(past.reason)],
        )
        for past, item in rows
    ]


def _is_form(offer: dict[str, Any]) -> bool:
    """Say whether a step has fields worth a form of its own."""
    return offer["asks"] is not None and offer["asks"] != "cause"


def _worth_a_button(offer: dict[str, Any]) -> bool:
    """Say whether to show it: ending a pause that there is not need not be refused aloud."""
    return offer["name"] not in SILENT or not offer["reasons"]


def _one(request: Request, hold: Hold) -> HoldLine:
    record = request.find_service(Holds).titles.read_head(hold.record_id).record
    return hold_lines(request, [(hold, record)])[0]
