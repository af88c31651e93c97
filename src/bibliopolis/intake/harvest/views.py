"""Harvests for staff: the sources of their libraries, and one source with what became of it."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.catalogue.import_run import said_text
from bibliopolis.frame import flash
from bibliopolis.i18n import _
from bibliopolis.libraries.services import Libraries
from bibliopolis.parameters import offset, pager
from bibliopolis.resources.access import Permission

from ..models import AT_WORK, RunState
from ..resources import HarvestPage, HarvestRoom, libraries_of_work
from ..run_views import STATES, TRIED
from .harvests import Harvests
from .models import HarvestRun

PAGE = 30
SHOWN = 50
"""So many remarks of a harvest are shown."""
LATER = ("is-wait", _("Asks again later"))
DELETIONS = {
    "persistent": _("It tells every record that it deletes."),
    "transient": _("It tells for a time what it deletes: ask for everything now and then."),
    "no": _("It does not tell what it deletes: only a harvest of everything shows it."),
}


@view_config(
    context=HarvestRoom,
    name="",
    permission=Permission.BRING_IN,
    request_method="GET",
    renderer="intake/harvests.pt",
)
def show_sources(context: HarvestRoom, request: Request) -> dict[str, Any]:
    """List the sources of the visitor's libraries with their last harvests."""
    mine, harvests = libraries_of_work(request), request.find_service(Harvests)
    tree = request.find_service(Libraries).tree
    codes = {tree[one].code: name for one, name in mine.items()}
    known = harvests.known()
    latest = harvests.latest([one.id for one in known.values()])
    here, rows = request.address(context), []
    for source in harvests.sources.values():
        if source.library not in codes:
            continue
        kept = known.get(source.name)
        run = latest.get(kept.id) if kept is not None else None
        rows.append(
            {
                "source": source,
                "href": f"{here}/{source.name}",
                "library": codes[source.library],
                "run": run,
                "state": _state(run) if run is not None else ("", _("Never harvested")),
                "next": source.next_due(request.clock.now(), request.clock.zone),
            }
        )
    return {"rows": rows, "url": here}


@view_config(
    context=HarvestPage,
    name="",
    permission=Permission.BRING_IN,
    request_method="GET",
    renderer="intake/harvest.pt",
)
def show_source(context: HarvestPage, request: Request) -> dict[str, Any]:
    """Show a source, how far its harvest is, and the harvests before."""
    request.response.cache_control.no_store = True
    harvests, source = request.find_service(Harvests), context.source
    kept = harvests.known().get(source.name)
    total, runs = harvests.page(kept.id, offset(request, PAGE), PAGE) if kept else (0, ())
    run = harvests.latest([kept.id]).get(kept.id) if kept else None
    imports = request.address(context.__parent__.__parent__)
    pill, state = _state(run) if run is not None else ("", "")
    return {
        "source": source,
        "kept": kept,
        "deletions": DELETIONS.get(kept.deleted) if kept else None,
        "library": libraries_of_work(request).get(context.library_id, ""),
        "next": source.next_due(request.clock.now(), request.clock.zone),
        "run": run,
        "pill": pill,
        "state": state,
        "share": min(run.read / run.size, 1.0) if run and run.size else None,
        "trouble": _trouble(run),
        "may_begin": run is None or run.state not in (*AT_WORK, RunState.PAUSED),
        "at_work": run is not None and run.state in AT_WORK,
        "rejections": _notes(run, "rejections"),
        "remarks": _notes(run, "remarks"),
        "rows": [(one, *_state(one), _trouble(one), one.report) for one in runs],
        "refused": f"{imports}/quarantine?run=",
        "url": request.address(context),
        "list_url": request.address(context.__parent__),
        "pager": pager(request, total, PAGE),
    }


@view_config(
    context=HarvestPage, name="begin", permission=Permission.BRING_IN, request_method="POST"
)
def begin(context: HarvestPage, request: Request) -> HTTPSeeOther:
    """Harvest now: what is new, or everything, or only try it."""
    request.find_service(Harvests).begin(
        context.source,
        whole=request.POST.get("what") == "whole",
        dry=request.POST.get("what") == "try",
    )
    flash(request, _("The harvest has begun."), "info")
    return HTTPSeeOther(location=request.address(context))


@view_config(
    context=HarvestPage, name="pause", permission=Permission.BRING_IN, request_method="POST"
)
def pause(context: HarvestPage, request: Request) -> HTTPSeeOther:
    """Let the harvest rest."""
    request.find_service(Harvests).pause(_run(context, request))
    flash(request, _("The harvest rests. What came in already is in the catalogue."), "info")
    return HTTPSeeOther(location=request.address(context))


@view_config(
    context=HarvestPage, name="resume", permission=Permission.BRING_IN, request_method="POST"
)
def resume(context: HarvestPage, request: Request) -> HTTPSeeOther:
    """Let the harvest go on."""
    request.find_service(Harvests).resume(_run(context, request))
    return HTTPSeeOther(location=request.address(context))


@view_config(
    context=HarvestPage, name="cancel", permission=Permission.BRING_IN, request_method="POST"
)
def cancel(context: HarvestPage, request: Request) -> HTTPSeeOther:
    """End the harvest where it is."""
    request.find_service(Harvests).cancel(_run(context, request))
    flash(request, _("The harvest is cancelled. What came in already stays."), "info")
    return HTTPSeeOther(location=request.address(context))


def _run(context: HarvestPage, request: Request) -> HarvestRun:
    """Return the newest harvest of the source: the only one that can be steered."""
    harvests = request.find_service(Harvests)
    return harvests.newest(context.source)


def _state(run: HarvestRun) -> tuple[str, Any]:
    if run.dry and run.state == RunState.FINISHED:
        return TRIED
    if run.state == RunState.WAITING and run.not_before is not None:
        return LATER
    return STATES[run.state]


def _trouble(run: HarvestRun | None) -> Any:
    if run is None or not run.trouble:
        return ""
    return _(run.trouble, mapping=run.trouble_values)  # extracted where it was first said


def _notes(run: HarvestRun | None, name: str) -> list[tuple[str, Any]]:
    """Return a list of a report as (identifier, translatable text)."""
    said = run.report.get(name, ()) if run is not None else ()
    return [(one["file"], said_text(one)) for one in said[:SHOWN]]
