"""Writing pages: adding one to another, changing it, moving it, taking it off the site."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from pyramid.request import Request
from pyramid.response import Response

from bibliopolis.bodies import demand_json
from bibliopolis.content.access import WorkingAccess, scopes_of
from bibliopolis.content.inventory import Inventory
from bibliopolis.content.json import absolute, revision_json, version_of, working_revision
from bibliopolis.content.models import Content
from bibliopolis.content.resources import NodeInLanguage, find_paths
from bibliopolis.content.sent import read_page
from bibliopolis.content.services import Edit, Editing, SavedMeanwhile
from bibliopolis.content.slugs import slug_of
from bibliopolis.content.tree import Tree
from bibliopolis.errors import InvalidInput, NotAllowed, SeenOlder
from bibliopolis.etags import demand_match, tag_with
from bibliopolis.i18n import _
from bibliopolis.resources.access import Permission
from bibliopolis.resources.exact import problems_of
from bibliopolis.resources.operations import operation
from bibliopolis.resources.types import ResourceType, ResourceTypes

from .schemas import FLAG, TEXT, ref, shape

ID = {"type": "string", "maxLength": 100}
PLACE: dict[str, Any] = {
    "type": "object",
    "properties": {"id": ID, "exclude_from_nav": FLAG},
}
SOURCE: dict[str, Any] = {
    "type": "object",
    "properties": {"source": {"type": "string", "maxLength": 2000}},
    "required": ["source"],
    "additionalProperties": False,
}


@operation(
    "POST",
    "/{language}/{path}",
    "Add a page below a page",
    context=NodeInLanguage,
    permission=Permission.ADD,
    facts={
        "answer": ref("Page"),
        "status": 201,
        "body": ref("NewPage"),
        "problems": (401, 403, 409, 410),
    },
)
def add_page(context: NodeInLanguage, request: Request) -> dict[str, Any]:
    """Add a draft; answer it, with its address."""
    sent = demand_json(request)
    declared = _type_to_add(context, request, sent)
    errors = dict(problems_of(PLACE, {k: v for k, v in sent.items() if k in PLACE["properties"]}))
    if errors:
        raise InvalidInput(_("Some fields need mending."), errors)
    fields = {
        key: value for key, value in sent.items() if key not in ("@type", *PLACE["properties"])
    }
    page = read_page(request, declared, context.language, fields, source=True)
    tree = request.find_service(Tree)
    parent = tree.root() if context.is_root else context.node
    wish = slug_of(str(page.data.get("title") or ""), declared.name)
    node = tree.create(
        parent,
        declared.name,
        sent.get("id") or tree.free_slug(parent, wish),
        source_language=context.language,
        owner_id=request.principals.person_id,
    )
    tree.show_in_navigation(node, not sent.get("exclude_from_nav", False))
    edit = Edit(data=page.data, shared=page.shared, note=page.note)
    request.find_service(Editing).save(node, context.language, edit)
    made = _again(context, request, node)
    request.response.status_int = 201
    request.response.location = absolute(request, node.path)
    return _told(made, request)


@operation(
    "PATCH",
    "/{language}/{path}",
    "Change some fields of a page in the language of the address",
    context=NodeInLanguage,
    permission=Permission.EDIT,
    facts={
        "answer": ref("Page"),
        "body": ref("ChangedPage"),
        "problems": (401, 403, 409, 410, 412),
        "conditional": True,
    },
)
def change_page(context: NodeInLanguage, request: Request) -> Any:
    """Save a revision; answer 204, or the page where the program prefers that."""
    sent = demand_json(request)
    named = demand_match(request, version_of(context))
    fields, place = _parted(sent)
    _demand_same_type(context, sent)
    if place:
        _put(context, request, place)
    if fields:
        _save(context, request, fields, named)
    changed = _again(context, request, context.node)
    if "return=representation" in request.headers.get("Prefer", ""):
        return _told(changed, request)
    tag_with(request, version_of(changed))
    return Response(status=204)


@operation(
    "DELETE",
    "/{language}/{path}",
    "Put a page and all below it into the bin",
    context=NodeInLanguage,
    permission=Permission.DELETE,
    facts={"status": 204, "problems": (401, 403, 409, 410, 412), "conditional": True},
)
def delete_page(context: NodeInLanguage, request: Request) -> Response:
    """Take it off the site; editors can bring it back from the bin."""
    demand_match(request, version_of(context))
    request.find_service(Inventory).demand_removable(context.node, context.language)
    request.find_service(Tree).bin(context.node)
    return Response(status=204)


@operation(
    "POST",
    "/{language}/{path}/@move",
    "Bring a page, and all below it, to below this one",
    context=NodeInLanguage,
    name="@move",
    permission=Permission.ADD,
    facts={
        "answer": {"type": "array", "items": shape({"source": TEXT, "target": TEXT})},
        "body": SOURCE,
        "problems": (401, 403, 409, 410),
    },
)
def move_page(context: NodeInLanguage, request: Request) -> list[dict[str, str]]:
    """Move it; answer where it was and where it is."""
    sent = demand_json(request)
    wrong = dict(problems_of(SOURCE, sent))
    if wrong:
        raise InvalidInput(_("Some fields need mending."), wrong)
    tree = request.find_service(Tree)
    node = tree.by_path(_path_of(request, sent["source"]))
    if node is None or node.parent_id is None or not _may_move(context, request, node):
        # Whoever may not move it must not learn that it is there.
        reason = _("There is no page with the address “${path}”.", mapping={"path": sent["source"]})
        raise InvalidInput(reason, {"source": reason})
    source = absolute(request, node.path)
    tree.move(node, tree.root() if context.is_root else context.node)
    request.db.refresh(node)
    return [{"source": source, "target": absolute(request, node.path)}]


def _parted(sent: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the fields of the page, and what says where it is."""
    place = {key: value for key, value in sent.items() if key in PLACE["properties"]}
    wrong = dict(problems_of(PLACE, place))
    if wrong:
        raise InvalidInput(_("Some fields need mending."), wrong)
    fields = {key: value for key, value in sent.items() if key not in (*place, "@type")}
    return fields, place


