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
from bibliopolis.parameters import batch, batching, offset, pager, read_day
from bibliopolis.readers.staff_resources import ReaderPage
from bibliopolis.resources.access import Permission
from bibliopolis.spreadsheets import csv_response

from .change_views import attempt
from .lists_views import CSV_ROWS, SIZE
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


PARTS = (
    ("out", _("With the courier"), ("delivered", "not_met")),
    ("now", _("For this round"), ("hand_over",)),
    ("later", _("For a later round"), ("hand_over",)),
)
"""The parts of the list of the rounds: name, title, and the steps of each book in it."""


@view_config(context=HoldPage, name="deliver", permission=Permission.VIEW, request_method="POST")
def deliver(context: HoldPage, request: Request) -> HTTPSeeOther:
    """Let a hold be brought to an address; again changes the address."""
    sent, deliveries = posted(request), request.find_service(Deliveries)
    return attempt(
        context,
        request,
        lambda: deliveries.deliver(context.hold.id, text(sent, "address"), text(sent, "note")),
        _("It will be brought to you."),
    )


@view_config(context=HoldPage, name="fetch", permission=Permission.VIEW, request_method="POST")
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
    rounds = deliveries.rounds(library.id, offset(request, SIZE), SIZE)
    if rounds.total and not rounds.rows:
        start = offset(request, SIZE, total=rounds.total)
        rounds = deliveries.rounds(library.id, start, SIZE)
    slips, most = request.find_service(Slips), deliveries.most(library)
    step = request.GET.get("step", "")
    return {
        "url": request.address(context),
        "place": library.name_in(request.language),
        "day": deliveries.next_round(library),
        "delivers": deliveries.delivers(library.id),
        "aliases": {hold.id: slips.alias(hold) for hold, *_rest in rounds.rows},
        "total": rounds.total,
        "parts": [
            (*part, rows, size)
            for part, rows, size in zip(PARTS, rounds.parts(most), rounds.sizes(most), strict=True)
        ],
        "steps": STEPS,
        "step": step if step in STEPS else "hand_over",
        "pager": pager(request, rounds.total, SIZE),
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
    asked, size = batch(request.GET, SIZE)
    start, slips = asked or 0, request.find_service(Slips)
    day, rounds = deliveries.next_round(library), deliveries.rounds(library.id, start, size)
    here = request.address(context, "rounds", absolute=True)
    return {
        "@id": here,
        "@type": "DeliveryRound",
        "date": day.isoformat() if day else None,
        "most": deliveries.most(library),
        "items_total": rounds.total,
        "items": [
            {
                "@type": "delivery",
                "hold": hold.uid,
                "id": hold.id,
                "review_state": hold.state,
                "alias": slips.alias(hold),
                "title": record.title,
                "barcode": item.barcode,
                "reader": reader.name,
                "phone": reader.phone,
                "address": delivery.address,
                "note": delivery.note,
                "tries": delivery.tries,
            }
            for hold, delivery, item, record, reader in rounds.rows
        ],
        **batching(here, rounds.total, start, size),
    }


@view_config(context=Desk, name="rounds.csv", permission=Permission.USE_DESK, request_method="GET")
def rounds_as_csv(context: Desk, request: Request) -> Response:
    """Give the list to a spreadsheet."""
    rounds = request.find_service(Deliveries).rounds(context.library.id, limit=CSV_ROWS)
    slips = request.find_service(Slips)
    heads = (
        *(_("Reader"), _("Telephone"), _("Address"), _("Note"), _("On the slip"), _("Title")),
        *(_("Barcode"), _("Tries"), _("With the courier")),
    )
    cells = (
        (
            *(reader.name, reader.phone, delivery.address, delivery.note, slips.alias(hold)),
            *(record.title, item.barcode, str(delivery.tries)),
            request.translate(_("yes") if hold.state == HoldState.OUT_FOR_DELIVERY else _("no")),
        )
        for hold, delivery, item, record, reader in rounds.rows
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
    if hold.state == HoldState.READY:
        # What lies in a locker cannot come to a library first: nothing is to be advised.
        desk = deliveries.holds.places.desk_of(hold.pickup_library_id)
        delivers = delivers and desk == hold.pickup_library_id
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
