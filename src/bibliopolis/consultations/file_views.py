"""The files of a thread: to whoever may see the thread, and nobody else."""

from __future__ import annotations

from urllib.parse import quote

from pyramid.httpexceptions import HTTPNotFound
from pyramid.request import Request
from pyramid.response import FileResponse
from pyramid.view import view_config

from bibliopolis.content.media import WEBP
from bibliopolis.resources.access import Permission

from .resources import EnquiryPage, StaffThread
from .services import Attachments


@view_config(context=EnquiryPage, name="file", permission=Permission.VIEW, request_method="GET")
def show_file(context: EnquiryPage, request: Request) -> FileResponse:
    """Send a picture as we made it anew, or another file to be saved."""
    notes = isinstance(context, StaffThread) and request.principals.may(Permission.NOTE, context)
    attachments = request.find_service(Attachments)
    uid = request.subpath[0] if len(request.subpath) == 1 else ""
    found = attachments.find(context.enquiry, uid, notes=notes)
    if found is None or not attachments.path(found).is_file():
        raise HTTPNotFound
    response = FileResponse(
        str(attachments.path(found)), request=request, content_type=found.media_type
    )
    kind = "inline" if found.media_type == WEBP else "attachment"
    response.content_disposition = f"{kind}; filename*=UTF-8''{quote(found.name)}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.cache_control = "private, no-store"
    return response
