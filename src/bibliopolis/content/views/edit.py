"""Writing: add a page, edit it, translate it beside its source, take it through the workflow."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.errors import Conflict, InvalidInput
from bibliopolis.frame import flash
from bibliopolis.i18n import _
from bibliopolis.parameters import whole_number
from bibliopolis.parts import Problem
from bibliopolis.resources.access import Permission
from bibliopolis.resources.types import ResourceType, ResourceTypes

from ..editor import (
    add_page,
    bases_of,
    conflict_page,
    edit_page,
    filled_form,
    forms_of,
    source_of,
    working_of,
)
from ..forms import PageForms
from ..head import head_of, staff_url, state_of
from ..models import ContentTranslation, Revision
from ..resources import NodeInLanguage
from ..services import Edit, Editing, SavedMeanwhile
from ..slugs import slug_of
from ..tree import Tree

SAVE = "save"
TAKE = "take:"


@view_config(
    context=NodeInLanguage,
    name="add",
    permission=Permission.ADD,
    renderer="content/add.pt",
    request_method="GET",
)
def choose_type(context: NodeInLanguage, request: Request) -> dict[str, Any]:
    """Show what can be added here, or the empty form of the chosen type."""
    types = _addable(context, request)
    name = request.GET.get("type")
    if name is None:
        return {"head": head_of(context, request, "contents"), "types": types, "form": None}
    declared = _chosen(types, name)
    form = PageForms.of(request, declared, context.language, source=True).empty()
    return add_page(context, request, declared, form)


@view_config(
    context=NodeInLanguage,
    name="add",
    permission=Permission.ADD,
    renderer="content/add.pt",
    request_method="POST",
)
def add(context: NodeInLanguage, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Add the page and open it for further writing, or show the form with what was pressed."""
    declared = _chosen(_addable(context, request), request.POST.get("type", ""))
    forms = PageForms.of(request, declared, context.language, source=True)
    form = forms.posted()
    do = request.POST.get("do", SAVE)
    if do != SAVE:
        forms.apply(form, do)
        return add_page(context, request, declared, form)
    if not form.is_valid:
        request.response.status_int = 400
        return add_page(context, request, declared, form)
    tree = request.find_service(Tree)
    parent = tree.root() if context.is_root else context.node
    slug = form.slug or tree.free_slug(
        parent, slug_of(str(form.data.get("title") or ""), declared.name)
    )
    try:
        node = tree.create(
            parent,
            declared.name,
            slug,
            source_language=context.language,
            owner_id=request.principals.person_id,
        )
    except InvalidInput as error:
        form.extra.append(Problem(_("Address"), error.reason, "slug"))
        request.response.status_int = 400
        return add_page(context, request, declared, form)
    request.find_service(Editing).save(
        node, context.language, Edit(data=form.data, shared=form.shared, note=form.note)
    )
    flash(request, _("The draft is saved. Nobody but the editors sees it yet."))
    return HTTPSeeOther(staff_url(request, context.language, node.path, "edit"))


@view_config(
    context=NodeInLanguage,
    name="edit",
    permission=Permission.EDIT,
    renderer="content/edit.pt",
    request_method="GET",
)
def show_edit(context: NodeInLanguage, request: Request) -> dict[str, Any]:
    """Show the working revision in its form."""
    return edit_page(context, request, filled_form(context, request), bases_of(context))


@view_config(
    context=NodeInLanguage,
    name="translate",
    permission=Permission.EDIT,
    renderer="content/edit.pt",
    request_method="GET",
)
def show_translate(context: NodeInLanguage, request: Request) -> dict[str, Any]:
    """Show the form beside the source."""
    source = source_of(context)
    if source is None:
        raise HTTPNotFound
    forms = forms_of(context, request)
    working = working_of(context)
    blocks = None
    if working is None:
        blocks = forms.body.for_translator(source.data.get("blocks") or ())
    form = forms.filled(working, None, blocks)
    return edit_page(context, request, form, bases_of(context), source)


