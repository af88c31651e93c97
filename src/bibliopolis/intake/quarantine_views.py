"""The quarantine for staff: lists, one record, reading it again, mending and dismissing it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from pyramid.httpexceptions import HTTPForbidden, HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from bibliopolis.errors import InvalidInput
from bibliopolis.frame import flash
from bibliopolis.i18n import _, _n
from bibliopolis.parameters import offset, pager, row_id
from bibliopolis.parts import problems_of
from bibliopolis.resources.access import Permission

from .bytes_as_text import LONGEST_TO_MEND, as_bytes, as_text
from .quarantine import LARGEST_KEPT, Quarantine, Shown, reason_of
from .resources import QuarantinedPage, QuarantineRoom, libraries_of_work

PAGE = 50
ENCODINGS = frozenset({"utf-8", "cp1251", "koi8-r", "cp866", "latin-1"})


@view_config(
    context=QuarantineRoom,
    name="",
    permission=Permission.BRING_IN,
    request_method="GET",
    renderer="intake/quarantine.pt",
)
def show_quarantine(context: QuarantineRoom, request: Request) -> dict[str, Any]:
    """List what was refused at the visitor's libraries, the newest first."""
    names = libraries_of_work(request)
    shown, quarantine = _shown(request, names, request.GET), request.find_service(Quarantine)
    total, rows = quarantine.page(shown, offset(request, PAGE), PAGE)
    here = request.address(context)
    return {
        "rows": [(row, reason_of(row), f"{here}/{row.id}", names[row.library_id]) for row in rows],
        "total": total,
        "libraries": list(names.items()),
        "library_id": row_id(request.GET.get("library", "")),
        "reasons": [
            (reason, _(reason), count)  # extracted where it was first said
            for reason, count in quarantine.reasons(shown.library_ids)
        ],
        "reason": shown.reason,
        "operation": shown.operation,
        "url": here,
        "pager": pager(request, total, PAGE),
    }


@view_config(
    context=QuarantineRoom, name="retry", permission=Permission.BRING_IN, request_method="POST"
)
def retry_all(context: QuarantineRoom, request: Request) -> HTTPSeeOther:
    """Let all that are shown be read again."""
    shown = _shown(request, libraries_of_work(request), request.POST)
    count = request.find_service(Quarantine).retry_all(shown)
    said = _n(
        "${n} record is read again now. If it can be taken in, it leaves this list.",
        "${n} records are read again now. Those that can be taken in leave this list.",
        count,
    )
    flash(request, said, "info")
    return _back(context, request, shown)


@view_config(
    context=QuarantineRoom, name="dismiss", permission=Permission.BRING_IN, request_method="POST"
)
def dismiss_all(context: QuarantineRoom, request: Request) -> HTTPSeeOther:
    """Let go all that are shown for a reason."""
    shown = _shown(request, libraries_of_work(request), request.POST)
    if not shown.reason:
        raise InvalidInput(_("Choose the reason whose records are dismissed."))
    count = request.find_service(Quarantine).dismiss_all(shown)
    flash(request, _n("${n} record is dismissed.", "${n} records are dismissed.", count))
    return HTTPSeeOther(location=request.address(context))


@view_config(
    context=QuarantinedPage,
    name="",
    permission=Permission.BRING_IN,
    request_method="GET",
    renderer="intake/quarantined.pt",
)
def show_record(context: QuarantinedPage, request: Request) -> dict[str, Any]:
    """Show one: where it stood, why it was refused, and its bytes as text."""
    return _page(context, request, {})


@view_config(
    context=QuarantinedPage, name="bytes", permission=Permission.BRING_IN, request_method="GET"
)
def send_bytes(context: QuarantinedPage, request: Request) -> Response:
    """Send its bytes as they stood in the file."""
    return Response(
        request.find_service(Quarantine).raw(context.record.id),
        content_type="application/octet-stream",
        charset=None,
        content_disposition=f"attachment; filename=record-{context.record.id}.mrc",
        cache_control="private, no-store",
    )


