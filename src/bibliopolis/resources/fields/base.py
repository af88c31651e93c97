"""What all field types share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import colander
from zope.interface import implementer

from bibliopolis.declarations import Node
from bibliopolis.i18n import _

from ..context import FieldContext
from ..interfaces import IFieldType
from ..types import Field, ResourceTypes

REQUIRED = _("This must be filled in.")


@dataclass(frozen=True)
class Contribution:
    """What fields give to a search document; texts come with their weight."""

    texts: tuple[tuple[int, str], ...] = ()
    subjects: tuple[str, ...] = ()
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: Mapping[str, Any] = field(default_factory=dict)

    def __add__(self, other: Contribution) -> Contribution:
        facets = dict(self.facets)
        for name, values in other.facets.items():
            facets[name] = tuple(dict.fromkeys((*facets.get(name, ()), *values)))
        return Contribution(
            texts=(*self.texts, *other.texts),
            subjects=tuple(dict.fromkeys((*self.subjects, *other.subjects))),
            facets=facets,
            sort={**self.sort, **other.sort},
        )

    def text(self, lightest: int = 1, heaviest: int = 100) -> str:
        """Return the texts whose weight lies between the two, in the order of the fields."""
        return "\n".join(text for weight, text in self.texts if lightest <= weight <= heaviest)


@implementer(IFieldType)
class FieldType(ABC):
    """The base of the built-in field types; a package may use it for its own."""

    name = ""
    options: tuple[str, ...] = ()
    facets: tuple[str, ...] = ()
    can_be_many = False
    can_be_facet = False
    in_text = True

    def check(
        self, one: Field, keys: Mapping[str, Node], where: Node, types: ResourceTypes
    ) -> Mapping[str, Any]:
        """Return the field's own options; raise by ``where.error`` what is wrong with them."""
        return {}

    def companions(self, one: Field) -> tuple[Field, ...]:
        """Return further fields that one brings along."""
        return ()

    def problem(self, one: Field, value: Any, types: ResourceTypes) -> str | None:
        """Say what is wrong with a declared default, or nothing."""
        try:
            self.node(one, FieldContext(types)).deserialize(value)
        except colander.Invalid as error:
            return "; ".join(_plain(message) for message in error.messages()) or "it is not right"
        except LookupError:
            return "this field cannot have a default"
        return None

    def node(self, one: Field, context: FieldContext) -> colander.SchemaNode:
        """Return the node that makes a stored value of what a form or a client sent."""
        return colander.SchemaNode(
            self.value_type(one, context),
            name=one.name,
            title=one.title,
            description=one.description,
            missing=colander.required if one.required and not context.draft else colander.drop,
            missing_msg=REQUIRED,
            required_msg=REQUIRED,
            default=one.default if one.default is not None else colander.null,
            validator=self.validator(one, context),
            widget=self.widget(one, context),
        )

    @abstractmethod
    def value_type(self, one: Field, context: FieldContext) -> Any:
        """Return the colander type; its ``deserialize`` makes stored values."""

    def validator(self, one: Field, context: FieldContext) -> Any:
        """Return the colander validator of stored values, or None."""
        return None

    @abstractmethod
    def widget(self, one: Field, context: FieldContext) -> Any:
        """Return the deform widget."""

    @abstractmethod
    def json_schema(self, one: Field, context: FieldContext) -> dict[str, Any]:
        """Return the JSON Schema of a stored value."""

    def represented(self, one: Field, context: FieldContext) -> dict[str, Any]:
        """Return the JSON Schema of what `represent` returns."""
        return self.json_schema(one, context)

    def represent(self, one: Field, value: Any, context: FieldContext) -> Any:
        """Return what REST clients read; most fields show what is stored."""
        return value

    def display(self, one: Field, value: Any, context: FieldContext) -> Any:
        """Return what a page shows."""
        return value

    def words(self, value: Any) -> str:
        """Return the words of a stored value for the full-text search."""
        return str(value)

    def facet_values(self, one: Field, value: Any) -> tuple[str, ...]:
        """Return the facet values of a stored value."""
        values = value if isinstance(value, list) else [value]
        return tuple(str(one) for one in values)

    def contribution(self, one: Field, value: Any) -> Contribution:
        """Return what a stored value gives to the search document."""
        if one.search is None:
            return Contribution()
        facet = {one.name: self.facet_values(one, value)} if one.search.facet else {}
        return Contribution(
            texts=((one.search.weight, self.words(value)),) if self.in_text else (),
            facets=facet,
            sort={one.name: value} if one.search.sort else {},
        )


class Stored(ABC):
    """A colander type whose app value is the stored value; subclasses say how it is read."""

    def serialize(self, node: Any, value: Any) -> Any:
        """Return what a form shows of a stored value."""
        return colander.null if value is colander.null else self.shown(node, value)

    def deserialize(self, node: Any, value: Any) -> Any:
        """Return the stored value; nothing, an empty text and an empty list are no value."""
        if value is colander.null or value is None or value in ("", [], {}):
            return colander.null
        return self.read(node, value)

    def shown(self, node: Any, value: Any) -> Any:
        """Return the form's text of a stored value."""
        return str(value)

    @abstractmethod
    def read(self, node: Any, value: Any) -> Any:
        """Return the stored value of what was sent, or raise `colander.Invalid`."""

    def cstruct_children(self, node: Any, cstruct: Any) -> list[Any]:
        """Have no children: a value is one thing."""
        return []


def _plain(message: Any) -> str:
    interpolate = getattr(message, "interpolate", None)
    return interpolate() if interpolate else str(message)
