"""What was sent to a reader, for the desk they stand at."""

from __future__ import annotations

from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.parameters import offset, pager
from bibliopolis.readers.staff_resources import ReaderPage
from bibliopolis.resources.access import Permission

from .presenters import log_lines
from .services import NoticeLog

PAGE = 50


@view_config(
    context=ReaderPage,
    name="notices",
    permission=Permission.USE_DESK,
    request_method="GET",
    renderer="notices/staff_notices.pt",
)
def show_notices(context: ReaderPage, request: Request) -> dict[str, Any]:
    """Show the log of a reader, the latest first."""
    request.response.cache_control.no_store = True
    log, reader = request.find_service(NoticeLog), context.reader
    total = log.count(reader.id)
    return {
        "reader": reader,
        "lines": log_lines(request, log.page(reader.id, offset(request, PAGE), PAGE)),
        "total": total,
        "pager": pager(request, total, PAGE),
        "url": request.address(context),
        "list_url": request.address(context.__parent__),
        "kept_days": log.policy.kept.days,
    }
