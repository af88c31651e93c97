"""Text, text with markup, addresses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from html import escape, unescape
from typing import Any
from urllib.parse import urlsplit

import colander
import nh3
from deform.widget import TextAreaWidget, TextInputWidget
from markupsafe import Markup

from bibliopolis.declarations import Node
from bibliopolis.i18n import _

from ..context import FieldContext
from ..types import Field, ResourceTypes
from .base import FieldType, Stored

LINE = 250
"""A text of at most so many characters is written in one line."""

LONGEST = 20_000

_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_MARKUP = re.compile(r"</?[a-zA-Z][^>]*>")
_TAGS = {"p", "br", "strong", "em", "a", "ul", "ol", "li", "blockquote", "h2", "h3", "h4", "span"}
_ATTRIBUTES = {"a": {"href", "hreflang", "lang"}, "*": {"lang", "dir"}}


def clean_text(text: str, one_line: bool = False) -> str:
    """Return a text as we keep it: composed, without what nobody can see, ends trimmed."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _UNSEEN.sub("", text)
    return " ".join(text.split()) if one_line else text.strip()


def clean_markup(markup: str) -> str:
    """Return markup with nothing in it but what our pages know; plain text becomes paragraphs."""
    cleaned = nh3.clean(
        clean_text(markup),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener",
        clean_content_tags={"script", "style"},
    ).strip()
    return cleaned if _MARKUP.search(cleaned) else _paragraphs(unescape(cleaned))


def _paragraphs(text: str) -> str:
    """Return text as paragraphs: an empty line parts them."""
    return "\n".join(
        f"<p>{escape(paragraph.strip(), quote=False)}</p>".replace("\n", "<br>")
        for paragraph in re.split(r"\n\s*\n", text)
        if paragraph.strip()
    )


def plain_words(markup: str) -> str:
    """Return the words of markup, for search."""
    spaced = str(markup).replace("<", " <")
    return " ".join(unescape(nh3.clean(spaced, tags=set())).split())


class TextValue(Stored):
    """Text from a form or from JSON."""

    def __init__(self, one_line: bool) -> None:
        self.one_line = one_line

    def read(self, node: Any, value: Any) -> Any:
        """Return the cleaned text; nothing but blanks is no value."""
        if not isinstance(value, str):
            raise colander.Invalid(node, _("This must be text."))
        return clean_text(value, self.one_line) or colander.null


class MarkupValue(TextValue):
    """Markup, cleaned whoever sent it."""

    def read(self, node: Any, value: Any) -> Any:
        """Return the cleaned markup."""
        text = super().read(node, value)
        return text if text is colander.null else clean_markup(text) or colander.null


class Text(FieldType):
    """Plain text; of one line when it is short."""

    name = "text"
    options = ("max_length",)

    def check(
        self, one: Field, keys: Mapping[str, Node], where: Node, types: ResourceTypes
    ) -> Mapping[str, Any]:
        """Read the greatest length."""
        return {"max_length": keys["max_length"].integer(1)} if "max_length" in keys else {}

    def longest(self, one: Field) -> int:
        """Return the greatest number of characters."""
        return int(one.options.get("max_length", LONGEST))

    def one_line(self, one: Field) -> bool:
        """Say whether the text is written in one line."""
        return self.longest(one) <= LINE

    def value_type(self, one: Field, context: FieldContext) -> Any:
        """Return text."""
        return TextValue(self.one_line(one))

    def validator(self, one: Field, context: FieldContext) -> Any:
        """Limit the length."""
        return at_most(self.longest(one))

    def widget(self, one: Field, context: FieldContext) -> Any:
        """Return a line or an area to write in."""
        if self.one_line(one):
            return TextInputWidget(attributes={"maxlength": str(self.longest(one))})
        return TextAreaWidget(rows=4)

    def json_schema(self, one: Field, context: FieldContext) -> dict[str, Any]:
        """Return a string with its greatest length."""
        return {"type": "string", "maxLength": self.longest(one)}


class RichText(Text):
    """Text with the few tags our pages know; everything else is taken out on saving."""

    name = "rich_text"

    def one_line(self, one: Field) -> bool:
        """Never: markup has paragraphs."""
        return False

    def longest(self, one: Field) -> int:
        """Return the greatest number of characters, tags counted."""
        return int(one.options.get("max_length", 10 * LONGEST))

    def value_type(self, one: Field, context: FieldContext) -> Any:
        """Return cleaned markup."""
        return MarkupValue(False)

    def widget(self, one: Field, context: FieldContext) -> Any:
        """Return an area to write in."""
        return TextAreaWidget(rows=12)

    def json_schema(self, one: Field, context: FieldContext) -> dict[str, Any]:
        """Return a string that holds HTML."""
        return {**super().json_schema(one, context), "contentMediaType": "text/html"}

    def words(self, value: Any) -> str:
        """Return the text without its tags."""
        return plain_words(value)

    def display(self, one: Field, value: Any, context: FieldContext) -> Any:
        """Return markup, cleaned once more: what is stored may be older than our rules."""
        return Markup(clean_markup(value))


class UrlValue(Stored):
    """An address on the web, or a path on this site."""

    def read(self, node: Any, value: Any) -> Any:
        """Return the address; only the schemes a reader can follow safely."""
        if not isinstance(value, str):
            raise colander.Invalid(node, _("This must be text."))
        address = clean_text(value, one_line=True)
        if not address:
            return colander.null
        try:
            parts = urlsplit(address)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname)
        except ValueError:
            usable = False
        inside = address.startswith("/") and not address.startswith(("//", "/\\"))
        if " " in address or not (usable or inside):
            raise colander.Invalid(
                node, _("Write a full address, such as https://example.org/, or a path: /ru/news.")
            )
        return address


class Url(FieldType):
    """An address."""

    name = "url"
    in_text = False

    def value_type(self, one: Field, context: FieldContext) -> Any:
        """Return an address."""
        return UrlValue()

    def validator(self, one: Field, context: FieldContext) -> Any:
        """Limit the length to what browsers take."""
        return at_most(2000)

    def widget(self, one: Field, context: FieldContext) -> Any:
        """Return a line to write in."""
        return TextInputWidget(attributes={"inputmode": "url", "dir": "ltr", "maxlength": "2000"})

    def json_schema(self, one: Field, context: FieldContext) -> dict[str, Any]:
        """Return a reference to a URI."""
        return {"type": "string", "format": "uri-reference", "maxLength": 2000}


def at_most(longest: int) -> Any:
    """Return a validator of a text's length."""

    def check(node: Any, value: str) -> None:
        if len(value) > longest:
            raise colander.Invalid(
                node,
                _(
                    "This is ${length} characters long; at most ${most} fit.",
                    mapping={"length": len(value), "most": longest},
                ),
            )

    return check
