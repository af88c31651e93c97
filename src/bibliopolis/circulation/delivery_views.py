"""Books brought home: the reader's choice, the rounds of a library, and who is noted for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from bibliopolis.errors import Conflict, InvalidInput
from bibliopolis.frame import flash
from bibliopolis.i18n import _
from bibliopolis.parameters import read_day
from bibliopolis.readers.staff_resources import ReaderPage
from bibliopolis.resources.access import Permission
from bibliopolis.spreadsheets import csv_response

from .change_views import attempt
from .models import Hold, HoldState
from .posted import number, posted, text
from .resources import Desk, HoldPage
from .services import Deliveries, Loans, Slips
from .services.deliveries import LONGEST

STEPS: Mapping[str, Any] = {
    "hand_over": _("Hand over to the courier"),
    "delivered": _("Delivered"),
    "not_met": _("Nobody was met"),
}
"""What a round does with a book, by the value of the button."""

SAID: Mapping[str, Any] = {
    "hand_over": _("The courier has it: ${title}"),
    "delivered": _("Lent to its reader: ${title}"),
}


@view_config(context=HoldPage, name="deliver", permission=Permission.EDIT, request_method="POST")
def deliver(context: HoldPage, request: Request) -> HTTPSeeOther:
    """Let a hold be brought to an address; again changes the address."""
    sent, deliveries = posted(request), request.find_service(Deliveries)
    return attempt(
        context,
        request,
        lambda: deliveries.deliver(context.hold.id, text(sent, "address"), text(sent, "note")),
        _("It will be brought to you."),
    )


@view_config(context=HoldPage, name="fetch", permission=Permission.EDIT, request_method="POST")
def fetch(context: HoldPage, request: Request) -> HTTPSeeOther:
    """Let a hold be collected at the library after all."""
    deliveries = request.find_service(Deliveries)
    said = _("You will collect it yourself; the address is forgotten.")
    return attempt(context, request, lambda: deliveries.fetch(context.hold.id), said)


@view_config(
    context=Desk,
    name="rounds",
    permission=Permission.USE_DESK,
    request_method="GET",
    renderer="circulation/rounds.pt",
)
def show_rounds(context: Desk, request: Request) -> dict[str, Any]:
    """Show what goes out with the next round, what comes later, and what the courier has."""
    deliveries, library = request.find_service(Deliveries), context.library
    ready = deliveries.round_of(library.id, HoldState.READY)
    out = deliveries.round_of(library.id, HoldState.OUT_FOR_DELIVERY)
    slips = request.find_service(Slips)
    most = deliveries.most(library)
    step = request.GET.get("step", "")
    return {
        "url": request.address(context),
        "place": library.name_in(request.language),
        "day": deliveries.next_round(library),
        "delivers": deliveries.delivers(library.id),
        "out": out,
        "aliases": {hold.id: slips.alias(hold) for hold, *_rest in (*ready, *out)},
        "now": ready[:most] if most is not None else ready,
        "later": ready[most:] if most is not None else (),
        "most": most,
        "steps": STEPS,
        "step": step if step in STEPS else "hand_over",
    }


@view_config(
    context=Desk,
    name="rounds",
    permission=Permission.USE_DESK,
    request_method="GET",
    accept="application/json",
    renderer="json",
)
def rounds_as_json(context: Desk, request: Request) -> dict[str, Any]:
    """Tell a program of the same list: the app of a courier needs the addresses."""
    deliveries, library = request.find_service(Deliveries), context.library
    day = deliveries.next_round(library)
    rows = _both(deliveries, library.id)
    return {
        "@id": request.address(context, "rounds", absolute=True),
        "@type": "DeliveryRound",
        "date": day.isoformat() if day else None,
        "most": deliveries.most(library),
        "items_total": len(rows),
        "items": [
            {
                "@type": "delivery",
                "hold": hold.uid,
                "id": hold.id,
                "review_state": hold.state,
                "title": record.title,
                "barcode": item.barcode,
                "reader": reader.name,
                "phone": reader.phone,
                "address": delivery.address,
                "note": delivery.note,
                "tries": delivery.tries,
            }
            for hold, delivery, item, record, reader in rows
        ],
    }


@view_config(context=Desk, name="rounds.csv", permission=Permission.USE_DESK, request_method="GET")
def rounds_as_csv(context: Desk, request: Request) -> Response:
    """Give the list to a spreadsheet."""
    heads = (
        *(_("Reader"), _("Telephone"), _("Address"), _("Note"), _("Title"), _("Barcode")),
        *(_("Tries"), _("With the courier")),
    )
    cells = (
        (
            *(reader.name, reader.phone, delivery.address, delivery.note, record.title),
            *(item.barcode, str(delivery.tries)),
            request.translate(_("yes") if hold.state == HoldState.OUT_FOR_DELIVERY else _("no")),
        )
        for hold, delivery, item, record, reader in _both(
            request.find_service(Deliveries), context.library.id
        )
    )
    return csv_response(request, f"rounds-{context.library.id}.csv", heads, cells)


@view_config(context=Desk, name="round-step", permission=Permission.USE_DESK, request_method="POST")
def take_step_of_round(context: Desk, request: Request) -> HTTPSeeOther:
    """Do with a book what its round does: chosen in the list, or scanned."""
    step, title = _take(context, request)
    query = {"step": step} if step in STEPS else {}
    if title is not None:
        flash(request, title)
    return HTTPSeeOther(location=request.address(context, "rounds", query=query))


@view_config(
    context=Desk,
    name="round-step",
    permission=Permission.USE_DESK,
    request_method="POST",
    accept="application/json",
    renderer="json",
)
def take_step_of_round_by_program(context: Desk, request: Request) -> dict[str, Any]:
    """Do the same for a program: ``step``, and ``hold`` (its id) or ``code`` (a barcode)."""
    hold, _said = _step(context, request)
    return {
        "@id": request.address(context, "rounds", absolute=True),
        "@type": "hold",
        "UID": hold.uid,
        "review_state": hold.state,
    }


@view_config(
    context=ReaderPage, name="delivery", permission=Permission.USE_DESK, request_method="POST"
)
def note_delivery(context: ReaderPage, request: Request) -> HTTPSeeOther:
    """Note until when books are brought to a reader; an empty day ends it."""
    sent = text(posted(request), "until")
    day, deliveries = read_day(sent), request.find_service(Deliveries)
    if sent and day is None:
        flash(request, _("Write the day as a date, such as 2026-12-31."), "warn")
    else:
        try:
            deliveries.mark(context.reader, day, request.principals.person_id)
        except InvalidInput as refusal:
            flash(request, refusal.reason, "warn")
        else:
            noted = _("Noted: books are brought to the reader.")
            flash(request, noted if day else _("Noted: the reader comes to the library."))
    return HTTPSeeOther(location=request.address(context))


def delivery_of_reader(request: Request) -> dict[str, Any]:
    """Return the panel of a reader's page: until when books are brought to them."""
    return {
        "title": _("Home delivery"),
        "until": request.find_service(Deliveries, context=None).marked_until(
            request.context.reader
        ),
        "today": request.clock.today(),
        "url": f"{request.address(request.context)}/delivery",
    }


