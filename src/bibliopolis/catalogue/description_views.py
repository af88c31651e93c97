"""``@@descriptions``: what each library says of a record, and what staff decide of it."""

from __future__ import annotations

import re
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.catalogue.decisions import UnionDecisions, Verb
from bibliopolis.catalogue.indexing import full_title
from bibliopolis.catalogue.models import Record, UnionDecision
from bibliopolis.catalogue.provenance import DESCRIPTIONS, field_lines, sources_of
from bibliopolis.catalogue.resources import RecordResource, record_path
from bibliopolis.catalogue.union_records import follower_of
from bibliopolis.content.names import names_of
from bibliopolis.errors import InvalidInput
from bibliopolis.frame import flash
from bibliopolis.i18n import _, _n
from bibliopolis.parameters import offset, pager, row_id
from bibliopolis.resources.access import Permission

PAGE = 10
NUMBER = re.compile(r"(?:.*/catalogue/)?\s*([1-9][0-9]*)(?:[/?#].*)?\s*")
"""A number of a record, or an address that has it."""
TITLES = {
    Verb.JOIN: _("Joined"),
    Verb.SPLIT: _("Taken out"),
    Verb.PIN: _("Kept here"),
    Verb.RELEASE: _("Left to the rules"),
}


@view_config(
    context=RecordResource,
    name=DESCRIPTIONS,
    permission=Permission.EDIT,
    request_method="GET",
    renderer="catalogue/descriptions.pt",
)
def show_descriptions(context: RecordResource, request: Request) -> dict[str, Any]:
    """Show who says what, and what can be decided; ``join`` asks about another record."""
    context.demand_presence()
    record = context.record
    sources = sources_of(request, record)
    found, total = request.find_service(UnionDecisions).of(record.id, offset(request, PAGE), PAGE)
    asked = request.GET.get("join", "").strip()
    other, problem = _other(context, request, asked) if asked else (None, None)
    return {
        "record": record,
        "title": full_title(record),
        "page": request.address(context),
        "sources": sources,
        "counted": _n("${n} description", "${n} descriptions", len(sources)),
        "copies": _n("${n} copy", "${n} copies", sum(one.copies for one in sources)),
        "lines": field_lines(request, record, sources),
        "asked": asked,
        "problem": problem,
        "other": other,
        "foreseen": follower_of(request).foresee(other["id"], record.id) if other else (),
        "decisions": _decisions(request, record, found),
        "pager": pager(request, total, PAGE),
    }


@view_config(
    context=RecordResource,
    name="split-descriptions",
    permission=Permission.EDIT,
    request_method="POST",
)
def split(context: RecordResource, request: Request) -> HTTPSeeOther:
    """Take the chosen descriptions out into a record of their own."""
    chosen = _chosen(request)
    new_id = request.find_service(UnionDecisions).split(context.record.id, chosen)
    said = _n(
        "${n} description is a record of its own now: number ${id}.",
        "${n} descriptions are a record of their own now: number ${id}.",
        len(chosen),
        mapping={"id": str(new_id)},
    )
    return _back(context, request, said)


@view_config(
    context=RecordResource,
    name="join-record",
    permission=Permission.EDIT,
    request_method="POST",
)
def join(context: RecordResource, request: Request) -> HTTPSeeOther:
    """Join another record to this one."""
    other, problem = _other(context, request, request.POST.get("record", ""))
    if other is None:
        raise InvalidInput(problem)
    request.find_service(UnionDecisions).join(context.record.id, other["id"])
    return _back(context, request, _("Joined. Its address leads here now."))


@view_config(
    context=RecordResource,
    name="pin-descriptions",
    permission=Permission.EDIT,
    request_method="POST",
)
def pin(context: RecordResource, request: Request) -> HTTPSeeOther:
    """Let the chosen descriptions stay here whatever they say, or leave them to the rules."""
    pinned = request.POST.get("pinned") != "no"
    request.find_service(UnionDecisions).pin(context.record.id, _chosen(request), pinned=pinned)
    said = _("They stay here, whatever comes.") if pinned else _("The rules decide again.")
    return _back(context, request, said)


@view_config(
    context=RecordResource,
    name="undo-decision",
    permission=Permission.EDIT,
    request_method="POST",
)
def undo(context: RecordResource, request: Request) -> HTTPSeeOther:
    """Make it as it was before a decision."""
    decision_id = row_id(request.POST.get("decision", "")) or 0
    request.find_service(UnionDecisions).undo(context.record.id, decision_id)
    return _back(context, request, _("It is as it was before."))


def _chosen(request: Request) -> set[int]:
    return {id_ for value in request.POST.getall("source") if (id_ := row_id(value))}


def _back(context: RecordResource, request: Request, said: Any) -> HTTPSeeOther:
    flash(request, said)
    return HTTPSeeOther(location=f"{request.address(context)}/@@{DESCRIPTIONS}")


def _other(
    context: RecordResource, request: Request, asked: str
) -> tuple[dict[str, Any] | None, Any]:
    """Return the record to be joined as the page shows it, or what is wrong with what was asked."""
    found = NUMBER.fullmatch(asked)
    other_id = row_id(found.group(1)) if found else None
    record = request.db.get(Record, other_id) if other_id else None
    if record is None or record.withdrawn:
        return None, _("There is no record with this number.")
    if record.id == context.record.id:
        return None, _("This is the same record.")
    other = RecordResource(context.__parent__, str(record.id), request, record)
    if not request.principals.may(Permission.EDIT, other):
        return None, _("You may not change the other record.")
    sources = sources_of(request, record)
    return {
        "id": record.id,
        "title": full_title(record),
        "year": record.year,
        "author": record.author,
        "publisher": record.publisher,
        "url": record_path(request, record.id),
        "sources": sources,
        "coming": _n(
            "${n} copy comes here.", "${n} copies come here.", sum(one.copies for one in sources)
        ),
    }, None


def _decisions(request: Request, record: Any, found: Any) -> list[dict[str, Any]]:
    people = names_of(request, {id_ for one in found for id_ in (one.person_id, one.undone_by)})
    return [_decision(request, record, one, people) for one in found]


def _decision(
    request: Request, record: Any, one: UnionDecision, people: dict[int | None, str]
) -> dict[str, Any]:
    other_id = one.other_id if one.other_id != record.id else one.record_id
    return {
        "id": one.id,
        "title": TITLES[Verb(one.verb)],
        "who": people.get(one.person_id, ""),
        "happened": one.happened,
        "count": _n("${n} description", "${n} descriptions", len(one.data["sources"])),
        "other": other_id,
        "other_url": record_path(request, other_id) if other_id else None,
        "undone": one.undone,
        "undone_by": people.get(one.undone_by, ""),
    }
