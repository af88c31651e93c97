"""``@history`` of a page: its revisions in a language, each of them, and going back to one."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.request import Request
from pyramid.response import Response

from bibliopolis.bodies import demand_json
from bibliopolis.content.json import Chosen, revision_json, version_of
from bibliopolis.content.models import ContentTranslation, Revision
from bibliopolis.content.names import names_of
from bibliopolis.content.resources import NodeInLanguage
from bibliopolis.content.services import Editing
from bibliopolis.errors import InvalidInput
from bibliopolis.etags import demand_match, tag_with
from bibliopolis.i18n import _
from bibliopolis.parameters import batch, batching, row_id
from bibliopolis.resources.access import Permission
from bibliopolis.resources.exact import problems_of
from bibliopolis.resources.operations import operation

from .components import address_of
from .schemas import BATCH, FLAG, MOMENT, NUMBER, TEXT, listing, ref, shape

ENTRY = shape(
    {
        "@id": TEXT,
        "type": TEXT,
        "version": NUMBER,
        "title": TEXT,
        "actor": ref("Actor"),
        "comments": TEXT,
        "time": MOMENT,
        "live": FLAG,
        "may_revert": FLAG,
    }
)
WANTED: dict[str, Any] = {
    "type": "object",
    "properties": {"version": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}},
    "required": ["version"],
    "additionalProperties": False,
}


@operation(
    "GET",
    "/{language}/{path}/@history",
    "The revisions of a page in a language, the newest first",
    context=NodeInLanguage,
    name="@history",
    permission=Permission.VIEW_WORKING,
    facts={
        "answer": listing(ENTRY),
        "parameters": BATCH,
        "problems": (401, 403, 410),
        "tag": "history",
    },
)
def show_history(context: NodeInLanguage, request: Request) -> dict[str, Any]:
    """List revisions, or show the one that is named."""
    translation = _begun(context)
    if request.subpath:
        return _show_revision(context, request, translation)
    revisions = request.find_service(Editing).revisions
    asked, size = batch(request.GET)
    start = asked or 0
    total = revisions.count(translation)
    found = revisions.page(translation, start, size)
    names = names_of(request, [one.author_id for one in found])
    address = address_of(context, request, "history")
    may_edit = context.may(Permission.EDIT)
    return {
        "@id": address,
        "items": [
            {
                "@id": f"{address}/{one.number}",
                "type": "versioning",
                "version": one.number,
                "title": one.title,
                "actor": {"fullname": names.get(one.author_id, "")},
                "comments": one.note or "",
                "time": one.created.isoformat(),
                "live": one.id == translation.live_revision_id,
                "may_revert": may_edit and one.id != translation.working_revision_id,
            }
            for one in found
        ],
        "items_total": total,
        **batching(address, total, start, size),
    }


@operation(
    "PATCH",
    "/{language}/{path}/@history",
    "Make an old revision the newest again",
    context=NodeInLanguage,
    name="@history",
    permission=Permission.EDIT,
    facts={
        "status": 204,
        "body": WANTED,
        "problems": (401, 403, 409, 410, 412),
        "tag": "history",
        "conditional": True,
    },
)
def revert(context: NodeInLanguage, request: Request) -> Response:
    """Save the old revision anew."""
    if request.subpath:
        raise HTTPNotFound
    sent = demand_json(request)
    wrong = dict(problems_of(WANTED, sent))
    if wrong:
        raise InvalidInput(_("Some fields need mending."), wrong)
    demand_match(request, version_of(context))
    old = _revision(request, _begun(context), sent["version"])
    request.find_service(Editing).revert(context.node, context.language, old)
    tag_with(request, version_of(context))
    return Response(status=204)


def _show_revision(
    context: NodeInLanguage, request: Request, translation: ContentTranslation
) -> dict[str, Any]:
    if len(request.subpath) != 1:
        raise HTTPNotFound
    revision = _revision(request, translation, request.subpath[0])
    shown = revision_json(context, request, Chosen(translation, revision, None, live=False))
    return {**shown, "@id": f"{address_of(context, request, 'history')}/{revision.number}"}


def _begun(context: NodeInLanguage) -> ContentTranslation:
    if context.translation is None:
        raise HTTPNotFound
    return context.translation


def _revision(request: Request, translation: ContentTranslation, number: Any) -> Revision:
    revisions = request.find_service(Editing).revisions
    found = revisions.find(translation, row_id(number) or 0)
    if found is None:
        raise HTTPNotFound
    return found
