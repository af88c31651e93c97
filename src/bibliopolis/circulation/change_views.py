"""Changing holds that wait: pausing them, collecting them elsewhere, one or several at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.errors import Conflict, InvalidInput, TooLate
from bibliopolis.frame import flash
from bibliopolis.i18n import _, _n
from bibliopolis.libraries.services import Libraries
from bibliopolis.parameters import read_day
from bibliopolis.readers.services import Guardians
from bibliopolis.resources.access import Permission

from .models import CancelCause, Hold
from .pickup_choice import PARAMETER, offered_places
from .posted import number, posted, text
from .presenters import hold_lines, hold_url
from .resources import HoldPage, HoldsRoom
from .services import HoldChanges, Lists, OtherPlaces, Queues
from .services.changes import AT_ONCE, Pause

CAUSES = {
    CancelCause.IN_PERSON: _("The reader asked at the desk"),
    CancelCause.PHONE: _("The reader asked by telephone"),
    CancelCause.LETTER: _("The reader asked by letter"),
    CancelCause.LIBRARY: _("The library decided it"),
}
"""What staff choose from when they cancel for a reader."""

SEVERAL = ("suspend", "thaw", "pickup", "cancel")
"""What can be done to several holds at once, by the value of the button."""


@view_config(context=HoldPage, name="suspend", permission=Permission.VIEW, request_method="POST")
def suspend_hold(context: HoldPage, request: Request) -> HTTPSeeOther:
    """Pause a hold from a day until a day, or until its reader ends the pause."""
    changes = request.find_service(HoldChanges)

    def suspend() -> None:
        pause = wanted_pause(request)
        changes.suspend(context.hold.id, pause.until, pause.start)

    said = _("The hold is paused; it keeps its place.")
    if text(posted(request), "start"):
        said = _("The pause is noted; the hold keeps its place.")
    return attempt(context, request, suspend, said)


@view_config(context=HoldPage, name="thaw", permission=Permission.VIEW, request_method="POST")
def thaw_hold(context: HoldPage, request: Request) -> HTTPSeeOther:
    """End a pause."""
    changes, said = request.find_service(HoldChanges), _("The pause is over.")
    if context.hold.suspend_from is not None and not context.hold.is_suspended:
        said = _("The planned pause is given up.")
    return attempt(context, request, lambda: changes.thaw(context.hold.id), said)


@view_config(context=HoldPage, name="pickup", permission=Permission.VIEW, request_method="POST")
def change_pickup(context: HoldPage, request: Request) -> HTTPSeeOther:
    """Let a hold be collected at another place."""
    changes, place_id = request.find_service(HoldChanges), wanted_place(request)
    return attempt(
        context,
        request,
        lambda: changes.change_pickup(context.hold.id, place_id),
        _("It will be collected at the other place."),
    )


@view_config(context=HoldPage, name="need-by", permission=Permission.VIEW, request_method="POST")
def set_need_by(context: HoldPage, request: Request) -> HTTPSeeOther:
    """Say until when the book is wanted."""
    changes = request.find_service(HoldChanges)

    def set_day() -> None:
        changes.set_need_by(context.hold.id, wanted_day(request, "need_by"))

    return attempt(context, request, set_day, _("It is noted until when the book is wanted."))


@view_config(context=HoldPage, name="start", permission=Permission.VIEW, request_method="POST")
def set_start(context: HoldPage, request: Request) -> HTTPSeeOther:
    """Say from which day on the book is wanted."""
    changes = request.find_service(HoldChanges)

    def set_day() -> None:
        changes.set_start(context.hold.id, wanted_day(request, "start"))

    return attempt(context, request, set_day, _("It is noted from when the book is wanted."))


@view_config(
    context=HoldPage, name="move-in-queue", permission=Permission.CAPTURE, request_method="POST"
)
def move_hold_in_queue(context: HoldPage, request: Request) -> HTTPSeeOther:
    """Let a hold stand at another place in its queue, with the reason."""
    queues, sent = request.find_service(Queues), posted(request)
    return attempt(
        context,
        request,
        lambda: queues.move(context.hold.id, number(sent, "position"), text(sent, "comment")),
        _("The hold stands at the other place now."),
    )


@view_config(
    context=HoldPage, name="put-first", permission=Permission.CAPTURE, request_method="POST"
)
def put_hold_first(context: HoldPage, request: Request) -> HTTPSeeOther:
    """Let a hold cut in line, with the reason."""
    changes, why = request.find_service(HoldChanges), text(posted(request), "comment")
    return attempt(
        context,
        request,
        lambda: changes.put_first(context.hold.id, why),
        _("The hold is first in the queue now."),
    )


@view_config(
    context=HoldPage, name="put-back", permission=Permission.CAPTURE, request_method="POST"
)
def put_hold_back(context: HoldPage, request: Request) -> HTTPSeeOther:
    """Let a hold stand where its time says."""
    changes = request.find_service(HoldChanges)
    return attempt(
        context,
        request,
        lambda: changes.put_back(context.hold.id),
        _("The hold stands at its own place again."),
    )


@view_config(context=HoldPage, name="any-copy", permission=Permission.VIEW, request_method="POST")
def let_any_copy_do(context: HoldPage, request: Request) -> HTTPSeeOther:
    """Let any copy of the title do."""
    changes = request.find_service(HoldChanges)
    return attempt(
        context,
        request,
        lambda: changes.any_copy(context.hold.id),
        _("Any copy will do now; the hold keeps its place."),
    )


@view_config(context=HoldPage, name="keep", permission=Permission.VIEW, request_method="POST")
def keep_hold(context: HoldPage, request: Request) -> HTTPSeeOther:
    """Take back that a hold should be cancelled."""
    changes = request.find_service(HoldChanges)
    return attempt(
        context, request, lambda: changes.keep(context.hold.id), _("The copy is kept after all.")
    )


@view_config(context=HoldPage, name="uncancel", permission=Permission.VIEW, request_method="POST")
def uncancel_hold(context: HoldPage, request: Request) -> HTTPSeeOther:
    """Place a cancelled hold again."""
    changes = request.find_service(HoldChanges)
    return attempt(
        context, request, lambda: changes.uncancel(context.hold.id), _("The hold is placed again.")
    )


@view_config(
    context=HoldsRoom,
    name="several",
    permission=Permission.USE_ACCOUNT,
    request_method="GET",
    renderer="circulation/several.pt",
)
def show_several(context: HoldsRoom, request: Request) -> dict[str, Any]:
    """Show one's open holds with a box each, and what can be done to those that are chosen."""
    names = _family(request)
    rows = request.find_service(Lists).open_holds_of(*names, limit=AT_ONCE)
    return {
        "lines": hold_lines(request, [(hold, record) for hold, record, _item in rows], names),
        "url": request.address(context, "several"),
        "all_url": request.address(context, "several", query=[("all", "1")]),
        **_places(request, [hold for hold, _record, _item in rows], names),
        "chosen": _chosen(request),
        "start": read_day(text(request.GET, "start")),
        "until": read_day(text(request.GET, "until")),
        "today": request.clock.today(),
        "tomorrow": tomorrow(request),
        "most": AT_ONCE,
        "crumbs": [
            (_("My account"), f"{request.frame.home}/account"),
            (_("Several holds at once"), None),
        ],
    }


