"""What speaks against holding a copy: what it is, what the rules of its library say of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.i18n import _, _n

from .blocks import Block, Code
from .facts import CopyFacts, ReaderFacts, TitleFacts
from .readers import LATER, counted_holds, of_type, reached
from .terms import Terms


def against_copy(
    title: TitleFacts,
    copy: CopyFacts,
    reader: ReaderFacts | None,
    terms: Terms,
    *,
    counting: bool = True,
    item_level: bool = False,
) -> list[Block]:
    """Return every reason against a hold that this copy would fill, wherever it is collected.

    Without ``counting`` limits are left out, and whether copies are on their shelves: the hold is
    placed already.
    """
    found = [*_of_status(copy, terms), *_of_rules(copy, reader, terms)]
    if reader is not None:
        found += _of_readers_library(copy, reader, terms)
        if counting:
            found += _of_limits(title, copy, reader, terms)
    if counting:
        found += _of_shelf(title, copy, reader, terms)
        found += _of_item_level(copy, reader, terms, item_level)
    return found


def _of_status(copy: CopyFacts, terms: Terms) -> Iterator[Block]:
    if copy.status == ItemStatus.READING_ROOM:
        yield Block(
            Code.ITEM_NOT_HOLDABLE,
            _("It is for the reading room only."),
            _("Come and read it there."),
        )
    elif copy.status in (ItemStatus.LOST, ItemStatus.WITHDRAWN):
        yield Block(
            Code.STATUS_NOT_HOLDABLE,
            _("No library has a copy of this title that can be lent."),
            _("Ask a librarian: another edition may do."),
        )
    elif copy.status == ItemStatus.DAMAGED:
        decided = terms.of("hold_damaged", copy=copy)
        if not decided.value:
            yield Block(
                Code.DAMAGED, _("The copy is damaged and cannot be lent now."), decided=decided
            )


def _of_rules(copy: CopyFacts, reader: ReaderFacts | None, terms: Terms) -> Iterator[Block]:
    takes_part = terms.of("takes_part", copy=copy)
    if not takes_part.value:
        yield Block(
            Code.ITEM_LIB_SKIPS_TARGETING,
            _("The library that has it does not send copies now."),
            decided=takes_part,
        )
    places = terms.of("not_held_from", copy=copy)
    if copy.location and copy.location.casefold() in {one.casefold() for one in places.value or ()}:
        yield Block(
            Code.LOCATION_NOT_HOLDABLE,
            _("Copies from “${place}” cannot be held.", mapping={"place": copy.location}),
            _("Come to the library to use it there."),
            places,
        )
    holdable = terms.of("holdable", reader, copy)
    if not holdable.value:
        yield Block(
            Code.RULE_NOT_HOLDABLE, _("Copies of this kind cannot be held."), decided=holdable
        )
    allowed = terms.of("holds_allowed", reader, copy)
    if allowed.value == 0:
        none_said = allowed.rule is None
        yield Block(
            Code.NO_RULE if none_said else Code.RULE_NOT_HOLDABLE,
            _("The library has not said that this can be held.")
            if none_said
            else _("Copies of this kind cannot be held."),
            _("Ask a librarian.") if none_said else None,
            allowed,
        )


def _of_readers_library(copy: CopyFacts, reader: ReaderFacts, terms: Terms) -> Iterator[Block]:
    decided, geography = terms.of("from_other_libraries", copy=copy), terms.geography
    if decided.value == "any" or reader.home == copy.home:
        return
    if decided.value == "group":
        if not geography.share_group(reader.home, copy.home):
            yield Block(
                Code.BRANCH_NOT_IN_HOLD_GROUP,
                _("The library lends it to readers of its group of libraries only."),
                decided=decided,
            )
        return
    same_system = geography.system_of(reader.home) == geography.system_of(copy.home)
    if decided.value == "none" or not same_system:
        yield Block(
            Code.CANNOT_FROM_OTHER_BRANCHES,
            _("The library lends it to its own readers only."),
            _("Go there and borrow it at the desk."),
            decided,
        )


def _of_limits(
    title: TitleFacts, copy: CopyFacts, reader: ReaderFacts, terms: Terms
) -> Iterator[Block]:
    on_title = sum(1 for hold in reader.holds if hold.record_id == title.record_id)
    per_record = terms.of("holds_per_record", reader, copy)
    if reached(per_record, on_title):
        said: Any = _("You already have a hold on this title.")
        if on_title > 1:
            said = _n(
                "You already have ${n} hold on this title at once.",
                "You already have ${n} holds on this title at once.",
                on_title,
            )
        yield Block(
            Code.TOO_MANY_FOR_RECORD,
            said if per_record.value else _("Copies of this kind cannot be held."),
            decided=per_record,
        )
    today = terms.of("holds_per_day", reader, copy)
    if reached(today, reader.placed_today):
        said = _n(
            "A reader can place ${n} hold a day.",
            "A reader can place ${n} holds a day.",
            today.value,
        )
        yield Block(Code.TOO_MANY_TODAY, said, _("You may place another tomorrow."), today)
    allowed = terms.of("holds_allowed", reader, copy)
    number = of_type(counted_holds(reader, terms), allowed)
    if allowed.value and reached(allowed, number):
        said = _n(
            "A reader can have ${n} open hold on copies of this kind at most.",
            "A reader can have ${n} open holds on copies of this kind at most.",
            allowed.value,
        )
        yield Block(Code.TOO_MANY_FOR_CATEGORY, said, LATER, allowed)


def _of_shelf(
    title: TitleFacts, copy: CopyFacts, reader: ReaderFacts | None, terms: Terms
) -> Iterator[Block]:
    decided = terms.of("on_shelf_holds", reader, copy)
    if decided.value == "always":
        return
    lendable = [one for one in title.copies if one.status == ItemStatus.LENDABLE]
    out = [one for one in lendable if one.out]
    # Of copies that are all damaged or to come none can be taken from a shelf instead.
    enough = len(out) == len(lendable) or (decided.value == "if_any_out" and bool(out))
    if not enough:
        yield Block(
            Code.ON_SHELF,
            _("It is on the shelf: nobody need wait for it."),
            _("Go to the library and take it from the shelf."),
            decided,
        )


def _of_item_level(
    copy: CopyFacts, reader: ReaderFacts | None, terms: Terms, item_level: bool
) -> Iterator[Block]:
    decided = terms.of("item_level_holds", reader, copy)
    if item_level and decided.value == "forbidden":
        yield Block(
            Code.ITEM_LEVEL_FORBIDDEN,
            _("You cannot choose this very copy."),
            _("Place a hold for any copy of the title."),
            decided,
        )
    if not item_level and decided.value == "forced":
        yield Block(
            Code.ITEM_LEVEL_FORCED,
            _("You must choose which copy you want."),
            _("Choose a copy in the list of copies."),
            decided,
        )
