"""Themes: what a site looks like, found along a path of folders and chosen per request.

A theme is a folder below ``themes/`` with ``theme.yaml`` (name, extends), ``templates/`` and
``static/`` (built). What it lacks is taken from the theme it extends.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request

from bibliopolis import declarations
from bibliopolis.assets import Manifest, icon_markup
from bibliopolis.covers import make_cover, shelf_covers
from bibliopolis.errors import ConfigurationError
from bibliopolis.formats import Formats
from bibliopolis.frame import Frame
from bibliopolis.templates import TemplateCache, form_renderer, page_renderer_factory, translator

KEYS = {"name", "title", "extends"}


@dataclass(frozen=True)
class Theme:
    """One theme with those it extends, nearest first."""

    name: str
    folders: tuple[Path, ...]
    compiled: Path | None = None
    reload: bool = False

    @cached_property
    def templates(self) -> TemplateCache:
        """Return the one cache of this theme's templates."""
        roots = tuple(folder / "templates" for folder in self.folders)
        return TemplateCache(roots, self.compiled, self.reload)

    @cached_property
    def manifest(self) -> Manifest:
        """Return the table of built files along the path."""
        return Manifest(
            tuple((folder.name, folder / "static") for folder in self.folders), self.reload
        )


def load_themes(root: Path, compiled: Path | None = None, reload: bool = False) -> dict[str, Theme]:
    """Read every theme below the folder; a wrong declaration stops the start."""
    extends: dict[str, str | None] = {}
    places: dict[str, Path] = {}
    for place in sorted(root.glob("*/theme.yaml")):
        name, parent = _declared(place)
        extends[name], places[name] = parent, place
    return {
        name: Theme(name, _folders(name, extends, places), compiled, reload) for name in extends
    }


def _declared(place: Path) -> tuple[str, str | None]:
    declared = declarations.read(place).mapping(KEYS, required=("name",))
    name = declared["name"].text()
    if name != place.parent.name:
        raise declared["name"].error(f"name must be {place.parent.name}, as the folder is")
    return name, declared["extends"].text() if "extends" in declared else None


def _extending(place: Path, message: str) -> ConfigurationError:
    """Return the error about what a theme extends, with its line."""
    return declarations.read(place).items()["extends"].error(message)


def _folders(
    name: str, extends: dict[str, str | None], places: dict[str, Path]
) -> tuple[Path, ...]:
    chain: list[str] = []
    following: str | None = name
    while following is not None:
        if following in chain:
            raise _extending(places[name], "a theme cannot extend itself")
        if following not in places:
            raise _extending(places[chain[-1]], f"there is no theme {following} to extend")
        chain.append(following)
        following = extends[following]
    return tuple(places[link].parent for link in chain)


def request_theme(request: Request) -> Theme:
    """Return the theme of the request (``request.theme``); a room may set another one."""
    registry = request.registry
    return registry["bibliopolis.themes"][registry["bibliopolis.settings"].theme]


def request_formats(request: Request) -> Formats:
    """Return the formats of the request's language (``request.formats``)."""
    return Formats(request.language, request.registry["bibliopolis.clock"].zone)


def asset_url(request: Request, name: str) -> str:
    """Return the address of a built file; it changes with the file's content."""
    return f"{request.script_name}/static/{request.theme.manifest.path(name)}"


def template_globals(request: Request) -> dict[str, Any]:
    """Return the names every template has beside what its view gives it."""
    formats = request.formats

    def asset(name: str) -> str:
        return asset_url(request, name)

    def icon(name: str, css: str = "icon") -> Any:
        return icon_markup(asset("icons.svg"), name, css)

    return {
        "asset": asset,
        "icon": icon,
        "frame": request.frame,
        "translate": request.translate,
        "target_language": request.language,
        "date": formats.date,
        "time": formats.time,
        "datetime": formats.datetime,
        "machine": formats.machine,
        "number": formats.number,
        "percent": formats.percent,
        "language_name": formats.language_name,
        "cover": make_cover,
        "shelf_covers": shelf_covers,
    }


def includeme(config: Configurator) -> None:
    """Register themes, the renderer of page templates and what templates need of a request."""
    settings = config.registry["bibliopolis.settings"]
    themes = load_themes(
        settings.site / "themes", settings.data / "cache" / "templates", settings.debug
    )
    if settings.theme not in themes:
        raise ConfigurationError(
            settings.site / "themes", None, f"there is no theme {settings.theme}"
        )
    config.registry["bibliopolis.themes"] = themes
    config.add_renderer(".pt", page_renderer_factory)
    config.add_request_method(request_theme, "theme", reify=True)
    config.add_request_method(request_formats, "formats", reify=True)
    config.add_request_method(translator, "translate", reify=True)
    config.add_request_method(template_globals, "template_globals", reify=True)
    config.add_request_method(form_renderer, "form_renderer", reify=True)
    config.add_request_method(Frame, "frame", reify=True)
    config.add_request_method(asset_url, "asset_url")
    config.include("bibliopolis.frame")
    config.include("bibliopolis.assets")
    config.include("bibliopolis.view_settings")
