"""The desk: one field for cards and copies, what to do with each, and the reader who is there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from bibliopolis.accounts.attempts import Attempts, too_many
from bibliopolis.catalogue.models import Item, Record
from bibliopolis.errors import Conflict, InvalidInput
from bibliopolis.frame import flash
from bibliopolis.i18n import _
from bibliopolis.libraries.presenters import urgent_words
from bibliopolis.problems import problem
from bibliopolis.readers.models import Reader
from bibliopolis.readers.services import Readers
from bibliopolis.resources.access import Permission

from .desk_words import Said, keep, kept, say_found, say_result, say_unknown
from .keyboard import in_latin
from .loan_presenters import loan_lines
from .models import Hold, HoldState
from .outcomes import Outcome
from .posted import number, posted, text
from .presenters import copy_words
from .resources import Desk, DeskRoom
from .services import (
    CopySteps,
    DeskLists,
    Holds,
    HoldSteps,
    Lists,
    Loans,
    OpeningCodes,
    PickupPlaces,
    Slips,
)
from .services.copy_steps import LOAN
from .slip_views import page_of_hold

MODES = ("auto", "out", "in")
GUESSES = "locker codes"
OPENING_DIGITS = 8
WRONG_CODES_AN_HOUR = 20
"""So many codes that open nothing one person types at a desk; barcodes may look alike."""


class TooManyGuesses(Exception):
    """Somebody has typed too many codes that open no cell; ``wait`` is for how long they rest."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(wait)
        self.wait = wait


