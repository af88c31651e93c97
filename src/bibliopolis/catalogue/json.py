"""A record as JSON, in the shapes of the Plone REST API."""

from __future__ import annotations

from typing import Any

from bibliopolis.catalogue.copies import Copy
from bibliopolis.catalogue.exports import ways_to_export
from bibliopolis.catalogue.labels import kind_title, role_title
from bibliopolis.catalogue.provenance import staff_json
from bibliopolis.catalogue.records import RecordView
from bibliopolis.catalogue.resources import TYPE, RecordResource
from bibliopolis.parameters import batch, batching

PLAIN = (
    "title",
    "subtitle",
    "part",
    "responsibility",
    "author",
    "publisher",
    "place",
    "year",
    "edition",
    "extent",
    "series",
    "summary",
    "contents",
    "languages",
    "isbns",
    "issns",
    "subjects",
    "age",
    "links",
)


def record_json(context: RecordResource, request: Any, view: RecordView) -> dict[str, Any]:
    """Return the record with a batch of its copies (``b_start``, ``b_size``)."""
    record = view.record
    url = request.address(context, absolute=True)
    asked, size = batch(request.GET)
    start = min(asked or 0, len(view.copies))
    copies = view.copies[start : start + size]
    return {
        "@id": url,
        "@type": TYPE,
        "id": str(record.id),
        "UID": record.uid,
        "kind": {"token": record.kind, "title": request.translate(kind_title(record.kind))},
        **{name: getattr(record, name) for name in PLAIN},
        "alternative_titles": record.other_titles,
        "contributors": [_person(request, person) for person in record.contributors],
        "created": record.created.isoformat(),
        "modified": record.changed.isoformat(),
        "citations": f"{url}/@@cite",
        "editions": f"{url}/@@editions",
        "similar": f"{url}/@@similar",
        "exports": [
            {
                "@id": way,
                "format": one.name,
                "title": request.translate(one.title),
                "media_type": one.media_type,
            }
            for one, way in ways_to_export(url)
        ],
        "copies_available": view.available,
        **staff_json(context, request),
        "items": [_copy(request, copy, view) for copy in copies],
        "items_total": len(view.copies),
        **batching(url, len(view.copies), start, size),
    }


def _person(request: Any, person: dict[str, Any]) -> dict[str, Any]:
    title = role_title(person.get("role", ""))
    shown = {name: person[name] for name in ("name", "original", "dates") if person.get(name)}
    if title is not None:
        shown["role"] = {"token": person["role"], "title": request.translate(title)}
    return shown


def _copy(request: Any, copy: Copy, view: RecordView) -> dict[str, Any]:
    library = view.libraries.get(copy.library_id)
    return {
        "@type": "copy",
        "id": copy.id,
        "library": {
            "token": library.code if library else "",
            "title": library.name_in(request.language) if library else "",
        },
        "shelf_mark": copy.shelf_mark,
        "location": copy.location,
        "status": {
            "token": copy.standing.code,
            "title": request.translate(copy.standing.text),
        },
        "available": copy.standing.available,
    }
