"""Pictures and files: to everybody while a public page shows them, else to who may see the page."""

from __future__ import annotations

from urllib.parse import quote

from pyramid.httpexceptions import HTTPNotFound
from pyramid.request import Request
from pyramid.response import FileResponse
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config

from bibliopolis.resources.access import Permission
from bibliopolis.resources.interfaces import IMediaStore
from bibliopolis.resources.types import ResourceTypes

from ..access import WorkingAccess, scopes_of
from ..media import LARGEST, SCALES, WEBP, MediaStore
from ..models import Media

HOUR = 3600


@view_config(route_name="media", permission=NO_PERMISSION_REQUIRED, request_method="GET")
@view_config(route_name="media_scale", permission=NO_PERMISSION_REQUIRED, request_method="GET")
def show_media(context: object, request: Request) -> FileResponse:
    """Send a picture in one of its scales, or a file to keep."""
    store = request.find_service(IMediaStore)
    media = store.find(request.matchdict["uid"])
    scale = request.matchdict.get("scale", LARGEST)
    if media is None or scale not in SCALES:
        raise HTTPNotFound
    public = store.is_public(media)
    if not public and not _may_see(request, store, media):
        raise HTTPNotFound
    if media.width is not None:
        path = store.picture(media, scale)
        response = FileResponse(str(path), request=request, content_type=WEBP)
    else:
        response = FileResponse(
            str(store.original(media)), request=request, content_type=media.media_type
        )
        response.content_disposition = _attachment(media.name)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    if public:
        response.cache_control = f"public, max-age={HOUR}"
    else:
        response.cache_control = "private, no-store"
    return response


def _may_see(request: Request, store: MediaStore, media: Media) -> bool:
    """Say whether the visitor sent the file, or may see a page that shows it."""
    principals = request.principals
    if principals.person_id is None:
        return False
    if media.owner_id == principals.person_id:
        return True
    types = request.find_service(ResourceTypes)
    for node, translation in store.pages_that_show(media):
        workflow = types[node.type].workflow
        if workflow is None:
            continue
        # What all languages share is seen by whoever sees the source.
        state = translation.state or workflow.initial
        language = node.source_language if translation.state is None else translation.language
        access = WorkingAccess(workflow, scopes_of(node, language), node.owner_id, state)
        if principals.may(Permission.VIEW, access):
            return True
    return False


def _attachment(name: str) -> str:

    return f"attachment; filename*=UTF-8''{quote(name)}"
