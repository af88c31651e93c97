"""An account for a reader of a desk: the letter that a librarian sends, and what its link opens."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config

from bibliopolis.accounts.attempts import Attempts, too_many
from bibliopolis.accounts.identity import origin_of, remember
from bibliopolis.accounts.resources import AccountRoom
from bibliopolis.accounts.sign_in import SignIn
from bibliopolis.accounts.tokens import hash_of
from bibliopolis.accounts.used_links import when_used
from bibliopolis.errors import InvalidInput
from bibliopolis.frame import flash
from bibliopolis.i18n import _
from bibliopolis.parts import problems_of
from bibliopolis.resources.access import Permission

from .registration_views import PASSWORDS_A_LINK, account_is_open, token_of
from .services import AccountOpening
from .staff_forms import reader_page
from .staff_resources import ReaderPage

FIELDS = {"card": _("Card number"), "password": _("Password")}


@view_config(
    context=ReaderPage,
    name="invite",
    permission=Permission.USE_DESK,
    request_method="POST",
    renderer="readers/staff_reader.pt",
)
def invite(context: ReaderPage, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Send the reader a link that opens an account."""
    sent = {name: request.POST.get(name, "") for name in ("email", "language")}
    if sent["language"] not in request.settings.languages:
        sent["language"] = request.language
    try:
        email = request.find_service(AccountOpening).invite(context.reader, **sent)
    except InvalidInput as error:
        request.response.status_int = 400
        return {**reader_page(context, request, errors=error.errors), "asked": sent}
    flash(request, _("A letter with a link has gone to ${email}.", mapping={"email": email}))
    return HTTPSeeOther(location=request.address(context))


@view_config(
    context=AccountRoom,
    name="open",
    decorator=when_used(account_is_open),
    permission=NO_PERMISSION_REQUIRED,
    request_method="GET",
    renderer="readers/open_account.pt",
)
def show_open(context: AccountRoom, request: Request) -> dict[str, Any]:
    """Show whose account the link opens, and ask for card and password."""
    return _form(request)


@view_config(
    context=AccountRoom,
    name="open",
    decorator=when_used(account_is_open),
    permission=NO_PERMISSION_REQUIRED,
    request_method="POST",
    renderer="readers/open_account.pt",
)
def open_account(context: AccountRoom, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Open the account and sign in."""
    token, attempts = token_of(request), request.find_service(Attempts)
    card, password = request.POST.get("card", ""), request.POST.get("password", "")
    wait = attempts.allow("registration", hash_of(token), PASSWORDS_A_LINK)
    if wait is not None:
        return _form(request, {"card": too_many(wait)})
    try:
        person = request.find_service(AccountOpening).open(token, card, password)
    except InvalidInput as error:
        return _form(request, error.errors)
    signed_in = request.find_service(SignIn).open_session(
        person, request.user_agent or "", origin_of(request)
    )
    response = HTTPSeeOther(location=request.address(context))
    remember(request, response, signed_in)
    flash(request, _("Your account is open."))
    return response


def _form(request: Request, errors: dict[str, Any] | None = None) -> dict[str, Any]:
    request.response.cache_control.no_store = True
    if errors:
        request.response.status_int = 400
    return {
        "wanted": request.find_service(AccountOpening).wanted(token_of(request)),
        "card": request.POST.get("card", ""),
        "errors": errors or {},
        "problems": problems_of(errors or {}, FIELDS),
    }
