"""``account/programs``: the programs that may act for a person, by tokens of their own."""

from __future__ import annotations

from typing import Any

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.accounts.access_tokens import ALLOWED, DAYS, ENDED, Issued, Tokens
from bibliopolis.accounts.resources import AccountRoom
from bibliopolis.errors import InvalidInput, NotAllowed
from bibliopolis.frame import flash
from bibliopolis.i18n import _, _n
from bibliopolis.parameters import offset, pager, row_id, whole_number
from bibliopolis.resources.access import Permission, Role, permission_map
from bibliopolis.resources.traversal import MountedRoom

PAGE = 25


class ProgramsRoom(MountedRoom):
    """What a person has let programs do in their name."""

    permissions = permission_map(use_account=[Role.SIGNED_IN])

    def __init__(self, parent: AccountRoom, request: Request) -> None:
        super().__init__(parent, request, "programs")


@view_config(
    context=ProgramsRoom,
    name="",
    permission=Permission.USE_ACCOUNT,
    request_method="GET",
    renderer="accounts/programs.pt",
)
def show_programs(context: ProgramsRoom, request: Request) -> dict[str, Any]:
    """List the programs and show the form for another one."""
    return _page(context, request)


@view_config(
    context=ProgramsRoom,
    name="",
    permission=Permission.USE_ACCOUNT,
    request_method="POST",
    renderer="accounts/programs.pt",
)
def add_program(context: ProgramsRoom, request: Request) -> dict[str, Any]:
    """Make a token and show it, the only time: it is kept nowhere, not even for a redirect."""
    _demand_person(request)
    sent = request.POST
    try:
        issued = request.find_service(Tokens).create(
            request.principals.person_id,
            sent.get("name", ""),
            whole_number(sent.get("days", "")) or 0,
            bool(sent.get("may_write")),
        )
    except InvalidInput as error:
        request.response.status_int = 400
        return _page(context, request, errors=error.errors)
    request.response.cache_control.no_store = True
    return _page(context, request, issued)


@view_config(
    context=ProgramsRoom, name="end", permission=Permission.USE_ACCOUNT, request_method="POST"
)
def end_program(context: ProgramsRoom, request: Request) -> HTTPSeeOther:
    """End the token of a program: its next request is refused."""
    _demand_person(request)
    token_id = row_id(request.POST.get("token", "")) or 0
    request.find_service(Tokens).end(request.principals.person_id, token_id)
    flash(request, _("The program may no longer act for you."))
    return HTTPSeeOther(location=request.address(context))


def _demand_person(request: Request) -> None:
    # A token that came into wrong hands must not be able to make others that outlive it.
    if request.bearer is not None:
        raise NotAllowed(_("A program cannot change which programs there are."))


def _page(
    context: ProgramsRoom,
    request: Request,
    issued: Issued | None = None,
    errors: dict[str, Any] | None = None,
) -> dict[str, Any]:
    tokens = request.find_service(Tokens)
    person_id = request.principals.person_id
    total = tokens.count(person_id)
    return {
        "tokens": tokens.page(person_id, offset(request, PAGE, total=total), PAGE),
        "pager": pager(request, total, PAGE),
        "issued": issued,
        "errors": errors or {},
        "sent": request.POST if errors else {},
        "days": [(days, _n("${n} day", "${n} days", days)) for days in DAYS],
        "here": request.address(context),
        "crumbs": [
            (_("Home"), request.frame.home),
            (_("My account"), request.address(context.__parent__)),
            (_("Programs that act for me"), None),
        ],
    }


def programs_panel(request: Request) -> dict[str, Any]:
    """Return how many programs there are, and the way to them."""
    count = request.find_service(Tokens, context=None).count(request.principals.person_id)
    return {
        "title": _("Programs"),
        "count": count or None,
        "url": f"{request.frame.home}/account/programs",
    }


def includeme(config: Configurator) -> None:
    """Put the page below "my account", and the way to it on that."""
    config.add_audit_event(ALLOWED, _("A program may act for somebody"))
    config.add_audit_event(ENDED, _("A program may no longer act for somebody"))
    config.add_account_page("programs", ProgramsRoom)
    config.add_account_panel("programs", programs_panel, "accounts/programs_panel.pt", order=90)
    config.scan(__name__)
