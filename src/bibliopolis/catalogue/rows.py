"""Descriptions as rows of the tables: the one place that knows how both fit together."""

from __future__ import annotations

import hashlib
from typing import Any

from bibliopolis.catalogue.record_data import ItemData, RecordData
from bibliopolis.catalogue.works import work_key
from bibliopolis.search.analysis import sort_key

SHORT_TEXT = 200


def described(data: RecordData) -> dict[str, Any]:
    """Return what a description says, by the columns of ``record``; what is empty is left out."""
    columns = {
        "title": data.title,
        "subtitle": data.subtitle,
        "part": data.part,
        "title_statement": data.title_statement,
        "other_titles": list(data.alternative_titles),
        "responsibility": data.responsibility,
        "author": data.contributors[0].name if data.contributors else None,
        "contributors": [
            {name: value for name, value in vars(person).items() if value}
            for person in data.contributors
        ],
        "publisher": data.publisher,
        "place": data.place,
        "year": data.year,
        "edition": data.edition,
        "extent": data.extent,
        "series": list(data.series),
        "summary": data.summary,
        "contents": data.contents,
        "kind": str(data.kind),
        "language": data.languages[0] if data.languages else None,
        "languages": list(data.languages),
        "isbns": list(data.isbns),
        "issns": list(data.issns),
        "national_numbers": list(data.national_numbers),
        "subjects": list(data.subjects),
        "classes": list(data.classification),
        "age": data.age,
        "links": [{"url": url, "title": title} for url, title in data.links],
        "work_key": work_key(data),
        "sort_key": sort_key(data.filing_title),
    }
    return {name: value for name, value in columns.items() if value not in (None, "", [])}


def item_row(data: ItemData, library_id: int, holding_library_id: int) -> dict[str, Any]:
    """Return the columns that a copy fills; the volume is part of what a reader asks for."""
    shelf_mark = data.shelf_mark
    if data.volume and data.volume not in shelf_mark:
        shelf_mark = f"{shelf_mark} {data.volume}".strip()
    row = {
        "library_id": library_id,
        "holding_library_id": holding_library_id,
        "barcode": data.barcode,
        "shelf_mark": shelf_mark[:SHORT_TEXT] or None,
        "location": data.location[:SHORT_TEXT] or None,
        "status": str(data.status),
    }
    if data.item_type:
        row["item_type"] = data.item_type
    fingerprint = hashlib.sha256(repr(sorted(row.items())).encode("utf-8")).hexdigest()
    # In all rows, for they are written together; in the fingerprint only where there is one.
    return {"item_type": None, **row, "content_hash": fingerprint}
