"""Pages for programs, in the shapes of the Plone REST API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyramid.request import Request

from bibliopolis.errors import NotAllowed, NotFoundHere, NotSignedIn
from bibliopolis.etags import hashed, tag_with
from bibliopolis.i18n import LANGUAGES, _
from bibliopolis.parameters import batch, batching
from bibliopolis.resources.access import Permission
from bibliopolis.resources.components import components_of
from bibliopolis.resources.context import FieldContext
from bibliopolis.resources.json import represent
from bibliopolis.resources.types import ALL_LANGUAGES, ResourceTypes

from .head import page_url
from .inventory import PUBLISHED, Inventory
from .listings import Listings
from .models import ContentTranslation
from .resources import NodeInLanguage
from .revisions import Read, read

WORKING = "working"


@dataclass(frozen=True)
class Chosen:
    """Which revision of a page a program reads: what is on the site, or what is being written."""

    translation: ContentTranslation
    own: Read
    shared: Read | None
    live: bool

    @property
    def state(self) -> str:
        """Return the state of what is read: what is on the site is published."""
        return PUBLISHED if self.live else self.translation.state or ""


def version_of(context: NodeInLanguage) -> str:
    """Return what changes with each change of the page itself in this language."""
    facts: list[Any] = [context.node.id, context.language, context.node.path]
    for one in (context.translation, context.shared):
        if one is not None:
            facts += (one.state, one.live_revision_id, one.working_revision_id)
    return hashed(*facts)


def page_json(context: NodeInLanguage, request: Request) -> dict[str, Any]:
    """Return a page with the pages below it.

    That is the live revision; with ``?version=working``, or where nothing is live yet, the
    working one, for those who may see it.
    """
    tag_with(request, version_of(context))
    chosen = choose(context, request)
    if chosen is None:
        if not context.is_root:
            raise NotFoundHere(_("There is no such page"))
        return {**_base(context, request), "title": "", **_items(context, request, live=True)}
    return {
        **revision_json(context, request, chosen),
        **_items(context, request, live=chosen.live),
        "@components": components_of(context, request, absolute(request, context.node.path)),
    }


def choose(context: NodeInLanguage, request: Request) -> Chosen | None:
    """Return the revision to read, None where there is none that the visitor may see."""
    asked = request.GET.get("version") == WORKING
    shown = context.shown
    if not asked and shown is not None:
        shared = context.shared.live_revision_id if context.shared else None
        return Chosen(shown, *read(request.db, shown.live_revision_id, shared), live=True)
    if not context.may(Permission.VIEW):
        if asked and request.principals.person_id is None:
            raise NotSignedIn(_("Sign in to read what is being written here."))
        if asked:
            raise NotAllowed(_("You may not read what is being written here."))
        return None
    return working_revision(context)


def working_revision(context: NodeInLanguage) -> Chosen | None:
    """Return what is being written in the language of the address, if that was begun."""
    own = context.translation
    if own is None or own.working_revision_id is None:
        return None
    shared = context.shared.working_revision_id if context.shared else None
    return Chosen(own, *read(context.request.db, own.working_revision_id, shared), live=False)


def revision_json(context: NodeInLanguage, request: Request, chosen: Chosen) -> dict[str, Any]:
    """Return one revision of a page, without what lies below it."""
    own, language = chosen.own, chosen.translation.language
    data = {**own.data, **(chosen.shared.data if chosen.shared else {})}
    fields = FieldContext.from_request(request, language)
    published = chosen.translation.published
    shown = represent(context.type, data, (language, ALL_LANGUAGES), fields)
    return {
        **_base(context, request),
        **shown,
        "title": own.title,
        "description": data.get("summary") or "",
        "language": {"token": language, "title": LANGUAGES[language].name},
        "review_state": chosen.state,
        "version": own.number,
        "created": context.node.created.isoformat(),
        "modified": own.created.isoformat(),
        "effective": published.isoformat() if published else None,
        "exclude_from_nav": not context.node.in_navigation,
        **blocks_json(data.get("blocks") or ()),
    }


def blocks_json(blocks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the body as clients made for Plone read it: by id, and their order."""
    return {
        "blocks": {
            one["id"]: {
                **{k: v for k, v in one.items() if k not in ("id", "type")},
                "@type": one["type"],
            }
            for one in blocks
        },
        "blocks_layout": {"items": [one["id"] for one in blocks]},
    }


def absolute(request: Request, path: str) -> str:
    """Return the address of a page for programs, which know nothing of hosts and mounts."""
    return request.host_url + page_url(request, request.page_language, path)


def _base(context: NodeInLanguage, request: Request) -> dict[str, Any]:
    return {
        "@id": absolute(request, context.node.path),
        "@type": context.type.name,
        "UID": context.node.uid,
        "id": context.node.slug,
        "is_folderish": _holds_pages(context, request),
    }


def _holds_pages(context: NodeInLanguage, request: Request) -> bool:
    return bool(request.find_service(ResourceTypes).addable_to(context.type.name))


def _items(context: NodeInLanguage, request: Request, *, live: bool) -> dict[str, Any]:
    if not context.node.id or not _holds_pages(context, request):
        return {"items": [], "items_total": 0}
    asked, size = batch(request.GET)
    start = asked or 0
    find = _live_children if live else _known_children
    total, items = find(context, request, start, size)
    kept = [(name, value) for name, value in request.GET.items() if name in ("version", "expand")]
    address = absolute(request, context.node.path)
    return {
        "items": items,
        "items_total": total,
        **batching(address, total, start, size, kept),
    }


def _live_children(
    context: NodeInLanguage, request: Request, start: int, size: int
) -> tuple[int, list[dict[str, Any]]]:
    listings = request.find_service(Listings)
    kinds = listings.kinds_below(context.node.id)
    total = sum(kinds.values())
    found = listings.children(context.node.id, list(kinds), start, size) if total else []
    return total, [
        {
            "@id": absolute(request, one.path),
            "@type": one.type,
            "UID": one.uid,
            "title": one.title,
            "description": one.summary,
            "review_state": PUBLISHED,
            "language": one.language,
        }
        for one in found
    ]


def _known_children(
    context: NodeInLanguage, request: Request, start: int, size: int
) -> tuple[int, list[dict[str, Any]]]:
    """Return what those who write see: drafts, too, under a title they may read."""
    inventory = request.find_service(Inventory)
    total, found = inventory.children(context.node, start, size)
    return total, [
        {
            "@id": absolute(request, known.node.path),
            "@type": known.node.type,
            "UID": known.node.uid,
            "title": known.title,
            "description": "",
            "review_state": known.state,
            "language": known.language,
        }
        for known in inventory.as_read_in(found, request.page_language)
    ]
