"""The shapes that several answers share, as JSON Schema; the OpenAPI document names them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bibliopolis.parameters import LARGEST_BATCH
from bibliopolis.resources.operations import Parameter

TEXT = {"type": "string"}
OPTIONAL_TEXT = {"type": ["string", "null"]}
MOMENT = {"type": "string", "format": "date-time"}
NUMBER = {"type": "integer", "minimum": 0}
FLAG = {"type": "boolean"}
OBJECT = {"type": "object"}


def ref(name: str) -> dict[str, str]:
    """Return the reference to a shared schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def shape(
    properties: Mapping[str, Any], optional: Mapping[str, Any] | None = None, *, closed: bool = True
) -> dict[str, Any]:
    """Return the schema of an object that has all the properties, and perhaps optional ones."""
    return {
        "type": "object",
        "properties": {**properties, **(optional or {})},
        "required": list(properties),
        **({"additionalProperties": False} if closed else {}),
    }


def listing(item: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Return the schema of a list that comes in batches."""
    return shape(
        {
            "@id": TEXT,
            "items": {"type": "array", "items": item},
            "items_total": NUMBER,
            **more,
        },
        {"batching": ref("Batching")},
    )


ADDRESS = shape({"@id": TEXT})
SUMMARY = shape(
    {
        "@id": TEXT,
        "@type": TEXT,
        "UID": TEXT,
        "title": TEXT,
        "description": TEXT,
        "review_state": TEXT,
        "language": TEXT,
    }
)
SHARED: dict[str, Any] = {
    "Problem": shape(
        {"type": TEXT, "title": TEXT, "status": NUMBER, "detail": TEXT, "message": TEXT},
        {
            "code": TEXT,
            "reasons": {"type": "array", "items": TEXT},
            "errors": {"type": "array", "items": shape({"field": TEXT, "message": TEXT})},
            "blocks": {"type": "array", "items": ref("WhyNot")},
        },
    ),
    "WhyNot": shape({"code": TEXT, "message": TEXT, "remedy": OPTIONAL_TEXT}),
    "Batching": shape(
        {"@id": TEXT, "first": TEXT, "last": TEXT},
        {"next": TEXT, "prev": TEXT},
    ),
    "Summary": SUMMARY,
    "Actor": shape({"fullname": TEXT}, {"id": TEXT, "username": TEXT, "@id": OPTIONAL_TEXT}),
    "Step": shape({"@id": TEXT, "title": TEXT}, {"reasons": {"type": "array", "items": TEXT}}),
}

B_START = Parameter(
    "b_start", "Where the batch begins", {"type": "integer", "minimum": 0, "maximum": 99_999_999}
)
B_SIZE = Parameter(
    "b_size",
    "How many a batch holds",
    {"type": "integer", "minimum": 1, "maximum": LARGEST_BATCH},
)
BATCH = (B_START, B_SIZE)
EXPAND = Parameter("expand", "Components to tell in full, parted by commas", TEXT)
VERSION = Parameter(
    "version", "`working`: what is being written, instead of what is on the site", TEXT
)
