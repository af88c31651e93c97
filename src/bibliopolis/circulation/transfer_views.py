"""Moving holds to another title or another copy: one on its page, several in their queue."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.catalogue.resources import RecordResource
from bibliopolis.errors import InvalidInput, Unprocessable
from bibliopolis.frame import flash
from bibliopolis.i18n import _, _n
from bibliopolis.parameters import row_id
from bibliopolis.resources.access import Permission

from .change_views import attempt
from .posted import posted, text
from .queue_views import LONGEST, Moving, queue_page, this_page, unit
from .resources import HoldPage
from .services import Elsewhere, Lists, Transfers
from .services.transfers import AT_ONCE, MoveCode

NUMBER = re.compile(r"(?:.*/catalogue/)?\s*([1-9][0-9]*)(?:[/?#].*)?\s*")
"""A number of a record, or an address that has it."""


def wanted_elsewhere(request: Request) -> Elsewhere:
    """Return what was asked for: a record by number or address, a copy by its barcode."""
    sent = posted(request)
    found = NUMBER.fullmatch(text(sent, "record"))
    record_id = row_id(found.group(1)) if found else None
    barcode = text(sent, "barcode")
    if barcode:
        rows = request.find_service(Lists).copies_with_barcode(barcode)
        fitting = [item for item, record in rows if record_id in (None, record.id)]
        if len(fitting) > 1:
            said = (
                _("Several copies of this title have this barcode: no one of them can be named.")
                if record_id is not None
                else _("Several copies have this barcode: write the number of the record, too.")
            )
            raise InvalidInput(said, {"barcode": said})
        if not fitting:
            said = _("No copy of this title has this barcode.")
            raise InvalidInput(said, {"barcode": said})
        return Elsewhere(fitting[0].record_id, fitting[0].id, "other_work" in sent)
    if record_id is None:
        raise Unprocessable(MoveCode.NO_TITLE, _("There is no record with this number."))
    return Elsewhere(record_id, None, "other_work" in sent)


@view_config(
    context=HoldPage, name="move-to-title", permission=Permission.CAPTURE, request_method="POST"
)
def move_hold(context: HoldPage, request: Request) -> HTTPSeeOther:
    """Let a hold wait for another title or copy, with the reason."""
    why = text(posted(request), "comment")[:LONGEST]

    def move() -> None:
        wish = wanted_elsewhere(request)
        request.find_service(Transfers).move(context.hold.id, wish, why)

    return attempt(context, request, move, _("The hold is moved; its reader is told."))


@view_config(
    context=RecordResource,
    name="move-holds",
    permission=Permission.CAPTURE,
    request_method="POST",
    renderer="circulation/queue.pt",
)
def move_several(context: RecordResource, request: Request) -> Any:
    """Move the chosen holds of a queue; say how many, and give those that stay back in the form."""
    lists, why = request.find_service(Lists), text(request.POST, "comment")[:LONGEST]
    chosen = request.POST.getall("hold")
    if len(chosen) > AT_ONCE:
        said = _("Move ${n} holds at once at most.", mapping={"n": AT_ONCE})
        return _again(context, request, {"move": said}, 422)
    found = lists.hold_ids(chosen)
    mine = [hold.id for hold in lists.holds(found.values()).values() if _is_of(context, hold)]
    if len(mine) < len(found):
        flash(request, _("Some of the holds you chose have left this queue meanwhile."), "warn")
    if not mine or not why:
        said = _("Choose at least one hold, and write why.")
        return _again(context, request, {"transfer_comment" if mine else "move": said}, 400)
    try:
        with request.db.begin_nested():
            changed = request.find_service(Transfers).several(
                mine, wanted_elsewhere(request), why, unit(context, request)
            )
    except InvalidInput as refusal:
        errors = {f"transfer_{name}": said for name, said in refusal.errors.items()}
        return _again(context, request, errors or {"transfer_record": refusal.reason}, 422)
    if changed.done:
        moved = len(changed.done)
        flash(request, _n("${n} hold is moved.", "${n} holds are moved.", moved))
    if not changed.refused:
        return HTTPSeeOther(location=request.address(context, "queue", query=this_page(request)))
    numbers = Counter(
        request.translate(reason) for _hold, reasons in changed.refused for reason in reasons
    )
    errors = {
        f"transfer_{n}": _n(
            "${n} hold stays: ${reason}",
            "${n} holds stay: ${reason}",
            number,
            mapping={"reason": reason},
        )
        for n, (reason, number) in enumerate(numbers.items())
    }
    stay = {hold.uid for hold, _reasons in changed.refused}
    return _again(context, request, errors, 200 if changed.done else 409, stay)


def _again(
    context: RecordResource,
    request: Request,
    errors: Mapping[str, Any],
    status: int,
    ticked: Collection[str] | None = None,
) -> dict[str, Any]:
    """Show the queue with what was ticked and typed, to be put right and sent again."""
    request.response.status_int = status
    sent = request.POST
    moving = Moving(
        frozenset(sent.getall("hold") if ticked is None else ticked),
        text(sent, "record"),
        text(sent, "barcode"),
        "other_work" in sent,
        text(sent, "comment")[:LONGEST],
    )
    return queue_page(context, request, moving=moving, errors=errors)


def _is_of(context: RecordResource, hold: Any) -> bool:
    return bool(hold.record_id == context.record.id)
