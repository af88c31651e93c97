"""What the pages for writing show: the form, the source beside it, the state and the steps."""

from __future__ import annotations

from typing import Any

from pyramid.request import Request

from bibliopolis.i18n import LANGUAGES, _n
from bibliopolis.resources.access import Permission
from bibliopolis.resources.context import FieldContext
from bibliopolis.resources.history import History
from bibliopolis.resources.json import display
from bibliopolis.resources.types import ResourceType, ResourceTypes

from .body import Body
from .comparison import lines_of
from .forms import PageForm, PageForms
from .head import compare_url, head_of, page_url, staff_url
from .models import Revision
from .names import names_of
from .resources import NodeInLanguage
from .services import Editing
from .tree import RESOURCE


def source_of(context: NodeInLanguage) -> Revision | None:
    """Return the source that a translator sees: the live one, or the working one if they may."""
    source = context.source
    if source is None or context.language == context.node.source_language:
        return None
    if source.live is not None:
        return source.live
    may = context.may(Permission.VIEW, context.node.source_language)
    return source.working if may else None


def forms_of(context: NodeInLanguage, request: Request) -> PageForms:
    """Return the forms of the page in the language of the address."""
    is_source = context.language == context.node.source_language
    return PageForms.of(request, context.type, context.language, source=is_source)


def working_of(context: NodeInLanguage) -> Revision | None:
    """Return the working revision of this language."""
    return context.translation.working if context.translation else None


def shared_of(context: NodeInLanguage) -> Revision | None:
    """Return the working revision of what all languages share."""
    return context.shared.working if context.shared else None


def filled_form(context: NodeInLanguage, request: Request) -> PageForm:
    """Return the form as it was saved last."""
    return forms_of(context, request).filled(working_of(context), shared_of(context))


def bases_of(context: NodeInLanguage) -> tuple[int, int]:
    """Return the numbers of the revisions a form is filled from; 0 where there is none."""
    working, shared = working_of(context), shared_of(context)
    return (working.number if working else 0, shared.number if shared else 0)


def add_page(
    context: NodeInLanguage, request: Request, declared: ResourceType, form: PageForm
) -> dict[str, Any]:
    """Return what the page for adding shows."""
    return {
        "head": head_of(context, request, "contents"),
        "types": (),
        "type": declared,
        "form": form,
        "block_types": _block_types(request),
        "base_url": page_url(request, context.language, context.node.path).rstrip("/"),
        "language": LANGUAGES[context.language],
        "source_blocks": {},
        "source": None,
    }


def _block_types(request: Request) -> list[Any]:
    return sorted(
        request.find_service(ResourceTypes).block_types.values(),
        key=lambda one: request.translate(one.title),
    )


def edit_page(
    context: NodeInLanguage,
    request: Request,
    form: PageForm,
    bases: tuple[int | None, int | None],
    source: Revision | None = None,
    newer: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return what the page for editing or translating shows."""
    editing = request.find_service(Editing)
    head = head_of(context, request, request.view_name)
    steps = editing.steps(context.node, context.language) if context.translation else ()
    changed = editing.languages_changed_by_publishing(context.node) if context.translation else ()
    return {
        "head": head,
        "form": form,
        "types": (),
        "block_types": _block_types(request),
        "language": LANGUAGES[context.language],
        "bases": bases,
        "steps": steps,
        "shares": _shares(context, request),
        "changed": _n(
            "Publishing changes the page in ${n} more language: dates, places and pictures are "
            "common to all.",
            "Publishing changes the page in ${n} more languages: dates, places and pictures are "
            "common to all.",
            len(changed),
        )
        if changed
        else None,
        "source": source,
        "source_language": LANGUAGES[context.node.source_language],
        "source_blocks": _source_blocks(request, source),
        "source_fields": _source_fields(context, request, source),
        "newer": newer,
        "older_source": _older_source(context, request, source),
        "remark": _remark(context, request),
        "live": context.translation.live if context.translation else None,
        "working": working_of(context),
        "public_url": page_url(request, context.language, context.node.path),
        "compare_url": compare_url(context, request),
    }


def _shares(context: NodeInLanguage, request: Request) -> Any:
    """Return what to say of the fields that all languages share."""
    others = [
        one
        for tag, one in context.translations.items()
        if tag not in ("*", context.language) and one.live_revision_id is not None
    ]
    if not others or not forms_of(context, request).shares:
        return None
    return _n(
        "Dates, places and pictures are common to all languages: the edit changes ${n} more page.",
        "Dates, places and pictures are common to all languages: the edit changes ${n} more pages.",
        len(others),
    )


def _source_blocks(request: Request, source: Revision | None) -> dict[str, Any]:
    if source is None:
        return {}
    body = Body(request.find_service(ResourceTypes))
    return {one["id"]: body.lines(one) for one in body.known(source.data.get("blocks"))}


def _source_fields(
    context: NodeInLanguage, request: Request, source: Revision | None
) -> dict[str, Any]:
    if source is None:
        return {}
    language = context.node.source_language
    shown = FieldContext.from_request(request, language)
    found = display(context.type, source.data, (language,), shown)
    return {
        one["name"]: ", ".join(map(str, one["value"]))
        if isinstance(one["value"], list | tuple)
        else one["value"]
        for one in found
    }


def conflict_page(
    context: NodeInLanguage,
    request: Request,
    form: PageForm,
    source: Revision | None,
    newer: Revision,
) -> dict[str, Any]:
    """Return the form with everything typed, and what somebody else saved meanwhile."""
    author = names_of(request, [newer.author_id]).get(newer.author_id, "")
    # Saving from this page means: I have seen the newer revision.
    bases = bases_of(context)
    told = {
        "number": newer.number,
        "author": author,
        "created": newer.created,
        "fields": _newer_fields(context, request, newer),
    }
    return edit_page(context, request, form, bases, source, told)


def _newer_fields(
    context: NodeInLanguage, request: Request, newer: Revision
) -> list[tuple[Any, str]]:
    return [(title, text) for _key, title, text in lines_of(context.type, newer.data, request)]


def _older_source(
    context: NodeInLanguage, request: Request, source: Revision | None
) -> dict[str, Any] | None:
    """Return which source revision an outdated translation was made from."""
    working = working_of(context)
    if source is None or working is None or working.source_revision_id is None:
        return None
    if working.source_revision_id >= source.id:
        return None
    older = request.db.get(Revision, working.source_revision_id)
    if older is None:
        return None
    language = context.node.source_language
    may_look = context.may(Permission.VIEW, language)
    history = staff_url(request, language, context.node.path, "history")
    return {
        "number": older.number,
        "url": f"{history}?revision={source.number}&with={older.number}" if may_look else None,
    }


def _remark(context: NodeInLanguage, request: Request) -> dict[str, Any] | None:
    """Return what the reviewer wrote who sent the page back, until it is submitted again."""
    if context.translation is None:
        return None
    history = request.find_service(History)
    steps = ("submit", "publish", "reject")
    last = history.last((RESOURCE, context.node.id), steps, context.language)
    if last is None or last.action != "reject" or not last.comment:
        return None
    names = names_of(request, [last.actor_id])
    return {"author": names.get(last.actor_id, "…"), "text": last.comment, "when": last.happened}
