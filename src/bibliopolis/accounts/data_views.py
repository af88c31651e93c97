"""``account/data``: everything the libraries keep of a person, to take away or to end."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from bibliopolis.accounts.identity import forget, origin_of
from bibliopolis.accounts.personal_data import PersonalData
from bibliopolis.accounts.resources import AccountRoom
from bibliopolis.accounts.services import People
from bibliopolis.accounts.sign_in import SignIn
from bibliopolis.errors import Conflict
from bibliopolis.frame import flash
from bibliopolis.i18n import _
from bibliopolis.resources.access import Permission


@view_config(
    context=AccountRoom,
    name="data",
    permission=Permission.USE_ACCOUNT,
    request_method="GET",
    renderer="accounts/data.pt",
)
def show_data(context: AccountRoom, request: Request) -> dict[str, Any]:
    """Offer all data as a file, and the end of the account or what speaks against it."""
    return _page(context, request)


@view_config(
    context=AccountRoom,
    name="export",
    permission=Permission.USE_ACCOUNT,
    request_method="POST",
)
def export(context: AccountRoom, request: Request) -> Response:
    """Hand everything out as one JSON file."""
    person = request.find_service(People).by_id(request.principals.person_id)
    kept = request.find_service(PersonalData).export(person)
    response = Response(
        body=json.dumps(kept, ensure_ascii=False, indent=2, default=_plain).encode(),
        content_type="application/json",
        charset="UTF-8",
    )
    day = request.clock.today().isoformat()
    response.content_disposition = f'attachment; filename="bibliopolis-{day}.json"'
    response.cache_control.no_store = True
    return response


@view_config(
    context=AccountRoom,
    name="close",
    permission=Permission.USE_ACCOUNT,
    request_method="POST",
    renderer="accounts/data.pt",
)
def close(context: AccountRoom, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Close the account for whoever knows its password, and forget who they were."""
    person = request.find_service(People).by_id(request.principals.person_id)
    password = request.POST.get("password", "")
    refused = request.find_service(SignIn).check_again(person, password, origin_of(request))
    if refused is not None:
        request.response.status_int = 400
        return _page(context, request, refused)
    try:
        with request.db.begin_nested():
            request.find_service(PersonalData).close(person)
    except Conflict:
        request.response.status_int = 409
        return _page(context, request)
    response = HTTPSeeOther(location=request.address(context.__parent__))
    forget(request, response)
    flash(request, _("Your account is closed, and nothing is left of your data."), "info")
    return response


def _page(context: AccountRoom, request: Request, refusal: Any = None) -> dict[str, Any]:
    request.response.cache_control.no_store = True
    person = request.find_service(People).by_id(request.principals.person_id)
    return {
        "crumbs": [(_("My account"), request.address(context)), (_("My data"), None)],
        "reasons": request.find_service(PersonalData).against_closing(person),
        "email": person.email,
        "refusal": refusal,
    }


def _plain(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not for JSON")