@view_config(
    context=QuarantinedPage,
    name="retry",
    permission=Permission.BRING_IN,
    request_method="POST",
    renderer="intake/quarantined.pt",
)
def retry(context: QuarantinedPage, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Read it again as it is."""
    return _retry(context, request, None)


@view_config(
    context=QuarantinedPage,
    name="mend",
    permission=Permission.BRING_IN,
    request_method="POST",
    renderer="intake/quarantined.pt",
)
def mend(context: QuarantinedPage, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Read what somebody has made of it."""
    encoding = request.POST.get("encoding", "")
    if encoding not in ENCODINGS:
        raise InvalidInput(_("The form is out of date: load the page again."))
    try:
        mended = as_bytes(request.POST.get("text", ""), encoding)
    except UnicodeEncodeError as error:
        letters = error.object[error.start : error.end]
        said = _("This encoding has no letter “${letter}”.", mapping={"letter": letters})
        return _page(context, request, {"text": said}, 400)
    return _retry(context, request, mended)


@view_config(
    context=QuarantinedPage, name="dismiss", permission=Permission.BRING_IN, request_method="POST"
)
def dismiss(context: QuarantinedPage, request: Request) -> HTTPSeeOther:
    """Let it go."""
    request.find_service(Quarantine).dismiss(context.record.id)
    flash(request, _("The record is dismissed: it does not come back with the same file."))
    return HTTPSeeOther(location=request.address(context.__parent__))


def _retry(
    context: QuarantinedPage, request: Request, mended: bytes | None
) -> dict[str, Any] | HTTPSeeOther:
    try:
        if mended is not None and not mended.strip():
            raise InvalidInput(_("There is nothing to read."))
        if mended is not None and len(mended) > LARGEST_KEPT:
            raise InvalidInput(
                _("This is too long: mend it in the system of its library and send it.")
            )
        request.find_service(Quarantine).retry(context.record.id, mended)
    except InvalidInput as error:
        return _page(context, request, {"text": error.reason}, 400)
    flash(request, _("The record is in the catalogue now."))
    return HTTPSeeOther(location=request.address(context.__parent__))


def _page(
    context: QuarantinedPage, request: Request, errors: dict[str, Any], status: int = 200
) -> dict[str, Any]:
    request.response.status_int = status
    record = context.record
    raw = request.find_service(Quarantine).raw(record.id)
    text, encoding = as_text(raw[:LONGEST_TO_MEND])
    sent = request.POST.get("text")
    return {
        "record": record,
        "reason": reason_of(record),
        "library": libraries_of_work(request)[record.library_id],
        "text": text if sent is None else sent,
        "charset": encoding,
        "whole": record.size <= LONGEST_TO_MEND,
        "cut": record.size > LARGEST_KEPT,
        "errors": errors,
        "problems": problems_of(errors, {"text": _("The record")}),
        "url": request.address(context),
        "list_url": request.address(context.__parent__),
    }


def _shown(request: Request, names: dict[int, str], asked: Any) -> Shown:
    """Return what is asked for, among the visitor's own libraries."""
    library_id = row_id(asked.get("library", ""))
    if request.method == "POST" and asked.get("library") and library_id not in names:
        raise HTTPForbidden
    wanted = [library_id] if library_id in names else list(names)
    return Shown(wanted, asked.get("reason", "")[:500], asked.get("run", "")[:32])


def _back(context: QuarantineRoom, request: Request, shown: Shown) -> HTTPSeeOther:
    asked = {
        "library": request.POST.get("library", ""),
        "reason": shown.reason,
        "run": shown.operation,
    }
    query = urlencode({name: value for name, value in asked.items() if value})
    return HTTPSeeOther(location=f"{request.address(context)}?{query}".rstrip("?"))
