"""Running text, written in simple markup."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from bibliopolis.i18n import _

from ..markup import to_html, to_words
from .base import Block, BlockContext, BlockType


class TextBlock(BlockType):
    """Paragraphs, headings, lists and links."""

    name = "text"
    title = _("Text")
    icon = "file-text"
    template = "content/blocks/text.pt"
    editor = "content/blocks/text_editor.pt"
    texts = ("markup",)

    def show(self, block: Block, cards: Mapping[str, Any], context: BlockContext) -> Any:
        """Return the text as HTML; an empty block is left out."""
        kept = context.compiled.get(block["id"])
        html = self.compiled(block) if kept is None else kept
        return {"html": Markup(html)} if html else None

    def compiled(self, block: Block) -> Any:
        """Return the text as HTML: a long page is read a thousand times and saved once."""
        return str(to_html(str(block.get("markup") or "")))

    def words(self, block: Block) -> str:
        """Return the text without its markup."""
        return to_words(str(block.get("markup") or ""))