def delivery_of(
    request: Request, hold: Hold, offers: Sequence[Mapping[str, Any]], *, own: bool
) -> dict[str, Any]:
    """Return what the page of a hold says of its delivery; the address to its reader alone."""
    deliveries = request.find_service(Deliveries)
    refused = [one for one in offers if one["asks"] == "address" and one["reasons"]]
    delivers = bool(refused) and deliveries.delivers(hold.pickup_library_id)
    return {
        "no_delivery": refused[0]["reasons"] if delivers else (),
        "delivery": deliveries.address_of(hold) if own else None,
        "longest": LONGEST,
    }


def _take(context: Desk, request: Request) -> tuple[str, Any]:
    """Take the step and say what was done, or why it was not."""
    step = text(posted(request), "step")
    try:
        with request.db.begin_nested():
            _hold, said = _step(context, request)
    except Conflict as refusal:
        flash(request, refusal.reasons[0] if refusal.reasons else refusal.reason, "warn")
    except InvalidInput as refusal:
        flash(request, refusal.reason, "warn")
    else:
        return step, said
    return step, None


def _step(context: Desk, request: Request) -> tuple[Hold, Any]:
    sent, here = posted(request), context.library.id
    deliveries, step = request.find_service(Deliveries), text(sent, "step")
    if step not in STEPS:
        raise InvalidInput(_("There is no such step."))
    hold_id = number(sent, "hold")
    if not hold_id:
        found = deliveries.hold_with(text(sent, "code"), here)
        if found is None:
            raise InvalidInput(_("No book of these rounds has this number."))
        hold_id = found
    verbs: Mapping[str, Callable[[int, int], Any]] = {
        "hand_over": deliveries.hand_over,
        "delivered": request.find_service(Loans).collect,
        "not_met": deliveries.not_met,
    }
    verbs[step](hold_id, here)
    hold = request.db.get_one(Hold, hold_id)
    return hold, _said_of(request, step, hold)


def _said_of(request: Request, step: str, hold: Hold) -> Any:
    named = {"title": request.find_service(Loans).titles.read_head(hold.record_id).record.title}
    if step != "not_met":
        return SAID[step] % named
    if hold.by_delivery:
        return _("It goes out with the next round again: ${title}", mapping=named)
    return _("Lay it on the hold shelf, its reader collects it: ${title}", mapping=named)


def _both(deliveries: Deliveries, library_id: int) -> list[Any]:
    return [
        *deliveries.round_of(library_id, HoldState.OUT_FOR_DELIVERY),
        *deliveries.round_of(library_id, HoldState.READY),
    ]
