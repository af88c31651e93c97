"""What a source sent as a record of the catalogue, or why it cannot be one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

from bibliopolis.catalogue.import_run import Rejection
from bibliopolis.catalogue.marc import Place, Reading, Wanted, read_stream
from bibliopolis.i18n import _

from .models import LONGEST_IDENTIFIER
from .protocol import Sent

NAMELESS = "?"


@dataclass(frozen=True)
class Item:
    """A record of a page: what came, and what it was read as; None for a deleted one."""

    sent: Sent
    reading: Reading | None = None

    @property
    def identifier(self) -> str:
        """Return its identifier, empty where nothing can be kept under it."""
        known = self.sent.identifier
        return known if len(known) <= LONGEST_IDENTIFIER else ""

    @property
    def gone(self) -> bool:
        """Return whether the source has it no more, by its header or its leader."""
        return self.reading is None or bool(self.reading.deleted)

    @property
    def number(self) -> str:
        """Return its control number if it can be taken in."""
        return self.reading.data.control_number if self.reading and self.reading.data else ""

    def rejection(self) -> Rejection:
        """Return it as one that is refused, with its bytes."""
        assert self.reading is not None
        return Rejection(self.reading.place, "", self.reading.reason, self.sent.metadata)


def read_sent(sent: Iterable[Sent], wanted: Wanted, behind: int) -> list[Item]:
    """Read records; ``behind`` is how many came before. Of two with one identifier the last stays.

    A source that changes while it is harvested sends a record twice.
    """
    # XML has its own encoding; what the profile says is of files.
    wanted = replace(wanted, encoding=None)
    last: dict[Any, Item] = {}
    for ordinal, one in enumerate(sent, behind + 1):
        gone = one.deleted and 0 < len(one.identifier) <= LONGEST_IDENTIFIER
        item = Item(one, None if gone else _read(one, wanted, ordinal))
        key = item.identifier or ordinal
        last.pop(key, None)
        last[key] = item
    return list(last.values())


def _read(sent: Sent, wanted: Wanted, ordinal: int) -> Reading:
    place = Place(sent.identifier[:LONGEST_IDENTIFIER] or NAMELESS, ordinal, 0)
    if not sent.identifier:
        return Reading(place, reason=_("the record has no identifier"))
    if len(sent.identifier) > LONGEST_IDENTIFIER:
        return Reading(place, reason=_("the identifier of the record is too long"))
    if not sent.metadata:
        return Reading(place, reason=_("the source sent nothing but the identifier"))
    found = list(read_stream(BytesIO(sent.metadata), place.file, wanted))
    usable = [one for one in found if one.number]
    if len(usable) > 1:
        return Reading(place, reason=_("the source sent several records under one identifier"))
    one = usable[0] if usable else found[0]
    beside = tuple(other.reason for other in found if other is not one and other.reason)
    return replace(one, place=place, remarks=(*one.remarks, *beside))
