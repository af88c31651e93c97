"""Which rule of circulation counts here: those of the site's file, and what staff have set."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bibliopolis.catalogue.item_types import ItemTypes
from bibliopolis.catalogue.models import Item, Record
from bibliopolis.clock import Clock
from bibliopolis.libraries.models import Library
from bibliopolis.libraries.services import Libraries, lineage
from bibliopolis.once import once
from bibliopolis.readers.categories import ReaderPolicy
from bibliopolis.readers.models import Reader

from ..models import CirculationRule
from ..rules import CirculationPolicy, Decided, Rule, RuleBook, Scope


class CirculationRules:
    """Answer for libraries, readers and copies; what staff have set is read once a request."""

    def __init__(
        self,
        db: Session,
        clock: Clock,
        libraries: Libraries,
        policy: CirculationPolicy,
        readers: ReaderPolicy,
        item_types: ItemTypes,
    ) -> None:
        self.db = db
        self.clock = clock
        self.libraries = libraries
        self.policy = policy
        self.readers = readers
        self.item_types = item_types

    @classmethod
    def from_request(cls, context: Any, request: Any) -> CirculationRules:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            libraries=request.find_service(Libraries, context=None),
            policy=request.find_service(CirculationPolicy, context=None),
            readers=request.find_service(ReaderPolicy, context=None),
            item_types=request.find_service(ItemTypes, context=None),
        )

    def decide(
        self,
        name: str,
        library: Library | int | None,
        reader: Reader | None = None,
        item: Item | None = None,
        record: Record | None = None,
    ) -> Decided:
        """Say which value counts for a reader and a copy at a library.

        ``RuleName.whose`` tells which library that is. Of a record without a copy its kind counts.
        """
        item_type = item.item_type if item is not None else None
        return self.resolve(
            name,
            library,
            self.category_of(reader) if reader is not None else None,
            item_type or (record.kind if record is not None else None),
        )

    def resolve(
        self,
        name: str,
        library: Library | int | None,
        category: str | None = None,
        item_type: str | None = None,
    ) -> Decided:
        """Say which value counts at a library, for a category of readers and an item type."""
        return self.book.resolve(name, self.lineage(library), category, item_type)

    def category_of(self, reader: Reader) -> str:
        """Return the name of the reader's category today."""
        return self.readers.category_of(reader, self.clock.today()).name

    def lineage(self, library: Library | int | None) -> Sequence[str]:
        """Return the codes of an organisation and of those above it, the nearest first."""
        outline = self.libraries.outline
        library_id = library.id if isinstance(library, Library) else library
        row = outline.get(library_id or 0)
        return [one.code for one in lineage(outline, row)] if row is not None else []

    @once
    def book(self) -> RuleBook:
        """Return all rules; those that staff have set go before those of the file."""
        return self.policy.book.with_staff(self.set_by_staff())

    def forget(self) -> None:
        """Read what staff have set anew when it is next asked for: it has been changed."""
        self.__dict__.pop("book", None)

    def set_by_staff(self, names: Collection[str] | None = None) -> Sequence[Rule]:
        """Return the rules that staff have set, in the order in which they were made."""
        query = select(CirculationRule).order_by(CirculationRule.id)
        if names is not None:
            query = query.where(CirculationRule.name.in_(names))
        tree = self.libraries.outline
        return [
            Rule(
                name=row.name,
                value=row.value,
                scope=Scope(tree[row.library_id].code, row.category or None, row.item_type or None),
                id=row.id,
                person_id=row.person_id,
                changed=row.changed,
            )
            for row in self.db.scalars(query)
            if row.library_id in tree
        ]
