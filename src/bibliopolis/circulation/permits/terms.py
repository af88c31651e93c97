"""The rules as one decision asks for them: each answer is worked out once."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..rules import NAMES, Decided, RuleBook, Whose
from ..rules.geography import Geography
from .facts import CopyFacts, PickupFacts, ReaderFacts


@dataclass
class Terms:
    """The rule book and where organisations lie, with what was answered before."""

    book: RuleBook
    geography: Geography
    _known: dict[tuple[str, str | None, str | None, str | None], Decided] = field(
        default_factory=dict
    )

    def of(
        self,
        name: str,
        reader: ReaderFacts | None = None,
        copy: CopyFacts | None = None,
        place: PickupFacts | None = None,
        desk: str | None = None,
        item_type: str | None = None,
    ) -> Decided:
        """Say which value counts; the rule's ``whose`` tells at which of these libraries."""
        whose = NAMES[name].whose
        library: str | None = desk
        if whose is Whose.READER:
            library = reader.home if reader else None
        elif whose is Whose.ITEM:
            library = copy.home if copy else None
        elif whose is Whose.PICKUP:
            library = place.code if place else None
        category = reader.category if reader else None
        key = (name, library, category, copy.item_type if copy else item_type)
        if key not in self._known:
            lineage = self.geography.lineage(library)
            self._known[key] = self.book.resolve(name, lineage, category, key[3])
        return self._known[key]
