"""What speaks against the way of a copy to where a hold is collected."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bibliopolis.i18n import _, _n

from .blocks import Block, Code
from .facts import CopyFacts, PickupFacts, ReaderFacts
from .terms import Terms

NO_WAY = _("Nothing is carried from the library of the copy to this one.")


def against_way(
    copy: CopyFacts,
    reader: ReaderFacts | None,
    pickup: PickupFacts,
    terms: Terms,
    remedy: Any = None,
) -> list[Block]:
    """Return why the copy cannot come to the pickup point; ``remedy`` names others that do."""
    del reader  # the ways of copies do not depend on who waits
    return list(_against(copy, pickup, terms, remedy))


def _against(copy: CopyFacts, pickup: PickupFacts, terms: Terms, remedy: Any) -> Iterator[Block]:
    geography = terms.geography
    transferable = terms.of("transferable", copy=copy)
    if not transferable.value and pickup.desk != copy.home:
        yield Block(
            Code.CANNOT_BE_TRANSFERRED,
            _("The copy does not leave its library."),
            remedy,
            transferable,
        )
    if all(_is_closed(place, copy, pickup, terms) for place in (copy.home, copy.holding)):
        yield Block(Code.CANNOT_BE_TRANSFERRED, NO_WAY, remedy)
    groups = terms.of("pickup_groups", copy=copy)
    if groups.value and not geography.groups_of(pickup.code) & set(groups.value):
        yield Block(
            Code.PICKUP_NOT_IN_HOLD_GROUP,
            _("The copy cannot be collected at this library."),
            remedy,
            groups,
        )

    def steps_to(place: str) -> int:
        # Asked of every copy and place there is: only where a rule wants to know.
        return geography.steps(copy.home, place, copy.item_type)

    farthest = terms.of("transit_range", copy=copy)
    if farthest.value is not None and steps_to(pickup.desk) > farthest.value:
        yield Block(Code.TRANSIT_RANGE, _("The copy is not sent that far."), remedy, farthest)
    days = terms.of("age_protection_days", copy=copy)
    near = terms.of("age_protection_steps", copy=copy)
    # Evergreen: 0 is its own library, 1 also what is directly above or below, 2 also the
    # neighbours of the same system.
    is_new = days.value and copy.days_old < days.value
    if is_new and steps_to(pickup.code) > near.value:
        left = days.value - copy.days_old
        yield Block(
            Code.AGE_PROTECT_PROX,
            _("The copy is new and stays near its library for now."),
            remedy
            or _n(
                "Try again in ${n} day, or collect it there.",
                "Try again in ${n} days, or collect it there.",
                left,
            ),
            days,
        )


def against_fulfilment(
    copy: CopyFacts, reader: ReaderFacts | None, pickup: PickupFacts, terms: Terms
) -> list[Block]:
    """Return why the copy, where it lies now, may not fill a hold collected there.

    Where nothing is carried from there, none does. The policies are Koha's
    ``hold_fulfillment_policy``, compared at the moment of capture.
    """
    if _is_closed(copy.holding, copy, pickup, terms):
        return [Block(Code.CANNOT_BE_TRANSFERRED, NO_WAY)]
    decided, geography = terms.of("fulfilment", copy=copy), terms.geography
    home = reader.home if reader else None
    fits = {
        "any": True,
        "homebranch": pickup.desk == copy.home,
        "holdingbranch": pickup.desk == copy.holding,
        "holdgroup": geography.share_group(copy.home, pickup.desk),
        "patrongroup": geography.share_group(home, pickup.desk),
    }[decided.value]
    if fits:
        return []
    message = _("The library gives this copy to holds that are collected elsewhere.")
    return [Block(Code.FULFILMENT, message, decided=decided)]


def _is_closed(place: str, copy: CopyFacts, pickup: PickupFacts, terms: Terms) -> bool:
    return terms.geography.is_closed(place, pickup.desk, copy.item_type)
