"""Messages about copies: what one is, handing it out, taking it in, renewing, holding."""

from __future__ import annotations

from typing import Any

from bibliopolis.catalogue.interfaces import IItemsInUse, UseKind
from bibliopolis.catalogue.models import Item, Record
from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.circulation.desk_words import say
from bibliopolis.circulation.models import CancelCause, Loan, LoanState
from bibliopolis.circulation.outcomes import Outcome, OutcomeKind
from bibliopolis.circulation.services import (
    HoldChanges,
    Holds,
    HoldSteps,
    Lists,
    Loans,
    Renewals,
)
from bibliopolis.circulation.services.leaving import HOUSE
from bibliopolis.errors import BibliopolisError
from bibliopolis.i18n import _
from bibliopolis.libraries.services import Libraries
from bibliopolis.parameters import row_id
from bibliopolis.readers.models import Reader

from .acting import Acting, Refused
from .messages import Answer, counted, end_of, flag, moment

USES = {
    UseKind.ON_LOAN: "04",
    UseKind.IN_TRANSIT: "10",
    UseKind.ON_HOLD_SHELF: "08",
    UseKind.MISSING: "13",
    UseKind.REQUESTED: "03",
    UseKind.RESHELVING: "09",
}
STATES = {
    ItemStatus.LENDABLE: "03",
    ItemStatus.READING_ROOM: "01",
    ItemStatus.ON_ORDER: "02",
    ItemStatus.LENT_ELSEWHERE: "04",
    ItemStatus.LOST: "12",
    ItemStatus.DAMAGED: "06",
    ItemStatus.WITHDRAWN: "01",
}
"""The status of circulation (SIP 2.00): 01 other, 03 available, 04 charged, 12 lost, and so on."""
CLAIMED = "11"
MEDIA = {"book": "001", "serial": "002", "sound": "004", "audiobook": "004", "film": "005"}
ALERTS = {
    OutcomeKind.SHELF: "01",
    OutcomeKind.SEND: "04",
    OutcomeKind.KEEP: "99",
    OutcomeKind.SET_ASIDE: "99",
}
FOR_A_READER_ELSEWHERE = "02"


def item_information(acting: Acting) -> Answer:
    """17 → 18: what a copy is, where it belongs and what is with it now."""
    try:
        item, record = acting.copy()
    except BibliopolisError as refusal:
        fields = (("AB", acting.message.get("AB")), ("AJ", ""), ("AF", acting.say(refusal.reason)))
        return Answer("18", "010001" + moment(acting.now), fields)
    in_use = acting.request.find_service(IItemsInUse)
    use = in_use.of_items([item.id]).get(item.id)
    libraries = acting.request.find_service(Libraries)
    loan = _loan(acting, item) if use and use.kind is UseKind.ON_LOAN else None
    state = USES[use.kind] if use else STATES.get(ItemStatus(item.status), "01")
    if item.status == ItemStatus.LOST:
        state = "12"
    elif loan is not None and loan.state == LoanState.CLAIMED:
        state = CLAIMED
    return Answer(
        "18",
        f"{state}0001{moment(acting.now)}",
        (
            ("CF", str(in_use.waiting(record.id))),
            ("AH", end_of(loan.due) if loan else None),
            ("AB", item.barcode),
            ("AJ", record.title),
            ("BG", libraries.tree[item.library_id].code),
            ("CK", MEDIA.get(record.kind, "000")),
            ("AQ", _place(acting, item)),
            ("AP", libraries.tree[item.holding_library_id].name_in(acting.language)),
        ),
    )


def check_out(acting: Acting) -> Answer:
    """11 → 12: hand a copy out; what the reader has already is renewed where that is wanted."""
    found: dict[str, Any] = {}

    def act(reader: Reader) -> tuple[Any, bool]:
        found["item"], found["record"] = item, _record = acting.copy()
        loan = _loan(acting, item)
        own = loan is not None and loan.reader_id == reader.id
        if acting.message.get("BI") == "Y":
            if not own:
                raise Refused(_("This reader does not have it."))
            acting.request.find_service(Loans).check_in(item.id, acting.library.id)
            return None, False
        if own and loan is not None and acting.message.fixed[0] == "Y":
            renewals = acting.request.find_service(Renewals)
            return renewals.renew(loan.id, acting.library.id), True
        loans = acting.request.find_service(Loans)
        return loans.check_out(item.id, reader.id, acting.library.id).loan, False

    done, why = acting.attempt_for_reader(act)
    loan, renewed = done or (None, False)
    return lent(acting, found, loan, why, renewed=renewed)


