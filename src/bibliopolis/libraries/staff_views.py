"""The staff pages of organisations: the tree, founding, editing, withdrawing, what happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.content.names import names_of
from bibliopolis.errors import Conflict, InvalidInput
from bibliopolis.frame import flash
from bibliopolis.i18n import LANGUAGES, _
from bibliopolis.parameters import offset, one_page, pager, whole_number
from bibliopolis.parts import problems_of
from bibliopolis.resources.access import Permission
from bibliopolis.resources.history import History
from bibliopolis.resources.traversal import address_if_may
from bibliopolis.search.analysis import fold

from .additions import ACTIONS as ADDED
from .additions import TABS
from .audited import CHANGED
from .editing import HISTORY, Organisations, SavedMeanwhile
from .forms import Values, read_description, read_new, values_of
from .models import Library, OrganisationKind
from .presenters import ACCESS, EXAMPLES, KINDS, depth_first, name_of, state_now, week_lines
from .services import PARENTS, Libraries
from .settings import LibrarySettings
from .staff_resources import FoundingPage, OrganisationPage, OrganisationsRoom

PAGE = 50

ACTIONS = {
    "found": _("Founded"),
    "change": _("Changed"),
    "withdraw": _("Withdrawn"),
    "bring_back": _("Brought back"),
    "exception_added": _("Other hours or a closure added"),
    "exception_removed": _("Other hours or a closure removed"),
    "import": _("Records brought in"),
    "dismiss_records": _("Refused records dismissed"),
    "begin_import": _("Import begun"),
    "cancel_import": _("Import cancelled"),
    "begin_harvest": _("Harvest begun"),
    "cancel_harvest": _("Harvest cancelled"),
}


@dataclass(frozen=True)
class SettingLine:
    """A setting as its form shows it: what is typed here, and what would count without it."""

    name: str
    title: Any
    field: str
    help: Any
    inherited: Any
    comes_from: str | None


@dataclass(frozen=True)
class Happening:
    """Something that happened to an organisation, in words."""

    happened: datetime
    words: Any
    details: str
    actor: str


@view_config(
    context=OrganisationsRoom,
    name="",
    permission=Permission.VIEW_WORKING,
    request_method="GET",
    renderer="libraries/staff_tree.pt",
)
def show_tree(context: OrganisationsRoom, request: Request) -> dict[str, Any]:
    """Show the tree of organisations, with what is open now; narrowed by a part of a name."""
    text = request.GET.get("q", "").strip()
    lines = [
        (depth, one)
        for depth, one in depth_first(request.find_service(Libraries).tree.values())
        if fold(text) in fold(name_of(request, one)) or text.lower() in one.code
    ]
    shown, pages = one_page(request, lines, PAGE)
    founding = FoundingPage(context, request, FoundingPage.NAME)
    return {
        "lines": [
            (
                depth,
                one,
                KINDS[OrganisationKind(one.kind)],
                state_now(request, one),
                request.principals.may(Permission.VIEW_WORKING, context[one.code]),
            )
            for depth, one in shown
        ],
        "text": request.GET.get("q", ""),
        "total": len(lines),
        "found_url": address_if_may(request, founding, Permission.MANAGE),
        "url": request.address(context),
        "pager": pages,
    }


@view_config(
    context=FoundingPage,
    name="",
    permission=Permission.MANAGE,
    request_method="GET",
    renderer="libraries/staff_found.pt",
)
def show_founding(context: FoundingPage, request: Request) -> dict[str, Any]:
    """Show the form for a new organisation."""
    return _founding_form(context, request, request.GET, {})


@view_config(
    context=FoundingPage,
    name="",
    permission=Permission.MANAGE,
    request_method="POST",
    renderer="libraries/staff_found.pt",
)
def found_organisation(context: FoundingPage, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Put it into the tree and go on to its page."""
    try:
        wanted = read_new(request.POST, request.settings.languages)
        parent = _parent(request, wanted.parent)
        library = request.find_service(Organisations).found(
            wanted.kind, parent, wanted.code, wanted.name
        )
    except InvalidInput as error:
        return _founding_form(context, request, request.POST, error.errors)
    except Conflict as error:
        return _founding_form(context, request, request.POST, {"parent": error.reason})
    flash(request, _("It stands in the tree now."))
    return HTTPSeeOther(location=request.address(context.__parent__[library.code]))


@view_config(
    context=OrganisationPage,
    name="",
    permission=Permission.VIEW_WORKING,
    request_method="GET",
    renderer="libraries/staff_organisation.pt",
)
def show_organisation(context: OrganisationPage, request: Request) -> dict[str, Any]:
    """Show the form of an organisation, with the week its hours make."""
    values = values_of(context.library, request.find_service(LibrarySettings))
    return _form(context, request, values, context.library.version)