def _type_to_add(context: NodeInLanguage, request: Request, sent: dict[str, Any]) -> ResourceType:
    types = request.find_service(ResourceTypes)
    for one in types.addable_to(context.type.name):
        if one.name == sent.get("@type") and one.workflow is not None:
            return one
    kinds = [one.name for one in types.addable_to(context.type.name) if one.workflow is not None]
    reason = _("Say what it is: one of ${types}.", mapping={"types": ", ".join(kinds) or "–"})
    raise InvalidInput(_("This cannot be added here."), {"@type": reason})


def _demand_same_type(context: NodeInLanguage, sent: dict[str, Any]) -> None:
    if "@type" in sent and sent["@type"] != context.type.name:
        reason = _("A page stays what it is.")
        raise InvalidInput(reason, {"@type": reason})


def _put(context: NodeInLanguage, request: Request, place: dict[str, Any]) -> None:
    """Give the page another address, or name it in the navigation or not."""
    if not context.may(Permission.MOVE):
        raise NotAllowed(_("You may not do this here."))
    tree = request.find_service(Tree)
    if "exclude_from_nav" in place:
        tree.show_in_navigation(context.node, not place["exclude_from_nav"])
    if "id" in place:
        tree.rename(context.node, place["id"])


def _save(context: NodeInLanguage, request: Request, fields: dict[str, Any], named: bool) -> None:
    is_source = context.language == context.node.source_language
    own = context.translation.working if context.translation else None
    shared = context.shared.working if context.shared else None
    page = read_page(
        request,
        context.type,
        context.language,
        fields,
        source=is_source,
        working=own,
        shared=shared,
    )
    source = context.source
    seen = source.live_revision_id or source.working_revision_id if source else None
    kept = own.source_revision_id if own else seen
    edit = Edit(
        data=page.data,
        shared=page.shared,
        # Somebody who saves between our reading and our writing is noticed, not overwritten.
        base=own.number if own else 0,
        shared_base=shared.number if shared else 0,
        source_revision_id=None if is_source else kept,
        note=page.note,
    )
    node = request.find_service(Tree).root() if context.is_root else context.node
    try:
        request.find_service(Editing).save(node, context.language, edit)
    except SavedMeanwhile as error:
        if named:
            raise SeenOlder(error.reason) from error
        raise


def _again(context: NodeInLanguage, request: Request, node: Content) -> NodeInLanguage:
    """Return a page as it is after the change."""
    request.db.flush()  # what follows is read by a query
    found = find_paths(request, [node.path])
    fresh, translations = found[node.path]
    return NodeInLanguage(context.__parent__, fresh.slug, request, fresh, translations, found)


def _told(page: NodeInLanguage, request: Request) -> dict[str, Any]:
    tag_with(request, version_of(page))
    chosen = working_revision(page)
    assert chosen is not None  # it has just been saved
    return revision_json(page, request, chosen)


def _path_of(request: Request, source: str) -> str:
    """Return the path in the tree that an address, or a path, means."""
    try:
        path = urlsplit(source).path.strip("/")
    except ValueError:
        return ""
    first, _slash, rest = path.partition("/")
    offered = request.settings.all_languages
    return rest if first in offered and source.startswith(("/", "http")) else path


def _may_move(context: NodeInLanguage, request: Request, node: Content) -> bool:
    declared = request.find_service(ResourceTypes)[node.type]
    assert declared.workflow is not None  # the tree takes only types that have one
    access = WorkingAccess(declared.workflow, scopes_of(node, context.language), node.owner_id)
    return bool(request.principals.may(Permission.MOVE, access))
