"""Write sitemaps (sitemaps.org) that name a page's other languages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from lxml import etree

from .sources import Place

SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
XHTML = "http://www.w3.org/1999/xhtml"
NAMESPACES: Any = {None: SITEMAP, "xhtml": XHTML}
MEDIA_TYPE = "application/xml"


def write_index(addresses: Iterable[str]) -> bytes:
    """Return the list of sitemaps."""
    root = etree.Element(f"{{{SITEMAP}}}sitemapindex", nsmap=NAMESPACES)
    for address in addresses:
        _text(etree.SubElement(root, f"{{{SITEMAP}}}sitemap"), "loc", address)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def write(site: str, places: Iterable[Place]) -> bytes:
    """Return a sitemap; every language of a page is an address that names all of them."""
    root = etree.Element(f"{{{SITEMAP}}}urlset", nsmap=NAMESPACES)
    for place in places:
        addresses = {tag: f"{site}/{tag}/{path}" for tag, path in place.paths.items()}
        for address in addresses.values():
            url = etree.SubElement(root, f"{{{SITEMAP}}}url")
            _text(url, "loc", address)
            if place.changed is not None:
                _text(url, "lastmod", _moment(place.changed))
            for tag, other in addresses.items() if len(addresses) > 1 else ():
                etree.SubElement(
                    url, f"{{{XHTML}}}link", {"rel": "alternate", "hreflang": tag, "href": other}
                )
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _text(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, f"{{{SITEMAP}}}{name}").text = text


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="seconds")
