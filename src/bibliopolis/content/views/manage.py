"""Looking after pages: what lies below them, and their preview."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.errors import InvalidInput, NotAllowed, NotFoundHere
from bibliopolis.frame import flash
from bibliopolis.i18n import LANGUAGES, _, _n
from bibliopolis.parameters import offset, pager, row_id
from bibliopolis.resources.access import Permission
from bibliopolis.resources.types import ResourceTypes

from ..access import WorkingAccess, scopes_of
from ..head import LanguageTab, State, compare_url, head_of, page_url, staff_url, state_of
from ..inventory import Inventory, Known
from ..models import Content, ContentTranslation
from ..pages import present
from ..resources import NodeInLanguage
from ..revisions import outdated
from ..services import Editing
from ..tree import Tree

CHILDREN = 50
ENTRIES = 30


@dataclass(frozen=True)
class Row:
    """A child in the table of contents."""

    id: int
    title: str
    kind: Any
    icon: str
    slug: str
    url: str
    contents_url: str
    state: State
    languages: tuple[LanguageTab, ...]
    changed: datetime
    may_move: bool
    may_delete: bool
    binned: datetime | None


@view_config(
    context=NodeInLanguage,
    name="contents",
    permission=Permission.VIEW_WORKING,
    renderer="content/contents.pt",
    request_method="GET",
)
def contents(context: NodeInLanguage, request: Request) -> dict[str, Any]:
    """Show what lies below a page, in all languages and states."""
    inventory = request.find_service(Inventory)
    node = context.node
    total, known = inventory.children(node, offset(request, CHILDREN), CHILDREN)
    may_add = context.may(Permission.ADD)
    add_url = staff_url(request, context.language, node.path, "add")
    types = request.find_service(ResourceTypes).addable_to(node.type) if may_add else ()
    may_place = not context.is_root and context.may(Permission.MOVE)
    shown_languages = _shown_languages(request, known)
    binned = inventory.binned(node) if context.may(Permission.DELETE) else []
    pages = [one for one, _languages in (*known, *binned)]
    removable = inventory.removable(pages, context.language)
    return {
        "head": head_of(context, request, "contents"),
        "rows": [_row(one, request, shown_languages, removable) for one in known],
        "binned": [
            _row(one, request, shown_languages, removable)
            for one in binned
            if one[0].id in removable
        ],
        "languages": [LANGUAGES[tag] for tag in shown_languages],
        "add_types": [(one, f"{add_url}?type={one.name}") for one in types if one.workflow],
        "public_url": page_url(request, context.language, node.path) if context.shown else None,
        "here": staff_url(request, context.language, node.path, "contents"),
        "pager": pager(request, total, CHILDREN),
        "may_place": may_place,
        "slug": node.slug,
        "parent_path": node.path.rpartition("/")[0],
        "in_navigation": node.in_navigation,
    }


def _shown_languages(request: Request, known: Sequence[Known]) -> tuple[str, ...]:
    """Return the languages of the site, and the further ones that some of the pages are in."""
    written = {tag for _node, languages in known for tag in languages} | {request.page_language}
    offered = request.settings.all_languages
    return tuple(tag for tag in offered if tag in written or tag in request.settings.languages)


def _row(known: Known, request: Request, shown: Sequence[str], removable: Container[int]) -> Row:
    node, languages = known
    tag = request.page_language
    source = languages.get(node.source_language)
    old = outdated(languages.values(), source)
    declared = request.find_service(ResourceTypes)[node.type]
    own = languages.get(tag)
    workflow = declared.workflow
    assert workflow is not None  # the tree takes only types that have one

    def access_in(language: str) -> WorkingAccess:
        there = languages.get(language)
        state = there.state if there else None
        return WorkingAccess(workflow, scopes_of(node, language), node.owner_id, state)

    access = access_in(tag)
    may = request.principals.may
    readable = request.find_service(Inventory).read_as(known, tag)
    return Row(
        id=node.id,
        title=readable.title if readable else node.slug,
        kind=declared.title,
        icon=declared.icon or "file-text",
        slug=node.slug,
        url=_open(request, node, tag, may(Permission.EDIT, access), own),
        contents_url=staff_url(request, tag, node.path),
        state=state_of(own, tag in old),
        languages=tuple(
            LanguageTab(
                LANGUAGES[one],
                state_of(languages.get(one), one in old),
                _way(request, node, one, access_in(one), one in languages),
                one == tag,
                one == node.source_language,
            )
            for one in shown
        ),
        changed=node.changed,
        may_move=may(Permission.MOVE, access),
        may_delete=node.id in removable,
        binned=node.binned,
    )


def _way(
    request: Request, node: Content, tag: str, access: WorkingAccess, begun: bool
) -> str | None:
    """Return where the visitor works on a language of a page, None where they may not."""
    if not request.principals.may(Permission.VIEW if begun else Permission.EDIT, access):
        return None
    return staff_url(request, tag, node.path, "preview" if begun else "translate")


def _open(
    request: Request, node: Content, tag: str, may_edit: bool, own: ContentTranslation | None
) -> str:
    """Return where a title leads: to the form, or to the preview of those who may only look."""
    if may_edit:
        view = "edit" if tag == node.source_language else "translate"
    else:
        view = "preview" if own is not None else "contents"
    return staff_url(request, tag, node.path, view)


@view_config(
    context=NodeInLanguage,
    name="contents",
    permission=Permission.VIEW_WORKING,
    request_method="POST",
)
def change_contents(context: NodeInLanguage, request: Request) -> HTTPSeeOther:
    """Move, bin or restore a child, or give the page itself another address or place."""
    do = request.POST.get("do", "")
    tree = request.find_service(Tree)
    inventory = request.find_service(Inventory)
    if do in ("rename", "move", "navigation"):
        _demand(context, Permission.MOVE)
        _place(context, request, tree, do)
        return HTTPSeeOther(staff_url(request, context.language, context.node.path))
    child = _child(context, request)
    if do in ("up", "down"):
        _demand_at(context, child, Permission.MOVE)
        tree.shift(child, -1 if do == "up" else 1)
    elif do == "bin":
        inventory.demand_removable(child, context.language)
        count = tree.bin(child)
        flash(request, _n("${n} page is in the bin.", "${n} pages are in the bin.", count))
    elif do == "restore":
        inventory.demand_removable(child, context.language)
        tree.restore(child)
        flash(request, _("The page is back at its place."))
    else:
        raise InvalidInput(_("There is no such button."))
    return HTTPSeeOther(staff_url(request, context.language, context.node.path))


def _place(context: NodeInLanguage, request: Request, tree: Tree, do: str) -> None:
    if do == "rename":
        tree.rename(context.node, request.POST.get("slug", "").strip())
        flash(request, _("The page has a new address."))
    elif do == "navigation":
        tree.show_in_navigation(context.node, bool(request.POST.get("in_navigation")))
        flash(request, _("Kept."))
    else:
        path = request.POST.get("parent", "").strip().strip("/")
        parent = tree.by_path(path)
        if parent is None:
            reason = _("There is no page with the address “${path}”.", mapping={"path": path})
            raise InvalidInput(reason, {"parent": reason})
        _demand_at(context, parent, Permission.ADD)
        tree.move(context.node, parent)
        flash(request, _("The page has moved."))


def _child(context: NodeInLanguage, request: Request) -> Content:
    child = request.db.get(Content, row_id(request.POST.get("node", "")) or 0)
    if child is None or child.parent_id != context.node.id:
        raise NotFoundHere(_("There is no such page"))
    return child


def _demand(context: NodeInLanguage, permission: str) -> None:
    if not context.may(permission):
        raise NotAllowed(_("You may not do this here."))


def _demand_at(context: NodeInLanguage, node: Content, permission: str) -> None:
    declared = context.request.find_service(ResourceTypes)[node.type]
    assert declared.workflow is not None  # the tree takes only types that have one
    access = WorkingAccess(declared.workflow, scopes_of(node, context.language), node.owner_id)
    if not context.request.principals.may(permission, access):
        raise NotAllowed(_("You may not do this here."))


@view_config(
    context=NodeInLanguage,
    name="preview",
    permission=Permission.VIEW_WORKING,
    renderer="content/preview.pt",
    request_method="GET",
)
def preview(context: NodeInLanguage, request: Request) -> dict[str, Any]:
    """Show the working revision as the public page it would be, and the steps from here."""
    translation = context.translation
    if translation is None or translation.working is None:
        raise HTTPNotFound
    editing = request.find_service(Editing)
    shared = context.shared.working if context.shared else None
    changed = editing.languages_changed_by_publishing(context.node)
    return {
        "head": head_of(context, request, "preview"),
        "page": present(context, request, translation.working, shared, context.language),
        "working": translation.working,
        "live": translation.live,
        "comment": "",
        "steps": editing.steps(context.node, context.language),
        "changed": _n(
            "Publishing changes the page in ${n} more language: dates, places and pictures are "
            "common to all.",
            "Publishing changes the page in ${n} more languages: dates, places and pictures are "
            "common to all.",
            len(changed),
        )
        if changed
        else None,
        "take_url": staff_url(request, context.language, context.node.path, "take"),
        "public_url": page_url(request, context.language, context.node.path),
        "compare_url": compare_url(context, request),
    }
