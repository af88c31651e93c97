"""How holds are told to their reader, in words and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from pyramid.request import Request

from bibliopolis.catalogue.indexing import author_of, cover_of
from bibliopolis.catalogue.models import Record
from bibliopolis.catalogue.resources import record_path
from bibliopolis.covers import Cover
from bibliopolis.i18n import _
from bibliopolis.libraries.models import Library
from bibliopolis.libraries.services import Libraries

from .models import Hold, HoldState
from .resting_words import resting, resting_later, station
from .services import HoldSteps, Lists, OpeningCodes, PickupPlaces
from .services.holds import Holds
from .services.lists import Standing
from .waiting.expecting import Expectations, Expected
from .waiting.words import Told, expected_json, told

BUTTONS = {
    "suspend": "suspend",
    "thaw": "thaw",
    "change_pickup": "pickup",
    "reroute": "pickup",
    "deliver": "deliver",
    "deliver_what_comes": "deliver",
    "deliver_from_the_shelf": "deliver",
    "fetch": "fetch",
    "fetch_what_comes": "fetch",
    "fetch_from_the_shelf": "fetch",
    "set_need_by": "need-by",
    "set_start": "start",
    "any_copy": "any-copy",
    "move_to_title": "move-to-title",
    "move_in_queue": "move-in-queue",
    "put_first": "put-first",
    "put_back": "put-back",
    "cancel": "cancel",
    "ask_to_cancel": "cancel",
    "ask_to_cancel_delivery": "cancel",
    "keep": "keep",
    "keep_delivery": "keep",
    "uncancel": "uncancel",
    "give_up": "give-up",
    "expire": "not-collected",
}
"""Steps that can be taken on the page of a hold, and their addresses."""

OFFERED = frozenset(BUTTONS)
"""The other steps need a copy in the hand."""

ASKING = {
    "suspend": "until",
    "change_pickup": "pickup",
    "reroute": "pickup",
    "deliver": "address",
    "deliver_what_comes": "address",
    "deliver_from_the_shelf": "address",
    "set_need_by": "need_by",
    "set_start": "start",
    "move_to_title": "record",
    "move_in_queue": "position",
    "put_first": "comment",
}
"""What these steps ask for besides a click."""


@dataclass(frozen=True)
class Stop:
    """One step of the way a hold goes, as the reader sees it."""

    title: Any
    done: bool = False
    now: bool = False


@dataclass(frozen=True)
class HoldLine:
    """A hold as a list shows it."""

    hold: Hold
    record: Record
    cover: Cover
    author: str
    url: str
    record_url: str
    said: Any
    pickup: str
    position: int | None = None
    stops: tuple[Stop, ...] = ()
    cell: int | None = None
    """In which cell of a locker it lies."""
    whose: str | None = None
    """The child it is for, where a guardian looks at it."""
    expected: Expected | None = None
    """How long it waits still; None for what waits in no queue."""
    time: Told | None = None
    """The same in words."""
    copy: str | None = None
    """The one copy it is for: library and place on the shelf; None where any will do."""


def hold_url(request: Request, hold: Hold) -> str:
    """Return the address of a hold."""
    return f"{request.frame.home}/account/holds/{hold.uid}"


def library_name(request: Request, library_id: int | None) -> str:
    """Return the name of a library in the language of the request."""
    libraries = request.find_service(Libraries, context=None).tree
    library: Library | None = libraries.get(library_id or 0)
    return library.name_in(request.language) if library else ""


def hold_lines(
    request: Request, rows: Iterable[tuple[Hold, Record]], names: Mapping[int, str] | None = None
) -> list[HoldLine]:
    """Return holds for a list; how they stand is found in one query, waiting times in another.

    ``names`` are those of the children whose holds are among them, by the id of the reader.
    """
    rows = list(rows)
    lists = request.find_service(Lists, context=None)
    holds = [hold for hold, _record in rows]
    standing = lists.standing(holds)
    waits = [one.wait for one in standing.values() if one.wait is not None]
    times = request.find_service(Expectations, context=None).of(holds, waits)
    wanted = {hold.wanted_item_id for hold in holds if hold.wanted_item_id is not None}
    copies = lists.copies(wanted) if wanted else {}
    places = request.find_service(PickupPlaces, context=None)
    cells = lists.cells(hold for hold in holds if places.locker(hold.pickup_library_id))
    return [
        replace(
            _line(request, hold, record, standing.get(hold.id), cells.get(hold.id)),
            whose=(names or {}).get(hold.reader_id or 0),
            expected=times.get(hold.id),
            time=told(request, times[hold.id]) if hold.id in times else None,
            copy=copy_words(request, *copies.get(hold.wanted_item_id or 0, ())[:1]),
        )
        for hold, record in rows
    ]


def copy_words(request: Request, item: Any = None) -> str | None:
    """Return what tells a copy from the others: its library, and where it stands there."""
    if item is None:
        return None
    place = (library_name(request, item.library_id), item.location, item.shelf_mark)
    return " · ".join(part for part in place if part)


def _line(
    request: Request, hold: Hold, record: Record, standing: Standing | None, cell: int | None
) -> HoldLine:
    position = standing.position if standing else None
    sought = standing is not None and standing.sought
    pickup = library_name(request, hold.pickup_library_id)
    return HoldLine(
        hold=hold,
        record=record,
        cover=cover_of(record),
        author=author_of(record),
        url=hold_url(request, hold),
        record_url=record_path(request, record.id),
        said=_said(request, hold, pickup, position, sought, cell),
        cell=cell,
        pickup=pickup,
        position=position,
        stops=_stops(request, hold, position, sought),
    )


def _said(
    request: Request,
    hold: Hold,
    pickup: str,
    position: int | None,
    sought: bool,
    cell: int | None,
) -> Any:
    named = {"library": pickup, "n": position or 0}
    if (rests := resting(request, hold, named)) is not None:
        return rests
    if hold.wanted_item_id and hold.hopeless_since and hold.state == HoldState.QUEUED:
        return _("The copy you wait for cannot be had now. You may let any copy do.")
    if (rests := resting_later(request, hold, named)) is not None:
        return rests
    if hold.by_delivery:
        return _brought(hold, named, sought)
    if hold.state == HoldState.READY:
        named["date"] = request.formats.date(hold.collect_by)
    if sought:
        return _(
            "A copy is being fetched for you. You will collect it at ${library}.", mapping=named
        )
    return {
        HoldState.QUEUED: _(
            "You are number ${n} in the queue. You will collect it at ${library}.", mapping=named
        ),
        HoldState.IN_TRANSIT: _("It is on its way to ${library}.", mapping=named),
        HoldState.READY: _asked() if hold.cancel_requested else _waits(request, hold, named, cell),
        HoldState.FULFILLED: _("You have taken it."),
        HoldState.CANCELLED: _("It is cancelled."),
        HoldState.UNFILLED: _("No copy could be had, so we closed it."),
        HoldState.NOT_COLLECTED: _("It was not collected in time."),
    }.get(HoldState(hold.state), hold.state)


def _brought(hold: Hold, named: dict[str, Any], sought: bool) -> Any:
    """Return how a hold stands that is brought to its reader."""
    if hold.cancel_requested:
        return _("You have asked to cancel it: it is cancelled when the library has it in hand.")
    if hold.state == HoldState.OUT_FOR_DELIVERY:
        return _("A courier is bringing it to you.")
    if hold.state == HoldState.READY:
        return _("It is at ${library} and will be brought to you.", mapping=named)
    if hold.state == HoldState.IN_TRANSIT:
        return _("It is on its way to ${library}, which will bring it to you.", mapping=named)
    if sought:
        return _("A copy is being fetched; ${library} will bring it to you.", mapping=named)
    return _("You are number ${n} in the queue. ${library} will bring it to you.", mapping=named)


def _waits(request: Request, hold: Hold, named: dict[str, Any], cell: int | None) -> Any:
    places = request.find_service(PickupPlaces, context=None)
    locker = places.locker(hold.pickup_library_id)
    if locker is not None and not places.in_order(locker):
        named["desk"] = library_name(request, places.desk_of(locker.id))
        return _(
            "${library} is out of order. Ask for it at the desk of ${desk} until ${date}.",
            mapping=named,
        )
    if cell is not None:
        named["cell"] = request.formats.number(cell)
        return _("It waits for you in cell ${cell} of ${library} until ${date}.", mapping=named)
    return _("It waits for you at ${library} until ${date}.", mapping=named)


def _asked() -> Any:
    return _("You have asked to cancel it: a librarian will take it off the hold shelf.")


def _stops(request: Request, hold: Hold, position: int | None, sought: bool) -> tuple[Stop, ...]:
    """Return the way of an open hold: in the queue, being fetched, under way, on the shelf."""
    stations = {
        HoldState.QUEUED: int(sought),
        HoldState.IN_TRANSIT: 2,
        HoldState.READY: 3,
        HoldState.OUT_FOR_DELIVERY: 3,
    }
    if hold.state not in stations:
        return ()
    here = stations[HoldState(hold.state)]
    first = _("Placed") if here else station(request, hold, position)
    last = _("Waiting for you")
    if hold.by_delivery:
        out = hold.state == HoldState.OUT_FOR_DELIVERY
        last = _("With the courier") if out else _("Brought to you")
    titles = (first, _("Being fetched"), _("On its way"), last)
    return tuple(Stop(title, n < here, n == here) for n, title in enumerate(titles))


def offers(request: Request, hold: Hold) -> list[dict[str, Any]]:
    """Return the steps the visitor may take without a copy in hand, refused ones with reasons.

    Of steps that share a verb, those that can be taken are told, or else the last.
    """
    title = request.find_service(Holds).titles.read_head(hold.record_id, hold_ids=[hold.id])
    steps = request.find_service(HoldSteps)
    found = steps.offers(hold, title, OFFERED)
    own = steps.acts_for_reader(hold)
    by_verb: dict[str | None, list[Any]] = {}
    for offer in found:
        by_verb.setdefault(offer.transition.verb, []).append(offer)
    told = []
    for sharing in by_verb.values():
        told += [offer for offer in sharing if offer.available] or sharing[-1:]
    return [
        {
            "name": offer.transition.name,
            "title": offer.transition.title,
            "url": f"{hold_url(request, hold)}/{BUTTONS[offer.transition.name]}",
            "reasons": offer.reasons,
            "asks": _asks(offer.transition.name, own=own),
        }
        for offer in told
    ]


def _asks(step: str, *, own: bool) -> str | None:
    """Return what a step asks for besides a click; staff say why they cancel."""
    return "cause" if step == "cancel" and not own else ASKING.get(step)


def hold_json(request: Request, line: HoldLine) -> dict[str, Any]:
    """Return the JSON form of a hold."""
    hold, host = line.hold, request.host_url
    workflow = request.find_service(HoldSteps).machine.workflow
    translate, queued = request.translate, hold.state == HoldState.QUEUED
    return {
        "@id": f"{host}{line.url}",
        "@type": "hold",
        "UID": hold.uid,
        "title": line.record.title,
        "description": translate(line.said),
        "review_state": hold.state,
        "review_state_title": translate(workflow.states[hold.state].title),
        "record": {"@id": f"{host}{line.record_url}", "title": line.record.title},
        "pickup_library": {
            "@id": f"{host}{request.frame.home}/libraries/{_desk_code(request, hold)}",
            "title": line.pickup,
        },
        "item": None if line.copy is None else {"id": hold.wanted_item_id, "title": line.copy},
        "position": line.position,
        "delivery": hold.by_delivery,
        "waiting_time": expected_json(request, line.expected),
        "start": _day(hold.starts) if queued else None,
        "need_by": _day(hold.need_by),
        "collect_by": _day(hold.collect_by) if hold.state == HoldState.READY else None,
        "cancel_requested": hold.cancel_requested is not None,
        "cause": hold.cause,
        "suspended": hold.is_suspended,
        "suspend_from": _day(hold.suspend_from) if queued else None,
        "suspended_until": _day(hold.suspended_until) if queued else None,
        "created": hold.asked.isoformat(),
        "modified": hold.changed.isoformat(),
    }


def opening(request: Request, hold: Hold) -> Any:
    """Return the code of its cell to its reader, or who acts for them; to nobody else."""
    if not request.find_service(HoldSteps).acts_for_reader(hold):
        return None
    return request.find_service(OpeningCodes).of(hold)


def opening_json(request: Request, hold: Hold) -> dict[str, Any] | None:
    """Return the same for a program that acts for the reader."""
    code = opening(request, hold)
    if code is None:
        return None
    return {"cell": code.cell, "code": code.digits, "until": code.until.isoformat()}


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _desk_code(request: Request, hold: Hold) -> str:
    """Return the code of the library that has a page: a locker is shown on its library's."""
    libraries = request.find_service(Libraries)
    return libraries.get(libraries.desk_of(hold.pickup_library_id)).code
