"""Forms from declared fields: one node a field, checked by the same rules as JSON.

What a form gives (its appstruct) is what is stored: plain JSON by field name. A resource has a
part for each language and one that no language owns (``*``); a form may show several parts at
once, and `split` puts what was filled in back into its parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import colander
import deform

from bibliopolis.errors import InvalidInput
from bibliopolis.i18n import _

from .context import FieldContext
from .exact import problems_of
from .fields.media import alt_name
from .types import Field, ResourceType

Data = Mapping[str, Any]


def fields_in(resource_type: ResourceType, parts: Iterable[str]) -> tuple[Field, ...]:
    """Return the fields of some parts, in declared order."""
    parts = tuple(parts)
    return tuple(
        one for one in resource_type.fields.values() if any(one.in_part(part) for part in parts)
    )


def schema_of(
    resource_type: ResourceType, parts: Iterable[str], context: FieldContext
) -> colander.SchemaNode:
    """Return the schema of the fields of some parts, such as ``("ru", "*")``."""
    schema = colander.SchemaNode(colander.Mapping(unknown="ignore"))
    for one in fields_in(resource_type, parts):
        schema.add(context.kind(one).node(one, context))
    return schema


def form_of(
    schema: colander.SchemaNode,
    renderer: Any,
    buttons: Sequence[Any] = (),
    **options: Any,
) -> deform.Form:
    """Return the deform form of a schema, drawn by the theme's renderer."""
    return deform.Form(schema, buttons=tuple(buttons), renderer=renderer, **options)


def split(
    resource_type: ResourceType, data: Data, language: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what belongs to the language, and what belongs to all."""
    own: dict[str, Any] = {}
    shared: dict[str, Any] = {}
    for name, value in data.items():
        one = resource_type.fields.get(name)
        if one is not None:
            (own if one.in_part(language) else shared)[name] = value
    return own, shared


def missing_fields(
    resource_type: ResourceType, data: Data, parts: Iterable[str]
) -> tuple[Field, ...]:
    """Return the required fields of some parts that hold nothing yet."""
    return tuple(
        one
        for one in fields_in(resource_type, parts)
        if one.required and data.get(one.name) in (None, "", [], {})
    )


def undescribed_pictures(resource_type: ResourceType, own: Data, shared: Data) -> tuple[Field, ...]:
    """Return the pictures that need a description in this language and have none."""
    return tuple(
        one
        for one in resource_type.fields.values()
        if one.options.get("alt_text") == "required"
        and (own if one.translatable else shared).get(one.name)
        and not own.get(alt_name(one.name))
    )


def read_data(
    resource_type: ResourceType,
    parts: Iterable[str],
    sent: Any,
    context: FieldContext,
    stored: Data | None = None,
) -> dict[str, Any]:
    """Return what is to be stored of what a REST client sent.

    With ``stored``, only what was sent changes and ``null`` takes a value away; without it, the
    whole is checked. A value must be of the very kind its JSON Schema says: a number in quotes is
    none. Everything wrong is told at once: `InvalidInput` with a message for the path of each
    field.
    """
    if not isinstance(sent, Mapping):
        raise InvalidInput(_("A JSON object is expected."))
    known = {one.name: one for one in fields_in(resource_type, parts)}
    data = dict(stored or {})
    errors: dict[str, Any] = {
        str(name): _("There is no such field.") for name in sent if name not in known
    }
    for name, one in known.items():
        if name not in sent and stored is not None:
            continue
        value = sent.get(name)
        if value is not None:
            schema = context.kind(one).json_schema(one, context)
            wrong = dict(problems_of(schema, value, name))
            if wrong:
                errors.update(wrong)
                continue
        try:
            read = (
                context.kind(one)
                .node(one, context)
                .deserialize(colander.null if value is None else value)
            )
        except colander.Invalid as error:
            errors.update(error_paths(error))
            continue
        if read is colander.drop or read is colander.null:
            data.pop(name, None)
        else:
            data[name] = read
    if errors:
        raise InvalidInput(_("Some fields need mending."), errors)
    return data


def error_paths(error: colander.Invalid) -> dict[str, Any]:
    """Return the message of each field that is wrong, by its path (``poster``, ``tags.2``)."""
    found: dict[str, Any] = {}
    for path in error.paths():
        names = [str(step._keyname()) for step in path]
        messages = [message for step in path for message in step.messages()]
        name = ".".join(name for name in names if name)
        if messages:
            found[name] = messages[0]
    return found
