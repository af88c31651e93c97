"""What the desk says: one imperative sentence in big letters, a place, and for whom."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from pyramid.request import Request

from bibliopolis.catalogue.models import Item, Record
from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.errors import Blocked, Conflict
from bibliopolis.i18n import _
from bibliopolis.libraries.models import OrganisationKind
from bibliopolis.libraries.services import Libraries
from bibliopolis.readers.card_words import why_not_taken
from bibliopolis.readers.services import Readers

from .models import Hold
from .outcomes import Outcome, OutcomeKind
from .presenters import library_name
from .services import Lists, Slips

QUEUE = "outcome"
"""The queue of the session in which an outcome waits for the page that shows it."""

LOOKS = {
    OutcomeKind.LENT: ("is-lent", "box-arrow-right"),
    OutcomeKind.SHELF: ("is-shelf", "bookmark-star-fill"),
    OutcomeKind.SEND: ("is-send", "truck"),
    OutcomeKind.KEEP: ("is-ask", "exclamation-triangle"),
    OutcomeKind.PUT_BACK: ("is-back", "bookshelf"),
    OutcomeKind.SET_ASIDE: ("is-ask", "exclamation-triangle"),
}
WITH_SLIP = (OutcomeKind.SHELF, OutcomeKind.SEND, OutcomeKind.KEEP)
"""What of a copy somebody has to know who finds it lying there."""

SHOWN = 80
"""Characters of what was scanned that are said again."""

REFUSED = ("is-no", "slash-circle")
UNKNOWN = ("is-ask", "question-circle")

WHY_ASIDE = {
    ItemStatus.LOST: _("it is marked as lost"),
    ItemStatus.DAMAGED: _("it is marked as damaged"),
    ItemStatus.WITHDRAWN: _("it is marked as withdrawn"),
}


@dataclass(frozen=True)
class Said:
    """An outcome in words, in the language of the page."""

    kind: str
    css: str
    icon: str
    sentence: str
    before: str = ""
    title: str = ""
    barcode: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    reasons: tuple[str, ...] = ()
    reader: str = ""
    """Whose page the desk is led to, by uid."""
    slip: str = ""
    """The query of the page with the slip that is laid into the copy."""
    why: str = ""
    """The query of the page that shows every reason against lending, and what can be overridden."""


def say(request: Request, outcome: Outcome) -> Said:
    """Return what came of a scan, in words."""
    css, icon = LOOKS[outcome.kind]
    translate = request.translate
    return Said(
        kind=str(outcome.kind),
        css=css,
        icon=icon,
        sentence=translate(_sentence(request, outcome)),
        before=translate(_before(outcome)),
        title=outcome.record.title,
        barcode=outcome.item.barcode,
        facts=tuple((translate(name), value) for name, value in _facts(request, outcome)),
        slip=urlencode({"item": outcome.item.id}) if outcome.kind in WITH_SLIP else "",
    )


def say_refused(request: Request, refusal: Conflict, item: Item, record: Record) -> Said:
    """Return why a copy was not handed out or taken in."""
    first, *others = (request.translate(reason) for reason in refusal.reasons)
    css, icon = REFUSED
    return Said(
        kind="refused",
        css=css,
        icon=icon,
        sentence=request.translate(_("Not done: ${reason}", mapping={"reason": first})),
        title=record.title,
        barcode=item.barcode,
        reasons=tuple(others),
    )


def say_unknown(request: Request, code: str) -> Said:
    """Return that nothing has this number, or why a card that has it opens nobody."""
    readers, mapping = request.find_service(Readers, context=None), {"code": code[:SHOWN]}
    if len(code) > SHOWN:
        mapping["code"] += "…"
    card = readers.refused_card(code)
    if card is not None:
        css, icon = REFUSED
        sentence = request.translate(_("The card ${code} counts no more", mapping=mapping))
        why = (request.translate(why_not_taken(card)),)
        return Said("refused", css, icon, sentence, reasons=why, reader=card.reader.uid)
    css, icon = UNKNOWN
    if len(readers.who_show(code)) > 1:
        sentence = _("Several readers have the number ${code}", mapping=mapping)
        return Said("unknown", css, icon, request.translate(sentence))
    sentence = _("No card and no copy has the number ${code}", mapping=mapping)
    again = request.translate(_("Scan it once more. A copy that stays unknown is set aside."))
    return Said("unknown", css, icon, request.translate(sentence), reasons=(again,))


def say_found(request: Request, hold: Hold, item: Item, record: Record) -> Said:
    """Return whose slip was typed or scanned, as a copy and a place."""
    css, icon = LOOKS[OutcomeKind.SHELF]
    place = {"library": library_name(request, hold.pickup_library_id)}
    alias = request.find_service(Slips, context=None).alias(hold) or ""
    return Said(
        kind="found",
        css=css,
        icon=icon,
        sentence=request.translate(_("It is collected at ${library}", mapping=place)),
        title=record.title,
        barcode=item.barcode,
        facts=((request.translate(_("On the slip")), alias),),
    )


def say_result(request: Request, result: Outcome | Conflict, item: Item, record: Record) -> Said:
    """Return what came of a scan, good or bad, in words."""
    if isinstance(result, Outcome):
        return say(request, result)
    return say_refused(request, result, item, record)


def keep(request: Request, result: Outcome | Conflict | str, item: Item | None = None) -> None:
    """Let the next page of this browser show it: ids only, a cookie is small and not secret."""
    if isinstance(result, Outcome):
        kept = {
            "kind": str(result.kind),
            "item": result.item.id,
            "library": result.library_id,
            "hold": result.hold.id if result.hold else 0,
            "loan": result.loan.id if result.loan else 0,
            "returned": result.returned,
            "cell": result.cell,
        }
    elif isinstance(result, Conflict):
        reasons = [request.translate(reason)[:200] for reason in _why(result)]
        kept = {"kind": "refused", "item": item.id if item else 0, "reasons": reasons}
        if isinstance(result, Blocked) and any(block.kind for block in result.blocks):
            kept["why"] = True
    else:
        # One more than is shown, so that it is seen to be cut.
        kept = {"kind": "unknown", "code": result[: SHOWN + 1]}
    request.session.flash(kept, queue=QUEUE, allow_duplicate=True)


def _why(refusal: Conflict) -> list[Any]:
    """Return what the desk is told of a refusal: the first two reasons, and what helps."""
    if not isinstance(refusal, Blocked):
        return list(refusal.reasons[:2])
    said = ((block.message, getattr(block, "remedy", None)) for block in refusal.blocks[:2])
    return [one for pair in said for one in pair if one]


def kept(request: Request) -> list[Said]:
    """Return what waits to be shown, the last first, and forget it."""
    if not request.session.peek_flash(QUEUE):
        return []
    entries: list[dict[str, Any]] = list(reversed(request.session.pop_flash(QUEUE)))
    lists = request.find_service(Lists, context=None)
    copies = lists.copies([entry.get("item", 0) for entry in entries])
    holds = lists.holds([entry.get("hold", 0) for entry in entries])
    loans = lists.loans([entry.get("loan", 0) for entry in entries])
    said = []
    for entry in entries:
        item, record = copies.get(entry.get("item", 0), (None, None))
        if entry["kind"] == "unknown":
            said.append(say_unknown(request, entry["code"]))
        elif item is None or record is None:
            continue
        elif entry["kind"] == "refused":
            refusal = Conflict(entry["reasons"][0], entry["reasons"])
            words = say_refused(request, refusal, item, record)
            reader = request.GET.get("reader", "")
            if entry.get("why") and reader:
                words = replace(words, why=urlencode({"item": item.id, "reader": reader}))
            said.append(words)
        else:
            outcome = Outcome(
                OutcomeKind(entry["kind"]),
                item,
                record,
                entry["library"],
                hold=holds.get(entry["hold"]),
                loan=loans.get(entry.get("loan", 0)),
                returned=entry["returned"],
                cell=entry.get("cell"),
            )
            said.append(say(request, outcome))
    return said


def _sentence(request: Request, outcome: Outcome) -> Any:
    item = outcome.item
    if outcome.kind is OutcomeKind.SEND:
        name = library_name(request, outcome.library_id)
        return _("Send it to ${library}", mapping={"library": name})
    if outcome.kind is OutcomeKind.PUT_BACK:
        place = ", ".join(part for part in (item.location, item.shelf_mark) if part)
        return _("Put it back: ${place}", mapping={"place": place}) if place else _("Put it back")
    if outcome.kind is OutcomeKind.SET_ASIDE:
        why = request.translate(WHY_ASIDE.get(ItemStatus(item.status), item.status))
        return _("Set it aside and check: ${why}", mapping={"why": why})
    if outcome.kind is OutcomeKind.SHELF:
        if outcome.hold is not None and outcome.hold.by_delivery:
            return _("Put it with what is brought home")
        return _shelf_sentence(request, outcome.library_id, outcome.cell)
    if outcome.kind is OutcomeKind.KEEP:
        name = library_name(request, outcome.library_id)
        return _(
            "${library} is full: keep it and take it in when a cell is free",
            mapping={"library": name},
        )
    return _("Lent: give it to the reader")


def _shelf_sentence(request: Request, place_id: int, cell: int | None) -> Any:
    place = request.find_service(Libraries, context=None).tree[place_id]
    if place.kind != OrganisationKind.PICKUP_POINT:
        return _("Put it on the hold shelf")
    named = {"library": place.name_in(request.language)}
    if cell is None:
        return _("Put it into ${library}", mapping=named)
    named["cell"] = request.formats.number(cell)
    return _("Put it into cell ${cell}: ${library}", mapping=named)


def _before(outcome: Outcome) -> Any:
    if outcome.returned:
        return _("taken back from a reader")
    return _("handed out") if outcome.kind is OutcomeKind.LENT else _("taken in")


def _condition(request: Request, outcome: Outcome) -> list[tuple[Any, str]]:
    """Return that a copy that goes to a reader is damaged, so that nobody blames them later."""
    if outcome.item.status != ItemStatus.DAMAGED or outcome.kind is OutcomeKind.SET_ASIDE:
        return []
    if outcome.kind is OutcomeKind.LENT:
        said = _("damaged: look through it together with the reader")
    else:
        said = _("damaged: it is lent all the same, only to who waits")
    return [(_("Condition"), request.translate(said))]


def _facts(request: Request, outcome: Outcome) -> list[tuple[Any, str]]:
    hold, facts = outcome.hold, _condition(request, outcome)
    if outcome.kind is OutcomeKind.LENT and outcome.loan is not None:
        return [(_("To be back by"), request.formats.date(outcome.loan.due)), *facts]
    if hold is None:
        return []
    reader = request.find_service(Readers, context=None).get(hold.reader_id)
    alias = request.find_service(Slips, context=None).alias(hold)
    if alias is not None:
        facts.append((_("On the slip"), alias))
    if reader is not None and reader.card is not None:
        facts.append((_("For the card ending in"), reader.card.number[-4:]))
    if outcome.kind is OutcomeKind.SHELF and not hold.by_delivery:
        facts.append((_("Waits at"), library_name(request, hold.pickup_library_id)))
        facts.append((_("Collect until"), request.formats.date(hold.collect_by)))
    return facts
