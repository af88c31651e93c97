"""What if, for staff: drafting rules, reports under way and done, comparing and deleting them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from bibliopolis.content.names import names_of
from bibliopolis.errors import Conflict, InvalidInput
from bibliopolis.frame import flash
from bibliopolis.i18n import _
from bibliopolis.libraries.presenters import name_of
from bibliopolis.libraries.services import Libraries
from bibliopolis.parameters import read_day
from bibliopolis.parts import problems_of
from bibliopolis.resources.access import Permission
from bibliopolis.spreadsheets import csv_response

from ..posted import posted, text
from ..rule_words import as_yaml
from ..rules import NAMES, Rule, Scope
from ..services import RuleKeeping
from .drafts import LONGEST, Draft, DraftError, DraftReading
from .models import AT_WORK, WhatIfReport
from .reading import PeriodReading
from .reports import WhatIf
from .resources import ReportPage, WhatIfRoom
from .words import RUNS, SHORT, SMALL, STATES, fair, of_holds, overall, places, refusals

LONGEST_TITLE = 120
LONGEST_PERIOD = timedelta(days=366)
MOST_COMPARED = 4
KEYS = tuple(RUNS)
EXAMPLE = """rules:
  - organisation: fontanka
    category: child
    set: {max_holds: 10}
  - remove: [go_home_days]"""


@view_config(
    context=WhatIfRoom,
    name="",
    permission=Permission.VIEW_WORKING,
    request_method="GET",
    renderer="circulation/whatif.pt",
)
def show_reports(context: WhatIfRoom, request: Request) -> dict[str, Any]:
    """List the reports, with the form for a new one for those who set rules."""
    return _room(context, request, {}, {})


@view_config(
    context=WhatIfRoom,
    name="draft",
    permission=Permission.EDIT,
    request_method="POST",
    renderer="circulation/whatif.pt",
)
def draft_rule(context: WhatIfRoom, request: Request) -> dict[str, Any]:
    """Take a value over from the form of a rule: nothing is begun yet."""
    sent = posted(request)
    name = NAMES.get(text(sent, "name"))
    values: dict[str, str] = {"title": request.translate(name.title) if name else ""}
    if name is None:
        return _room(context, request, values, {})
    scope = [text(sent, one) or None for one in ("organisation", "category", "item_type")]
    try:
        value = name.kind.parse(text(sent, "value"))
    except InvalidInput as error:
        return _room(context, request, values, {"rules": error.reason})
    values["rules"] = as_yaml([Rule(name.name, value, Scope(*scope))])
    return _room(context, request, values, {})


@view_config(
    context=WhatIfRoom,
    name="",
    permission=Permission.EDIT,
    request_method="POST",
    renderer="circulation/whatif.pt",
)
def begin_report(context: WhatIfRoom, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Begin a report, or say what is wrong with the draft."""
    sent = posted(request)
    request.add_finished_callback(_close_body)
    values = {name: text(sent, name) for name in ("title", "since", "until", "rules")}
    try:
        values["rules"] = _uploaded(sent) or values["rules"]
        draft = _draft(request, values["rules"])
        since, until = _period(request, values)
        request.find_service(PeriodReading).demand_not_too_much(since, until)
        title = (values["title"] or _default_title(request, draft))[:LONGEST_TITLE]
        report = request.find_service(WhatIf).begin(title, values["rules"], draft, since, until)
    except InvalidInput as error:
        return _room(context, request, values, _errors(request, error))
    except Conflict as refusal:
        page = _room(context, request, values, {"": refusal.reason})
        request.response.status_int = 409
        return page
    flash(request, _("It is computed now: this page shows how far it is."))
    return HTTPSeeOther(location=request.address(context[report.uid]))


@view_config(
    context=WhatIfRoom,
    name="compare",
    permission=Permission.VIEW_WORKING,
    request_method="GET",
    renderer="circulation/whatif_compare.pt",
)
def compare_reports(context: WhatIfRoom, request: Request) -> dict[str, Any]:
    """Show what the changed rules of several reports would have brought, side by side."""
    wanted = list(dict.fromkeys(request.GET.getall("sel")))[:MOST_COMPARED]
    reports = request.find_service(WhatIf).done(wanted)
    runs = {one.uid: one.result["after"] for one in reports}
    keys = tuple(runs)
    return {
        "url": request.address(context),
        "reports": [(one, request.address(context, one.uid)) for one in reports],
        "lines": overall(runs, keys) if len(reports) > 1 else [],
        "fair": fair(runs, keys) if len(reports) > 1 else [],
    }


