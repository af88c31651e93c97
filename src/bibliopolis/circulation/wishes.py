"""Who of a family may hold what of a record: read once for the panel and the table of copies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyramid.request import Request

from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.catalogue.resources import RecordResource
from bibliopolis.parameters import row_id
from bibliopolis.readers.services import Guardians, Readers

from .permits import Block, Code
from .services import Holds, Permits

CHOSEN = "copy"
"""The parameter of a record's page that names the copy which alone will do."""


class Wishes:
    """What the visitor, and the children they act for, can wish of one record."""

    def __init__(self, context: RecordResource, request: Request) -> None:
        principals = request.principals
        self.request = request
        self.me: int | None = principals.reader_id
        self.own = request.find_service(Readers).get(self.me)
        children = request.find_service(Guardians).children_of(self.me)
        self.family = [*([self.own] if self.own else []), *children]
        self.title = request.find_service(Holds).titles.glance(
            context.record, *(one.id for one in self.family)
        )
        signed_in = principals.person_id is not None
        self.early = request.find_service(Permits).early(
            self.title, self.family, needs_reader=signed_in and self.own is None
        )
        self.path = request.address(context)
        asked = row_id(request.GET.get(CHOSEN, ""))
        self.chosen: Any = self.title.items.get(asked or 0)

    @property
    def chosen_id(self) -> int | None:
        """Return the copy that alone will do; None where any will."""
        return self.chosen.id if self.chosen is not None else None

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Return what speaks against the visitor's own wish."""
        return self.early.against(self.me, self.chosen_id)

    @property
    def whom(self) -> list[Any]:
        """Return for whom of the family nothing speaks against it."""
        return [one for one in self.family if not self.early.against(one.id, self.chosen_id)]

    def offer(self, item_id: int) -> str | None:
        """Return where one of the family can place a hold on just this copy, if one can."""
        if all(self.early.against(one.id, item_id) for one in self.family):
            return None
        return f"{self.path}?{CHOSEN}={item_id}#hold"

    @property
    def a_choice_makes_sense(self) -> bool:
        """Say whether there are copies to choose from, or one must be chosen."""
        there = [one for one in self.title.items.values() if one.status != ItemStatus.WITHDRAWN]
        return len(there) > 1 or any(
            block.code == Code.ITEM_LEVEL_FORCED
            for one in self.family
            for block in self.early.against(one.id)
        )


def wishes(request: Request) -> Wishes:
    """Return what can be wished of the record the request is for (``request.hold_wishes``)."""
    return Wishes(request.context, request)


def offers(context: RecordResource, request: Request) -> Callable[[int], str | None]:
    """Return what leads from a copy to holding just this one; nobody without a card is led."""
    del context
    if not request.hold_wishes.family or not request.hold_wishes.a_choice_makes_sense:
        return lambda _item_id: None
    offer: Callable[[int], str | None] = request.hold_wishes.offer
    return offer
