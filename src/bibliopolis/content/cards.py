"""Resource cards: how a page shows other resources, whichever room they come from.

``config.add_resource_card("record", cards, mount="catalogue")``: ``cards(request, ids)`` returns
``{id: Card}`` for those the visitor may see, by one query for all; ``mount`` is the part of the
site below which the id follows in an address, so that editors may paste one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pyramid.config import Configurator
from pyramid.request import Request

from bibliopolis.parameters import row_id

REGISTRY = "bibliopolis.resource_cards"
_REFERENCE = re.compile(r"([a-z][a-z0-9_]*):([0-9]+)\Z")


@dataclass(frozen=True)
class Card:
    """A resource as a shelf, a collection or a list shows it.

    ``book`` is what ``cover()`` draws, None where there is no cover; ``status`` a
    ``parts.Status``; ``language`` that of the title where it is not the page's own.
    """

    title: str
    url: str
    by: str = ""
    note: Any = ""
    kind: Any = ""
    book: Any = None
    status: Any = None
    language: str = ""
    type: str = ""


Cards = Callable[[Request, list[int]], Mapping[int, Card]]


@dataclass(frozen=True)
class CardSource:
    """Who makes the cards of one kind of resource."""

    name: str
    cards: Cards
    mount: str | None


def split_reference(reference: str) -> tuple[str, int] | None:
    """Return ``("record", 12)`` for ``record:12``, None for what can name nothing."""
    match = _REFERENCE.match(reference)
    number = row_id(match[2]) if match else None
    return (match[1], number) if match and number is not None else None


def cards_for(request: Request, references: Iterable[str]) -> dict[str, Card]:
    """Return the cards of references such as ``record:12``, by one call for each kind."""
    wanted: dict[str, list[int]] = {}
    for reference in dict.fromkeys(references):
        parts = split_reference(reference)
        if parts is not None:
            wanted.setdefault(parts[0], []).append(parts[1])
    found: dict[str, Card] = {}
    sources: Mapping[str, CardSource] = request.registry[REGISTRY]
    for name, ids in wanted.items():
        if name in sources:
            for one, card in sources[name].cards(request, ids).items():
                found[f"{name}:{one}"] = card
    return found


def reference_of(
    text: str, sources: Mapping[str, CardSource], page_id: Callable[[str], int | None]
) -> str | None:
    """Return the reference that an editor means: ``record:12``, an address, or a page's path."""
    text = text.strip()
    parts = split_reference(text)
    if parts is not None:
        return text if parts[0] in sources else None
    try:
        path = urlsplit(text).path
    except ValueError:
        return None
    segments = [segment for segment in path.split("/") if segment]
    names = segments[1:] if path.startswith("/") or "://" in text else segments
    for source in sources.values():
        if source.mount and names[:1] == [source.mount] and len(names) > 1:
            return f"{source.name}:{names[1]}" if names[1].isdigit() else None
    found = page_id("/".join(names)) if names else None
    return f"content:{found}" if found is not None else None


def _add_resource_card(
    config: Configurator, name: str, cards: Cards, mount: str | None = None
) -> None:
    """Register who makes the cards of ``name:<id>``; two rooms cannot take one name."""
    discriminator = ("bibliopolis resource card", name)
    source = CardSource(name, config.maybe_dotted(cards), mount)

    def register() -> None:
        config.registry[REGISTRY][name] = source

    introspectable = config.introspectable(
        "bibliopolis resource cards", discriminator, name, "resource card"
    )
    introspectable["cards"] = source.cards
    config.action(discriminator, register, introspectables=(introspectable,))


def includeme(config: Configurator) -> None:
    """Add the directive ``add_resource_card``."""
    config.registry[REGISTRY] = {}
    config.add_directive("add_resource_card", _add_resource_card)