@view_config(
    context=ReportPage,
    name="",
    permission=Permission.VIEW_WORKING,
    request_method="GET",
    renderer="circulation/whatif_report.pt",
)
def show_report(context: ReportPage, request: Request) -> dict[str, Any]:
    """Show how far a report is, or what came of it."""
    report, runs = context.report, context.report.result
    libraries = request.find_service(Libraries)
    names = {one.code: name_of(request, one) for one in libraries.tree.values()}
    return {
        **_head(context.__parent__, request),
        "report": report,
        "state": STATES[report.state],
        "at_work": report.state in AT_WORK,
        "url": request.address(context),
        "person": names_of(request, {report.person_id} - {None}).get(report.person_id, ""),
        "runs": list(RUNS.values()),
        "labels": list(SHORT.values()),
        "lines": overall(runs, KEYS) if runs else [],
        "fair": fair(runs, KEYS) if runs else [],
        "refusals": refusals(runs, KEYS) if runs else [],
        "levels": [
            (level, title, [(names.get(code, code), rows) for code, rows in places(runs, level)])
            for level, title in (("libraries", _("By library")), ("systems", _("By system")))
        ]
        if runs
        else [],
        "small": SMALL,
    }


@view_config(
    context=ReportPage,
    name="",
    permission=Permission.VIEW_WORKING,
    request_method="GET",
    accept="application/json",
    renderer="json",
)
def report_as_json(context: ReportPage, request: Request) -> dict[str, Any]:
    """Tell a program the figures."""
    report = context.report
    return {
        "@id": request.address(context, absolute=True),
        "@type": "WhatIfReport",
        "title": report.title,
        "state": report.state,
        "share": report.share,
        "since": report.since.isoformat(),
        "until": report.until.isoformat(),
        "rules": report.draft,
        "runs": report.result,
    }


@view_config(
    context=ReportPage,
    name="report.csv",
    permission=Permission.VIEW_WORKING,
    request_method="GET",
)
def report_as_csv(context: ReportPage, request: Request) -> Response:
    """Give the figures of all and of each library and system for a spreadsheet."""
    runs, libraries = context.report.result or {}, request.find_service(Libraries)
    names = {one.code: name_of(request, one) for one in libraries.tree.values()}
    heads = (_("Where"), _("Figure"), *RUNS.values())
    every = request.translate(_("All libraries"))
    cells: list[tuple[Any, ...]] = []
    for line in (*overall(runs, KEYS), *fair(runs, KEYS), *refusals(runs, KEYS)) if runs else ():
        cells.append((every, line.title, *(_cell(request, value) for value in line.values)))
    for level in ("libraries", "systems") if runs else ():
        for code, rows in places(runs, level):
            for line in of_holds(rows):
                values = (_cell(request, value) for value in line.values)
                cells.append((names.get(code, code), line.title, *values))
    return csv_response(request, f"what-if-{context.report.id}.csv", heads, cells)


@view_config(context=ReportPage, name="stop", permission=Permission.EDIT, request_method="POST")
def stop_report(context: ReportPage, request: Request) -> HTTPSeeOther:
    """Stop computing; what is computed is kept."""
    stop = request.find_service(WhatIf).stop
    return _tried(context, request, stop, _("It is stopped: it can go on from where it is."))


@view_config(context=ReportPage, name="go-on", permission=Permission.EDIT, request_method="POST")
def go_on_with_report(context: ReportPage, request: Request) -> HTTPSeeOther:
    """Go on computing."""
    go_on = request.find_service(WhatIf).go_on
    return _tried(context, request, go_on, _("It goes on from where it was."))


@view_config(context=ReportPage, name="delete", permission=Permission.EDIT, request_method="POST")
def delete_report(context: ReportPage, request: Request) -> HTTPSeeOther:
    """Forget a report."""
    request.find_service(WhatIf).delete(context.report)
    flash(request, _("The report is deleted."))
    return HTTPSeeOther(location=request.address(context.__parent__))


