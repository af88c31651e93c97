"""The JSON form of a resource and of its type, in the shapes of the Plone REST API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from translationstring import TranslationString

from bibliopolis.i18n import Plural, _

from .context import FieldContext
from .forms import Data, fields_in
from .types import ResourceType


def represent(
    resource_type: ResourceType, data: Data, parts: Iterable[str], context: FieldContext
) -> dict[str, Any]:
    """Return the fields of some parts as clients read them; a field without a value is null."""
    shown: dict[str, Any] = {}
    for one in fields_in(resource_type, parts):
        value = data.get(one.name)
        shown[one.name] = (
            None if value is None else context.kind(one).represent(one, value, context)
        )
    return translated(shown, context)


def type_schema(
    resource_type: ResourceType, context: FieldContext, parts: Iterable[str] = ("", "*")
) -> dict[str, Any]:
    """Return the JSON Schema of a type, with field sets as ``@types`` answers."""
    fields = fields_in(resource_type, parts)
    properties = {}
    for one in fields:
        properties[one.name] = {
            "title": one.title,
            "description": one.description,
            "factory": one.kind,
            "behavior": resource_type.name,
            "translatable": one.translatable,
            **context.kind(one).json_schema(one, context),
            **({"default": one.default} if one.default is not None else {}),
        }
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": resource_type.title,
        "description": resource_type.description,
        "type": "object",
        "fieldsets": [
            {
                "id": "default",
                "title": _("Content"),
                "behavior": resource_type.name,
                "fields": [one.name for one in fields],
            }
        ],
        "properties": properties,
        "required": [one.name for one in fields if one.required],
        "layouts": [],
    }
    return translated(schema, context)


def display(
    resource_type: ResourceType, data: Data, parts: Iterable[str], context: FieldContext
) -> list[dict[str, Any]]:
    """Return what the default view shows: name, kind, title and value of each filled field."""
    return [
        {
            "name": one.name,
            "kind": one.kind,
            "title": one.title,
            "value": context.kind(one).display(one, data[one.name], context),
        }
        for one in fields_in(resource_type, parts)
        if data.get(one.name) is not None
    ]


def translated(value: Any, context: FieldContext) -> Any:
    """Return plain JSON with every message in the context's language."""
    if isinstance(value, TranslationString | Plural):
        return context.translate(value)
    if isinstance(value, Mapping):
        return {key: translated(one, context) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [translated(one, context) for one in value]
    return value
