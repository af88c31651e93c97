"""Holds placed at the desk, and what staff override there: each block with its rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.catalogue.models import Item, Record
from bibliopolis.errors import Blocked, InvalidInput, NotFoundHere
from bibliopolis.frame import flash
from bibliopolis.i18n import _
from bibliopolis.libraries.services import Libraries
from bibliopolis.parameters import row_id
from bibliopolis.parts import problems_of
from bibliopolis.readers.models import Reader
from bibliopolis.readers.services import Readers
from bibliopolis.resources.access import Permission

from .change_views import wanted_day
from .desk_words import keep
from .permits import Block, Overriding
from .permits.overriding import LONGEST_REASON
from .posted import number, posted, text
from .resources import Desk
from .rule_words import comes_from
from .services import Holds, Lists, Loans


@view_config(
    context=Desk,
    name="hold",
    permission=Permission.USE_DESK,
    request_method="POST",
    renderer="circulation/override.pt",
)
def place_hold_at_desk(context: Desk, request: Request) -> Any:
    """Place a hold for the reader who stands there; ``title`` is a copy's barcode or a record."""
    sent = posted(request)
    reader = _reader(request, sent)
    copies = _copies(request, sent)
    if len({record.id for _item, record in copies} if "very_copy" not in sent else copies) > 1:
        # Libraries may have used one barcode twice: the desk asks, as it does of a scan.
        asked = {"choose": text(sent, "title"), "hold": text(sent, "pickup"), "reader": reader.uid}
        asked |= {"very_copy": "1"} if "very_copy" in sent else {}
        return HTTPSeeOther(location=request.address(context, query=asked))
    record, copy_id = _record(request, text(sent, "title"), copies)
    if record is not None and copy_id is None and "very_copy" in sent:
        flash(request, _("To hold one certain copy, scan its barcode."), "warn")
        return HTTPSeeOther(location=request.address(context, query={"reader": reader.uid}))
    place = request.find_service(Libraries).organisation(text(sent, "pickup"))
    back = request.address(context, query={"reader": reader.uid})
    if record is None:
        flash(request, _("No copy and no record has this number."), "warn")
        return HTTPSeeOther(location=back)
    try:
        with request.db.begin_nested():
            request.find_service(Holds).place(
                record.id,
                reader.id,
                place.id if place else None,
                start=wanted_day(request, "start"),
                item_id=copy_id if "very_copy" in sent else None,
                overriding=_overriding(context, request, sent),
            )
    except Blocked as refusal:
        return _ask(context, request, refusal.blocks, reader, record, sent, "hold")
    except InvalidInput as error:
        if "start" in error.errors:
            flash(request, error.reason, "warn")
            return HTTPSeeOther(location=back)
        blocks = request.find_service(Holds).permits.against_hold(
            request.find_service(Holds).titles.read_head(record.id),
            reader,
            place.id if place else None,
            copy_id if "very_copy" in sent else None,
        )
        return _ask(context, request, blocks, reader, record, sent, "hold", error.errors)
    flash(request, _("The hold is placed."))
    return HTTPSeeOther(location=back)


@view_config(
    context=Desk,
    name="lend",
    permission=Permission.USE_DESK,
    request_method="GET",
    renderer="circulation/override.pt",
)
def show_why_not_lent(context: Desk, request: Request) -> Any:
    """Show every reason against lending a copy to a reader, and which can be overridden."""
    sent = request.GET
    if "item" not in sent:
        return HTTPSeeOther(location=request.address(context))
    reader = _reader(request, sent)
    title, item, blocks = request.find_service(Loans).against(
        number(sent, "item"), reader.id, context.library.id
    )
    asked = {"item": str(item.id), "reader": reader.uid}
    return _ask(context, request, blocks, reader, title.record, asked, "lend", status=200)


@view_config(
    context=Desk,
    name="lend",
    permission=Permission.USE_DESK,
    request_method="POST",
    renderer="circulation/override.pt",
)
def lend_all_the_same(context: Desk, request: Request) -> Any:
    """Lend a copy though something stands against it, as far as that may be overridden."""
    sent = posted(request)
    reader, loans = _reader(request, sent), request.find_service(Loans)
    title, item, blocks = loans.against(number(sent, "item"), reader.id, context.library.id)
    try:
        with request.db.begin_nested():
            outcome = loans.check_out(
                item.id,
                reader.id,
                context.library.id,
                overriding=_overriding(context, request, sent),
            )
    except Blocked as refusal:
        return _ask(context, request, refusal.blocks, reader, title.record, sent, "lend")
    except InvalidInput as error:
        return _ask(context, request, blocks, reader, title.record, sent, "lend", error.errors)
    keep(request, outcome)
    return HTTPSeeOther(location=request.address(context, query={"reader": reader.uid}))


KEPT = ("title", "pickup", "item", "reader", "start", "very_copy")


def _overriding(context: Desk, request: Request, sent: Mapping[str, Any]) -> Overriding:
    listed = sent.getall("override") if hasattr(sent, "getall") else sent.get("override")
    listed = listed if isinstance(listed, list) else [listed]
    codes = frozenset(one for one in listed if isinstance(one, str))
    return Overriding(
        codes,
        text(sent, "reason")[:LONGEST_REASON],
        lambda kind: request.principals.may(kind, context),
    )


def _ask(
    context: Desk,
    request: Request,
    blocks: Sequence[Block],
    reader: Reader,
    record: Record,
    sent: Mapping[str, Any],
    name: str,
    errors: Mapping[str, Any] | None = None,
    status: int = 409,
) -> Any:
    """Show the blocks with the rule behind each, and let those be overridden that may be."""
    overriding = _overriding(context, request, sent)
    request.response.status_int = 400 if errors else status
    some = any(overriding.can(block) for block in blocks)
    if some and not errors and "reason" in sent and not overriding.codes:
        errors = {"override": _("Choose what you override.")}
    kept = {key: text(sent, key) for key in KEPT if key in sent}
    return {
        "url": request.address(context, name),
        "back": request.address(context, query={"reader": reader.uid}),
        "lines": [
            (
                block,
                block.decided and block.decided.name.title,
                block.decided and block.decided.said,
                block.decided and comes_from(request, block.decided.rule, context.library),
                overriding.can(block),
                block.code in overriding.codes,
            )
            for block in blocks
        ],
        "some": some,
        "reader": reader,
        "record": record,
        "kept": kept,
        "reason": overriding.reason,
        "longest": LONGEST_REASON,
        "lending": name == "lend",
        "errors": errors or {},
        "problems": problems_of(errors or {}),
    }


def _reader(request: Request, sent: Mapping[str, Any]) -> Reader:
    reader = request.find_service(Readers).by_uid(text(sent, "reader"))
    if reader is None:
        raise NotFoundHere(_("There is no such reader."))
    return reader


def _copies(request: Request, sent: Mapping[str, Any]) -> Sequence[tuple[Item, Record]]:
    """Return the copies with the barcode that was typed, or the one of them that was chosen."""
    typed, chosen = text(sent, "title"), number(sent, "item")
    rows = request.find_service(Lists).copies_with_barcode(typed) if typed else ()
    return [(item, record) for item, record in rows if chosen in (0, item.id)]


def _record(
    request: Request, typed: str, copies: Sequence[tuple[Item, Record]]
) -> tuple[Record | None, int | None]:
    """Return the title of the copy that was named with it, else the record of that number."""
    if copies:
        item, record = copies[0]
        return record, item.id
    found = row_id(typed)
    return request.db.get(Record, found) if found else None, None
