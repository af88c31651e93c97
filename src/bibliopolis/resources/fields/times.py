"""Days and instants. Instants are kept in UTC and written in the city's time."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import colander
from deform.widget import TextInputWidget

from bibliopolis.i18n import _

from ..context import FieldContext
from ..types import Field
from .base import FieldType, Stored


class NativeInputWidget(TextInputWidget):
    """An ``input`` of one of the browser's own types, which needs no script of ours."""

    def __init__(self, input_type: str, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.input_type = input_type


class DateValue(Stored):
    """A day, as ISO 8601 writes it."""

    def read(self, node: Any, value: Any) -> Any:
        """Return ``2026-05-01``."""
        try:
            return date.fromisoformat(str(value).strip()).isoformat()
        except ValueError:
            raise colander.Invalid(node, _("Write a day as 2026-05-31.")) from None


class Date(FieldType):
    """A day."""

    name = "date"
    facets = ("date",)
    can_be_facet = True
    in_text = False

    def value_type(self, one: Field, context: FieldContext) -> Any:
        """Return a day."""
        return DateValue()

    def widget(self, one: Field, context: FieldContext) -> Any:
        """Return the browser's own calendar."""
        return NativeInputWidget("date", attributes={"dir": "ltr"})

    def json_schema(self, one: Field, context: FieldContext) -> dict[str, Any]:
        """Return a full-date of RFC 3339."""
        return {"type": "string", "format": "date"}

    def display(self, one: Field, value: Any, context: FieldContext) -> Any:
        """Return a day, which the template writes as the language does."""
        return date.fromisoformat(value)


class DateTimeValue(Stored):
    """An instant: sent with its zone, or in the city's time."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone

    def shown(self, node: Any, value: Any) -> Any:
        """Return the city's time as ``datetime-local`` takes it."""
        local = datetime.fromisoformat(value).astimezone(self.zone)
        return local.strftime("%Y-%m-%dT%H:%M")

    def read(self, node: Any, value: Any) -> Any:
        """Return ``2026-05-31T15:30:00+00:00``."""
        try:
            instant = datetime.fromisoformat(str(value).strip())
            if instant.tzinfo is None:
                instant = instant.replace(tzinfo=self.zone)
            return instant.astimezone(UTC).replace(microsecond=0).isoformat()
        except (ValueError, OverflowError):
            raise colander.Invalid(node, _("Write a day and a time as 2026-05-31T18:30.")) from None


class DateTime(FieldType):
    """An instant."""

    name = "datetime"
    facets = ("date",)
    can_be_facet = True
    in_text = False

    def value_type(self, one: Field, context: FieldContext) -> Any:
        """Return an instant."""
        return DateTimeValue(context.zone)

    def widget(self, one: Field, context: FieldContext) -> Any:
        """Return the browser's own calendar and clock."""
        return NativeInputWidget("datetime-local", attributes={"dir": "ltr"})

    def json_schema(self, one: Field, context: FieldContext) -> dict[str, Any]:
        """Return a date-time of RFC 3339."""
        return {"type": "string", "format": "date-time"}

    def display(self, one: Field, value: Any, context: FieldContext) -> Any:
        """Return an aware instant, which the template writes in the city's time."""
        return datetime.fromisoformat(value).astimezone(context.zone)

    def facet_values(self, one: Field, value: Any) -> tuple[str, ...]:
        """Return the day."""
        return (str(value)[:10],)
