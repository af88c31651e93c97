"""Which language a request is in: the address decides; before that, the visitor's browser."""

from __future__ import annotations

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPFound
from pyramid.request import Request
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config

from bibliopolis.i18n import frame_language, negotiate
from bibliopolis.problems import wants_json
from bibliopolis.resources.traversal import Site

LANGUAGE_COOKIE = "language"


def request_language(request: Request) -> str:
    """Return the language of the request; traversal overrides this with the address's own."""
    settings = request.registry["bibliopolis.settings"]
    # Not request.path_info: that is no text where the address cannot be read, and then the page
    # that says so needs a language, too.
    first = request.environ.get("PATH_INFO", "").lstrip("/").split("/", 1)[0]
    if first in settings.all_languages:
        return frame_language(first, settings.languages)
    return negotiate(
        request.cookies.get(LANGUAGE_COOKIE),
        request.headers.get("Accept-Language"),
        settings.languages,
    )


def page_language(request: Request) -> str:
    """Return the language of the page that is asked for; traversal says where it is another."""
    return str(request.language)


def locale_negotiator(request: Request) -> str:
    """Tell Pyramid's localizer the language of our words.

    It is that of the page. A program may ask for another: it reads Arabic pages and shows their
    titles of fields, states and steps, and what went wrong, to somebody who speaks Russian.
    """
    asked = request.headers.get("Accept-Language")
    if not asked or not wants_json(request):
        return request.language
    offered = request.registry["bibliopolis.settings"].languages
    return negotiate(None, asked, (request.language, *offered))


@view_config(context=Site, name="", permission=NO_PERMISSION_REQUIRED)
def greet(context: Site, request: Request) -> HTTPFound:
    """Send a visitor without a language to the front page in theirs."""
    settings = request.registry["bibliopolis.settings"]
    # Whoever speaks a language that only pages are written in is greeted by one of these.
    offered = settings.all_languages if settings.welcome_page else settings.languages
    language = negotiate(
        request.cookies.get(LANGUAGE_COOKIE), request.headers.get("Accept-Language"), offered
    )
    response = HTTPFound(location=request.resource_url(context, language, ""))
    response.vary = ("Accept-Language", "Cookie")
    response.cache_control.private = True
    return response


def includeme(config: Configurator) -> None:
    """Give requests a language and tell the localizer."""
    config.add_request_method(request_language, "language", reify=True)
    config.add_request_method(page_language, "page_language", reify=True)
    config.set_locale_negotiator(locale_negotiator)
    config.add_translation_dirs("colander:locale")
    locales = config.registry["bibliopolis.settings"].site / "locales"
    if locales.is_dir():
        config.add_translation_dirs(str(locales))
    config.scan("bibliopolis.negotiation")
