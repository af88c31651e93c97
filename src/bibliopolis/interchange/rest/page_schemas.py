"""Schemas of pages and of their blocks, made of the declared types."""

from __future__ import annotations

from typing import Any

from bibliopolis.content.sent import LONGEST_NOTE
from bibliopolis.resources.context import FieldContext
from bibliopolis.resources.forms import fields_in
from bibliopolis.resources.json import translated
from bibliopolis.resources.types import ALL_LANGUAGES, ResourceType

from .content import PLACE
from .schemas import FLAG, MOMENT, NUMBER, OBJECT, TEXT, ref, shape

EVERY_PART = ("", ALL_LANGUAGES)
LAYOUT = shape({"items": {"type": "array", "items": TEXT, "maxItems": 200}})
BASE: dict[str, Any] = {
    "@id": TEXT,
    "UID": TEXT,
    "id": TEXT,
    "is_folderish": FLAG,
    "title": TEXT,
    "description": TEXT,
    "language": shape({"token": TEXT, "title": TEXT}),
    "review_state": TEXT,
    "version": NUMBER,
    "created": MOMENT,
    "modified": MOMENT,
    "effective": {"type": ["string", "null"], "format": "date-time"},
    "exclude_from_nav": FLAG,
    "blocks": {"type": "object", "additionalProperties": ref("ShownBlock")},
    "blocks_layout": LAYOUT,
}
BELOW: dict[str, Any] = {
    "items": {"type": "array", "items": ref("Summary")},
    "items_total": NUMBER,
    "batching": ref("Batching"),
    "@components": OBJECT,
}


def page_schemas(context: FieldContext) -> dict[str, Any]:
    """Return the schemas of all types of pages, read and written, by name."""
    pages = [one for one in context.types if one.workflow is not None and one.fields]
    schemas: dict[str, Any] = {}
    for one in pages:
        schemas[_named(one)] = _read(one, context)
        schemas[f"New{_named(one)}"] = _written(one, context, new=True)
        schemas[f"Changed{_named(one)}"] = _written(one, context, new=False)
    return translated(
        {
            **schemas,
            "Page": {"anyOf": [ref(_named(one)) for one in pages]},
            "NewPage": {"anyOf": [ref(f"New{_named(one)}") for one in pages]},
            "ChangedPage": {"anyOf": [ref(f"Changed{_named(one)}") for one in pages]},
            "FrontPage": {"anyOf": [ref("Page"), _bare()]},
            "ShownBlock": shape({"@type": TEXT}, closed=False),
            "Block": {"anyOf": _blocks(context)},
        },
        context,
    )


def _named(one: ResourceType) -> str:
    return "Page" + "".join(part.capitalize() for part in one.name.split("_"))


def _bare() -> dict[str, Any]:
    """Return the front page of a site that has no pages yet."""
    known = ("@id", "UID", "id", "is_folderish", "title")
    return shape({"@type": TEXT, **{name: BASE[name] for name in known}}, BELOW)


def _read(one: ResourceType, context: FieldContext) -> dict[str, Any]:
    fields = {}
    for field in fields_in(one, EVERY_PART):
        if field.name not in BASE:
            value = context.kind(field).represented(field, context)
            fields[field.name] = {"title": field.title, "anyOf": [value, {"type": "null"}]}
    return shape({"@type": {"const": one.name}, **BASE, **fields}, BELOW)


def _written(one: ResourceType, context: FieldContext, *, new: bool) -> dict[str, Any]:
    """Return what may be sent; what a draft may lack is asked for when it is submitted."""
    fields = {}
    for field in fields_in(one, EVERY_PART):
        value = context.kind(field).json_schema(field, context)
        fields[field.name] = {"title": field.title, "anyOf": [value, {"type": "null"}]}
    properties = {
        "@type": {"const": one.name},
        **fields,
        **PLACE["properties"],
        "changeNote": {"type": "string", "maxLength": LONGEST_NOTE},
    }
    if one.has("blocks"):
        properties["blocks"] = {"type": "object", "additionalProperties": ref("Block")}
        properties["blocks_layout"] = LAYOUT
    return {
        "type": "object",
        "properties": properties,
        "required": ["@type"] if new else [],
        "additionalProperties": False,
    }


def _blocks(context: FieldContext) -> list[dict[str, Any]]:
    found = []
    for name, block_type in sorted(context.types.block_types.items()):
        schema = block_type.json_schema()
        properties = {"@type": {"const": name}, **schema["properties"]}
        required = ["@type", *schema.get("required", ())]
        found.append({**schema, "properties": properties, "required": required})
    return found
