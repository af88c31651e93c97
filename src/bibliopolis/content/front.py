"""The front page: a greeting, then bands, each brought by the room that has something to show.

``config.add_front_band(name, provider, template, order)``: ``provider(request)`` returns what the
template draws, or None to leave the band out. Nothing stands there that has no data behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pyramid.config import Configurator
from pyramid.renderers import render
from pyramid.request import Request

from bibliopolis.frame import Link
from bibliopolis.i18n import _
from bibliopolis.parts import Step

from .head import page_url
from .listings import NEWS, Listings
from .pages import COLLECTION, posters, shelves, teaser
from .river import river_band

BANDS = "bibliopolis.front_bands"
Provider = Callable[[Request], Mapping[str, Any] | None]


@dataclass(frozen=True)
class Band:
    """A part of the front page and its place in the order."""

    name: str
    provider: Provider
    template: str
    order: int


def bands(request: Request) -> list[str]:
    """Return the bands that have something to show, drawn, in their order."""
    known: Mapping[str, Band] = request.registry[BANDS]
    drawn = []
    for band in sorted(known.values(), key=lambda one: (one.order, one.name)):
        values = band.provider(request)
        if values is not None:
            drawn.append(render(band.template, {"band": band.name, **values}, request=request))
    return drawn


def events_band(request: Request) -> Mapping[str, Any] | None:
    """Return the nearest events as posters."""
    found = request.find_service(Listings).nearest
    if not found:
        return None
    section = found[0].path.rpartition("/")[0]
    return {
        "heading": _("What is on in the next days"),
        "posters": posters(request, found),
        "more": Link(_("All events"), page_url(request, request.language, section))
        if section
        else None,
    }


def shelves_band(request: Request) -> Mapping[str, Any] | None:
    """Return the newest reading collections, each as a shelf of what it lists."""
    found = request.find_service(Listings).latest(COLLECTION)
    rows = shelves(request, found)
    if not rows:
        return None
    section = found[0].path.rpartition("/")[0]
    return {
        "heading": _("Shelves put together by librarians"),
        "rows": rows,
        "more": Link(_("All collections"), page_url(request, request.language, section))
        if section
        else None,
    }


def news_band(request: Request) -> Mapping[str, Any] | None:
    """Return the latest news."""
    found = request.find_service(Listings).latest(NEWS)
    if not found:
        return None
    section = found[0].path.rpartition("/")[0]
    return {
        "heading": _("What is new"),
        "teasers": [teaser(request, one) for one in found],
        "more": Link(_("All news"), page_url(request, request.language, section))
        if section
        else None,
    }


def steps_band(request: Request) -> Mapping[str, Any]:
    """Return the first three steps of a new reader."""
    home = request.frame.home
    return {
        "heading": _("Here for the first time? Three steps"),
        "steps": (
            Step(
                _("Get a card"),
                _("It is free and takes ten minutes in any library of the city."),
                Link(_("All libraries"), f"{home}/libraries"),
            ),
            Step(
                _("Find and place a hold"),
                _("There is one catalogue for the whole city. Choose where to collect the book."),
                Link(_("Open the catalogue"), f"{request.frame.search}?scope=catalogue"),
            ),
            Step(
                _("Read, and bring it back where you like"),
                _("A book may be returned to any library of the network."),
            ),
        ),
    }


def _add_front_band(
    config: Configurator, name: str, provider: Provider, template: str, order: int = 50
) -> None:
    """Put a band on the front page; two rooms cannot take one name."""
    discriminator = ("bibliopolis front band", name)
    band = Band(name, config.maybe_dotted(provider), template, order)

    def register() -> None:
        config.registry[BANDS][name] = band

    introspectable = config.introspectable(
        "bibliopolis front bands", discriminator, name, "front band"
    )
    introspectable["provider"] = band.provider
    config.action(discriminator, register, introspectables=(introspectable,))


def includeme(config: Configurator) -> None:
    """Add the directive and the bands of this room."""
    config.registry[BANDS] = {}
    config.add_directive("add_front_band", _add_front_band)
    config.add_front_band("river", river_band, "content/front/river.pt", order=10)
    config.add_front_band("events", events_band, "content/front/events.pt", order=20)
    config.add_front_band("shelves", shelves_band, "content/front/shelves.pt", order=30)
    config.add_front_band("news", news_band, "content/front/news.pt", order=45)
    config.add_front_band("steps", steps_band, "content/front/steps.pt", order=50)
