"""Imports for staff: their list, sending a file, looking at it, bringing it in, the report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from pyramid.httpexceptions import HTTPForbidden, HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.catalogue.import_run import said_text
from bibliopolis.catalogue.marc import Reading
from bibliopolis.db import between_transactions
from bibliopolis.errors import InvalidInput
from bibliopolis.frame import flash
from bibliopolis.i18n import _
from bibliopolis.libraries.services import Libraries
from bibliopolis.parameters import offset, pager, row_id
from bibliopolis.parts import problems_of
from bibliopolis.resources.access import Permission

from .models import AT_WORK, IntakeRun, RunState
from .profiles import DIALECTS, ENCODINGS, TAG
from .resources import IntakeRoom, RunPage, libraries_of_work
from .runs import Runs

PAGE = 30
STATES: Mapping[str, tuple[str, Any]] = {
    RunState.CHECKED: ("", _("Not begun")),
    RunState.WAITING: ("is-wait", _("Waits for its turn")),
    RunState.RUNNING: ("is-scheduled", _("Under way")),
    RunState.PAUSED: ("is-wait", _("Paused")),
    RunState.FINISHED: ("is-done", _("Finished")),
    RunState.FAILED: ("is-bad", _("Failed")),
    RunState.CANCELLED: ("is-withdrawn", _("Cancelled")),
}
WITHDRAWN = _("Deleted by its library: it is withdrawn here, with its copies.")
TRIED = ("is-done", _("Tried, nothing written"))
FIELDS = {
    "library": _("Library"),
    "upload": _("File"),
    "profile": _("Profile"),
    "format": _("Format"),
    "encoding": _("Encoding"),
    "items": _("Field with the copies"),
}
FORMATS = {"marc21": "MARC 21", "unimarc": "UNIMARC, RUSMARC", "irbis": "IRBIS"}
ENCODING_NAMES = {
    "utf-8": "UTF-8",
    "marc-8": "MARC-8",
    "windows-1251": "Windows-1251",
    "koi8-r": "KOI8-R",
    "cp866": "CP866",
    "windows-1252": "Windows-1252",
}


@view_config(
    context=IntakeRoom,
    name="",
    permission=Permission.BRING_IN,
    request_method="GET",
    renderer="intake/runs.pt",
)
def show_runs(context: IntakeRoom, request: Request) -> dict[str, Any]:
    """List the imports of the visitor's libraries, and the form to send a file."""
    return _list(context, request, {}, {})


