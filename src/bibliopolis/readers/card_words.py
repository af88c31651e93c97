"""Cards in words: what kinds there are, and why one counts no more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bibliopolis.i18n import _

from .models import BlockReason, Card, CardKind

KINDS: Mapping[str, Any] = {
    CardKind.LIBRARY: _("Library card"),
    CardKind.CITY: _("City card"),
    CardKind.SCHOOL: _("School card"),
    CardKind.TEMPORARY: _("Temporary number"),
}
GIVEN_OUT = (CardKind.LIBRARY, CardKind.CITY, CardKind.SCHOOL)
BLOCKS: Mapping[str, Any] = {
    BlockReason.LOST: _("Lost"),
    BlockReason.STOLEN: _("Stolen"),
    BlockReason.DAMAGED: _("Damaged"),
    BlockReason.MISUSED: _("Used by somebody else"),
}
REPLACED = _("Replaced by another card")
"""Noted by itself when another card is given, never chosen."""


def why_not_taken(card: Card) -> Any:
    """Return why a card counts no more, or not yet."""
    if card.blocked is None:
        return _("Its time is over, or has not begun")
    return BLOCKS.get(card.block_reason or "", REPLACED)
