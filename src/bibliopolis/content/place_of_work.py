"""Where the visitor works on pages: which part of the tree, in which language."""

from __future__ import annotations

from pyramid.request import Request
from sqlalchemy import select

from bibliopolis.resources.access import Grant, Role

from .head import staff_url
from .models import Content

WRITERS = (Role.EDITOR, Role.TRANSLATOR, Role.REVIEWER, Role.MANAGER)
SCOPES = ("lang:", "node:")
"""What a page lies in: whoever manages a library only has nothing to do with pages."""


def works_on_pages(request: Request) -> bool:
    """Say whether the visitor has work in the tree of pages."""
    return bool(_grants(request))


def working_language(request: Request) -> str:
    """Return the language whose contents the visitor may open: the page's own, if possible.

    A translator of Arabic reads the staff side in Russian, and still works on the Arabic pages.
    """
    offered = request.settings.all_languages
    works_in = {
        language
        for grant in _grants(request)
        for language in offered
        if f"lang:{language}" in grant.scopes
        or not any(scope.startswith("lang:") for scope in grant.scopes)
    }
    if request.page_language in works_in:
        return str(request.page_language)
    return next((language for language in offered if language in works_in), request.language)


def contents_url(request: Request) -> str | None:
    """Return where the visitor's part of the tree begins: the whole of it, or their section.

    None for those who have no work there, or whose section is gone.
    """
    language = working_language(request)
    nodes: set[int] = set()
    for grant in _grants(request):
        here = {scope for scope in grant.scopes if scope.startswith("node:")}
        if not grant.scopes - here <= {f"lang:{language}"}:
            continue
        if not here:
            return staff_url(request, language, "")
        nodes.update(int(scope.partition(":")[2]) for scope in here)
    there = Content.id.in_(nodes) & Content.binned.is_(None)
    path = request.db.scalar(select(Content.path).where(there).order_by(Content.path).limit(1))
    return None if path is None else staff_url(request, language, path)


def _grants(request: Request) -> list[Grant]:
    return [
        grant
        for grant in request.principals.grants
        if grant.role in WRITERS and all(scope.startswith(SCOPES) for scope in grant.scopes)
    ]
