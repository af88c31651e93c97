"""The built files of a theme: style sheets, fonts, drawings; each address names its content.

``themes/<name>/build.mjs`` writes ``static/`` and ``manifest.json``. Because a changed file has
a new name, browsers may keep what they have for good.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape
from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPNotFound
from pyramid.request import Request
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.static import static_view

log = logging.getLogger(__name__)

FOREVER = 365 * 24 * 3600


class Manifest:
    """Which built file stands for a name, looked up along the theme's path."""

    def __init__(self, folders: tuple[tuple[str, Path], ...], reload: bool = False) -> None:
        self.folders = folders
        self.reload = reload
        self._tables = self._read()

    @property
    def is_built(self) -> bool:
        """Say whether any theme of the path has built files."""
        return bool(self._tables)

    def path(self, name: str) -> str:
        """Return the path below ``/static/``; a name that was not built keeps its own."""
        if self.reload:
            self._tables = self._read()
        for theme, table in self._tables:
            if name in table:
                return f"{theme}/{table[name]}"
        return f"{self.folders[-1][0]}/{name}"

    def _read(self) -> tuple[tuple[str, dict[str, str]], ...]:
        tables = []
        for theme, folder in self.folders:
            place = folder / "manifest.json"
            if place.is_file():
                tables.append((theme, json.loads(place.read_text(encoding="utf-8"))))
        if not tables:
            log.warning("the theme %s is not built: run make build/front-end", self.folders[0][0])
        return tuple(tables)


def icon_markup(sprite: str, name: str, css: str = "icon") -> Markup:
    """Return an icon of the sprite; words always stand beside it, so it is hidden from readers."""
    # A page has dozens of icons: the formatting that Markup offers takes ten times as long.
    css, sprite, name = escape(css), escape(sprite), escape(name)
    return Markup(
        f'<svg class="{css}" aria-hidden="true" focusable="false">'
        f'<use href="{sprite}#i-{name}"></use></svg>'
    )


class StaticFiles:
    """Serve the built files of all themes below ``/static/``, to be kept for good."""

    def __init__(self, folders: dict[str, Path]) -> None:
        self.views = {
            name: static_view(
                str(folder), use_subpath=True, cache_max_age=None, content_encodings=["br", "gzip"]
            )
            for name, folder in folders.items()
        }

    def __call__(self, context: Any, request: Request) -> Response:
        """Return a file, packed if the browser likes it so."""
        theme, *rest = request.subpath or ("",)
        view = self.views.get(theme)
        if view is None or not rest:
            raise HTTPNotFound()
        request.subpath = tuple(rest)
        response = view(context, request)
        response.headers["Cache-Control"] = f"public, max-age={FOREVER}, immutable"
        return response


def includeme(config: Configurator) -> None:
    """Serve the built files."""
    themes = config.registry["bibliopolis.themes"]
    folders = {name: theme.folders[0] / "static" for name, theme in themes.items()}
    config.add_route("static", "/static/*subpath")
    config.add_view(StaticFiles(folders), route_name="static", permission=NO_PERMISSION_REQUIRED)
