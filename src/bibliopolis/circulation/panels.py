"""What circulation brings to pages of other rooms: placing a hold, one's holds and loans."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from pyramid.renderers import render
from pyramid.request import Request

from bibliopolis.accounts.frame import sign_in_url
from bibliopolis.catalogue.models import Record
from bibliopolis.catalogue.resources import RecordResource, record_path
from bibliopolis.i18n import _, _n
from bibliopolis.libraries.models import Library
from bibliopolis.libraries.services import Libraries
from bibliopolis.readers.models import Reader
from bibliopolis.readers.services import Guardians, Readers

from .loan_presenters import loan_lines
from .pickup_choice import Choice, offered_places
from .presenters import copy_words, hold_lines
from .refusals.kinds import counted_code
from .resources import may_use_some_desk
from .services import Deliveries, DeskLists, Holds, LendableCopies, Lists, Permits
from .services.deliveries import LONGEST
from .waiting.expecting import Expectations
from .waiting.outlook import Outlook, outlook_behind_all
from .waiting.sooner import SoonerEditions
from .waiting.words import told
from .wishes import CHOSEN, Wishes

FIRST = 3
"""So many pickup places are shown at once; the others open behind them."""


def my_holds(request: Request) -> dict[str, Any] | None:
    """Return the open holds of the visitor and their children; nobody without a card has any."""
    if not request.family:
        return None
    names = _children(request)
    rows = request.find_service(Lists, context=None).open_holds_of(*request.family)
    lines = hold_lines(request, [(hold, record) for hold, record, _item in rows], names)
    return {"title": _("Holds"), "count": len(lines), "lines": lines}


def my_loans(request: Request) -> dict[str, Any] | None:
    """Return what the visitor and their children have borrowed."""
    if not request.family:
        return None
    names = _children(request)
    rows = request.find_service(Lists, context=None).loans_of(*request.family)
    lines = loan_lines(request, rows, names, readers=request.family)
    reader = request.family[request.principals.reader_id]
    return {
        "title": _("On loan"),
        "count": len(lines),
        "lines": lines,
        "renewable": any(line.prospect and line.prospect.possible for line in lines),
        "keeps_history": reader.keeps_history,
    }


def family(request: Request) -> dict[int, Reader]:
    """Return the visitor, if they are a reader, and the children they act for (``request.family``).

    Several panels of one page ask for them.
    """
    reader = request.find_service(Readers, context=None).get(request.principals.reader_id)
    if reader is None:
        return {}
    guardians = request.find_service(Guardians, context=None)
    return {one.id: one for one in (reader, *guardians.children_of(reader.id))}


def hold_panel(context: RecordResource, request: Request) -> str:
    """Return the panel beside a record: the form, or why there is none and what to do."""
    wish, permits = request.hold_wishes, request.find_service(Permits)
    title, chosen, whom = wish.title, wish.chosen, wish.whom
    held = title.hold_of(wish.me, wish.chosen_id)
    signed_in = request.principals.person_id is not None
    kept = f"&{CHOSEN}={wish.chosen_id}" if chosen else ""
    places = permits.places_for(title, wish.chosen_id) if whom else ()
    # Only who may place a hold chooses one: the whole tree of places is much to read.
    offered = _choices(request, places, whom, f"{wish.path}?", f"{kept}#places") if whom else {}
    found = offered.get("choices", [])
    days = request.find_service(Holds).days.days_ahead(whom)
    today = request.clock.today()
    outlook = outlook_behind_all(
        request.db, request.find_service(LendableCopies, context=None), title.record.id
    )
    values = {
        "record": context.record,
        "line": hold_lines(request, [(held, title.record)])[0] if held else None,
        "blocks": () if held else wish.blocks,
        "whom": whom,
        "today": today,
        "latest": today + timedelta(days=days) if days else None,
        "brought": _brought(request, found, whom),
        "longest": LONGEST,
        "own": wish.own,
        "in_vain": None if held or whom else _in_vain(request, wish),
        "family": len(wish.family) > 1,
        "sign_in": None if signed_in else sign_in_url(request),
        "queue": queue_words(outlook.position - 1),
        **({} if held or chosen else _times(request, context.record, outlook, found[:FIRST])),
        "place_in_queue": outlook.position,
        "chosen": chosen,
        "copy": copy_words(request, chosen),
        "any_copy": f"{wish.path}#hold",
        "choices": found,
        **offered,
    }
    return render("circulation/hold_panel.pt", values, request=request)


def _in_vain(request: Request, wish: Wishes) -> dict[str, str] | None:
    """Return what a reader sends who is offered no hold and wants it all the same.

    It is the attempt that is counted among refusals; None where nothing would be refused.
    """
    reader = wish.own or next(iter(wish.family), None)
    if reader is None:
        return None
    against = wish.early.against(reader.id, wish.chosen_id)
    if counted_code(one.code for one in against) is None:
        return None
    home = request.find_service(Libraries, context=None).tree.get(reader.home_library_id)
    return {"reader": reader.uid, "pickup": home.code} if home is not None else None


def my_desk(request: Request) -> dict[str, Any] | None:
    """Return what waits at the visitor's desk; who has several chooses one first."""
    if not may_use_some_desk(request):
        return None
    # An address of its own: the page this is shown on lies elsewhere.
    language = request.root[request.language]
    desks = language["desk"].places_of_work()
    if len(desks) != 1:
        return {"desk": None, "url": f"{request.frame.home}/desk", "waiting": None}
    return {
        "desk": desks[0].library.name_in(request.language),
        "url": request.address(desks[0]),
        "waiting": request.find_service(DeskLists, context=None).waiting_at(desks[0].library.id),
    }


def _children(request: Request) -> dict[int, str]:
    """Return the names of the children the visitor acts for, by the id of the reader."""
    mine = request.principals.reader_id
    return {one.id: one.name for one in request.family.values() if one.id != mine}


def queue_words(waiting: int) -> Any:
    """Return how many readers wait, in words; nothing where nobody does."""
    return _n("${n} reader is waiting.", "${n} readers are waiting.", waiting) if waiting else None


def _times(
    request: Request, record: Record, outlook: Outlook, places: Sequence[Choice]
) -> dict[str, Any]:
    """Return how long one waits who places a hold now, by the id of the place; 0 is anywhere.

    With it comes another edition of the same work, if that comes sooner.
    """
    ids = [one.place.id for one in places] or [0]
    expected = request.find_service(Expectations, context=None).at(ids, outlook)
    editions = request.find_service(SoonerEditions, context=None)
    sooner = editions.than(record, outlook, expected[ids[0]], ids[0])
    return {
        "times": {place_id: told(request, one) for place_id, one in expected.items()},
        "sooner": sooner and (sooner.record, told(request, sooner.expected)),
        "sooner_url": sooner and record_path(request, sooner.record.id),
    }


def _brought(request: Request, places: Sequence[Choice], whom: Sequence[Reader]) -> frozenset[int]:
    """Return which of the places bring books home to one of these readers."""
    if not whom:
        return frozenset()
    bringing = request.find_service(Deliveries, context=None).bringing
    return frozenset().union(*bringing([one.place for one in places], whom).values())


def _choices(
    request: Request, places: Sequence[Library], whom: Sequence[Reader], url: str, part: str
) -> dict[str, Any]:
    """Return where it can be collected; who acts for a child only goes where the child's go."""
    mine = request.principals.reader_id
    readers = [one.id for one in whom if one.id == mine] or [one.id for one in whom]
    return offered_places(request, places, readers, url, part)
