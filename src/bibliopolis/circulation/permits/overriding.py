"""Staff override blocks: each by its kind's permission, each named, with a reason.

As in FOLIO, an attempt lists the blocks it overrides; what it does not list, and what nobody may
override, still stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bibliopolis.errors import InvalidInput
from bibliopolis.i18n import _

from .blocks import Block, Override

LONGEST_REASON = 500


@dataclass(frozen=True)
class Overriding:
    """Which blocks somebody overrides, by their codes, why, and what they may override."""

    codes: frozenset[str] = frozenset()
    reason: str = ""
    may: Callable[[Override], bool] = lambda _kind: False

    def left(self, blocks: Iterable[Block]) -> tuple[Block, ...]:
        """Return the blocks that still stand; InvalidInput where the reason is missing."""
        blocks = tuple(blocks)
        if self.codes and blocks and not self.reason.strip():
            said = _("Write why: it is kept with the hold or the loan.")
            raise InvalidInput(said, {"reason": said})
        return tuple(block for block in blocks if not self.overrides(block))

    def overrides(self, block: Block) -> bool:
        """Say whether the block is listed, and the permission for its kind is there."""
        return block.code in self.codes and self.can(block)

    def can(self, block: Block) -> bool:
        """Say whether the block may be overridden by whoever asks."""
        return block.kind is not None and self.may(block.kind)


NOTHING = Overriding()
"""What readers override."""
