"""``catalogue/12/queue``: everybody who waits for a title, for staff to give another order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.catalogue.indexing import cover_of, full_title
from bibliopolis.catalogue.models import Record
from bibliopolis.catalogue.resources import RecordResource, record_path, scopes_of
from bibliopolis.errors import Conflict, InvalidInput, Unprocessable
from bibliopolis.frame import flash
from bibliopolis.i18n import _, _n
from bibliopolis.libraries.services import Libraries
from bibliopolis.parameters import offset, page_number, pager, whole_number
from bibliopolis.parts import problems_of
from bibliopolis.resources.access import Permission

from .models import Hold
from .posted import text
from .presenters import copy_words, hold_url, library_name
from .services import HoldSteps, Lists, Queues
from .services.queues import Place
from .waiting.expecting import Expectations, Expected
from .waiting.words import told

SIZE = 50
LONGEST = 500
"""Characters of a reason."""


FIELDS = {
    "comment": _("Why"),
    "transfer_comment": _("Why"),
    "transfer_record": _("Number or address of the record"),
    "transfer_barcode": _("Barcode, if it must be one certain copy"),
}


@dataclass(frozen=True)
class Moving:
    """What was ticked and typed to move holds to another title."""

    holds: frozenset[str] = frozenset()
    """Addresses of holds, by their uid."""
    record: str = ""
    barcode: str = ""
    other_work: bool = False
    comment: str = ""


@dataclass(frozen=True)
class _At:
    """The record as staff of one place see it."""

    record: RecordResource
    scopes: frozenset[str]
    owner_id: int | None = None

    def allowed_roles(self, permission: str) -> frozenset[str]:
        return self.record.allowed_roles(permission)


def unit(context: RecordResource, request: Request) -> int | None:
    """Return the library in whose name the visitor acts: one that has the book, where theirs."""
    libraries = request.find_service(Libraries)
    for library_id in context.record.library_ids or (context.record.library_id,):
        at = _At(context, libraries.scopes((library_id,)))
        if request.principals.may(Permission.CAPTURE, at):
            return int(library_id)
    return None


def queue_url(request: Request, record_id: int) -> str | None:
    """Return where the queue of a title is shown, for those who may see it."""
    record = request.db.get(Record, record_id)
    if record is None:
        return None
    at = RecordResource(None, str(record.id), request, record)
    if not request.principals.may(Permission.CAPTURE, _At(at, scopes_of(record))):
        return None
    return f"{record_path(request, record.id)}/queue"


@view_config(
    context=RecordResource,
    name="queue",
    permission=Permission.CAPTURE,
    request_method="GET",
    renderer="circulation/queue.pt",
)
def show_queue(context: RecordResource, request: Request) -> dict[str, Any]:
    """Show who waits, first those being fulfilled, each with a field for another place."""
    return queue_page(context, request)


@view_config(
    context=RecordResource,
    name="queue",
    permission=Permission.CAPTURE,
    request_method="POST",
    renderer="circulation/queue.pt",
)
def reorder_queue(context: RecordResource, request: Request) -> Any:
    """Give those another place whose number was changed; the others keep their order."""
    sent = request.POST
    try:
        with request.db.begin_nested():
            moved = request.find_service(Queues).place(
                context.record.id,
                _changed(request),
                text(sent, "comment")[:LONGEST],
                unit(context, request),
                _shown(request),
            )
    except InvalidInput as refusal:
        request.response.status_int = 422 if isinstance(refusal, Unprocessable) else 400
        errors = refusal.errors or {"queue": refusal.reason}
        return queue_page(context, request, sent, errors)
    except Conflict as refusal:
        request.response.status_int = 409
        # The numbers that were typed belong to the order that is no more.
        kept = {"comment": text(sent, "comment")}
        return queue_page(context, request, kept, {"queue": refusal.reasons[0]})
    if moved:
        flash(request, _n("${n} hold is moved.", "${n} holds are moved.", len(moved)))
    else:
        flash(request, _("Nothing has changed."), "info")
    return HTTPSeeOther(location=request.address(context, "queue", query=this_page(request)))


def this_page(request: Request) -> dict[str, str]:
    """Return the query of the page of the queue that is shown; none for the first."""
    number = page_number(request)
    return {"page": str(number)} if number > 1 else {}


def _shown(request: Request) -> dict[int, int]:
    """Return the places that the page showed on which somebody has changed some."""
    shown = {
        name.partition("-")[2]: whole_number(value)
        for name, value in request.POST.items()
        if name.startswith("was-")
    }
    found = request.find_service(Lists).hold_ids(shown)
    return {found[uid]: place for uid, place in shown.items() if place and uid in found}


def _changed(request: Request) -> dict[int, int]:
    """Return which holds get which place: those whose number is not the one that was shown."""
    wanted = {}
    for name, value in request.POST.items():
        kind, _dash, uid = name.partition("-")
        if kind != "place" or value == request.POST.get(f"was-{uid}"):
            continue
        wanted[uid] = int(value) if value.isascii() and value.isdigit() and len(value) < 8 else 0
    found = request.find_service(Lists).hold_ids(wanted)
    return {found[uid]: place for uid, place in wanted.items() if uid in found}


def queue_page(
    context: RecordResource,
    request: Request,
    sent: Mapping[str, Any] | None = None,
    errors: Mapping[str, Any] | None = None,
    moving: Moving = Moving(),
) -> dict[str, Any]:
    """Return a page of the queue; what was refused stands in its form again.

    ``sent`` is what the form of places said, ``moving`` what the one that moves holds said.
    """
    queues, record_id = request.find_service(Queues), context.record.id
    total, fulfilled, places = queues.page(record_id, offset(request, SIZE), SIZE)
    if total and not places:
        start = offset(request, SIZE, total=total)
        total, fulfilled, places = queues.page(record_id, start, SIZE)
    holds = [one.hold for one in places]
    standing = request.find_service(Lists).standing(holds)
    waits = [one.wait for one in standing.values() if one.wait is not None]
    times = request.find_service(Expectations).of(holds, waits)
    path = request.address(context)
    return {
        "language": cover_of(context.record).language,
        "title": full_title(context.record),
        "record_url": path,
        "url": request.address(context, "queue", query=this_page(request)),
        "move_url": request.address(context, "move-holds", query=this_page(request)),
        "moving": moving,
        "total": total,
        "waiting": total - fulfilled,
        "lines": [_line(request, one, sent or {}, times.get(one.hold.id)) for one in places],
        "comment": text(sent or {}, "comment"),
        "longest": LONGEST,
        "errors": errors or {},
        "problems": problems_of(errors or {}, FIELDS),
        "pager": pager(request, total, SIZE),
    }


def _line(
    request: Request, one: Place, sent: Mapping[str, Any], expected: Expected | None
) -> dict[str, Any]:
    hold = one.hold
    state = request.find_service(HoldSteps).machine.workflow.states[hold.state]
    return {
        "hold": hold,
        "reader": one.reader,
        "url": hold_url(request, hold),
        "place": one.place,
        "move": _("Move number ${n}", mapping={"n": one.place or 0}),
        "shown": sent.get(f"place-{hold.uid}", one.place),
        "state": _state(request, hold, state.title),
        "pickup": library_name(request, hold.pickup_library_id),
        "time": told(request, expected) if expected else None,
        "copy": copy_words(request, one.item) if hold.wanted_item_id else None,
    }


def _state(request: Request, hold: Hold, title: Any) -> Any:
    """Return the state of a hold in a queue, or why it is not served yet."""
    if hold.begins_later:
        return _("From ${start} on", mapping={"start": request.formats.date(hold.starts, "medium")})
    return _("Paused") if hold.is_suspended else title
