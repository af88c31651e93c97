"""Saving a search, the list of saved ones, changing and deleting one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.catalogue.search_limits import demand_modest
from bibliopolis.catalogue.search_titles import ValueTitles
from bibliopolis.errors import Conflict, InvalidInput
from bibliopolis.frame import flash
from bibliopolis.i18n import _
from bibliopolis.parameters import offset, pager
from bibliopolis.parts import problems_of
from bibliopolis.resources.access import Permission
from bibliopolis.search.asking import Asked

from .models import Frequency
from .presenters import FREQUENCIES, search_lines, words_of
from .resources import SavedSearchesRoom, SavedSearchPage
from .services import AlreadySaved, SavedSearches
from .services.saved_searches import LONGEST_NAME, MOST, too_many

PAGE = 20


@view_config(
    context=SavedSearchesRoom,
    name="",
    permission=Permission.USE_ACCOUNT,
    request_method="GET",
    renderer="participation/searches.pt",
)
def show_searches(context: SavedSearchesRoom, request: Request) -> dict[str, Any]:
    """Show a page of one's saved searches."""
    request.response.cache_control.no_store = True
    searches, person_id = request.find_service(SavedSearches), request.principals.person_id
    total = searches.count(person_id)
    rows = searches.page(person_id, offset(request, PAGE, total=total), PAGE)
    return {
        "lines": search_lines(request, rows),
        "total": total,
        "most": MOST,
        "pager": pager(request, total, PAGE),
        "crumbs": _crumbs(request, context.__parent__, (_("Saved searches"), None)),
    }


@view_config(
    context=SavedSearchesRoom,
    name="save",
    permission=Permission.USE_ACCOUNT,
    request_method="GET",
    renderer="participation/save.pt",
)
def show_save(context: SavedSearchesRoom, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Ask how the search in the address shall be called; one saved already is shown instead."""
    asked, searches = _asked(request), request.find_service(SavedSearches)
    known = searches.same(request.principals.person_id, asked)
    if known is not None:
        return _known(context, request, AlreadySaved(known))
    full = searches.count(request.principals.person_id) >= MOST
    values = {"name": "", "frequency": Frequency.WEEKLY}
    return _form(context, request, asked, values, {}, too_many() if full else None)


@view_config(
    context=SavedSearchesRoom,
    name="save",
    permission=Permission.USE_ACCOUNT,
    request_method="POST",
    renderer="participation/save.pt",
)
def save(context: SavedSearchesRoom, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Save the search in the address, and show it among the others."""
    asked, person_id = _asked(request), request.principals.person_id
    searches = request.find_service(SavedSearches)
    try:
        searches.save(person_id, asked, request.language, request.POST)
    except AlreadySaved as refusal:
        return _known(context, request, refusal)
    except InvalidInput as error:
        request.response.status_int = 400
        return _form(context, request, asked, request.POST, error.errors)
    except Conflict as refusal:
        request.response.status_int = 409
        return _form(context, request, asked, request.POST, {}, refusal.reason)
    flash(request, _("The search is saved."))
    return HTTPSeeOther(location=request.address(context))


@view_config(
    context=SavedSearchPage,
    name="",
    permission=Permission.USE_ACCOUNT,
    request_method="GET",
    renderer="participation/search.pt",
)
def show_search(context: SavedSearchPage, request: Request) -> dict[str, Any]:
    """Show the form to change one."""
    search = context.search
    return _edit(context, request, {"name": search.name, "frequency": search.frequency}, {})


@view_config(
    context=SavedSearchPage,
    name="",
    permission=Permission.USE_ACCOUNT,
    request_method="POST",
    renderer="participation/search.pt",
)
def change_search(context: SavedSearchPage, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Give it another name, or letters at another pace."""
    try:
        request.find_service(SavedSearches).change(context.search, request.POST)
    except InvalidInput as error:
        request.response.status_int = 400
        request.db.refresh(context.search)
        return _edit(context, request, request.POST, error.errors)
    flash(request, _("The search is changed."))
    return HTTPSeeOther(location=request.address(context.__parent__))


@view_config(
    context=SavedSearchPage,
    name="delete",
    permission=Permission.USE_ACCOUNT,
    request_method="POST",
)
def delete_search(context: SavedSearchPage, request: Request) -> HTTPSeeOther:
    """Forget it."""
    name = context.search.name
    request.find_service(SavedSearches).delete(context.search)
    flash(request, _("“${name}” is deleted.", mapping={"name": name}))
    return HTTPSeeOther(location=request.address(context.__parent__))


def _asked(request: Request) -> Asked:
    demand_modest(request)
    return Asked.read(request.GET).but()


def _known(context: SavedSearchesRoom, request: Request, refusal: AlreadySaved) -> HTTPSeeOther:
    flash(request, refusal.reason, "info")
    return HTTPSeeOther(location=request.address(context, refusal.search.uid))


def _form(
    context: SavedSearchesRoom,
    request: Request,
    asked: Asked,
    values: Mapping[str, Any],
    errors: Mapping[str, Any],
    refusal: Any = None,
) -> dict[str, Any]:
    words = words_of(request, ValueTitles.from_request(request), asked)
    name = values.get("name", "") if request.method == "POST" else words[:LONGEST_NAME]
    return {
        "action": asked.address(request.address(context, "save")),
        "words": words,
        "back": asked.address(request.frame.search),
        "refusal": refusal,
        "all_url": request.address(context),
        **_fields({"name": name, "frequency": values.get("frequency")}, errors),
        "crumbs": _crumbs(
            request,
            context.__parent__,
            (_("Saved searches"), request.address(context)),
            (_("Save this search"), None),
        ),
    }


def _edit(
    context: SavedSearchPage,
    request: Request,
    values: Mapping[str, Any],
    errors: Mapping[str, Any],
) -> dict[str, Any]:
    room = context.__parent__
    return {
        "line": search_lines(request, [context.search])[0],
        **_fields(values, errors),
        "crumbs": _crumbs(
            request,
            room.__parent__,
            (_("Saved searches"), request.address(room)),
            (context.search.name, None),
        ),
    }


def _fields(values: Mapping[str, Any], errors: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "values": values,
        "errors": errors,
        "problems": problems_of(errors),
        "frequencies": [(str(one), title) for one, title in FREQUENCIES.items()],
    }


def _crumbs(request: Request, account: Any, *rest: tuple[Any, Any]) -> list[tuple[Any, Any]]:
    return [
        (_("Home"), request.frame.home),
        (_("My account"), request.address(account)),
        *rest,
    ]
