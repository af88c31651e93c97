"""References to other resources, kept as ids and shown by title."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import colander
from deform.widget import CheckboxChoiceWidget, SelectWidget, TextInputWidget

from bibliopolis.declarations import Node
from bibliopolis.i18n import _
from bibliopolis.parameters import row_id

from ..context import FieldContext
from ..types import Field, ResourceTypes
from .base import FieldType, Stored

MOST = 200


class ReferenceValue(Stored):
    """The id of an existing resource, or several."""

    def __init__(self, field: Field, context: FieldContext) -> None:
        self.field = field
        self.context = context

    def shown(self, node: Any, value: Any) -> Any:
        """Return the ids as a form's texts."""
        return tuple(str(one) for one in value) if self.field.many else str(value)

    def read(self, node: Any, value: Any) -> Any:
        """Return the id or ids, if all of them exist."""
        sent = value if isinstance(value, list | tuple | set) else [value]
        if len(sent) > MOST:
            raise colander.Invalid(node, _("At most ${most} fit.", mapping={"most": MOST}))
        ids = list(dict.fromkeys(self._id(node, one) for one in sent))
        if not self.field.many and len(ids) > 1:
            raise colander.Invalid(node, _("Choose one."))
        known = self.context.references(self.field.options["to"]).titles(ids, self.context.language)
        for one in ids:
            if one not in known:
                raise colander.Invalid(
                    node, _("There is nothing with the number ${id}.", mapping={"id": one})
                )
        return ids if self.field.many else ids[0]

    def _id(self, node: Any, value: Any) -> int:
        number = None if isinstance(value, bool) else row_id(str(value).strip())
        if number is None:
            raise colander.Invalid(node, _("Write the number of what you refer to."))
        return number


class Reference(FieldType):
    """One resource of a type, or several."""

    name = "reference"
    options = ("to",)
    can_be_many = True
    can_be_facet = True
    in_text = False

    def check(
        self, one: Field, keys: Mapping[str, Node], where: Node, types: ResourceTypes
    ) -> Mapping[str, Any]:
        """Read the type referred to; whether it exists is asked when all types are known."""
        if "to" not in keys:
            raise where.error(f"the reference “{one.name}” does not say to which type")
        return {"to": keys["to"].text("the name of a type")}

    def value_type(self, one: Field, context: FieldContext) -> Any:
        """Return ids that exist."""
        return ReferenceValue(one, context)

    def widget(self, one: Field, context: FieldContext) -> Any:
        """Return a list to select from, or a line for the number where there are too many."""
        options = context.references(one.options["to"]).options(context.language)
        if options is None:
            return TextInputWidget(attributes={"inputmode": "numeric", "dir": "ltr"})
        values = tuple((str(number), title) for number, title in options)
        if one.many:
            return CheckboxChoiceWidget(values=values)
        return SelectWidget(values=(("", _("not chosen")), *values))

    def json_schema(self, one: Field, context: FieldContext) -> dict[str, Any]:
        """Return an integer, or a list of them."""
        schema = {"type": "integer", "minimum": 1}
        return {"type": "array", "maxItems": MOST, "items": schema} if one.many else schema

    def represented(self, one: Field, context: FieldContext) -> dict[str, Any]:
        """Return a summary of what is referred to, or a list of them."""
        summary: dict[str, Any] = {
            "type": "object",
            "properties": {
                "@id": {"type": "string"},
                "@type": {"const": one.options["to"]},
                "id": {"type": "integer"},
                "title": {"type": "string"},
            },
            "required": ["@id", "@type", "id", "title"],
        }
        return {"type": "array", "items": summary} if one.many else summary

    def represent(self, one: Field, value: Any, context: FieldContext) -> Any:
        """Return title, type, id and path of each that still exists."""
        shown = self.display(one, value, context)
        listed = [
            {
                "@id": each["url"],
                "@type": one.options["to"],
                "id": each["id"],
                "title": each["title"],
            }
            for each in shown
        ]
        if one.many:
            return listed
        return listed[0] if listed else None

    def display(self, one: Field, value: Any, context: FieldContext) -> Any:
        """Return id, title and path of each that still exists."""
        source = context.references(one.options["to"])
        ids = value if isinstance(value, list) else [value]
        titles = source.titles(ids, context.language)
        return [
            {"id": each, "title": titles[each], "url": source.url(each, context.language)}
            for each in ids
            if each in titles
        ]
