"""Fields 880: what a transliterated field looks like in its own script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bibliopolis.catalogue.marc.structure import Field, Record

LINK = re.compile(r"\s*([0-9A-Za-z]{3})-([0-9]{2})")
UNLINKED = "00"


@dataclass(frozen=True)
class Links:
    """The original-script fields of a record by the field they belong to."""

    linked: dict[tuple[str, str], Field]
    unlinked: tuple[tuple[str, Field], ...]

    @classmethod
    def of(cls, record: Record) -> Links:
        """Collect the fields 880 of the record."""
        linked: dict[tuple[str, str], Field] = {}
        unlinked: list[tuple[str, Field]] = []
        for field in record.get("880"):
            link = LINK.match(field.first("6"))
            if link and link.group(2) != UNLINKED:
                linked.setdefault((link.group(1), link.group(2)), field)
            elif link:
                unlinked.append((link.group(1), field))
        return cls(linked, tuple(unlinked))

    def original(self, field: Field) -> Field | None:
        """Return the field in its original script, if the record has it."""
        link = LINK.match(field.first("6"))
        return self.linked.get((field.tag, link.group(2))) if link else None

    def alone(self, *tags: str) -> Iterator[Field]:
        """Yield the original-script fields that have no transliterated one beside them."""
        return (field for tag, field in self.unlinked if tag in tags)
