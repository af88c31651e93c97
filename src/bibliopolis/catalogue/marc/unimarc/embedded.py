"""Fields 4xx: other records, named inside of this one.

Either each $1 begins a whole field of the other record (tag, indicators, subfields), or, in the
French way, single subfields stand for its parts: $t for the title, $a for the author.
"""

from __future__ import annotations

import re

from bibliopolis.catalogue.marc.structure import Field, Record

EMBEDDED = "1"
TAG = re.compile(r"[0-9A-Za-z]{3}")
# Which field of the other record a subfield of the French way stands for.
STANDS_FOR = {
    "t": ("200", "a"),
    "o": ("200", "e"),
    "f": ("200", "f"),
    "h": ("200", "h"),
    "i": ("200", "i"),
    "v": ("200", "v"),
    "a": ("700", "a"),
    "c": ("210", "a"),
    "n": ("210", "c"),
    "d": ("210", "d"),
    "p": ("215", "a"),
    "s": ("225", "a"),
    "x": ("011", "a"),
    "y": ("010", "a"),
}


def linked(field: Field) -> Record:
    """Return what the field says of the other record."""
    fields: list[Field] = []
    if any(code == EMBEDDED for code, _value in field.subfields):
        current: Field | None = None
        for code, value in field.subfields:
            if code == EMBEDDED:
                current = _begun(value)
                if current:
                    fields.append(current)
            elif current is not None and code != "6":
                current.subfields.append((code, value))
    else:
        by_tag: dict[str, Field] = {}
        for code, value in field.subfields:
            if code in STANDS_FOR:
                tag, inside = STANDS_FOR[code]
                by_tag.setdefault(tag, Field(tag)).subfields.append((inside, value))
        fields += by_tag.values()
        if number := field.first("0"):
            fields.append(Field("001", data=number))
    return Record("", fields)


def _begun(value: str) -> Field | None:
    """Return the field that a $1 begins: ``2001 `` or, for a number, ``001RU/NLR/bibl/1``."""
    if not TAG.match(value):
        return None
    tag, rest = value[:3], value[3:]
    if tag.startswith("00"):
        return Field(tag, data=rest)
    begun = Field(tag, indicators=f"{rest[:2]:2.2}")
    if len(rest) > 2:  # a system that writes the first subfield without its code
        begun.subfields.append(("a", rest[2:].lstrip("$a")))
    return begun
