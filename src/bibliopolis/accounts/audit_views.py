"""``staff/audit``: the audit log, read by administrators."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from bibliopolis.accounts.audit import EVENTS, AuditLog, Wanted
from bibliopolis.accounts.audit_words import Entry, entries, kinds, said
from bibliopolis.accounts.resources import AuditRoom
from bibliopolis.errors import InvalidInput
from bibliopolis.i18n import _, _n
from bibliopolis.parameters import offset, pager, read_day
from bibliopolis.resources.access import Permission
from bibliopolis.spreadsheets import csv_response

PAGE = 50


@view_config(
    context=AuditRoom,
    name="",
    permission=Permission.MANAGE,
    request_method="GET",
    renderer="accounts/audit.pt",
)
def show_audit_log(context: AuditRoom, request: Request) -> dict[str, Any]:
    """Show what happened, the newest first, a page at a time."""
    values = {name: request.GET.get(name, "").strip() for name in ("who", "what", "from", "to")}
    page: dict[str, Any] = {"values": values, "kinds": kinds(request), "errors": {}}
    page |= {"first_day": _("First day"), "last_day": _("Last day")}
    try:
        wanted = _wanted(request)
    except InvalidInput as error:
        request.response.status_int = 400
        return {**page, "errors": error.errors, "entries": [], "total": None, "csv_url": None}
    log = request.find_service(AuditLog)
    total, events = log.page(wanted, offset(request, PAGE), PAGE)
    asked = urlencode({name: value for name, value in values.items() if value})
    here = request.address(context, "log.csv")
    return {
        **page,
        "entries": entries(request, events),
        "total": _n("${n} event", "${n} events", total),
        "pager": pager(request, total, PAGE),
        "csv_url": f"{here}?{asked}" if asked else here,
        "kept": _n("${n} day", "${n} days", request.settings.audit_days),
        "network_kept": _n("${n} day", "${n} days", request.settings.network_days),
    }


@view_config(context=AuditRoom, name="log.csv", permission=Permission.MANAGE, request_method="GET")
def audit_log_as_csv(context: AuditRoom, request: Request) -> Response:
    """Give the events asked for, all of them, to a spreadsheet."""
    heads = (_("When"), _("What"), _("Who"), _("About"), _("Details"), _("Network address"))
    log, wanted = request.find_service(AuditLog), _wanted(request)
    rows = (
        _row(request, entry) for events in log.batches(wanted) for entry in entries(request, events)
    )
    return csv_response(request, "audit-log.csv", heads, rows)


def _row(request: Request, entry: Entry) -> tuple[Any, ...]:
    details = (f"{said(request, title)}: {said(request, words)}" for title, words in entry.details)
    return (
        request.clock.local(entry.happened).isoformat(timespec="seconds"),
        entry.what,
        entry.who.name if entry.who else "",
        entry.about.name if entry.about else "",
        "; ".join(details),
        entry.network or "",
    )


def _wanted(request: Request) -> Wanted:
    """Return what is asked for; raises ``InvalidInput`` for days nobody can read."""
    what = request.GET.get("what", "")
    return Wanted(
        what=what if what in request.registry[EVENTS] else None,
        who=request.GET.get("who", "").strip(),
        since=_begins(request, _day(request, "from")),
        until=_begins(request, _day(request, "to"), timedelta(days=1)),
    )


def _day(request: Request, name: str) -> date | None:
    text = request.GET.get(name, "").strip()
    day = read_day(text)
    if text and day is None:
        reason = _("Write a day like 2026-11-24.")
        raise InvalidInput(_("The log cannot be shown for these days."), {name: reason})
    return day


def _begins(request: Request, day: date | None, later: timedelta = timedelta(0)) -> datetime | None:
    """Return when a day of the city begins."""
    if day is None:
        return None
    return datetime.combine(day + later, time.min, request.clock.zone).astimezone(UTC)
