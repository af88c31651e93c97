"""What a page says of itself to search engines and messengers: OpenGraph and schema.org.

A view that gives its template ``about``, an :class:`About`, has it drawn by the layout: the
canonical address, the card that messengers show, and the data of schema.org as JSON-LD. Only what
an anonymous visitor may see belongs in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from pyramid.request import Request

from bibliopolis.i18n import _

CONTEXT = "https://schema.org"
LONGEST_DESCRIPTION = 300

# What would end a script or an old parser's line; inside a JSON string each may be written so.
_ESCAPES = tuple((letter, f"\\u{ord(letter):04x}") for letter in "<>&\u2028\u2029")


@dataclass(frozen=True)
class About:
    """A page in the words of machines; ``url`` and ``image`` are whole addresses."""

    title: str
    url: str
    kind: str = "website"
    description: str = ""
    image: str | None = None
    image_alt: str = ""
    data: tuple[Mapping[str, Any], ...] = ()

    @property
    def scripts(self) -> tuple[Markup, ...]:
        """Return the data as the contents of ``<script type="application/ld+json">``."""
        return tuple(as_script({"@context": CONTEXT, **one}) for one in self.data)


def as_script(data: Mapping[str, Any]) -> Markup:
    """Return JSON that no text in it can break out of; what has no value is left out."""
    text = json.dumps(filled(data), ensure_ascii=False, separators=(",", ":"))
    for letter, written in _ESCAPES:
        text = text.replace(letter, written)
    return Markup(text)


def filled(value: Any) -> Any:
    """Return data without what has no value."""
    if isinstance(value, Mapping):
        return {key: filled(one) for key, one in value.items() if one not in (None, "", [], ())}
    if isinstance(value, list | tuple):
        return [filled(one) for one in value]
    return value


def shortened(text: Any) -> str:
    """Return a description in one line, no longer than anybody shows it."""
    line = " ".join(str(text or "").split())
    if len(line) <= LONGEST_DESCRIPTION:
        return line
    return line[:LONGEST_DESCRIPTION].rsplit(" ", 1)[0] + "…"


def whole(request: Request, path: str) -> str:
    """Return the whole address of a path of this site."""
    return path if "://" in path else f"{request.host_url}{path}"


def organization(request: Request) -> dict[str, Any]:
    """Return who publishes the site."""
    return {
        "@type": "Organization",
        "name": request.translate(_("The libraries of the city")),
        "url": whole(request, f"{request.script_name}/"),
    }


def breadcrumbs(request: Request, crumbs: Iterable[tuple[Any, str | None]]) -> dict[str, Any]:
    """Return the way to a page from the front page; the last crumb is the page itself."""
    way = [(_("Home"), request.frame.home)]
    way += [(title, url) for title, url in crumbs if not request.frame.is_home(url)]
    return {"@type": "BreadcrumbList", "itemListElement": _numbered(request, way)}


def item_list(request: Request, items: Sequence[tuple[Any, str]]) -> dict[str, Any]:
    """Return a list of pages."""
    return {
        "@type": "ItemList",
        "numberOfItems": len(items),
        "itemListElement": _numbered(request, items),
    }


def _numbered(request: Request, items: Iterable[tuple[Any, str | None]]) -> list[dict[str, Any]]:
    return [
        {
            "@type": "ListItem",
            "position": number,
            "name": request.translate(title),
            "item": whole(request, url) if url else None,
        }
        for number, (title, url) in enumerate(items, 1)
    ]