@view_config(
    context=OrganisationPage,
    name="",
    permission=Permission.EDIT,
    request_method="POST",
    renderer="libraries/staff_organisation.pt",
)
def save_organisation(context: OrganisationPage, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Save what was typed, or show the week that the hours would make."""
    values = {**request.POST, "access": request.POST.getall("access")}
    version = whole_number(request.POST.get("version", "")) or 0
    settings = request.find_service(LibrarySettings)
    try:
        wanted = read_description(values, context.library, request.settings.languages, settings)
        if "preview" in request.POST:
            hours = wanted.settings.get("opening_hours")
            return _form(context, request, values, version, hours=hours)
        request.find_service(Organisations).change(context.library, wanted, version)
    except InvalidInput as error:
        return _form(context, request, values, version, errors=error.errors)
    except SavedMeanwhile as error:
        flash(request, error.reason, "bad")
        return HTTPSeeOther(location=request.address(context))
    flash(request, _("Saved."))
    return HTTPSeeOther(location=request.address(context))


@view_config(
    context=OrganisationPage, name="withdraw", permission=Permission.MANAGE, request_method="POST"
)
def withdraw_organisation(context: OrganisationPage, request: Request) -> HTTPSeeOther:
    """Let it be there no more for readers, or bring it back."""
    withdrawn = request.POST.get("withdrawn") == "yes"
    request.find_service(Organisations).withdraw(context.library, withdrawn=withdrawn)
    said = _("Readers no longer see it.") if withdrawn else _("Readers see it again.")
    flash(request, said)
    return HTTPSeeOther(location=request.address(context))


@view_config(
    context=OrganisationPage,
    name="history",
    permission=Permission.VIEW_WORKING,
    request_method="GET",
    renderer="libraries/staff_history.pt",
)
def show_history(context: OrganisationPage, request: Request) -> dict[str, Any]:
    """Show who changed what of an organisation."""
    history = request.find_service(History)
    total, entries = history.of((HISTORY, context.library.id), offset(request, PAGE), PAGE)
    names = names_of(request, {one.actor_id for one in entries})
    return {
        **head(context, request),
        "entries": [
            Happening(
                happened=one.happened,
                words=_words(request, one.action),
                details=_details(request, one.action, one.data),
                actor=names.get(one.actor_id, ""),
            )
            for one in entries
        ],
        "pager": pager(request, total, PAGE),
    }


def head(context: OrganisationPage, request: Request) -> dict[str, Any]:
    """Return what stands at the top of every page of an organisation."""
    here = request.address(context)
    tabs = [
        ("", _("Description and hours"), here),
        ("closures", _("Closures and other hours"), f"{here}/closures"),
        *((name, title, f"{here}/{name}") for name, title in request.registry[TABS].items()),
        ("history", _("History"), f"{here}/history"),
    ]
    library = context.library
    return {
        "library": library,
        "kind": KINDS[OrganisationKind(library.kind)],
        "above": [
            (
                name_of(request, one),
                address_if_may(request, context.__parent__[one.code], Permission.VIEW_WORKING),
            )
            for one in reversed(request.find_service(Libraries).lineage(library)[1:])
        ],
        "tree_url": request.address(context.__parent__),
        "url": here,
        "tabs": tabs,
        "state": state_now(request, library),
        "may_edit": request.principals.may(Permission.EDIT, context),
        "may_manage": request.principals.may(Permission.MANAGE, context),
        "languages": [LANGUAGES[tag] for tag in request.settings.languages],
    }


def _form(
    context: OrganisationPage,
    request: Request,
    values: Values,
    version: int,
    *,
    hours: str | None = None,
    errors: dict[str, Any] | None = None,
) -> dict[str, Any]:
    if errors:
        request.response.status_int = 400
    return {
        **head(context, request),
        "values": values,
        "version": version,
        "errors": errors or {},
        "problems": problems_of(errors or {}),
        "access": list(ACCESS.items()),
        "examples": EXAMPLES,
        "settings": _setting_lines(request, context.library),
        "week": week_lines(request, context.library, hours),
        "previewed": hours is not None,
        "placed": context.library.kind in {"library", "pickup_point"},
    }


def _setting_lines(request: Request, library: Library) -> list[SettingLine]:
    settings = request.find_service(LibrarySettings)
    lines = []
    for name, declared in settings.declared.items():
        found = settings.inherited(library, name)
        shown = None if found.value is None else declared.kind.write(found.value)
        source = name_of(request, found.source) if found.source else None
        field = declared.kind.field
        lines.append(SettingLine(name, declared.title, field, declared.help, shown, source))
    return lines


def _founding_form(
    context: FoundingPage, request: Request, values: Values, errors: dict[str, Any]
) -> dict[str, Any]:
    if errors:
        request.response.status_int = 400
    tree = request.find_service(Libraries).tree.values()
    return {
        "values": values,
        "errors": errors,
        "problems": problems_of(errors),
        "kinds": list(KINDS.items()),
        "parents": [(depth, one) for depth, one in depth_first(tree) if _may_have_below(one.kind)],
        "languages": [LANGUAGES[tag] for tag in request.settings.languages],
        "tree_url": request.address(context.__parent__),
    }


def _parent(request: Request, code: str) -> Library | None:
    """Return what the new one is to stand below, None for nothing."""
    parent = request.find_service(Libraries).organisation(code)
    if code and parent is None:
        reason = _("Choose one of the list.")
        raise InvalidInput(reason, {"parent": reason})
    return parent


def _may_have_below(kind: str) -> bool:
    return any(kind in parents for parents in PARENTS.values())


def _words(request: Request, action: str) -> Any:
    added = request.registry[ADDED].get(action)
    return added.title if added else ACTIONS.get(action, action)


def _details(request: Request, action: str, data: dict[str, Any]) -> str:
    """Return which parts were changed, or which days are meant, or what another room says."""
    added = request.registry[ADDED].get(action)
    if added:
        return added.details(request, data)
    changed = (name for name in data.get("changed", ()) if name in CHANGED)
    parts = [request.translate(CHANGED[name]) for name in changed]
    parts += [str(data[name]) for name in ("first", "last") if name in data]
    return request.formats.listed(dict.fromkeys(parts))
