"""The addresses of feeds: ``@@feed`` of the front page and of every page that has a list."""

from __future__ import annotations

from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config

from bibliopolis.catalogue.resources import Catalogue
from bibliopolis.catalogue.search_limits import demand_modest
from bibliopolis.content.resources import NodeInLanguage
from bibliopolis.resources.access import Permission
from bibliopolis.resources.traversal import LanguageRoot

from ..validators import to_be_kept
from .listings import NAME, feed_of
from .searches import search_feed


@view_config(
    context=LanguageRoot, name=NAME, permission=NO_PERMISSION_REQUIRED, request_method="GET"
)
@view_config(
    context=NodeInLanguage, name=NAME, permission=NO_PERMISSION_REQUIRED, request_method="GET"
)
def show_feed(context: Any, request: Request) -> Response:
    """Show what everybody may see of a list, the newest first."""
    # lxml takes four megabytes: it is loaded where somebody asks for XML.
    from .atom import MEDIA_TYPE, write

    body = write(feed_of(context, request))
    return to_be_kept(Response(body, content_type=MEDIA_TYPE, charset="UTF-8"))


@view_config(context=Catalogue, name=NAME, permission=Permission.VIEW, request_method="GET")
def show_search_feed(context: Catalogue, request: Request) -> Response:
    """Show what is new of what a search finds."""
    demand_modest(request)
    from .atom import MEDIA_TYPE, write

    body = write(search_feed(request))
    return to_be_kept(Response(body, content_type=MEDIA_TYPE, charset="UTF-8"))