@view_config(
    context=IntakeRoom,
    name="send",
    permission=Permission.BRING_IN,
    request_method="POST",
    renderer="intake/runs.pt",
)
def send_file(context: IntakeRoom, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Keep a file, to be looked at."""
    library_id = row_id(request.POST.get("library", ""))
    if library_id not in libraries_of_work(request):
        raise HTTPForbidden
    sent = request.POST.get("upload")
    request.add_finished_callback(partial(_close_body, sent))
    try:
        if not getattr(sent, "filename", ""):
            raise InvalidInput(_("Choose a file."))
        profile = _profile(request, library_id, request.POST.get("profile", ""))
        run = request.find_service(Runs).bring(
            library_id, sent.filename, sent.file, profile, between_transactions(request)
        )
    except InvalidInput as error:
        request.response.status_int = 400
        return _list(context, request, request.POST, error.errors or {"upload": error.reason})
    return HTTPSeeOther(location=f"{request.address(context)}/{run.id}")


def _close_body(sent: Any, request: Request) -> None:
    """Close the files on the disk that a large body is in, unless the request is tried again."""
    if request.exception is None and hasattr(sent, "file"):
        sent.file.close()
        sent.fp.close()


@view_config(
    context=RunPage,
    name="",
    permission=Permission.BRING_IN,
    request_method="GET",
    renderer="intake/run.pt",
)
def show_run(context: RunPage, request: Request) -> dict[str, Any]:
    """Show how a file would be read, how far it is, or what became of it."""
    return _page(context, request, {}, {})


@view_config(
    context=RunPage,
    name="say",
    permission=Permission.BRING_IN,
    request_method="POST",
    renderer="intake/run.pt",
)
def say(context: RunPage, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Say how the file is to be read, and see it read so."""
    return _said(context, request, lambda runs, run: None)


@view_config(
    context=RunPage,
    name="try",
    permission=Permission.BRING_IN,
    request_method="POST",
    renderer="intake/run.pt",
)
def try_it(context: RunPage, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Let the worker make a report without writing anything."""
    return _said(context, request, lambda runs, run: runs.begin(run, dry=True))


@view_config(
    context=RunPage,
    name="begin",
    permission=Permission.BRING_IN,
    request_method="POST",
    renderer="intake/run.pt",
)
def begin(context: RunPage, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Let the worker bring the file in."""
    return _said(context, request, lambda runs, run: runs.begin(run, dry=False))


@view_config(context=RunPage, name="pause", permission=Permission.BRING_IN, request_method="POST")
def pause(context: RunPage, request: Request) -> HTTPSeeOther:
    """Let the import rest."""
    request.find_service(Runs).pause(context.run)
    flash(request, _("The import rests. What came in already is in the catalogue."), "info")
    return HTTPSeeOther(location=request.address(context))


@view_config(context=RunPage, name="resume", permission=Permission.BRING_IN, request_method="POST")
def resume(context: RunPage, request: Request) -> HTTPSeeOther:
    """Let the import go on."""
    request.find_service(Runs).resume(context.run)
    return HTTPSeeOther(location=request.address(context))


@view_config(context=RunPage, name="cancel", permission=Permission.BRING_IN, request_method="POST")
def cancel(context: RunPage, request: Request) -> HTTPSeeOther:
    """End the import where it is."""
    request.find_service(Runs).cancel(context.run)
    flash(request, _("The import is cancelled. What came in already stays."), "info")
    return HTTPSeeOther(location=request.address(context.__parent__))


def _said(
    context: RunPage, request: Request, then: Callable[[Runs, IntakeRun], None]
) -> dict[str, Any] | HTTPSeeOther:
    """Keep what the form says of the file, then do something with it."""
    sent, errors = request.POST, {}
    tag, dialect, encoding = (
        sent.get(name, "").strip() for name in ("items", "format", "encoding")
    )
    if tag and not TAG.fullmatch(tag):
        errors["items"] = _("A tag has three digits, as 952.")
    if dialect and dialect not in DIALECTS:
        errors["format"] = _("There is no such format.")
    if encoding and encoding not in ENCODINGS:
        errors["encoding"] = _("There is no such encoding.")
    if errors:
        request.response.status_int = 400
        return _page(context, request, sent, errors)
    runs = request.find_service(Runs)
    said = {
        "items_tag": tag,
        "dialect": str(DIALECTS[dialect]) if dialect else "",
        "encoding": ENCODINGS.get(encoding, ""),
    }
    runs.say(context.run, _profile(request, context.library_id, sent.get("profile", "")), said)
    then(runs, context.run)
    return HTTPSeeOther(location=request.address(context))


def _profile(request: Request, library_id: int, name: str) -> str:
    """Return a profile that the library may take."""
    if name and name not in dict(_profiles(request, [library_id])):
        raise InvalidInput(
            _("There is no such profile."), {"profile": _("There is no such profile.")}
        )
    return name


def _profiles(request: Request, library_ids: list[int]) -> list[tuple[str, Any]]:
    tree = request.find_service(Libraries).tree
    codes = [tree[one].code for one in library_ids if one in tree]
    known = request.registry["bibliopolis.import_profiles"].values()
    return [(one.name, one.title) for one in known if any(map(one.serves, codes))]


def _list(
    context: IntakeRoom, request: Request, values: Mapping[str, Any], errors: dict[str, Any]
) -> dict[str, Any]:
    names = libraries_of_work(request)
    here = request.address(context)
    total, rows = request.find_service(Runs).page(list(names), offset(request, PAGE), PAGE)
    return {
        "rows": [
            (row, *_state(row), f"{here}/{row.id}", names[row.library_id], row.report)
            for row in rows
        ],
        "total": total,
        "libraries": list(names.items()),
        "library_id": row_id(values.get("library", "")),
        "profiles": _profiles(request, list(names)),
        "profile": values.get("profile", ""),
        "limit": request.settings.import_limit // 1_000_000,
        "errors": errors,
        "problems": problems_of(errors, FIELDS),
        "url": here,
        "pager": pager(request, total, PAGE),
    }


def _page(
    context: RunPage, request: Request, sent: Mapping[str, Any], errors: dict[str, Any]
) -> dict[str, Any]:
    run, runs = context.run, request.find_service(Runs)
    request.response.cache_control.no_store = True
    waits = run.state == RunState.CHECKED or (run.dry and run.state == RunState.FINISHED)
    shown = runs.preview(run) if waits and runs.files.path(run.uid).is_file() else []
    pill, state = _state(run)
    here, rooms = request.address(context), request.address(context.__parent__)
    return {
        "run": run,
        "pill": pill,
        "state": state,
        "trouble": _(run.trouble) if run.trouble else "",  # extracted where it was said
        "library": libraries_of_work(request).get(run.library_id, ""),
        "waits": bool(shown),
        "at_work": run.state in AT_WORK,
        "share": min(run.at / run.size, 1.0) if run.size and run.state != RunState.FINISHED else 1,
        "shown": [_line(one) for one in shown],
        "forms": sorted({str(one.form) for one in shown if one.form}),
        "report": run.report,
        "rejections": _notes(run.report, "rejections"),
        "remarks": _notes(run.report, "remarks"),
        "recognised": _recognised(run.report),
        "refused": f"{rooms}/quarantine?run={run.uid}",
        "profiles": _profiles(request, [run.library_id]),
        "formats": list(FORMATS.items()),
        "encodings": list(ENCODING_NAMES.items()),
        "values": sent or _values(run),
        "errors": errors,
        "problems": problems_of(errors, FIELDS),
        "url": here,
        "list_url": rooms,
    }


def _state(run: IntakeRun) -> tuple[str, Any]:
    return TRIED if run.dry and run.state == RunState.FINISHED else STATES[run.state]


def _values(run: IntakeRun) -> dict[str, str]:
    """Return what was said of the file as the form has it."""
    said = run.wanted
    names = {encoding: name for name, encoding in ENCODINGS.items()}
    return {
        "profile": run.profile,
        "items": said.get("items_tag", ""),
        "format": said.get("dialect", ""),
        "encoding": names.get(said.get("encoding", ""), ""),
    }


def _line(reading: Reading) -> dict[str, Any]:
    """Return a record of the file as the page shows it."""
    data = reading.data
    return {
        "number": reading.place.ordinal,
        "title": data.full_title if data else "",
        "about": ", ".join(
            filter(
                None,
                (
                    data.contributors[0].name if data.contributors else "",
                    data.publisher,
                    str(data.year or ""),
                ),
            )
        )
        if data
        else "",
        "language": data.languages[0] if data and data.languages else None,
        "copies": [
            " · ".join(filter(None, (one.barcode, one.location, one.shelf_mark)))
            for one in data.items[:3]
        ]
        if data
        else [],
        "copies_in_all": len(data.items) if data else 0,
        "reason": WITHDRAWN if reading.deleted else reading.reason,
        "remarks": reading.remarks,
    }


def _notes(report: Mapping[str, Any], name: str) -> list[tuple[int, Any]]:
    """Return a list of a report as (number of the record, translatable text)."""
    return [(one["record"], said_text(one)) for one in report.get(name, ())]


def _recognised(report: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Return what records were recognised as, without the names of files on this machine."""
    forms: dict[str, int] = {}
    for found in report.get("recognised", {}).values():
        for form, count in found.items():
            forms[form] = forms.get(form, 0) + count
    return sorted(forms.items(), key=lambda one: -one[1])
