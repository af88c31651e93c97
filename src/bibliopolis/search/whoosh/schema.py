"""What a document looks like inside Whoosh."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from whoosh import columns, fields, formats
from whoosh.analysis import Analyzer, Token

from bibliopolis.search.documents import RESOURCE, Document
from bibliopolis.search.fields import KEYWORDS, RANKED, Terms, sort_title, sort_year, terms_of

SCHEMA_VERSION = 4
"""Raised whenever the fields or the analysis change: an index of another version is rebuilt."""

SEPARATOR = "\x1f"
NO_YEAR = -32768
TITLE_BYTES = 32

ROW = np.dtype(
    [
        ("id", "<i8"),
        ("year", "<i2"),
        *((f"length_{field}", "<u2") for field in RANKED),
        ("title", f"S{TITLE_BYTES}"),
    ]
)
"""The fixed part of a document: one column, read into one array for each segment."""

SINGLE_KEYWORDS = ("key", "resource")
MANY_KEYWORDS = ("facet", "allowed", "scope")


class Prepared(Analyzer):
    """Read back the stems and positions that our own analysis has found."""

    def __call__(self, value: str, **_options: Any) -> Iterator[Token]:
        """Yield the tokens of ``stem position stem position …``."""
        token = Token(positions=True, boosts=True)
        parts = value.split(" ")
        for text, position in zip(parts[::2], parts[1::2], strict=True):
            token.text = text
            token.pos = int(position)
            token.boost = 1.0
            token.stopped = False
            yield token


class Stems(fields.FieldType):
    """A field of stems with their positions."""

    indexed = True
    unique = False
    scorable = False
    stored = False

    def __init__(self) -> None:
        self.format = formats.Positions()
        self.analyzer = Prepared()
        self.column_type = None
        self.spelling = False
        self.multitoken_query = "default"
        self.vector = None


def make_schema() -> fields.Schema:
    """Return the schema of the index."""
    return fields.Schema(
        **{field.value: Stems() for field in RANKED},
        **{field.value: fields.ID() for field in KEYWORDS},
        **{name: fields.ID() for name in (*SINGLE_KEYWORDS, *MANY_KEYWORDS)},
        row=fields.COLUMN(columns.FixedBytesColumn(ROW.itemsize)),
        hit=fields.STORED(),
    )


def to_whoosh(document: Document) -> dict[str, Any]:
    """Return the fields of a document as Whoosh takes them."""
    terms = terms_of(document)
    values: dict[str, Any] = {
        field.value: " ".join(f"{stem} {position}" for stem, position in terms.stems[field])
        for field in RANKED
        if terms.stems[field]
    }
    values |= {
        field.value: sorted(terms.keywords[field]) for field in KEYWORDS if terms.keywords[field]
    }
    values |= {
        "key": [document.key],
        "resource": [document.resource_key],
        "facet": sorted(_facet_terms(document)),
        "allowed": sorted(document.allowed),
        "scope": sorted(document.scopes),
        "row": _row(document, terms),
        "hit": (document.key, *document.resource, document.type, document.language),
    }
    return {name: value for name, value in values.items() if value}


def _facet_terms(document: Document) -> Iterator[str]:
    yield SEPARATOR.join((RESOURCE, document.resource[0]))
    for name, values in document.facets.items():
        for value in set(values):
            yield SEPARATOR.join((name, value))


def _row(document: Document, terms: Terms) -> bytes:
    year = sort_year(document)
    row = np.zeros((), ROW)
    row["id"] = document.resource[1]
    row["year"] = NO_YEAR if year is None else max(-9999, min(9999, year))
    row["title"] = sort_title(document).encode()[:TITLE_BYTES] or b"\xff"
    for field in RANKED:
        row[f"length_{field}"] = min(terms.length(field), 65535)
    return row.tobytes()
