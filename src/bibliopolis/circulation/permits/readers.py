"""What speaks against a reader: their standing, and the limits on how many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from bibliopolis.i18n import _, _n

from ..rules import Decided
from ..rules.geography import Geography
from .blocks import Block, Code
from .facts import OpenHold, Penalty, PickupFacts, ReaderFacts, Stops, TitleFacts
from .terms import Terms

LATER = _("You may place another after one is collected or cancelled.")


def against_standing(
    reader: ReaderFacts, place: PickupFacts | None, terms: Terms, stops: Stops
) -> Iterator[Block]:
    """Return what of the reader's registration, cards and debts speaks against it."""
    if reader.barred:
        yield Block(Code.BARRED, _("This card has been closed."), _("Ask at any library desk."))
    if reader.expired:
        yield Block(
            Code.ACCOUNT_EXPIRED,
            _("The registration has run out. Any library desk renews it."),
        )
    yield from penalties(reader, place, terms, stops)


def penalties(
    reader: ReaderFacts, place: PickupFacts | None, terms: Terms, stops: Stops
) -> Iterator[Block]:
    """Return the penalties that stand in the way, those that can be ignored here left out."""
    for one in (*reader.penalties, *_of_overdue(reader, terms)):
        if stops in one.stops and not _ignored(one, reader, place, terms.geography):
            decided = terms.of(one.rule, reader) if one.rule else None
            yield Block(f"{Code.STANDING_PENALTY}:{one.name}", one.message, one.remedy, decided)


def against_reader(
    title: TitleFacts,
    reader: ReaderFacts,
    pickup: PickupFacts | None,
    terms: Terms,
    item_id: int | None = None,
) -> Iterator[Block]:
    """Return what speaks against a new hold of the reader, on any copy or on this one.

    Who has one volume of a set may wait for another one.
    """
    yield from against_standing(reader, pickup, terms, Stops.HOLDS)
    yield from _of_age(title, reader, terms)
    if reader.has_copies if item_id is None else item_id in reader.has_copies:
        yield Block(
            Code.ALREADY_POSSESSION,
            _("You have this title on loan."),
            _("Renew the loan if you need it longer."),
        )
    counting = counted_holds(reader, terms)
    if reader.most_holds is not None and len(counting) >= reader.most_holds:
        yield Block(
            f"{Code.STANDING_PENALTY}:unfinished",
            _n(
                "Until a desk has finished the registration there is one hold at most.",
                "Until a desk has finished the registration there are ${n} holds at most.",
                reader.most_holds,
            ),
            _("Finish the registration at any library desk."),
        )
    most = terms.of("max_holds", reader)
    if reached(most, len(counting)):
        yield limit_block(Code.TOO_MANY_TOTAL, most, len(counting))
    full = too_many_here(reader, pickup, terms) if pickup is not None else None
    if full is not None:
        yield full


def too_many_here(reader: ReaderFacts, pickup: PickupFacts, terms: Terms) -> Block | None:
    """Return the block of the limit at one place, where one more would be too many there."""
    here = terms.of("max_holds_here", reader, place=pickup)
    number = sum(1 for hold in counted_holds(reader, terms) if hold.pickup == pickup.code)
    if not reached(here, number):
        return None
    return Block(
        Code.MAX_HOLDS,
        _n(
            "At this library a reader can have ${n} open hold at most.",
            "At this library a reader can have ${n} open holds at most.",
            here.value,
        ),
        _("Choose another library to collect it, or wait until one is collected."),
        here,
    )


def counted_holds(reader: ReaderFacts, terms: Terms) -> list[OpenHold]:
    """Return the open holds that limits count (Evergreen ``include_frozen_holds``)."""
    if terms.of("count_suspended", reader).value:
        return list(reader.holds)
    return [hold for hold in reader.holds if not hold.suspended]


def reached(limit: Decided, number: int) -> bool:
    """Say whether one more would be too many."""
    return limit.value is not None and number >= limit.value


def limit_block(code: Code, limit: Decided, number: int) -> Block:
    """Return the block of a limit on all holds of a reader."""
    if not limit.value:
        return Block(code, _("You cannot place holds."), _("Ask at any library desk."), limit)
    said = _n(
        "You have ${n} open hold, and more is not possible at a time.",
        "You have ${n} open holds, and more are not possible at a time.",
        number,
    )
    return Block(code, said, LATER, limit)


def of_type(holds: Iterable[OpenHold], limit: Decided) -> int:
    """Return how many holds a limit counts: those of its item type, or all where it has none.

    So Koha counts for ``reservesallowed``.
    """
    item_type = limit.rule.scope.item_type if limit.rule else None
    return sum(1 for hold in holds if item_type in (None, hold.item_type))


def _of_age(title: TitleFacts, reader: ReaderFacts, terms: Terms) -> Iterator[Block]:
    decided = terms.of("age_limits", reader)
    if not decided.value or title.age is None or reader.age is None or reader.age >= title.age:
        return
    yield Block(
        Code.AGE_RESTRICTED,
        _("This title is for readers from ${age} years on.", mapping={"age": title.age}),
        decided=decided,
    )


def _of_overdue(reader: ReaderFacts, terms: Terms) -> Iterator[Penalty]:
    limit = terms.of("max_overdue", reader)
    if limit.value is None or reader.overdue <= limit.value:
        return
    message: Any = _n("${n} loan is overdue.", "${n} loans are overdue.", reader.overdue)
    yield Penalty(
        "overdue",
        message,
        frozenset({Stops.HOLDS, Stops.LOANS}),
        _("Bring back what is overdue, or renew it."),
        "max_overdue",
        terms.of("overdue_ignored_within", reader).value,
    )


def _ignored(
    penalty: Penalty, reader: ReaderFacts, place: PickupFacts | None, geography: Geography
) -> bool:
    if penalty.ignored_within is None or place is None:
        return False
    return geography.steps(reader.home, place.desk) <= penalty.ignored_within
