"""Whole numbers and yes or no."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import colander
from deform.widget import CheckboxWidget, TextInputWidget

from bibliopolis.declarations import Node
from bibliopolis.i18n import _

from ..context import FieldContext
from ..types import Field, ResourceTypes
from .base import FieldType, Stored

# What every database keeps in one column, and JavaScript without loss.
SMALLEST, LARGEST = -(2**31), 2**31 - 1
_DIGITS = re.compile(r"[+-]?\d{1,12}\Z")


class IntegerValue(Stored):
    """A whole number, in digits of any script."""

    def read(self, node: Any, value: Any) -> Any:
        """Return the number."""
        if isinstance(value, bool):
            raise colander.Invalid(node, _("Write a whole number."))
        if isinstance(value, int):
            return value
        text = value.strip().replace("−", "-") if isinstance(value, str) else ""
        if not _DIGITS.match(text):
            raise colander.Invalid(node, _("Write a whole number."))
        return int(text)


class Integer(FieldType):
    """A whole number, perhaps between two."""

    name = "integer"
    options = ("min", "max")
    can_be_facet = True
    in_text = False

    def check(
        self, one: Field, keys: Mapping[str, Node], where: Node, types: ResourceTypes
    ) -> Mapping[str, Any]:
        """Read the smallest and the greatest number."""
        found = {key: node.integer() for key, node in keys.items()}
        for key, number in found.items():
            if not SMALLEST <= number <= LARGEST:
                raise keys[key].error(f"a whole number is between {SMALLEST} and {LARGEST}")
        if "min" in found and "max" in found and found["min"] > found["max"]:
            raise keys["min"].error(f"min, {found['min']}, is more than max, {found['max']}")
        return found

    def value_type(self, one: Field, context: FieldContext) -> Any:
        """Return a whole number."""
        return IntegerValue()

    def validator(self, one: Field, context: FieldContext) -> Any:
        """Keep it within the declared bounds."""
        return colander.Range(
            min=one.options.get("min", SMALLEST),
            max=one.options.get("max", LARGEST),
            min_err=_("This must be at least ${min}."),
            max_err=_("This must be at most ${max}."),
        )

    def widget(self, one: Field, context: FieldContext) -> Any:
        """Return a line with the keyboard of numbers."""
        return TextInputWidget(attributes={"inputmode": "numeric", "dir": "ltr"})

    def json_schema(self, one: Field, context: FieldContext) -> dict[str, Any]:
        """Return an integer with its bounds."""
        schema: dict[str, Any] = {"type": "integer"}
        if "min" in one.options:
            schema["minimum"] = one.options["min"]
        if "max" in one.options:
            schema["maximum"] = one.options["max"]
        return schema


class BooleanValue(Stored):
    """Yes or no."""

    def shown(self, node: Any, value: Any) -> Any:
        """Return the words deform's checkbox knows."""
        return "true" if value else "false"

    def read(self, node: Any, value: Any) -> Any:
        """Return true or false."""
        if isinstance(value, bool):
            return value
        if value in ("true", "false"):
            return value == "true"
        raise colander.Invalid(node, _("Say yes or no."))


class Boolean(FieldType):
    """Yes or no; never required, because no is an answer."""

    name = "boolean"
    can_be_facet = True
    in_text = False

    def check(
        self, one: Field, keys: Mapping[str, Node], where: Node, types: ResourceTypes
    ) -> Mapping[str, Any]:
        """Refuse ``required``."""
        if one.required:
            raise where.error(f"the field “{one.name}” is yes or no: it cannot be required")
        return {}

    def value_type(self, one: Field, context: FieldContext) -> Any:
        """Return yes or no."""
        return BooleanValue()

    def widget(self, one: Field, context: FieldContext) -> Any:
        """Return a box to tick."""
        return CheckboxWidget(true_val="true", false_val="false")

    def json_schema(self, one: Field, context: FieldContext) -> dict[str, Any]:
        """Return a boolean."""
        return {"type": "boolean"}

    def facet_values(self, one: Field, value: Any) -> tuple[str, ...]:
        """Return yes only: nobody filters for what is not."""
        return ("true",) if value else ()