def lent(
    acting: Acting, found: dict[str, Any], loan: Loan | None, why: str, *, renewed: bool = False
) -> Answer:
    """Return that a copy was handed out, or why it was not."""
    well = not why
    return Answer(
        "12",
        f"{int(well)}{flag(renewed)}U{flag(well)}{moment(acting.now)}",
        _of_loan(acting, found, loan, why),
    )


def check_in(acting: Acting) -> Answer:
    """09 → 10: take a copy in, and say where it goes now."""
    found: dict[str, Any] = {}

    def act() -> Outcome:
        found["item"], _record = item, _title = acting.copy()
        if acting.message.get("BI") == "Y":
            raise Refused(_("What was taken in cannot be handed back by a terminal."))
        return acting.request.find_service(Loans).check_in(item.id, acting.library.id)

    outcome, why = acting.attempt(act)
    return taken_in(acting, found, outcome, why)


def taken_in(acting: Acting, found: dict[str, Any], outcome: Outcome | None, why: str) -> Answer:
    """Return where a copy goes that was taken in, or why it was not."""
    if outcome is None:
        fields = (
            ("AO", acting.policy.institution),
            ("AB", acting.message.get("AB")),
            ("AQ", _place(acting, found["item"]) if "item" in found else ""),
            ("AF", why),
        )
        return Answer("10", f"0NUY{moment(acting.now)}", fields)
    said = say(acting.request, outcome)
    alert = ALERTS.get(outcome.kind)
    if outcome.kind is OutcomeKind.SEND and outcome.hold is not None:
        alert = FOR_A_READER_ELSEWHERE
    there = acting.request.find_service(Libraries).tree[outcome.library_id]
    return Answer(
        "10",
        f"1YU{flag(alert)}{moment(acting.now)}",
        (
            ("AO", acting.policy.institution),
            ("AB", outcome.item.barcode),
            ("AQ", _place(acting, outcome.item)),
            ("AJ", outcome.record.title),
            ("CL", str(outcome.kind)),
            ("CK", MEDIA.get(outcome.record.kind, "000")),
            ("CV", alert),
            ("CT", there.code if alert else None),
            ("AF", said.sentence),
        ),
    )


def renew(acting: Acting) -> Answer:
    """29 → 30: renew what the reader has."""
    found: dict[str, Any] = {}

    def act(reader: Reader) -> Any:
        found["item"], found["record"] = item, _record = acting.copy()
        loan = loan_to(acting, item, reader)
        return acting.request.find_service(Renewals).renew(loan.id, acting.library.id)

    loan, why = acting.attempt_for_reader(act)
    return renewed(acting, found, loan, why)


def renewed(acting: Acting, found: dict[str, Any], loan: Loan | None, why: str) -> Answer:
    """Return that a loan was renewed, or why it was not."""
    well = not why
    return Answer(
        "30",
        f"{int(well)}{flag(well)}UN{moment(acting.now)}",
        _of_loan(acting, found, loan, why),
    )


def renew_all(acting: Acting) -> Answer:
    """65 → 66: renew all that can be, and name the others."""

    def act(reader: Reader) -> Any:
        renewals = acting.request.find_service(Renewals)
        return renewals.renew_all(reader.id, library_id=acting.library.id)

    answers, why = acting.attempt_for_reader(act)
    lists = acting.request.find_service(Lists)
    copies = lists.copies([one.loan.item_id for one in answers or ()])
    barcode = {item_id: item.barcode for item_id, (item, _record) in copies.items()}
    done = [barcode[one.loan.item_id] for one in answers or () if one.renewed]
    not_done = [barcode[one.loan.item_id] for one in answers or () if not one.renewed]
    refused = dict.fromkeys(reason for one in answers or () for reason in one.reasons)
    return Answer(
        "66",
        f"{int(not why)}{counted([len(done), len(not_done)])}{moment(acting.now)}",
        (
            ("AO", acting.policy.institution),
            *(("BM", each) for each in done),
            *(("BN", each) for each in not_done),
            ("AF", why or (acting.say(*refused) if refused else None)),
        ),
    )


