"""Names as people say them, from the form in which catalogues file them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

COMMA = re.compile(r"[,،]\s+")
GIVEN_NAME = re.compile(r"[^\W\d_][\w'’ʹʻ-]*\.?")


def spoken(name: str) -> str:
    """Return "Fyodor Dostoevsky" for "Dostoevsky, Fyodor"; titles stay behind."""
    family, *rest = COMMA.split(name)
    if not rest:
        return name
    return ", ".join([f"{rest[0]} {family}", *rest[1:]])


def short(name: str) -> str:
    """Return "F. Dostoevsky" for "Dostoevsky, Fyodor": what has room on a cover."""
    family, *rest = COMMA.split(name)
    if not rest:
        return name
    initials = [part[0] for part in GIVEN_NAME.findall(rest[0]) if part[0].isupper()]
    if not initials:
        return spoken(name)
    return " ".join([*(f"{letter}." for letter in initials), family])


def name_of(person: Mapping[str, Any]) -> str:
    """Return the name of a contributor as it is said, in its own script where that is known."""
    name = person.get("original") or person.get("name") or ""
    return name if person.get("direct") else spoken(name)


def author_on_cover(author: str | None, contributors: list[dict[str, Any]]) -> str:
    """Return the author for a cover: short for a person, whole for a body."""
    first = contributors[0] if contributors else {}
    if not author or (first.get("name") == author and first.get("direct")):
        return author or ""
    return short(author)
