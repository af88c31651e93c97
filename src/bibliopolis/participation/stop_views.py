"""The link of a letter that stops further ones, for everybody who has the letter.

Opening it only asks: programs that look through mail open every link. Sending the form stops the
letters, and so does what mail programs send for their one click (RFC 8058): it comes without
cookies, and the address is the proof.
"""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.request import Request
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config

from bibliopolis.accounts.resources import AccountRoom

from .letters import STOP_VIEW
from .models import Frequency, SavedSearch
from .resources import NAME
from .services import SavedSearches, StopLinks


@view_config(
    context=AccountRoom,
    name=STOP_VIEW,
    permission=NO_PERMISSION_REQUIRED,
    request_method="GET",
    renderer="participation/stop.pt",
)
def ask_to_stop(context: AccountRoom, request: Request) -> dict[str, Any]:
    """Ask whether the letters shall stop; nothing is changed."""
    search = _search(request)
    return _page(request, search, search is None or search.frequency == Frequency.NEVER)


@view_config(
    context=AccountRoom,
    name=STOP_VIEW,
    permission=NO_PERMISSION_REQUIRED,
    request_method="POST",
    renderer="participation/stop.pt",
    require_csrf=False,  # mail programs have no token; who knows the address may stop
)
def stop(context: AccountRoom, request: Request) -> dict[str, Any]:
    """Stop the letters and say so; a second click changes nothing."""
    search = _search(request)
    if search is not None:
        request.find_service(SavedSearches).stop(search)
    return _page(request, search, True)


def _search(request: Request) -> SavedSearch | None:
    links, token = request.find_service(StopLinks), "/".join(request.subpath)
    if not links.is_ours(token):
        raise HTTPNotFound()
    return links.search_of(token)


def _page(request: Request, search: SavedSearch | None, stopped: bool) -> dict[str, Any]:
    # The address is a key: it is kept nowhere on the way.
    request.response.cache_control.no_store = True
    return {
        "name": search.name if search is not None else None,
        "stopped": stopped,
        "mine": f"{request.frame.home}/account/{NAME}",
    }
