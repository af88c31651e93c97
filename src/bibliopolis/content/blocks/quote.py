"""Somebody's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bibliopolis.i18n import _

from .base import Block, BlockContext, BlockType


class Quote(BlockType):
    """A quotation and where it is from."""

    name = "quote"
    title = _("Quotation")
    icon = "chat-left-text"
    template = "content/blocks/quote.pt"
    editor = "content/blocks/quote_editor.pt"
    texts = ("text", "source")

    def show(self, block: Block, cards: Mapping[str, Any], context: BlockContext) -> Any:
        """Return the paragraphs of the quotation."""
        paragraphs = [one for one in str(block.get("text") or "").split("\n") if one.strip()]
        return {"paragraphs": paragraphs, "source": block.get("source")} if paragraphs else None
