"""The description of an edition, made from those of its libraries.

Pure: descriptions in, columns of ``record`` out. One description alone stays as it is. Of several,
one leads; what it leaves empty comes from the others, and lists are put together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bibliopolis.catalogue.labels import language_of
from bibliopolis.search.analysis import sort_key

GROUPS: tuple[tuple[str, ...], ...] = (
    ("title", "subtitle", "part", "title_statement", "responsibility", "sort_key"),
    ("author", "contributors"),
    ("publisher", "place"),
    ("year",),
    ("edition",),
    ("extent",),
    ("summary",),
    ("contents",),
    ("kind",),
    ("language", "languages"),
    ("age",),
    ("work_key",),
)
"""Columns that one source gives together: a title of one and a subtitle of another fit badly."""
LISTS = ("other_titles", "series", "isbns", "issns", "subjects", "classes", "links")
"""Columns to which every source adds what the others have not said."""
TEXTS = tuple(
    name for group in GROUPS for name in group if name not in ("contributors", "languages")
)
ALL_LISTS = ("contributors", "languages", *LISTS)


@dataclass(frozen=True)
class Said:
    """What one library says, by the columns of ``record``."""

    source_id: int
    library_id: int
    control_number: str
    described: Mapping[str, Any]


def columns_of(described: Mapping[str, Any]) -> dict[str, Any]:
    """Return every column that a description fills, empty ones included."""
    texts = {name: described.get(name) for name in TEXTS}
    # What names no letter to file it by has an empty key.
    texts["sort_key"] = texts["sort_key"] or ""
    return texts | {name: described.get(name, []) for name in ALL_LISTS}


def unite(said: Iterable[Said]) -> dict[str, Any]:
    """Return the columns of the record that one description or several make.

    ``field_sources`` tells the source records of every filled column, ``{"title": [17]}``, the
    first to give something first; it is None where there is one.
    """
    ranked = sorted(said, key=_rank)
    leading = ranked[0]
    whose = {
        "library_id": leading.library_id,
        "control_number": leading.control_number,
        "library_ids": list(dict.fromkeys(one.library_id for one in ranked)),
    }
    if len(ranked) == 1:
        return {**columns_of(leading.described), **whose, "field_sources": None}
    described: dict[str, Any] = {}
    given: dict[str, list[int]] = {}
    for group in GROUPS:
        first = next((one for one in ranked if one.described.get(group[0])), leading)
        for name in group:
            if first.described.get(name):
                described[name], given[name] = first.described[name], [first.source_id]
    for name in LISTS:
        values, sources = _together(ranked, name, described)
        if values:
            described[name], given[name] = values, sources
    return {**columns_of(described), **whose, "field_sources": given}


def _rank(one: Said) -> tuple[bool, int, int]:
    """Put first who writes a title in its own letters, then who says most, then who came first."""
    described = one.described
    title_language = language_of(described.get("title") or "", described.get("language")) or ""
    return title_language.endswith("-Latn"), -len(described), one.source_id


def _together(
    ranked: Sequence[Said], name: str, described: Mapping[str, Any]
) -> tuple[list[Any], list[int]]:
    """Return what all say in a list, each thing once, and who said something new."""
    known = {sort_key(described.get("title") or "")} if name == "other_titles" else set()
    values: list[Any] = []
    sources: list[int] = []
    for one in ranked:
        before = len(values)
        for value in _values(one, name):
            key = _KEYS.get(name, sort_key)(value)
            if key not in known:
                known.add(key)
                values.append(value)
        if len(values) > before:
            sources.append(one.source_id)
    return values, sources


def _values(one: Said, name: str) -> Sequence[Any]:
    """Return the list; another library's title is one more title to find it by."""
    values: Sequence[Any] = one.described.get(name, ())
    return [one.described.get("title") or "", *values] if name == "other_titles" else values


_KEYS: Mapping[str, Callable[[Any], Any]] = {
    "links": lambda link: link.get("url"),
    "classes": str.casefold,
}
