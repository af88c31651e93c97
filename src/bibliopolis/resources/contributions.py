"""What declared fields give to search documents."""

from __future__ import annotations

from collections.abc import Iterable

from .fields import Contribution
from .forms import Data, fields_in
from .types import ResourceType, ResourceTypes


def contribution_of(
    types: ResourceTypes, resource_type: ResourceType, data: Data, parts: Iterable[str]
) -> Contribution:
    """Return what the fields of some parts give together, in declared order."""
    total = Contribution()
    for one in fields_in(resource_type, parts):
        value = data.get(one.name)
        if value is not None:
            total += types.field_types[one.kind].contribution(one, value)
    return total
