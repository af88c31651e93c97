"""The simple markup of text blocks: Markdown without raw HTML, cleaned once more afterwards."""

from __future__ import annotations

from functools import cache

from markdown_it import MarkdownIt

from bibliopolis.resources.fields.texts import Markup, clean_markup, plain_words

RULES = (
    "backticks",
    "blockquote",
    "emphasis",
    "escape",
    "heading",
    "lheading",
    "link",
    "list",
    "newline",
    "reference",
)
VERSION = 1
"""One more whenever the same text is to become other HTML: what was kept is then made anew."""

TOP_HEADING = 2
LOWEST_HEADING = 4


@cache
def _reader() -> MarkdownIt:
    return MarkdownIt("zero", {"html": False, "typographer": False}).enable(list(RULES))


def to_html(text: str) -> Markup:
    """Return the text as HTML; headings begin below the page's own title."""
    reader = _reader()
    tokens = reader.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            level = min(int(token.tag[1]) + TOP_HEADING - 1, LOWEST_HEADING)
            token.tag = f"h{level}"
    html = reader.renderer.render(tokens, reader.options, {})
    return Markup(clean_markup(html)) if html.strip() else Markup("")


def to_words(text: str) -> str:
    """Return the text without its markup, for search."""
    html = to_html(text)
    return plain_words(html) if html else ""