def _tried(
    context: ReportPage, request: Request, step: Callable[[WhatIfReport], None], said: Any
) -> HTTPSeeOther:
    """Take a step, and show the report: perhaps the worker was quicker than the hand."""
    try:
        step(context.report)
    except Conflict as refusal:
        flash(request, refusal.reason, "info")
    else:
        flash(request, said)
    return HTTPSeeOther(location=request.address(context))


def _head(context: WhatIfRoom, request: Request) -> dict[str, Any]:
    return {
        "room_url": request.address(context),
        "may_edit": request.principals.may(Permission.EDIT, context),
    }


def _room(
    context: WhatIfRoom, request: Request, values: Mapping[str, str], errors: Mapping[str, Any]
) -> dict[str, Any]:
    if errors:
        request.response.status_int = 400
    today = request.clock.today()
    last = today.replace(day=1) - timedelta(days=1)
    shown = {
        "title": "",
        "since": last.replace(day=1).isoformat(),
        "until": last.isoformat(),
        "rules": "",
        **values,
    }
    return {
        **_head(context, request),
        "reports": [
            (one, *STATES[one.state], _url(context, request, one)) for one in _all(request)
        ],
        "values": shown,
        "errors": errors,
        "problems": problems_of(errors),
        "longest": LONGEST_TITLE,
        "most": MOST_COMPARED,
        "example": EXAMPLE,
    }


def _all(request: Request) -> list[WhatIfReport]:
    return list(request.find_service(WhatIf).all())


def _url(context: WhatIfRoom, request: Request, report: WhatIfReport) -> str:
    return request.address(context, report.uid)


def _draft(request: Request, typed: str) -> Draft:
    codes = {one.code for one in request.find_service(Libraries).tree.values()}
    return DraftReading(request.find_service(RuleKeeping), codes).read(typed)


def _default_title(request: Request, draft: Draft) -> str:
    names = dict.fromkeys(one.name for one in (*draft.rules, *draft.removed))
    return ", ".join(request.translate(NAMES[name].title) for name in names)


def _uploaded(sent: Mapping[str, Any]) -> str:
    """Return the text of a file that was sent; the empty one where none was."""
    upload: Any = sent.get("upload")
    if not hasattr(upload, "file"):
        return ""
    try:
        return str(upload.file.read(LONGEST + 1).decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        reason = _("The file is not text in UTF-8: save it so and send it again.")
        raise InvalidInput(reason, {"rules": reason}) from error
    finally:
        # The file of the part, and that of the whole body.
        upload.file.close()
        upload.fp.close()


def _close_body(request: Request) -> None:
    """Close what was sent: a long draft lies in a file, which would stay open until collected."""
    request.body_file_raw.close()


def _period(request: Request, values: Mapping[str, str]) -> tuple[datetime, datetime]:
    """Return the beginning of the first day and the end of the last, by the city's clocks."""
    first, last = read_day(values["since"]), read_day(values["until"])
    now = request.clock.now()
    if first is None:
        reason = _("Choose the first day.")
        raise InvalidInput(reason, {"since": reason})
    if last is None or last < first or last - first > LONGEST_PERIOD:
        reason = _("Choose a last day after the first, within a year.")
        raise InvalidInput(reason, {"until": reason})
    since, until = _begins(request, first), _begins(request, last + timedelta(days=1))
    if since >= now:
        reason = _("Choose a time that has passed.")
        raise InvalidInput(reason, {"since": reason})
    return since, min(until, now)


def _begins(request: Request, day: date) -> datetime:
    zone = request.clock.local(request.clock.now()).tzinfo or UTC
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _errors(request: Request, error: InvalidInput) -> dict[str, Any]:
    if not isinstance(error, DraftError):
        return error.errors or {"rules": error.reason}
    said = request.translate(error.reason)
    if error.name:
        said = f"{error.name}: {said}"
    if error.line is None:
        return {"rules": said}
    return {"rules": _("Line ${line}: ${what}", mapping={"line": error.line, "what": said})}


def _cell(request: Request, value: float | None) -> str:
    # As a spreadsheet in this language reads it: 1.5 would be a day in May to a Russian one.
    return str(request.formats.cell(value))
