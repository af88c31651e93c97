"""What the room puts into every page: the sections, and the editors' part of the staff side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pyramid.request import Request
from sqlalchemy import select

from bibliopolis.frame import Column, Link, RailGroup
from bibliopolis.i18n import _
from bibliopolis.parameters import offset, pager
from bibliopolis.resources.access import Role
from bibliopolis.resources.types import ResourceTypes

from .head import DRAFT, page_url, staff_url, state_of
from .inventory import Inventory, Waiting
from .listings import Listings, Titled
from .models import Content
from .names import names_of
from .place_of_work import contents_url, works_on_pages

PANEL = 10
FOOTER_LINKS = 6


def navigation(request: Request) -> Iterable[Link]:
    """Return the sections of the first level that are public."""
    return [_link(request, one) for one in request.find_service(Listings).first_levels.sections]


def footer(request: Request) -> Iterable[Column]:
    """Return a column for each section that has pages of its own, such as rules and contacts."""
    found = request.find_service(Listings).first_levels
    return [
        Column(
            section.title,
            tuple(_link(request, one) for one in found.below[section.path][:FOOTER_LINKS]),
            section.language,
        )
        for section in found.sections
        if section.path in found.below
    ]


def _link(request: Request, one: Titled) -> Link:
    return Link(one.title, page_url(request, request.language, one.path), language=one.language)


def rail(request: Request) -> Iterable[RailGroup]:
    """Return the editors' sections with the number of what waits."""
    if not works_on_pages(request):
        return
    waiting, _rows = request.find_service(Inventory).waiting_for_review(0, 1)
    staff = f"{request.frame.home}/staff"
    links = [Link(_("Review"), f"{staff}#review", "clipboard-check", waiting or None)]
    if (contents := contents_url(request)) is not None:
        links.insert(0, Link(_("Contents"), contents, "folder2"))
    yield RailGroup(_("Site"), tuple(links))


def review_panel(request: Request) -> Mapping[str, Any] | None:
    """Return what the visitor may publish or send back, longest waiting first."""
    if not works_on_pages(request):
        return None
    start = offset(request, PANEL, "review")
    total, found = request.find_service(Inventory).waiting_for_review(start, PANEL)
    if not total and not request.principals.holds_anywhere((Role.REVIEWER,)):
        return None
    return {
        "title": _("Waiting for review"),
        "count": total,
        "rows": lines(request, found, "preview"),
        "pager": pager(request, total, PANEL, "review"),
    }


def drafts_panel(request: Request) -> Mapping[str, Any] | None:
    """Return what the visitor has begun and not brought before the public."""
    if not works_on_pages(request):
        return None
    start = offset(request, PANEL, "drafts")
    total, found = request.find_service(Inventory).my_drafts(start, PANEL)
    return {
        "title": _("My drafts"),
        "count": total,
        "rows": lines(request, found, "edit"),
        "pager": pager(request, total, PANEL, "drafts"),
        "contents_url": None if found else contents_url(request),
    }


def lines(
    request: Request, found: Iterable[Waiting], view: str, *, states: bool = False
) -> list[dict[str, Any]]:
    """Return pages as lines of a panel; ``view`` is what a line leads to."""
    rows = list(found)
    names = names_of(request, [one.author_id for one in rows])
    types = request.find_service(ResourceTypes)
    lines = []
    for one in rows:
        language = one.translation.language
        is_source = language == one.node.source_language
        name = "translate" if view == "edit" and not is_source else view
        lines.append(
            {
                "title": one.translation.working_title or one.node.slug,
                "url": staff_url(request, language, one.node.path, name),
                "kind": types[one.node.type].title,
                "language": language,
                "state": state_of(one.translation) if states or view == "edit" else DRAFT,
                "author": names.get(one.author_id, ""),
                "note": one.note,
                "changed": one.translation.changed,
            }
        )
    return lines


def node_choices(request: Request) -> Iterable[tuple[str, str]]:
    """Return the sections a role may be held at."""
    rows = request.db.execute(
        select(Content.id, Content.path)
        .where(Content.type == "section", Content.binned.is_(None), Content.parent_id.is_not(None))
        .order_by(Content.path)
        .limit(500)
    )
    return [(str(one), path) for one, path in rows]
