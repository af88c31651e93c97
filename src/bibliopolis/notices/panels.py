"""The way to one's notices in "my account", and the last ones on a reader's page at the desk."""

from __future__ import annotations

from typing import Any

from pyramid.request import Request

from bibliopolis.i18n import _

from .presenters import log_lines
from .resources import NAME
from .services import NoticeLog

SHOWN = 3


def my_notices(request: Request) -> dict[str, Any] | None:
    """Return the ways to what was sent and to what one wants to hear."""
    if request.principals.reader_id is None:
        return None
    url = f"{request.frame.home}/account/{NAME}"
    rows = request.find_service(NoticeLog, context=None).page(
        request.principals.reader_id, limit=SHOWN, wanted_only=True
    )
    return {
        "title": _("Notices"),
        "count": None,
        "lines": log_lines(request, rows),
        "url": url,
        "sent_url": f"{url}/sent",
    }


def notices_at_the_desk(request: Request) -> dict[str, Any]:
    """Return what was sent to the reader last."""
    reader = request.context.reader
    rows = request.find_service(NoticeLog, context=None).page(reader.id, limit=SHOWN)
    return {
        "title": _("Notices"),
        "lines": log_lines(request, rows),
        "all_url": f"{request.address(request.context)}/notices" if rows else None,
    }
