"""Holds for programs: for whom, placing one on a record, and the steps it may take."""

from __future__ import annotations

from typing import Any

from pyramid.request import Request

from bibliopolis.accounts.resources import AccountRoom
from bibliopolis.bodies import demand_json
from bibliopolis.catalogue.resources import RecordResource
from bibliopolis.circulation.change_views import CAUSES, wanted_cause, wanted_day, wanted_place
from bibliopolis.circulation.placing import place_wanted
from bibliopolis.circulation.posted import text
from bibliopolis.circulation.presenters import OFFERED, hold_json, hold_lines, hold_url, offers
from bibliopolis.circulation.resources import HoldPage
from bibliopolis.circulation.services import Holds, HoldSteps
from bibliopolis.circulation.services.steps import WORKFLOW
from bibliopolis.errors import InvalidInput, NotSignedIn
from bibliopolis.i18n import _
from bibliopolis.readers.services import Guardians, Readers
from bibliopolis.resources.access import Permission
from bibliopolis.resources.exact import problems_of
from bibliopolis.resources.operations import operation
from bibliopolis.workflow import Transition, Workflows

from .schemas import FLAG, TEXT, ref, shape
from .workflow import workflow_told

READERS = shape(
    {
        "@id": TEXT,
        "items": {"type": "array", "items": shape({"UID": TEXT, "fullname": TEXT, "is_me": FLAG})},
    }
)
WANTED: dict[str, Any] = {
    "type": "object",
    "properties": {
        "pickup": {"type": "string", "maxLength": 40},
        "reader": {"type": "string", "maxLength": 40},
        "start": {"type": "string", "format": "date", "description": "It is wanted from then on"},
        "need_by": {"type": "string", "format": "date"},
        "item": {"type": "integer", "minimum": 1, "description": "The one copy that will do"},
        "address": {
            "type": "string",
            "maxLength": 500,
            "description": "It is brought there",
        },
        "note": {"type": "string", "maxLength": 500, "description": "For the courier"},
    },
    "required": ["pickup"],
    "additionalProperties": False,
}
STEP: dict[str, Any] = {
    "type": "object",
    "properties": {
        "comment": {"type": "string", "maxLength": 5000},
        "start": {"type": "string", "format": "date", "description": "Of suspend, set_start"},
        "until": {"type": "string", "format": "date", "description": "Of suspend"},
        "pickup": {"type": "string", "maxLength": 40, "description": "Of the steps that move it"},
        "need_by": {"type": "string", "format": "date", "description": "Of set_need_by"},
        "address": {"type": "string", "maxLength": 500, "description": "Of deliver…"},
        "note": {"type": "string", "maxLength": 500, "description": "For the courier"},
        "cause": {"type": "string", "enum": [str(cause) for cause in CAUSES]},
        "position": {"type": "integer", "minimum": 1, "description": "Of move_in_queue"},
        "record": {"type": "integer", "minimum": 1, "description": "Of move_to_title"},
        "item": {"type": "integer", "minimum": 1, "description": "Of move_to_title"},
        "other_work": {"type": "boolean", "description": "Of move_to_title"},
    },
    "additionalProperties": False,
}


def hold_workflow(context: HoldPage, request: Request) -> dict[str, Any]:
    """Return the state of a hold, and the steps its visitor may take without a copy in hand."""
    address = f"{request.host_url}{hold_url(request, context.hold)}/@workflow"
    state = request.find_service(HoldSteps).machine.workflow.states[context.hold.state]
    steps = [(one["name"], one["title"], one["reasons"]) for one in offers(request, context.hold)]
    return workflow_told(request, address, state, steps)


@operation(
    "GET",
    "/{language}/account/@readers",
    "For whom one may place holds: oneself, and the children whose guardian one is",
    context=AccountRoom,
    name="@readers",
    permission=Permission.USE_ACCOUNT,
    facts={"answer": READERS, "problems": (401, 403), "tag": "holds"},
)
def show_readers(context: AccountRoom, request: Request) -> dict[str, Any]:
    """Show them; `reader` of a new hold is the UID of one of these."""
    mine = request.find_service(Readers).of_person(request.principals.person_id)
    children = request.find_service(Guardians).children_of(mine.id if mine else None)
    return {
        "@id": f"{request.address(context, absolute=True)}/@readers",
        "items": [
            {"UID": one.uid, "fullname": one.name, "is_me": one is mine}
            for one in [*([mine] if mine else []), *children]
        ],
    }


def take_hold_step(context: HoldPage, request: Request, name: str) -> tuple[Transition, str]:
    """Call the verb of a step, as the buttons do; return the step and what was said with it."""
    sent = demand_json(request)
    wrong = dict(problems_of(STEP, sent))
    if wrong:
        raise InvalidInput(_("Some fields need mending."), wrong)
    comment = text(sent, "comment")
    steps = request.find_service(HoldSteps)
    if name not in OFFERED:
        raise InvalidInput(
            _("There is no step “${name}” without a copy in the hand.", mapping={"name": name[:60]})
        )
    title = request.find_service(Holds).titles.read_head(
        context.hold.record_id, hold_ids=[context.hold.id]
    )
    asked = steps.asking(
        context.hold,
        title,
        comment=comment or None,
        start=wanted_day(request, "start"),
        until=wanted_day(request, "until"),
        need_by=wanted_day(request, "need_by"),
        cause=wanted_cause(request),
        position=sent.get("position"),
        record_id=sent.get("record"),
        wanted_item_id=sent.get("item"),
        other_work=sent.get("other_work"),
        pickup_library_id=wanted_place(request),
        address=text(sent, "address"),
        note=text(sent, "note"),
    )
    request.find_service(Workflows).perform(WORKFLOW, name, *asked)
    return steps.machine.workflow.transitions[name], comment


@operation(
    "POST",
    "/{language}/catalogue/{record}/@holds",
    "Place a hold on a record",
    context=RecordResource,
    name="@holds",
    permission=Permission.VIEW,
    facts={
        "answer": ref("Hold"),
        "status": 201,
        "body": WANTED,
        "problems": (401, 403, 409, 410),
        "tag": "holds",
    },
)
def place_hold(context: RecordResource, request: Request) -> dict[str, Any]:
    """Place it for the reader whose program this is, or for a child they act for."""
    if request.principals.person_id is None:
        raise NotSignedIn(_("Sign in to place a hold."))
    sent = demand_json(request)
    wrong = dict(problems_of(WANTED, sent))
    if wrong:
        raise InvalidInput(_("Some fields need mending."), wrong)
    hold = place_wanted(request, context.record.id)
    line = hold_lines(request, [(hold, context.record)])[0]
    request.response.status_int = 201
    request.response.location = f"{request.host_url}{line.url}"
    return hold_json(request, line)
