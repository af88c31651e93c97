"""How a visitor wants to see the site: colours, large text, contrast, language; kept in cookies.

The forms of the top bar post here without a token on purpose: nothing but cosmetic cookies is
written, and a token would give every visitor who only reads a session.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config

from bibliopolis.frame import in_language

YEAR = 365 * 24 * 3600
VIEWS = ("large", "contrast", "plain")
CHOICES = frozenset({"theme", "view", "language", "my_library"})
"""The cookies that hold a choice and no secret."""


def local_path(address: str | None, default: str = "/") -> str:
    r"""Return the path and query of an address on this site, or the default for any other.

    Browsers read a backslash as a slash and skip control characters, so that ``/\evil.example``
    would leave the site.
    """
    try:
        parts = urlsplit(address or "")
    except ValueError:
        return default
    path = parts.path
    foreign = parts.scheme or parts.netloc or not path.startswith("/") or path.startswith("//")
    if foreign or any(letter == "\\" or ord(letter) <= 32 for letter in address or ""):
        return default
    return f"{path}?{parts.query}" if parts.query else path


def keep_choice(request: Request, response: Response, name: str, value: str) -> None:
    """Keep what a visitor chose in their browser for a year, out of the reach of scripts."""
    if name not in CHOICES:
        raise ValueError(f"{name} is no cookie for a choice: see CHOICES")
    response.set_cookie(
        name,
        value,
        max_age=YEAR,
        samesite="Lax",
        httponly=True,
        secure=request.settings.secure_cookies,
    )


@view_config(
    route_name="view_settings",
    request_method="POST",
    permission=NO_PERMISSION_REQUIRED,
    require_csrf=False,
)
def keep_view_settings(request: Request) -> HTTPSeeOther:
    """Keep one choice in a cookie and go back to where it was made."""
    back = local_path(request.POST.get("back", "/"))
    settings = request.registry["bibliopolis.settings"]
    chosen: dict[str, str] = {}
    language = request.POST.get("language")
    if language in settings.languages:
        chosen["language"] = language
        bare = back.removeprefix(request.script_name)
        path, _mark, query = bare.partition("?")
        back = request.script_name + in_language(path, language, settings.all_languages)
        back += f"?{query}" if query else ""
    if request.POST.get("theme") in {"auto", "light", "dark"}:
        chosen["theme"] = request.POST["theme"]
    if request.POST.get("view") in VIEWS:
        turned = request.frame.view ^ {request.POST["view"]}
        chosen["view"] = ".".join(name for name in VIEWS if name in turned)
    response = HTTPSeeOther(location=back)
    for name, value in chosen.items():
        keep_choice(request, response, name, value)
    return response


def includeme(config: Configurator) -> None:
    """Add the address the forms post to."""
    config.add_route("view_settings", "/view-settings")
    config.scan("bibliopolis.view_settings")