@view_config(
    context=HoldsRoom, name="several", permission=Permission.USE_ACCOUNT, request_method="POST"
)
def change_several(context: HoldsRoom, request: Request) -> HTTPSeeOther:
    """Do to the chosen holds what was asked; say how many it was done to, and why not to others."""
    chosen = set(request.POST.getall("hold"))
    by = text(request.POST, PARAMETER)
    kept = _kept(request, chosen)
    if by:
        # Without its address a form can ask for another order only so.
        query = [(PARAMETER, by), *kept]
        return HTTPSeeOther(location=f"{request.address(context, 'several', query=query)}#places")
    here = HTTPSeeOther(location=request.address(context, "several", query=kept))
    kind = text(request.POST, "do")
    rows = request.find_service(Lists).open_holds_of(*_family(request))
    titles = {hold.id: record.title for hold, record, _item in rows if hold.uid in chosen}
    if kind not in SEVERAL or not titles:
        flash(request, _("Choose at least one hold."), "warn")
        return here
    try:
        with request.db.begin_nested():
            changed = request.find_service(HoldChanges).several(kind, titles, _value(request, kind))
    except InvalidInput as refusal:
        flash(request, refusal.reason, "warn")
        return here
    if changed.done:
        flash(request, _n("${n} hold is changed.", "${n} holds are changed.", len(changed.done)))
    for hold, reasons in changed.refused:
        for reason in reasons:
            why = {"title": titles[hold.id], "reason": request.translate(reason)}
            flash(request, _("${title}: ${reason}", mapping=why), "warn")
    return here


