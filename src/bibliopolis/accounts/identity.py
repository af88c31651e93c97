"""Who a request comes from: a cookie or a header holds a random token, the database its hash."""

from __future__ import annotations

from datetime import timedelta

from pyramid.csrf import new_csrf_token
from pyramid.events import ContextFound
from pyramid.request import Request
from pyramid.response import Response

from bibliopolis.accounts.access_tokens import Bearer, Tokens
from bibliopolis.accounts.devices import REMEMBERED
from bibliopolis.accounts.lookup import find_readers
from bibliopolis.accounts.networks import Origin, counted_address, is_in_library
from bibliopolis.accounts.sessions import TOUCHED_EVERY, touch_afterwards
from bibliopolis.accounts.sign_in import SignedIn, SignIn, Visitor, owes
from bibliopolis.accounts.tickets import GOOD_FOR
from bibliopolis.db import SAFE_METHODS
from bibliopolis.errors import NotAllowed, NotSignedIn
from bibliopolis.i18n import _
from bibliopolis.resources.access import Principals

COOKIE = "signed_in"
DEVICE_COOKIE = "device"
TICKET_COOKIE = "second_step"
OF_THE_TOKEN = frozenset({"@login", "@login-renew", "@logout"})
"""Views that change nothing but the token itself."""


def token_of(request: Request) -> str | None:
    """Return the token the browser holds."""
    return request.cookies.get(request.cookie_name(COOKIE))


def origin_of(request: Request) -> Origin:
    """Return where a request comes from, for those who count attempts."""
    return Origin(
        counted_address(request),
        is_in_library(request),
        request.cookies.get(request.cookie_name(DEVICE_COOKIE)),
    )


def bearer(request: Request) -> Bearer | None:
    """Return the program that has shown a token (``request.bearer``), if the token is good."""
    secret = request.bearer_token
    return request.find_service(Tokens, context=None).bearer(secret) if secret else None


def visitor(request: Request) -> Visitor | None:
    """Return who is signed in (``request.visitor``); without a token nothing is asked.

    A program that shows a token acts by that alone, whatever cookies come along.
    """
    if request.bearer_token is not None:
        return request.bearer.visitor if request.bearer else None
    token = token_of(request)
    found = request.find_service(SignIn, context=None).visitor(token) if token else None
    if found is not None and found.unseen_for(request.clock.now()) > TOUCHED_EVERY:
        touch_afterwards(request, found.session_id)
    return found


def find_principals(request: Request) -> Principals:
    """Return the visitor's principals, in one query or two."""
    person: Visitor | None = request.visitor
    if person is None:
        return Principals()
    readers = find_readers(request)
    reader_id = readers.reader_id_of(person.person_id) if readers is not None else None
    grants = frozenset() if request.owes_second_factor else person.grants
    return Principals(person.person_id, reader_id, grants)


def owes_second_factor(request: Request) -> bool:
    """Say whether the visitor's roles wait for a second factor (``request.owes_second_factor``).

    Until then they hold none of them, whatever page they open and however they signed in.
    """
    person: Visitor | None = request.visitor
    return person is not None and owes(person, request.settings.second_factor_for)


def demand_good_token(event: ContextFound) -> None:
    """Refuse a token that is not good, and changes by one that may only read."""
    request = event.request
    if request.bearer_token is None:
        return
    if request.bearer is None:
        raise NotSignedIn(_("This token is not valid, or not any more. Sign in again."))
    changes = request.method not in SAFE_METHODS and request.view_name not in OF_THE_TOKEN
    if changes and not request.bearer.may_write:
        raise NotAllowed(_("This token may only read."))


def remember(request: Request, response: Response, signed_in: SignedIn) -> None:
    """Put the tokens into the browser, and begin with a new form token."""
    lasts = signed_in.expires - request.clock.now()
    # Where many share a computer, closing the browser is signing out.
    _keep(request, response, COOKIE, signed_in.token, lasts if signed_in.device else None)
    response.delete_cookie(request.cookie_name(TICKET_COOKIE))
    if signed_in.device:
        keep_device(request, response, signed_in.device)
    new_csrf_token(request)


def keep_device(request: Request, response: Response, token: str) -> None:
    """Let the browser be known again."""
    _keep(request, response, DEVICE_COOKIE, token, REMEMBERED)


def ticket_of(request: Request) -> str:
    """Return the ticket of somebody between the two steps of signing in."""
    return request.cookies.get(request.cookie_name(TICKET_COOKIE), "")


def keep_ticket(request: Request, response: Response, ticket: str) -> None:
    """Let the browser go on to the second step."""
    _keep(request, response, TICKET_COOKIE, ticket, GOOD_FOR)


def forget(request: Request, response: Response) -> None:
    """Take the token out of the browser."""
    response.delete_cookie(request.cookie_name(COOKIE))
    new_csrf_token(request)


def _keep(
    request: Request, response: Response, name: str, value: str, lasts: timedelta | None
) -> None:
    response.set_cookie(
        request.cookie_name(name),
        value,
        max_age=lasts,
        httponly=True,
        samesite="Lax",
        secure=request.settings.secure_cookies,
    )
