"""Whoever asks again for what they wait for is shown how they wait."""

from __future__ import annotations

from bibliopolis.errors import Blocked

from ..models import Hold
from ..permits import Block, Code

HELD = frozenset({Code.TOO_MANY_FOR_RECORD, Code.ITEM_ALREADY_ON_HOLD, Code.OTHER_LEVEL_ON_HOLD})
"""What says that the reader waits for the title already."""


class AlreadyHeld(Blocked):
    """The reader already waits for this title, and for no more of it; ``hold`` is how."""

    def __init__(self, hold: Hold, blocks: tuple[Block, ...]) -> None:
        super().__init__(blocks[0].message, blocks)
        self.hold = hold
