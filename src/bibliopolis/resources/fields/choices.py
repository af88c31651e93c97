"""Choices from a vocabulary, and tags that anybody may coin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import colander
from deform.widget import CheckboxChoiceWidget, SelectWidget, TextAreaWidget

from bibliopolis.declarations import Node
from bibliopolis.i18n import _

from ..context import FieldContext
from ..types import Field, ResourceTypes
from .base import FieldType, Stored
from .texts import clean_text

MOST_TAGS = 50
LONGEST_TAG = 100


class OneValue(Stored):
    """One of the values that may be chosen."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values

    def read(self, node: Any, value: Any) -> Any:
        """Return the value, if it is one of them."""
        if not isinstance(value, str) or value not in self.values:
            raise colander.Invalid(
                node, _("“${value}” cannot be chosen here.", mapping={"value": str(value)[:50]})
            )
        return value


class ManyValues(OneValue):
    """Several of the values, in the vocabulary's order."""

    def shown(self, node: Any, value: Any) -> Any:
        """Return what is ticked."""
        return tuple(str(one) for one in value)

    def read(self, node: Any, value: Any) -> Any:
        """Return the list of values."""
        if not isinstance(value, list | tuple | set):
            raise colander.Invalid(node, _("This must be a list."))
        chosen = {OneValue.read(self, node, one) for one in value}
        return [one for one in self.values if one in chosen] or colander.null


class Choice(FieldType):
    """One value of a vocabulary, or several."""

    name = "choice"
    options = ("vocabulary",)
    can_be_many = True
    can_be_facet = True
    in_text = False

    def check(
        self, one: Field, keys: Mapping[str, Node], where: Node, types: ResourceTypes
    ) -> Mapping[str, Any]:
        """Read the vocabulary's name."""
        if "vocabulary" not in keys:
            raise where.error(f"the choice “{one.name}” names no vocabulary")
        return {"vocabulary": keys["vocabulary"].name(types.vocabularies, "vocabulary")}

    def titles(self, one: Field, context: FieldContext) -> dict[str, str]:
        """Return the titles of the values, in order."""
        return {term.value: term.title for term in context.terms(one.options["vocabulary"])}

    def value_type(self, one: Field, context: FieldContext) -> Any:
        """Return one value or several."""
        titles = self.titles(one, context)
        return ManyValues(titles) if one.many else OneValue(titles)

    def widget(self, one: Field, context: FieldContext) -> Any:
        """Return boxes to tick, or a list to select from."""
        values = tuple(self.titles(one, context).items())
        if one.many:
            return CheckboxChoiceWidget(values=values)
        return SelectWidget(values=(("", _("not chosen")), *values))

    def json_schema(self, one: Field, context: FieldContext) -> dict[str, Any]:
        """Return the values with their titles, as clients made for Plone read them."""
        titles = self.titles(one, context)
        schema: dict[str, Any] = {
            "type": "string",
            "enum": list(titles),
            "enumNames": list(titles.values()),
        }
        return {"type": "array", "uniqueItems": True, "items": schema} if one.many else schema

    def display(self, one: Field, value: Any, context: FieldContext) -> Any:
        """Return the titles of what was chosen; a value no longer offered shows itself."""
        titles = self.titles(one, context)
        values = value if isinstance(value, list) else [value]
        return [titles.get(each, each) for each in values]


class TagsValue(Stored):
    """Short texts, written one to a line or parted by commas."""

    def shown(self, node: Any, value: Any) -> Any:
        """Return one tag to a line."""
        return "\n".join(value)

    def read(self, node: Any, value: Any) -> Any:
        """Return the list, each tag once, as first written."""
        if isinstance(value, str):
            value = value.replace("\r", "\n").replace("\n", ",").replace("،", ",").split(",")
        if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
            raise colander.Invalid(node, _("This must be a list of texts."))
        found: dict[str, str] = {}
        for one in value:
            tag = clean_text(one, one_line=True)
            if tag:
                found.setdefault(tag.casefold(), tag)
        if len(found) > MOST_TAGS:
            raise colander.Invalid(
                node, _("At most ${most} tags fit.", mapping={"most": MOST_TAGS})
            )
        for tag in found.values():
            if len(tag) > LONGEST_TAG:
                raise colander.Invalid(
                    node, _("The tag “${tag}…” is too long.", mapping={"tag": tag[:30]})
                )
        return list(found.values()) or colander.null


class Tags(FieldType):
    """Words that group resources, coined by whoever writes them."""

    name = "tags"
    can_be_facet = True

    def value_type(self, one: Field, context: FieldContext) -> Any:
        """Return a list of short texts."""
        return TagsValue()

    def widget(self, one: Field, context: FieldContext) -> Any:
        """Return an area to write in, a tag to a line."""
        return TextAreaWidget(rows=3)

    def json_schema(self, one: Field, context: FieldContext) -> dict[str, Any]:
        """Return an array of strings."""
        return {
            "type": "array",
            "maxItems": MOST_TAGS,
            "uniqueItems": True,
            "items": {"type": "string", "maxLength": LONGEST_TAG},
        }

    def words(self, value: Any) -> str:
        """Return all the tags."""
        return "\n".join(value)
