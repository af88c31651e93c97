from collections.abc import Callable
from typing import Any

import pytest
from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.scripting import prepare

from bibliopolis.settings import parse_settings
from bibliopolis.templates import ThemeTemplate


@pytest.fixture(scope="session")
def registry(ini):
    """The foundation without rooms and without a database."""
    config = Configurator(settings=ini)
    config.registry["bibliopolis.settings"] = parse_settings(ini)
    for piece in ("web", "negotiation", "theme"):
        config.include(f"bibliopolis.{piece}")
    config.commit()
    return config.registry


@pytest.fixture
def make_request(registry) -> Callable[..., Request]:
    closers = []

    def make(path: str = "/ru", **options: Any) -> Request:
        request = Request.blank(path, **options)
        closers.append(prepare(request, registry)["closer"])
        return request

    yield make
    for close in closers:
        close()


@pytest.fixture
def render(registry, make_request):
    def render_text(source: str, path: str = "/ru", **values: Any) -> str:
        request = make_request(path)
        page = registry["bibliopolis.settings"].data / "page.pt"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(source, encoding="utf-8")
        templates = request.theme.templates
        return ThemeTemplate(page, templates.get).render(
            **{**request.template_globals, "request": request, **values},
            get_csrf_token=lambda: "token",
        )

    return render_text