@view_config(
    context=NodeInLanguage,
    name="edit",
    permission=Permission.EDIT,
    renderer="content/edit.pt",
    request_method="POST",
)
@view_config(
    context=NodeInLanguage,
    name="translate",
    permission=Permission.EDIT,
    renderer="content/edit.pt",
    request_method="POST",
)
def edit(context: NodeInLanguage, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Save, and perhaps take a step; every other button only changes the form."""
    forms = forms_of(context, request)
    form = forms.posted()
    do = request.POST.get("do", SAVE)
    source = source_of(context) if request.view_name == "translate" else None
    bases = (_number(request, "base"), _number(request, "shared_base"))
    if do != SAVE and not do.startswith(TAKE):
        forms.apply(form, do)
        return edit_page(context, request, form, bases, source)
    if not form.is_valid:
        request.response.status_int = 400
        return edit_page(context, request, form, bases, source)
    change = Edit(
        data=form.data,
        shared=form.shared,
        base=bases[0],
        shared_base=bases[1],
        source_revision_id=_made_from(context, request, source),
        note=form.note,
    )
    editing = request.find_service(Editing)
    node = request.find_service(Tree).root() if context.is_root else context.node
    try:
        translation = editing.save(node, context.language, change)
    except SavedMeanwhile as conflict:
        request.response.status_int = 409
        return conflict_page(context, request, form, source, conflict.newer)
    context.translations[context.language] = translation
    if do.startswith(TAKE):
        return take_step(context, request, do.removeprefix(TAKE), form.comment)
    flash(request, _saved_message(translation))
    return HTTPSeeOther(staff_url(request, context.language, node.path, request.view_name))


@view_config(
    context=NodeInLanguage,
    name="take",
    permission=Permission.VIEW_WORKING,
    request_method="POST",
)
def take(context: NodeInLanguage, request: Request) -> HTTPSeeOther:
    """Take a step from the preview: what was read there is what the step is for."""
    name = request.POST.get("do", "").removeprefix(TAKE)
    return take_step(
        context, request, name, request.POST.get("comment", ""), _number(request, "base")
    )


def take_step(
    context: NodeInLanguage, request: Request, name: str, comment: str, base: int | None = None
) -> HTTPSeeOther:
    """Take a step of the workflow and say what came of it; a refusal keeps what was saved."""
    editing = request.find_service(Editing)
    here = staff_url(request, context.language, context.node.path, "preview")
    try:
        editing.take(context.node, context.language, name, comment, base)
    except Conflict as refusal:
        flash(request, refusal.reason, "bad")
        for reason in refusal.reasons:
            if reason is not refusal.reason:
                flash(request, reason, "bad")
        may_edit = context.may(Permission.EDIT)
        back = staff_url(request, context.language, context.node.path, "edit") if may_edit else here
        return HTTPSeeOther(back)
    now = state_of(editing.translation(context.node, context.language))
    flash(request, _("Done. The state is now: ${state}.", mapping={"state": now.words}))
    return HTTPSeeOther(here)


def _made_from(context: NodeInLanguage, request: Request, source: Revision | None) -> int | None:
    """Return the source revision a translation is made from now."""
    if source is not None:
        seen = _number(request, "source")
        return seen if seen is not None and seen <= source.id else source.id
    working = working_of(context)
    return working.source_revision_id if working else None


def _number(request: Request, name: str) -> int | None:
    return whole_number(request.POST.get(name, ""))


def _saved_message(translation: ContentTranslation) -> Any:
    number = translation.working.number if translation.working else 0
    if translation.live_revision_id is not None:
        return _(
            "Revision ${number} is saved. Visitors still see what was published.",
            mapping={"number": number},
        )
    return _("Revision ${number} is saved.", mapping={"number": number})


def _addable(context: NodeInLanguage, request: Request) -> tuple[ResourceType, ...]:
    types = request.find_service(ResourceTypes).addable_to(context.node.type)
    return tuple(one for one in types if one.workflow is not None)


def _chosen(types: tuple[ResourceType, ...], name: str) -> ResourceType:
    for one in types:
        if one.name == name:
            return one
    raise HTTPNotFound
