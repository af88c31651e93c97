"""The staff page of closures and other hours: what is ahead, adding and removing."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.errors import Conflict, InvalidInput, NotFoundHere
from bibliopolis.frame import flash
from bibliopolis.i18n import _
from bibliopolis.parameters import offset, pager, row_id
from bibliopolis.parts import problems_of
from bibliopolis.resources.access import Permission

from .calendars import Calendars
from .closures import Closures
from .forms import Values, read_exception
from .presenters import days_words, exception_words, name_of
from .services import Libraries
from .staff_resources import OrganisationPage
from .staff_views import head

PAGE = 30


@view_config(
    context=OrganisationPage,
    name="closures",
    permission=Permission.VIEW_WORKING,
    request_method="GET",
    renderer="libraries/staff_closures.pt",
)
def show_closures(context: OrganisationPage, request: Request) -> dict[str, Any]:
    """Show what is ahead, of its own and from above, and the form for more."""
    return _page(context, request, {"kind": "closed"}, {})


@view_config(
    context=OrganisationPage,
    name="closures",
    permission=Permission.EDIT,
    request_method="POST",
    renderer="libraries/staff_closures.pt",
)
def add_closure(context: OrganisationPage, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Let other hours hold on some days."""
    try:
        wanted = read_exception(request.POST, request.settings.languages)
        request.find_service(Closures).add(
            context.library,
            wanted.kind,
            wanted.first,
            wanted.last,
            starts=wanted.starts,
            ends=wanted.ends,
            reason=wanted.reason,
            with_below=wanted.with_below,
        )
    except InvalidInput as error:
        request.response.status_int = 400
        return _page(context, request, request.POST, error.errors)
    flash(request, _("Saved. Readers see it at once."))
    return HTTPSeeOther(location=request.address(context, "closures"))


@view_config(
    context=OrganisationPage,
    name="remove-closure",
    permission=Permission.EDIT,
    request_method="POST",
)
def remove_closure(context: OrganisationPage, request: Request) -> HTTPSeeOther:
    """Let the usual hours hold again."""
    try:
        closures = request.find_service(Closures)
        closures.remove(context.library, row_id(request.POST.get("closure", "")) or 0)
        flash(request, _("Removed. The usual hours hold again."))
    except (Conflict, NotFoundHere) as error:
        flash(request, error.reason, "warn")
    return HTTPSeeOther(location=request.address(context, "closures"))


def _page(
    context: OrganisationPage, request: Request, values: Values, errors: dict[str, Any]
) -> dict[str, Any]:
    library = context.library
    total, own = request.find_service(Closures).page(library, offset(request, PAGE), PAGE)
    calendars = request.find_service(Calendars)
    tree = request.find_service(Libraries).tree
    ahead = calendars.exceptions_ahead(library, calendars.today(library))
    return {
        **head(context, request),
        "own": [_line(request, one) for one in own],
        "above_closures": [
            (*_line(request, one), name_of(request, tree.get(one.library_id)))
            for one in ahead
            if one.library_id != library.id
        ],
        "total": total,
        "values": values,
        "errors": errors,
        "problems": problems_of(errors),
        "pager": pager(request, total, PAGE),
    }


def _line(request: Request, exception: Any) -> tuple[Any, ...]:
    return (
        exception,
        days_words(request, exception),
        exception_words(request, exception),
        exception.reason_in(request.language),
    )
