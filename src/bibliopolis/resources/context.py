"""What a field may look at when it makes a form, checks a value or shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from .interfaces import IMediaStore, IReferenceSource
from .types import Field, ResourceTypes, Term


def no_service(*_name: Any, **_key: Any) -> Any:
    """Stand in for a request's services where a declaration is checked."""
    raise LookupError("no services are at hand here")


@dataclass(frozen=True)
class FieldContext:
    """The language being read or written, the city's time zone, and the way to services.

    A ``draft`` may be incomplete: required fields are asked for when it is submitted, not when it
    is saved.
    """

    types: ResourceTypes
    language: str = "en"
    zone: ZoneInfo = ZoneInfo("UTC")
    find_service: Callable[..., Any] = no_service
    draft: bool = False
    translate: Callable[[Any], str] = str

    @classmethod
    def from_request(
        cls, request: Any, language: str | None = None, draft: bool = False
    ) -> FieldContext:
        """Make it for a request; ``language`` is that of the part, if not the page's own."""
        return cls(
            types=request.find_service(ResourceTypes),
            language=language or request.language,
            zone=request.clock.zone,
            find_service=request.find_service,
            draft=draft,
            translate=request.translate,
        )

    def kind(self, field: Field) -> Any:
        """Return the field type of a field."""
        return self.types.field_types[field.kind]

    @property
    def media(self) -> Any:
        """Return the `IMediaStore`."""
        return self.find_service(IMediaStore)

    def references(self, to: str) -> Any:
        """Return the `IReferenceSource` of a resource type."""
        return self.find_service(IReferenceSource, name=to)

    def terms(self, vocabulary: str) -> tuple[Term, ...]:
        """Return the terms of a vocabulary."""
        return self.types.vocabularies[vocabulary].terms(self.find_service)
