"""What a page has been: its revisions, what changed from one to another, and going back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.frame import flash
from bibliopolis.i18n import LANGUAGES, _
from bibliopolis.parameters import offset, pager, row_id
from bibliopolis.resources.access import Permission
from bibliopolis.resources.history import History

from ..comparison import compare
from ..head import head_of, staff_url
from ..models import ContentTranslation, Revision
from ..names import names_of
from ..resources import NodeInLanguage
from ..services import Editing
from ..tree import RESOURCE

ENTRIES = 30

ACTIONS = {
    "create": _("Created"),
    "save": _("Saved"),
    "move": _("Moved"),
    "rename": _("Address changed"),
    "reorder": _("Order changed"),
    "navigation": _("Shown in the navigation, or hidden from it"),
    "bin": _("Put into the bin"),
    "restore": _("Brought back from the bin"),
}


@dataclass(frozen=True)
class RevisionLine:
    """A revision in the history."""

    number: int
    title: str
    note: str | None
    created: datetime
    author: str
    is_live: bool
    is_working: bool
    compare_url: str | None


@dataclass(frozen=True)
class EntryLine:
    """Something that happened, in words."""

    happened: datetime
    words: Any
    language: str
    actor: str
    comment: str | None


@view_config(
    context=NodeInLanguage,
    name="history",
    permission=Permission.VIEW_WORKING,
    renderer="content/history.pt",
    request_method="GET",
)
def history(context: NodeInLanguage, request: Request) -> dict[str, Any]:
    """Show the revisions of this language and what happened to the page."""
    translation = _begun(context)
    revisions = request.find_service(Editing).revisions
    total = revisions.count(translation)
    known = revisions.page(translation, offset(request, ENTRIES, total=total), ENTRIES)
    happenings = request.find_service(History)
    count, entries = happenings.of(
        (RESOURCE, context.node.id), offset(request, ENTRIES, "events"), ENTRIES
    )
    names = names_of(
        request, [*(one.author_id for one in known), *(one.actor_id for one in entries)]
    )
    here = staff_url(request, context.language, context.node.path, "history")
    return {
        "head": head_of(context, request, "history"),
        "language": LANGUAGES[context.language],
        "may_edit": context.may(Permission.EDIT),
        "revert_url": here,
        "revisions": [
            RevisionLine(
                number=one.number,
                title=one.title,
                note=one.note,
                created=one.created,
                author=names.get(one.author_id, ""),
                is_live=one.id == translation.live_revision_id,
                is_working=one.id == translation.working_revision_id,
                compare_url=f"{here}?revision={one.number}" if one.number > 1 else None,
            )
            for one in known
        ],
        "revisions_pager": pager(request, total, ENTRIES),
        "entries": [
            EntryLine(
                happened=one.happened,
                words=_words_for(context, one.action),
                language=request.formats.language_name(one.language)
                if one.language in LANGUAGES
                else "",
                actor=names.get(one.actor_id, ""),
                comment=one.comment,
            )
            for one in entries
        ],
        "entries_pager": pager(request, count, ENTRIES, "events"),
    }


def _words_for(context: NodeInLanguage, action: str) -> Any:
    step = context.workflow.transitions.get(action)
    return step.title if step is not None else ACTIONS.get(action, action)


@view_config(
    context=NodeInLanguage,
    name="history",
    permission=Permission.VIEW_WORKING,
    renderer="content/compare.pt",
    request_method="GET",
    request_param="revision",
)
def compare_revisions(context: NodeInLanguage, request: Request) -> dict[str, Any]:
    """Show what a revision changed, by field and by block; ``with`` names another to compare."""
    translation = _begun(context)
    after = _revision(request, translation, request.GET.get("revision", ""))
    before = _revision(request, translation, request.GET.get("with", str(after.number - 1)))
    return {
        "head": head_of(context, request, "history"),
        "language": LANGUAGES[context.language],
        "before": before,
        "after": after,
        "rows": compare(context.type, before.data, after.data, request),
    }


@view_config(
    context=NodeInLanguage,
    name="history",
    permission=Permission.EDIT,
    request_method="POST",
)
def revert(context: NodeInLanguage, request: Request) -> HTTPSeeOther:
    """Bring an old revision back, as a new one."""
    old = _revision(request, _begun(context), request.POST.get("revision", ""))
    request.find_service(Editing).revert(context.node, context.language, old)
    flash(
        request,
        _("Revision ${number} is the newest again.", mapping={"number": old.number}),
    )
    return HTTPSeeOther(staff_url(request, context.language, context.node.path, "history"))


def _begun(context: NodeInLanguage) -> ContentTranslation:
    if context.translation is None:
        raise HTTPNotFound
    return context.translation


def _revision(request: Request, translation: ContentTranslation, number: str) -> Revision:
    revisions = request.find_service(Editing).revisions
    found = revisions.find(translation, row_id(number) or 0)
    if found is None:
        raise HTTPNotFound
    return found