@view_config(
    context=DeskRoom,
    name="",
    permission=Permission.USE_DESK,
    request_method="GET",
    renderer="circulation/desks.pt",
)
def choose_desk(context: DeskRoom, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Lead to the one desk a librarian has, or let them choose among several."""
    desks = context.places_of_work()
    if len(desks) == 1:
        return HTTPSeeOther(location=request.address(desks[0]))
    return {"desks": desks}


@view_config(
    context=Desk,
    name="",
    permission=Permission.USE_DESK,
    request_method="GET",
    renderer="circulation/desk.pt",
)
def show_desk(context: Desk, request: Request) -> dict[str, Any]:
    """Show the field, what came of the last scan, and the reader who is there."""
    lists, mode = request.find_service(Lists), request.GET.get("mode")
    reader = request.find_service(Readers).by_uid(request.GET.get("reader", ""))
    choose = text(request.GET, "choose")
    holding = text(request.GET, "hold") if reader is not None else ""
    return {
        "url": request.address(context),
        "place": context.library.name_in(request.language),
        "urgent": urgent_words(request, context.library),
        "mode": mode if mode in MODES else MODES[0],
        "said": kept(request),
        "choices": lists.copies_with_barcode(choose) if choose else (),
        "holding": holding,
        "typed": choose,
        "very_copy": "very_copy" in request.GET,
        "readers": (
            request.find_service(Readers).who_show(choose) if choose and not holding else ()
        ),
        "waiting": request.find_service(DeskLists).waiting_at(context.library.id),
        "reader": reader,
        "states": request.find_service(HoldSteps).machine.workflow.states,
        "loan_states": request.find_service(CopySteps).workflow(LOAN).states,
        **_reader_panel(context, request, reader),
    }


@view_config(context=Desk, name="scan", permission=Permission.USE_DESK, request_method="POST")
def scan(context: Desk, request: Request) -> HTTPSeeOther:
    """Take what was scanned: a card opens its reader, a copy is handed out or taken in."""
    sent = posted(request)
    query = {"mode": sent["mode"]} if sent.get("mode") in MODES[1:] else {}
    reader = request.find_service(Readers).by_uid(text(sent, "reader"))
    code = _meant(request, text(sent, "code"))
    carded = request.find_service(Readers).who_show(code) if code else ()
    copies = _copies(request, code, number(sent, "item"))
    if carded:
        # Cards of different kinds may share a number: then the page asks whose it is.
        query |= {"choose": code} if len(carded) > 1 else {"reader": carded[0].uid}
        return HTTPSeeOther(location=request.address(context, query=query))
    if reader is not None:
        query["reader"] = reader.uid
    if len(copies) > 1:
        query["choose"] = code
    elif copies:
        item, _record = copies[0]
        keep(request, _handle(context, request, item, reader, str(sent.get("mode", ""))), item)
    elif code:
        try:
            taken = _taken_out(context, request, code)
        except TooManyGuesses as refusal:
            flash(request, too_many(refusal.wait), "warn")
            return HTTPSeeOther(location=request.address(context, query=query))
        if taken:
            item, _record, result = taken
            keep(request, result, item)
        elif hold := request.find_service(Slips).found(code, context.library.id):
            return HTTPSeeOther(location=page_of_hold(context, request, hold))
        else:
            keep(request, code)
    return HTTPSeeOther(location=request.address(context, query=query))


@view_config(
    context=Desk,
    name="scan",
    permission=Permission.USE_DESK,
    request_method="POST",
    accept="application/json",
    renderer="json",
)
def scan_by_program(context: Desk, request: Request) -> dict[str, Any] | Response:
    """Do the same for a program: ``code`` or ``item``, ``card`` and ``mode``."""
    sent = posted(request)
    readers, code = request.find_service(Readers), _meant(request, text(sent, "code"))
    lists = request.find_service(Lists)
    reader = readers.by_card(text(sent, "card")) if text(sent, "card") else None
    copies = _copies(request, code, number(sent, "item"))
    if not code and not number(sent, "item"):
        said = _("Say what was scanned: its code, or the item that was chosen.")
        raise InvalidInput(said, {"code": said})
    here = {"@id": request.address(context, absolute=True), "@type": "Outcome"}
    if text(sent, "card") and reader is None:
        # Without its reader a copy would be taken in that was to be handed out.
        refused = replace(say_unknown(request, text(sent, "card")), kind="refused")
        return {**here, **_said_json(refused)}
    if len(copies) > 1:
        choices = [
            {"item": item.id, "barcode": item.barcode, "title": record.title}
            for item, record in copies
        ]
        return {**here, "outcome": "choose", "choices": choices}
    try:
        taken = None if copies else _taken_out(context, request, code)
    except TooManyGuesses as refusal:
        answer = problem(request, 429, too_many(refusal.wait))
        answer.headers["Retry-After"] = str(int(refusal.wait.total_seconds()) + 1)
        return answer
    if taken:
        item, record, result = taken
        return {**here, **_said_json(say_result(request, result, item, record))}
    if not copies and (hold := request.find_service(Slips).found(code, context.library.id)):
        item, record = lists.copies([hold.item_id or 0])[hold.item_id or 0]
        return {**here, **_said_json(say_found(request, hold, item, record))}
    if not copies:
        return {**here, **_said_json(say_unknown(request, code))}
    item, record = copies[0]
    result = _handle(context, request, item, reader, str(sent.get("mode", "")))
    return {**here, **_said_json(say_result(request, result, item, record))}


def _meant(request: Request, code: str) -> str:
    """Return what was scanned; where nobody knows that, what it must have been, if that is known.

    Its keys in Latin letters, or its half: a scanner that reads a label twice before the page has
    changed types both into the field. An opening code of eight digits is no label read twice.
    """
    half = code[: len(code) // 2]
    others = {in_latin(code), half if half * 2 == code and len(code) > OPENING_DIGITS else code}
    others.discard(code)
    if not others or _is_known(request, code):
        return code
    return next((one for one in others if _is_known(request, one)), code)


def _is_known(request: Request, code: str) -> bool:
    lists, readers = request.find_service(Lists), request.find_service(Readers)
    return bool(readers.who_show(code) or lists.copies_with_barcode(code))


def _copies(request: Request, code: str, item_id: int) -> list[tuple[Item, Record]]:
    """Return the copy that was chosen, or those with the barcode that was scanned."""
    lists = request.find_service(Lists)
    if item_id:
        return list(lists.copies([item_id]).values())
    rows = lists.copies_with_barcode(code) if code else ()
    return [(item, record) for item, record in rows]


def _handle(
    context: Desk, request: Request, item: Item, reader: Reader | None, mode: str
) -> Outcome | Conflict:
    """Hand out where a reader is open or that is the mode, else take in."""
    loans, here = request.find_service(Loans), context.library.id
    if mode == "out" or (mode != "in" and reader is not None):
        reader_id = reader.id if reader else None
        return _tried(request, lambda: loans.check_out(item.id, reader_id, here))
    return _tried(request, lambda: loans.check_in(item.id, here))


def _tried(request: Request, verb: Callable[[], Outcome]) -> Outcome | Conflict:
    """Return what came of it, or why it was refused; then whatever it had begun is undone."""
    try:
        with request.db.begin_nested():
            return verb()
    except Conflict as refusal:
        return refusal


def _taken_out(
    context: Desk, request: Request, code: str
) -> tuple[Item, Record, Outcome | Conflict] | None:
    """Lend what a reader took out of a locker of this library with an opening code.

    Where that is refused the copy is named with the reasons: it is out of its cell already.
    TooManyGuesses after too many codes that open nothing, whatever this one is.
    """
    here, codes = context.library.id, request.find_service(OpeningCodes)
    if not codes.is_one(code, here):
        return None
    attempts, who = request.find_service(Attempts), f"{here}:{request.principals.person_id}"
    wait = attempts.allow(GUESSES, who, WRONG_CODES_AN_HOUR - 1, amount=0)
    if wait is not None:
        raise TooManyGuesses(wait)
    hold_id = codes.opened_by(code, here)
    if hold_id is None:
        attempts.allow(GUESSES, who, WRONG_CODES_AN_HOUR)
        return None
    result = _tried(request, lambda: request.find_service(Loans).collect(hold_id, here))
    item_id = request.db.get_one(Hold, hold_id).item_id or 0
    return *request.find_service(Lists).copies([item_id])[item_id], result


def _said_json(said: Said) -> dict[str, Any]:
    return {
        "outcome": said.kind,
        "title": said.sentence,
        "record": said.title,
        "barcode": said.barcode,
        "facts": [{"title": name, "value": value} for name, value in said.facts],
        "reasons": list(said.reasons),
    }


def _reader_panel(context: Desk, request: Request, reader: Reader | None) -> dict[str, Any]:
    """Return what waits for the reader, what they have, and what is still on its way."""
    if reader is None:
        nothing = {"ready": (), "others": (), "loans": (), "places": (), "code": "", "wanted": {}}
        return {**nothing, "later": {}, "today": None, "latest": None}
    lists, places = request.find_service(Lists), request.find_service(PickupPlaces)
    holds = lists.open_holds_of(reader.id)
    ready_here = {
        hold.id
        for hold, _record, _item in holds
        if hold.state == HoldState.READY and places.is_served_from(hold, context.library.id)
    }
    days = request.find_service(Holds).days.days_ahead([reader])
    return {
        "today": request.clock.today(),
        "latest": request.clock.today() + timedelta(days=days) if days else None,
        "later": {
            hold.id: request.formats.date(hold.starts, "medium")
            for hold, _record, _item in holds
            if hold.begins_later
        },
        "wanted": {
            hold.id: copy_words(request, item)
            for hold, _record, item in holds
            if hold.wanted_item_id is not None
        },
        "ready": [row for row in holds if row[0].id in ready_here],
        "others": [row for row in holds if row[0].id not in ready_here],
        "loans": loan_lines(request, lists.loans_of(reader.id), readers={reader.id: reader}),
        "places": places.libraries.pickup_points(),
        "code": context.library.code,
    }
