"""The description of an edition, made from those of its libraries.

Pure: descriptions in, columns of ``record`` out. One description alone stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TEXTS = (
    "title",
    "subtitle",
    "part",
    "title_statement",
    "responsibility",
    "author",
    "publisher",
    "place",
    "year",
    "edition",
    "extent",
    "summary",
    "contents",
    "kind",
    "language",
    "age",
    "work_key",
    "sort_key",
)
LISTS = (
    "other_titles",
    "contributors",
    "series",
    "languages",
    "isbns",
    "issns",
    "subjects",
    "classes",
    "links",
)


def columns_of(described: Mapping[str, Any]) -> dict[str, Any]:
    """Return every column that a description fills, empty ones included."""
    texts = {name: described.get(name) for name in TEXTS}
    # What names no letter to file it by has an empty key.
    texts["sort_key"] = texts["sort_key"] or ""
    return texts | {name: described.get(name, []) for name in LISTS}
