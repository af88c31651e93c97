"""Fields 880: what a transliterated field looks like in its own script.

MARC 21, appendix A: $6 of either field holds the tag of the other and a number both share; 00
means that there is no other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bibliopolis.catalogue.marc.structure import Field, Record

LINK = re.compile(r"\s*([0-9A-Za-z]{3})-([0-9]{2})")
# The same in a subfield with a wrong code: nothing else looks like that.
MISPLACED = re.compile(r"([0-9]{3})-([0-9]{2})(?:/|$)")
UNLINKED = "00"


@dataclass(frozen=True)
class Links:
    """The original-script fields of a record by the field they belong to."""

    linked: dict[tuple[str, str], list[Field]]
    unlinked: tuple[Field, ...]

    @classmethod
    def of(cls, record: Record) -> Links:
        """Collect the fields 880 of the record; each has the tag of what it stands for."""
        linked: dict[tuple[str, str], list[Field]] = {}
        unlinked: list[Field] = []
        originals = list(record.get("880"))
        if not originals:
            return NO_LINKS
        asked = _asked_for(record)
        for field in originals:
            link = _link(field)
            if not link:
                continue
            tag, number = link
            as_written = replace(field, tag=tag)
            key = (tag, number) if (tag, number) in asked else asked.get((tag[:1], number))
            if number == UNLINKED or key is None:
                unlinked.append(as_written)
            else:
                linked.setdefault(key, []).append(replace(as_written, tag=key[0]))
        return cls(linked, tuple(unlinked))

    def original(self, field: Field) -> Field | None:
        """Return the field in its original script, if the record has it."""
        return next(iter(self.originals(field)), None)

    def originals(self, field: Field) -> list[Field]:
        """Return the field in other scripts: Chinese may come in two."""
        if not self.linked:
            return []
        link = LINK.match(field.first("6"))
        return self.linked.get((field.tag, link.group(2)), []) if link else []

    def alone(self, *tags: str) -> Iterator[Field]:
        """Yield the original-script fields that have no transliterated one beside them."""
        return (field for field in self.unlinked if field.tag in tags)


NO_LINKS = Links({}, ())


def _asked_for(record: Record) -> dict[tuple[str, str], tuple[str, str]]:
    """Return the links of the other fields: by tag and number, and by block and number.

    The second is for systems that link 260 where the field is 264.
    """
    asked: dict[tuple[str, str], tuple[str, str]] = {}
    for field in record.fields:
        if field.tag != "880" and (link := LINK.match(field.first("6"))):
            key = (field.tag, link.group(2))
            asked[key] = key
            asked.setdefault((field.tag[:1], link.group(2)), key)
    return asked


def _link(field: Field) -> tuple[str, str] | None:
    """Return tag and number that the field is linked by."""
    found = LINK.match(field.first("6"))
    if not found and field.subfields:
        found = MISPLACED.match(field.subfields[0][1])
    return (found.group(1), found.group(2)) if found else None