SPECIFIC_COPY = "3"
"""The hold type (BY) of a hold on the copy in AB; with any other, any copy of its title will do."""


def hold(acting: Acting) -> Answer:
    """15 → 16: place a hold (+), cancel it (-), or let it be collected elsewhere (*)."""
    found: dict[str, Any] = {}

    def act(reader: Reader) -> Any:
        found["record"] = _title(acting)
        return _hold(acting, acting.message.fixed[0], reader, found["record"])

    placed, why = acting.attempt_for_reader(act)
    lists, record = acting.request.find_service(Lists), found.get("record")
    position = lists.positions([placed]).get(placed.id) if placed is not None else None
    libraries = acting.request.find_service(Libraries)
    return Answer(
        "16",
        f"{int(not why)}{flag(placed is not None and placed.item_id)}{moment(acting.now)}",
        (
            ("BR", str(position) if position else None),
            ("BS", libraries.tree[placed.pickup_library_id].code if placed is not None else None),
            ("AO", acting.policy.institution),
            ("AA", acting.message.get("AA")),
            ("AB", acting.message.get("AB") or None),
            ("AJ", record.title if record is not None else None),
            ("AF", why or None),
        ),
    )


def _hold(acting: Acting, mode: str, reader: Reader, record: Record) -> Any:
    holds = acting.request.find_service(Holds)
    very_copy = acting.message.get("BY") == SPECIFIC_COPY and acting.message.get("AB")
    item_id = acting.copy()[0].id if very_copy else None
    place = acting.message.get("BS")
    library = acting.request.find_service(Libraries).organisation(place) if place else None
    if place and library is None:
        raise Refused(_("Choose the library where you will collect it."))
    if mode == "+":
        there = library.id if library else reader.home_library_id
        return holds.place(record.id, reader.id, there, item_id=item_id)
    held = acting.request.find_service(Lists).hold_of(reader.id, record.id, item_id)
    if held is None:
        raise Refused(_("The reader has no hold on this title."))
    # The reader has shown their card: it is their own hold, wherever it is collected.
    steps: HoldSteps = holds.steps
    steps.actor = HOUSE
    if mode == "-":
        return holds.cancel(held.id, cause=CancelCause.IN_PERSON)
    if mode == "*" and library is not None:
        changes = acting.request.find_service(HoldChanges)
        return changes.change_pickup(held.id, library.id)
    raise Refused(_("There is no such step."))


def _title(acting: Acting) -> Record:
    """Return what the hold is for: the title of a copy, or the record whose number is AJ."""
    if acting.message.get("AB"):
        return acting.copy()[1]
    record = acting.request.db.get(Record, row_id(acting.message.get("AJ")) or 0)
    if record is None:
        raise Refused(_("There is no such record."))
    return record


def loan_to(acting: Acting, item: Item, reader: Reader) -> Loan:
    """Return the loan of a copy to a reader; refused where somebody else has it, or nobody."""
    loan = _loan(acting, item)
    if loan is None or loan.reader_id != reader.id:
        raise Refused(_("This reader does not have it."))
    return loan


def _loan(acting: Acting, item: Item) -> Loan | None:
    return acting.request.find_service(Lists).loan_of_copy(item.id)


def _place(acting: Acting, item: Item) -> str:
    name = acting.request.find_service(Libraries).tree[item.library_id].name_in(acting.language)
    return ", ".join(part for part in (name, item.location, item.shelf_mark) if part)


def _of_loan(
    acting: Acting, found: dict[str, Any], loan: Loan | None, why: str
) -> tuple[tuple[str, str | None], ...]:
    record = found.get("record")
    return (
        ("AO", acting.policy.institution),
        ("AA", acting.message.get("AA")),
        ("AB", acting.message.get("AB")),
        ("AJ", record.title if record is not None else ""),
        ("AH", end_of(loan.due) if loan is not None else ""),
        ("AF", why or None),
    )
