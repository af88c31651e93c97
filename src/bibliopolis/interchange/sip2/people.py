"""Messages about readers: who they are, what they have, the end of their visit, a kept card."""

from __future__ import annotations

from typing import Any

from bibliopolis.circulation.models import HoldState, LoanState
from bibliopolis.circulation.services import Lists, LoanPeriods
from bibliopolis.errors import BibliopolisError
from bibliopolis.i18n import _
from bibliopolis.readers.models import BlockReason, Reader
from bibliopolis.readers.services import Cards, Readers, Standing

from .acting import NUMBERS, Acting, Refused
from .messages import Answer, counted, flag, moment

PRIVILEGES = 14
NOTHING_ALLOWED = "YYYY" + " " * (PRIVILEGES - 4)
MOST_LISTED = 50


def patron_status(acting: Acting) -> Answer:
    """23 → 24: whether the reader may borrow, renew and hold."""
    try:
        reader = acting.reader()
    except BibliopolisError as refusal:
        return _unknown(acting, "24", "", refusal)
    return Answer("24", _status(acting, reader) + _when(acting), _named(acting, reader))


def patron_information(acting: Acting) -> Answer:
    """63 → 64: the same, with counts, and the one list that was asked for."""
    try:
        reader = acting.reader()
    except BibliopolisError as refusal:
        return _unknown(acting, "64", counted([0] * 6), refusal)
    lists = acting.request.find_service(Lists)
    holds, loans = lists.open_holds_of(reader.id), lists.loans_of(reader.id)
    periods = acting.request.find_service(LoanPeriods)
    ready = [row for row in holds if row[0].state == HoldState.READY]
    waiting = [row for row in holds if row[0].state != HoldState.READY]
    late = [
        row
        for row in loans
        if row[0].state == LoanState.ON_LOAN and row[0].due < periods.today(row[0].library_id)
    ]
    found: tuple[tuple[str, list[str]], ...] = (
        ("AS", [item.barcode for _hold, _record, item in ready if item is not None]),
        ("AT", [item.barcode for _loan, item, _record in late]),
        ("AU", [item.barcode for _loan, item, _record in loans]),
        ("AV", []),
        ("BU", []),
        ("CD", [record.title for _hold, record, _item in waiting]),
    )
    counts = counted(len(named) for _name, named in found)
    return Answer(
        "64",
        _status(acting, reader) + _when(acting) + counts,
        (*_named(acting, reader), *_listed(acting, found)),
    )


def end_session(acting: Acting) -> Answer:
    """35 → 36: nothing is kept of a visit."""
    fields = (("AO", acting.policy.institution), ("AA", acting.message.get("AA")))
    return Answer("36", "Y" + moment(acting.now), fields)


def block_patron(acting: Acting) -> Answer:
    """01 → 24: the terminal has kept the card, or saw it misused: it counts no more."""
    number = acting.message.get("AA")
    reader = acting.request.find_service(Readers).by_card(number) if number else None
    if reader is None:
        return _unknown(acting, "24", "", Refused(_("This card is not known.")))
    card = next((one for one in reader.cards if one.number == number), None)
    if card is not None:
        acting.request.find_service(Cards).block(card, BlockReason.MISUSED)
    said = acting.message.get("AL") or acting.say(_("The card is blocked: ask at the desk."))
    return Answer(
        "24",
        NOTHING_ALLOWED + _when(acting),
        (*_named(acting, reader), ("AF", said)),
    )


def _status(acting: Acting, reader: Reader) -> str:
    standing = acting.request.find_service(Standing)
    no_loans, no_holds = standing.against_loans(reader), standing.against_holds(reader)
    # Recalls are not made here; charges, renewals, holds follow from the reader's standing.
    denied = ("Y" if no_loans else " ") + ("Y" if no_holds else " ") + "Y"
    return (denied + ("Y" if no_holds else " ")).ljust(PRIVILEGES)


def _when(acting: Acting) -> str:
    return NUMBERS.get(acting.language, "000") + moment(acting.now)


def _named(acting: Acting, reader: Reader) -> tuple[tuple[str, str | None], ...]:
    reasons = acting.request.find_service(Standing).against_loans(reader)
    return (
        ("AO", acting.policy.institution),
        ("AA", acting.message.get("AA")),
        ("AE", reader.name),
        ("BL", "Y"),
        ("CQ", flag(acting.terminal.asks_password)),
        ("AF", acting.say(*reasons) if reasons else None),
    )


def _listed(acting: Acting, found: Any) -> tuple[tuple[str, str | None], ...]:
    """Return the first list that was asked for, from the entry BP to the entry BQ."""
    wanted = acting.message.fixed[21:31].find("Y")
    if not 0 <= wanted < len(found):
        return ()
    name, entries = found[wanted]
    first = _entry(acting.message.get("BP"), 1)
    last = _entry(acting.message.get("BQ"), first + MOST_LISTED - 1)
    return tuple((name, each) for each in entries[first - 1 : min(last, first + MOST_LISTED - 1)])


def _entry(text: str, usual: int) -> int:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else usual
    return max(1, number)


def _unknown(acting: Acting, code: str, counts: str, refusal: BibliopolisError) -> Answer:
    return Answer(
        code,
        NOTHING_ALLOWED + _when(acting) + counts,
        (
            ("AO", acting.policy.institution),
            ("AA", acting.message.get("AA")),
            ("AE", ""),
            ("BL", "N"),
            ("CQ", "N"),
            ("AF", acting.say(refusal.reason)),
        ),
    )
