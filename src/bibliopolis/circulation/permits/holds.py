"""Every reason against a hold, when it is placed and when a copy is to be captured for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.i18n import _

from ..rules import Rule, RuleBook
from .blocks import Block, Code
from .copies import against_copy
from .facts import CopyFacts, PickupFacts, ReaderFacts, Stops, TitleFacts
from .readers import against_reader, penalties
from .terms import Terms
from .ways import against_fulfilment, against_way

ORDER = {code: place for place, code in enumerate(Code)}


@dataclass(frozen=True)
class HoldWish:
    """Who wants what, where.

    Without a reader only the title is judged, without a pickup point only what does not depend on
    it: so a page says early what it can.
    """

    title: TitleFacts
    reader: ReaderFacts | None = None
    pickup: PickupFacts | None = None
    item_id: int | None = None
    """The copy, where it must be this very one."""
    others: Sequence[PickupFacts] = ()
    """Other places where holds can be collected now, to name some that would do."""
    by_staff: bool = False
    needs_reader: bool = True
    needs_pickup: bool = True


def against_hold(wish: HoldWish, terms: Terms) -> tuple[Block, ...]:
    """Return every reason against placing a hold; none means yes.

    The title can be held if any one of its copies can (Koha ``CanBookBeReserved``); where none
    can, the reasons of all of them are told, each once. Of copies that are lost nothing is said
    where there are others.
    """
    found = [
        *_of_reader(wish, terms),
        *_of_title(wish),
        *_of_pickup(wish),
        *_of_copies(wish, terms),
    ]
    return _each_once(found)


def against_capture(wish: HoldWish, copy: CopyFacts, terms: Terms) -> tuple[Block, ...]:
    """Return every reason against giving this copy to a hold there is.

    Limits do not count any more, but what forbids holds does, as in Koha (``ignore_hold_counts``):
    a copy that may not be held is not captured. Of penalties those count that stop a capture.
    """
    found: list[Block] = []
    if wish.item_id not in (None, copy.id):
        found.append(Block(Code.ANOTHER_COPY_WANTED, _("Its reader waits for another copy.")))
    if wish.reader is not None:
        found += penalties(wish.reader, wish.pickup, terms, Stops.CAPTURE)
    found += against_copy(wish.title, copy, wish.reader, terms, counting=False)
    if wish.pickup is not None:
        found += against_way(copy, wish.reader, wish.pickup, terms)
        found += against_fulfilment(copy, wish.reader, wish.pickup, terms)
    return _each_once(found)


FREELY: Mapping[str, frozenset[Any]] = {
    "holdable": frozenset({True}),
    "takes_part": frozenset({True}),
    "transferable": frozenset({True}),
    "fulfilment": frozenset({"any"}),
    "from_other_libraries": frozenset({"any"}),
    "transit_range": frozenset({None}),
    "age_protection_days": frozenset({0}),
}
"""What these rules say where every copy may fill every hold."""


def some_copy_may_not_fit(book: RuleBook) -> bool:
    """Say whether any rule there is could keep a copy from a hold: mostly none does."""
    if not book.of("holds_allowed") or any(one.value == 0 for one in book.of("holds_allowed")):
        return True
    if any(one.value for name in ("pickup_groups", "not_held_from") for one in book.of(name)):
        return True
    return any(one.value not in FREELY.get(one.name, {one.value}) for one in _plain(book))


def _plain(book: RuleBook) -> Iterator[Rule]:
    return (one for one in book if one.name in FREELY)


def _of_reader(wish: HoldWish, terms: Terms) -> Iterator[Block]:
    if wish.reader is None:
        if wish.needs_reader:
            yield Block(
                Code.NO_USER,
                _("Only readers with a library card can place holds."),
                _("Register on the site or at any library desk."),
            )
        return
    yield from against_reader(wish.title, wish.reader, wish.pickup, terms, wish.item_id)
    mine = [hold.item_id for hold in wish.reader.holds if hold.record_id == wish.title.record_id]
    if wish.item_id is not None and wish.item_id in mine:
        yield Block(Code.ITEM_ALREADY_ON_HOLD, _("You already have a hold on this copy."))
    # FOLIO: a title-level and an item-level request on one title exclude each other.
    elif any((one is None) != (wish.item_id is None) for one in mine):
        yield Block(
            Code.OTHER_LEVEL_ON_HOLD,
            _("You already wait for one particular copy of this title.")
            if wish.item_id is None
            else _("You already wait for any copy of this title."),
            _("Cancel that hold first, if you would rather have it this way."),
        )


def _of_title(wish: HoldWish) -> Iterator[Block]:
    title = wish.title
    wanted = [one for one in title.copies if wish.item_id in (None, one.id)]
    there = [one for one in wanted if one.status != ItemStatus.WITHDRAWN]
    if title.withdrawn:
        yield Block(
            Code.NOT_RESERVABLE, _("The libraries no longer have this title."), _ask_librarian()
        )
    elif wish.item_id is not None and not there:
        yield Block(
            Code.NO_ITEM,
            _("The libraries do not have this copy of the title."),
            _("Choose a copy in the list of copies."),
        )
    elif not there:
        yield Block(
            Code.NO_ITEM,
            _("No library has a copy of this title that can be lent."),
            _ask_librarian(),
        )


def _of_pickup(wish: HoldWish) -> Iterator[Block]:
    pickup = wish.pickup
    if pickup is None:
        if wish.needs_pickup:
            yield Block(Code.LIBRARY_NOT_FOUND, _("Choose the library where you will collect it."))
        return
    if not pickup.enabled:
        yield Block(
            Code.LIBRARY_NOT_PICKUP,
            _("Holds cannot be collected at this library."),
            other_places(wish.others),
        )
    elif pickup.closed:
        yield closed_now(wish.others)


def closed_now(others: Sequence[PickupFacts] = ()) -> Block:
    """Return that a place had to close, and which others would do."""
    there = [one for one in others if one.enabled and not one.closed]
    return Block(
        Code.PICKUP_CLOSED,
        _("This place had to close: no holds are taken for it until it opens again."),
        other_places(there),
    )


def _of_copies(wish: HoldWish, terms: Terms) -> list[Block]:
    """Return nothing where any one copy will do, else what is against each."""
    title = wish.title
    copies = [
        one
        for one in title.copies
        if wish.item_id in (None, one.id) and one.status != ItemStatus.WITHDRAWN
    ]
    found: list[list[Block]] = []
    for copy in () if title.withdrawn else copies:
        against = [
            *against_copy(title, copy, wish.reader, terms, item_level=wish.item_id is not None),
            *_of_way(wish, copy, terms),
        ]
        if not against:
            return []
        found.append(against)
    there = [one for one in found if not any(b.code == Code.STATUS_NOT_HOLDABLE for b in one)]
    return [block for against in there or found for block in against]


def _of_way(wish: HoldWish, copy: CopyFacts, terms: Terms) -> list[Block]:
    if wish.pickup is None or not wish.pickup.enabled:
        return []
    fitting = [
        one
        for one in wish.others
        if one.enabled and not one.closed and not against_way(copy, wish.reader, one, terms)
    ]
    return against_way(copy, wish.reader, wish.pickup, terms, other_places(fitting))


def other_places(places: Sequence[PickupFacts]) -> Any:
    """Return which places would do, in words."""
    if not places:
        return None
    names = ", ".join(place.name or place.code for place in places[:3])
    return _("Choose another pickup point: ${places}.", mapping={"places": names})


def _ask_librarian() -> Any:
    return _("Ask a librarian: another edition may do.")


def _each_once(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """Return the reader's blocks first, then the title's, then the way's; of equal codes one."""
    found: dict[str, Block] = {}
    for block in blocks:
        found.setdefault(block.code, block)
    return tuple(sorted(found.values(), key=lambda block: ORDER[block.known]))
