"""What visitors see: the front page and every live page, as HTML and as JSON."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config

from bibliopolis.i18n import LANGUAGES, _
from bibliopolis.resources.interfaces import IReferenceSource
from bibliopolis.resources.traversal import LanguageRoot

from ..front import bands
from ..head import page_url, staff_url, way_to_work
from ..json import page_json
from ..listings import LIBRARY_PAGE
from ..pages import PublicPage, present
from ..resources import NodeInLanguage, home
from ..revisions import read
from ..schema_org import about_front, about_page

PAGING = frozenset({"page", "news", "events", "past"})
"""What makes another page of a list; all else in an address is the same page, put otherwise."""

HTML = {"accept": "text/html"}
JSON = {"accept": "application/json", "renderer": "json"}


@view_config(
    context=LanguageRoot,
    name="",
    permission=NO_PERMISSION_REQUIRED,
    renderer="content/front.pt",
    request_method="GET",
    **HTML,
)
def front(context: LanguageRoot, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Show the front page; what its own live page says is the greeting."""
    if context.__name__ != request.language:
        # Only pages are written in this language: one of them greets those who speak it.
        welcome = request.settings.welcome_page
        language = context.__name__ if welcome else request.language
        return HTTPSeeOther(page_url(request, language, welcome))
    root = home(context, request)
    page = _page(root, request)
    title: Any = _("A city you can take out and read")
    lede: Any = _("One card for all libraries. Find a book, and collect it near your home.")
    if page:
        title, lede = page.title, page.values.get("summary")
    return {
        "front": True,
        "title": title,
        "lede": lede,
        "about": about_front(request, title, lede),
        "page": page,
        "bands": bands(request),
    }


@view_config(
    context=LanguageRoot,
    name="",
    permission=NO_PERMISSION_REQUIRED,
    request_method="GET",
    **JSON,
)
def front_json(context: LanguageRoot, request: Request) -> dict[str, Any]:
    """Show the root of the site to programs."""
    return page_json(home(context, request), request)


@view_config(
    context=NodeInLanguage,
    name="",
    permission=NO_PERMISSION_REQUIRED,
    renderer="content/page.pt",
    request_method="GET",
    **HTML,
)
def page(context: NodeInLanguage, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Show what is live, in this language or its fallback; to staff the preview of a draft."""
    if context.is_root:
        return HTTPSeeOther(page_url(request, context.language, ""))
    if context.type.name == LIBRARY_PAGE and context.shown is not None:
        elsewhere = _address_of_library(context, request)
        if elsewhere is not None:
            return HTTPSeeOther(elsewhere)
    shown = _page(context, request)
    if shown is None:
        view = "preview" if context.translation is not None else "contents"
        return HTTPSeeOther(staff_url(request, context.language, context.node.path, view))
    other = shown.language.tag != context.language
    crumbs = _crumbs(context, request, shown.title)
    canonical = _canonical(context, request, shown.language.tag)
    return {
        "page": shown,
        "crumbs": crumbs,
        "about": about_page(context, request, shown, crumbs, canonical),
        "fallback": shown.language if other else None,
        "asked": LANGUAGES[context.language],
        "live_languages": context.live_languages,
        "edit_url": way_to_work(context, request),
    }


@view_config(
    context=NodeInLanguage,
    name="",
    permission=NO_PERMISSION_REQUIRED,
    request_method="GET",
    **JSON,
)
def page_as_json(context: NodeInLanguage, request: Request) -> dict[str, Any]:
    """Show what is live to programs, in the shapes of the Plone REST API."""
    return page_json(context, request)


def _page(context: NodeInLanguage, request: Request) -> PublicPage | None:
    shown = context.shown
    if shown is None:
        return None
    shared = context.shared.live_revision_id if context.shared else None
    revisions = read(request.db, shown.live_revision_id, shared)
    return present(context, request, *revisions, shown.language)


def _address_of_library(context: NodeInLanguage, request: Request) -> str | None:
    """Return where the page of a library is read: with its hours, its events and its news."""
    library = context.node.library_id
    source = request.find_service(IReferenceSource, name="library", context=None)
    if library is None or not source.titles([library], request.language):
        return None
    return str(source.url(library, request.language))


def _canonical(context: NodeInLanguage, request: Request, language: str) -> str:
    """Return where search engines find the page: in the language it is really in."""
    kept = [(name, value) for name, value in request.GET.items() if name in PAGING]
    query = f"?{urlencode(kept)}" if kept else ""
    return request.host_url + page_url(request, language, context.node.path) + query


def _crumbs(context: NodeInLanguage, request: Request, title: str) -> list[tuple[Any, str | None]]:
    """Return the way to the page; pages above that are not public are not named."""
    crumbs: list[tuple[Any, str | None]] = [(title, None)]
    above = context.__parent__
    while isinstance(above, NodeInLanguage):
        if above.live_title:
            url = page_url(request, context.language, above.node.path)
            crumbs.append((above.live_title, url))
        above = above.__parent__
    return list(reversed(crumbs))