def _kept(request: Request, chosen: set[str]) -> list[tuple[str, str]]:
    """Return as parameters which holds were chosen, and the days of the pause.

    Whoever is refused or sorts the places finds them again.
    """
    days = [(name, text(request.POST, name)) for name in ("start", "until")]
    return [
        *(("hold", one) for one in sorted(chosen)[:AT_ONCE]),
        *((name, day) for name, day in days if read_day(day)),
    ]


def _places(request: Request, holds: list[Hold], names: Mapping[int, str]) -> dict[str, Any]:
    """Return where at least one of the holds can be collected instead, and how many of them."""
    readers = {one.id: one for one in request.family.values() if one.id in names}
    found = request.find_service(OtherPlaces).of(holds, readers, own=True)
    for_so_many = Counter(one.id for places in found.values() for one in places)
    every = {one.id: one for places in found.values() for one in places}
    notes = {
        place_id: _n(
            "for ${some} of ${n} hold", "for ${some} of ${n} holds", len(found), {"some": some}
        )
        for place_id, some in for_so_many.items()
        if some < len(found)
    }
    return {**offered_places(request, list(every.values()), list(names), None), "notes": notes}


def _chosen(request: Request) -> frozenset[str] | None:
    """Return the holds that were chosen when the form was sent before; None is all.

    All are chosen on demand only: one click too many would cancel what waits to be collected.
    """
    return None if text(request.GET, "all") else frozenset(request.GET.getall("hold"))


def _value(request: Request, kind: str) -> Any:
    """Return what the change needs besides the holds."""
    if kind == "suspend":
        return wanted_pause(request)
    return wanted_place(request) if kind == "pickup" else None


def attempt(
    context: HoldPage, request: Request, change: Callable[[], Any], said: Any
) -> HTTPSeeOther:
    """Make a change and show the hold; what is refused is said there, with every reason.

    Who may see the hold may ask: the verb looks at who it is. Somebody who clicks twice, or on a
    page that is no longer true, is shown how it stands now.
    """
    try:
        # A savepoint: whatever a refused verb had begun must not stay.
        with request.db.begin_nested():
            change()
    except TooLate:
        flash(request, _("That is no longer possible: this is how the hold stands now."), "info")
    except Conflict as refusal:
        for reason in refusal.reasons:
            flash(request, reason, "warn")
    except InvalidInput as refusal:
        flash(request, refusal.reason, "warn")
    else:
        flash(request, said() if callable(said) else said)
    return HTTPSeeOther(location=hold_url(request, context.hold))


def wanted_day(request: Request, name: str) -> date | None:
    """Return a day that was sent, None where the field is empty."""
    sent = text(posted(request), name)
    day = read_day(sent)
    if sent and day is None:
        reason = _("Write the day as a date, such as 2026-12-31.")
        raise InvalidInput(reason, {name: reason})
    return day


def wanted_pause(request: Request) -> Pause:
    """Return the pause that was sent."""
    return Pause(until=wanted_day(request, "until"), start=wanted_day(request, "start"))


def wanted_cause(request: Request) -> CancelCause | None:
    """Return why staff cancel it; what is not one of CAUSES is none."""
    sent = text(posted(request), "cause")
    return next((cause for cause in CAUSES if cause == sent), None)


def wanted_place(request: Request) -> int | None:
    """Return the place with the code that was sent."""
    place = request.find_service(Libraries, context=None).organisation(
        text(posted(request), "pickup")
    )
    return place.id if place else None


def tomorrow(request: Request) -> date:
    """Return the first day until which a hold can be paused."""
    return date.fromordinal(request.clock.today().toordinal() + 1)


def _family(request: Request) -> dict[int, str]:
    """Return for whom the visitor acts, by the id of the reader: "" is themselves."""
    mine = request.principals.reader_id
    children = request.find_service(Guardians).children_of(mine)
    own = {} if mine is None else {mine: ""}
    return own | {child.id: child.name for child in children}
