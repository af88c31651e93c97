"""``@workflow`` of a page: the state of a language of it, the steps from there, taking one."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.request import Request

from bibliopolis.bodies import demand_json
from bibliopolis.content.json import version_of
from bibliopolis.content.names import names_of
from bibliopolis.content.resources import NodeInLanguage
from bibliopolis.content.services import Editing, SavedMeanwhile
from bibliopolis.content.tree import RESOURCE
from bibliopolis.errors import InvalidInput, SeenOlder
from bibliopolis.etags import demand_match, tag_with
from bibliopolis.i18n import _
from bibliopolis.resources.access import Permission
from bibliopolis.resources.exact import problems_of
from bibliopolis.resources.history import History
from bibliopolis.resources.operations import operation
from bibliopolis.workflow import Transition
from bibliopolis.workflow.model import State

from .components import address_of
from .schemas import MOMENT, OPTIONAL_TEXT, TEXT, ref, shape

SHOWN = 20
STATE = shape({"id": OPTIONAL_TEXT, "title": TEXT})
TAKEN = shape(
    {
        "action": TEXT,
        "title": TEXT,
        "actor": ref("Actor"),
        "comments": TEXT,
        "review_state": OPTIONAL_TEXT,
        "time": MOMENT,
    }
)
WORKFLOW = shape(
    {
        "@id": TEXT,
        "state": STATE,
        "transitions": {"type": "array", "items": ref("Step")},
        "refused": {"type": "array", "items": ref("Step")},
    },
    {"history": {"type": "array", "items": TAKEN}},
)
COMMENT: dict[str, Any] = {
    "type": "object",
    "properties": {"comment": {"type": "string", "maxLength": 5000}},
    "additionalProperties": False,
}


def page_workflow(context: NodeInLanguage, request: Request) -> dict[str, Any]:
    """Return the state, and to those who write the steps: open ones, refused ones with why."""
    address = address_of(context, request, "workflow")
    if not context.may(Permission.VIEW):
        return {"@id": address, "state": _state(context, None), "transitions": [], "refused": []}
    steps = request.find_service(Editing).steps(context.node, context.language)
    state = context.translation.state if context.translation else None
    return {
        "@id": address,
        "state": _state(context, state),
        "transitions": [_step(address, offer, request) for offer in steps.available],
        "refused": [_step(address, offer, request) for offer in steps.refused],
        "history": _history(context, request),
    }


@operation(
    "GET",
    "/{language}/{path}/@workflow",
    "The state of a page in a language, and the steps from there",
    context=NodeInLanguage,
    name="@workflow",
    permission=Permission.VIEW_WORKING,
    facts={"answer": WORKFLOW, "problems": (401, 403, 410), "tag": "workflow"},
)
def show_workflow(context: NodeInLanguage, request: Request) -> dict[str, Any]:
    """Show them."""
    if request.subpath:
        raise HTTPNotFound
    tag_with(request, version_of(context))
    return page_workflow(context, request)


@operation(
    "POST",
    "/{language}/{path}/@workflow/{transition}",
    "Take a step of the workflow",
    context=NodeInLanguage,
    name="@workflow",
    permission=Permission.VIEW_WORKING,
    facts={
        "answer": TAKEN,
        "body": COMMENT,
        "problems": (401, 403, 409, 410, 412),
        "tag": "workflow",
        "conditional": True,
    },
)
def take_step(context: NodeInLanguage, request: Request) -> dict[str, Any]:
    """Take it; what is refused is refused with every reason."""
    comment = read_comment(request)
    named = demand_match(request, version_of(context))
    working = context.translation.working if context.translation else None
    editing = request.find_service(Editing)
    try:
        step = editing.take(
            context.node,
            context.language,
            one_step(request),
            comment,
            working.number if named and working else None,
        )
    except SavedMeanwhile as error:
        raise SeenOlder(error.reason) from error
    tag_with(request, version_of(context))
    return taken(request, step, comment)


def workflow_told(
    request: Request, address: str, state: State, steps: Iterable[tuple[str, Any, Collection[Any]]]
) -> dict[str, Any]:
    """Return a state, and its steps given as (name, title, what speaks against it)."""
    told: dict[str, list[dict[str, Any]]] = {"transitions": [], "refused": []}
    for name, title, reasons in steps:
        step = {"@id": f"{address}/{name}", "title": request.translate(title)}
        if reasons:
            step["reasons"] = [request.translate(reason) for reason in reasons]
        told["refused" if reasons else "transitions"].append(step)
    here = {"id": state.name, "title": request.translate(state.title)}
    return {"@id": address, "state": here, **told}


def one_step(request: Request) -> str:
    """Return the name of the step in the address."""
    if len(request.subpath) != 1:
        raise HTTPNotFound
    name: str = request.subpath[0]
    return name


def read_comment(request: Request) -> str:
    """Return what was said with a step."""
    sent = demand_json(request)
    wrong = dict(problems_of(COMMENT, sent))
    if wrong:
        raise InvalidInput(_("Some fields need mending."), wrong)
    # JSON can spell what no database stores: NUL and halves of characters.
    return str(sent.get("comment", "")).replace("\0", "").encode(errors="ignore").decode()


def taken(request: Request, step: Transition, comment: str) -> dict[str, Any]:
    """Return what a step that was just taken did."""
    person = request.visitor
    return {
        "action": step.name,
        "title": request.translate(step.title),
        "actor": {"fullname": person.name if person else ""},
        "comments": comment,
        "review_state": step.to,
        "time": request.clock.now().isoformat(),
    }


def _state(context: NodeInLanguage, state: str | None) -> dict[str, Any]:
    declared = context.workflow.states.get(state or "")
    if declared is None:
        live = context.shown is not None
        return {"id": "published" if live else None, "title": ""}
    return {"id": declared.name, "title": context.request.translate(declared.title)}


def _step(address: str, offer: Any, request: Request) -> dict[str, Any]:
    step = {
        "@id": f"{address}/{offer.transition.name}",
        "title": request.translate(offer.transition.title),
    }
    if offer.reasons:
        step["reasons"] = [request.translate(reason) for reason in offer.reasons]
    return step


def _history(context: NodeInLanguage, request: Request) -> list[dict[str, Any]]:
    """Return the last steps of this language."""
    steps = context.workflow.transitions
    _total, entries = request.find_service(History).of((RESOURCE, context.node.id), 0, SHOWN)
    mine = [one for one in entries if one.action in steps and one.language == context.language]
    names = names_of(request, [one.actor_id for one in mine])
    return [
        {
            "action": one.action,
            "title": request.translate(steps[one.action].title),
            "actor": {"fullname": names.get(one.actor_id, "")},
            "comments": one.comment or "",
            "review_state": one.state_after,
            "time": one.happened.isoformat(),
        }
        for one in mine
    ]
