"""Write Atom (RFC 4287) in pages that lead to one another (RFC 5005)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from lxml import etree

from .feed import Entry, Feed

ATOM = "http://www.w3.org/2005/Atom"
MEDIA_TYPE = "application/atom+xml"
NAMESPACES: Any = {None: ATOM}
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def write(feed: Feed) -> bytes:
    """Return the feed as XML."""
    root = etree.Element(_tag("feed"), {XML_LANG: feed.language}, nsmap=NAMESPACES)
    _text(root, "id", feed.id)
    _text(root, "title", feed.title)
    if feed.subtitle:
        _text(root, "subtitle", feed.subtitle)
    _text(root, "updated", _moment(feed.updated))
    _text(etree.SubElement(root, _tag("author")), "name", feed.author)
    _link(root, "self", feed.url, MEDIA_TYPE)
    _link(root, "alternate", feed.page, "text/html", feed.language)
    for relation, address in feed.links:
        _link(root, relation, address, MEDIA_TYPE)
    for entry in feed.entries:
        _entry(root, entry)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _entry(root: etree._Element, entry: Entry) -> None:
    element = etree.SubElement(root, _tag("entry"), {XML_LANG: entry.language})
    _text(element, "id", entry.id)
    _text(element, "title", entry.title)
    _link(element, "alternate", entry.url, "text/html", entry.language)
    _text(element, "updated", _moment(entry.updated))
    if entry.published is not None:
        _text(element, "published", _moment(entry.published))
    if entry.summary:
        _text(element, "summary", entry.summary)
    for term, label in entry.categories:
        etree.SubElement(element, _tag("category"), term=_clean(term), label=_clean(label))


def _tag(name: str) -> str:
    return f"{{{ATOM}}}{name}"


def _text(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, _tag(name)).text = _clean(text)


def _link(
    parent: etree._Element, relation: str, address: str, kind: str, language: str | None = None
) -> None:
    attributes = {"rel": relation, "type": kind, "href": _clean(address)}
    if language:
        attributes["hreflang"] = language
    etree.SubElement(parent, _tag("link"), attributes)


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _clean(text: str) -> str:
    """Return a text without the characters that XML cannot hold."""
    return "".join(
        letter
        for letter in text
        if letter in "\t\n\r"
        or "\x20" <= letter <= "\ud7ff"
        or "\ue000" <= letter <= "\ufffd"
        or letter >= "\U00010000"
    )
