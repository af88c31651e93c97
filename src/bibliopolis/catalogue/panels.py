"""Panels that other rooms put beside a record: where circulation lets a reader place a hold.

``config.add_record_panel("hold", panel)``: ``panel(context, request)`` gets the record's resource
and returns finished HTML (``Markup``, usually from ``pyramid.renderers.render``) or None.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from markupsafe import Markup
from pyramid.config import Configurator
from pyramid.request import Request

PANELS = "bibliopolis.record_panels"

Panel = Callable[[Any, Request], str | None]


CopyOffer = Callable[[int], str | None]
"""Takes the id of a copy; returns the address at which just this one can be chosen, or None."""
OFFERS = "bibliopolis.copy_offers"


def copy_offer(context: Any, request: Request) -> CopyOffer:
    """Return what leads from a copy on the page of a record to where it can be chosen."""
    offers = [make(context, request) for make in request.registry[OFFERS]]

    def url(item_id: int) -> str | None:
        return next(filter(None, (offer(item_id) for offer in offers)), None)

    return url


def _add_copy_offer(config: Configurator, make: Any) -> None:
    """Offer something for single copies: ``make(context, request)`` returns a `CopyOffer`."""
    discriminator = ("bibliopolis copy offer", str(make))
    make = config.maybe_dotted(make)
    shown = config.introspectable("bibliopolis copy offers", discriminator, str(make), "copy offer")
    config.action(
        discriminator, lambda: config.registry[OFFERS].append(make), introspectables=(shown,)
    )


def record_panels(context: Any, request: Request) -> list[Markup]:
    """Return the panels that have something to say about the record, in their order."""
    said = (panel(context, request) for _order, _name, panel in request.registry[PANELS])
    return [Markup(html) for html in said if html]


def _add_record_panel(config: Configurator, name: str, panel: Panel, order: int = 50) -> None:
    """Put a panel beside every record; lower orders come first."""
    discriminator = ("bibliopolis record panel", name)
    panel = config.maybe_dotted(panel)

    def register() -> None:
        panels = [*config.registry[PANELS], (order, name, panel)]
        config.registry[PANELS] = sorted(panels, key=lambda one: one[:2])

    shown = config.introspectable("bibliopolis record panels", discriminator, name, "record panel")
    shown["panel"] = panel
    config.action(discriminator, register, introspectables=(shown,))


def includeme(config: Configurator) -> None:
    """Add the directive."""
    config.registry[PANELS] = []
    config.registry[OFFERS] = []
    config.add_directive("add_copy_offer", _add_copy_offer)
    config.add_directive("add_record_panel", _add_record_panel)
