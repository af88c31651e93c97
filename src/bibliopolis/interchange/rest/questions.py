"""Questions for programs: asking one, saying more, and the verbs of consultants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.request import Request
from pyramid.response import Response

from bibliopolis.consultations.asking import TooMany, replies_not_too_often, take_question
from bibliopolis.consultations.models import Enquiry, EnquiryState
from bibliopolis.consultations.presenters import enquiry_json, line_of, my_url
from bibliopolis.consultations.resources import EnquiryPage, MyEnquiry, StaffThread, TopicForm
from bibliopolis.consultations.rules import RULES
from bibliopolis.consultations.services import Enquiries, EnquirySteps, Topics
from bibliopolis.consultations.services.steps import WORKFLOW
from bibliopolis.errors import Conflict, InvalidInput, NotAllowed, NotSignedIn
from bibliopolis.i18n import _
from bibliopolis.problems import problem
from bibliopolis.resources.access import Permission
from bibliopolis.resources.operations import operation
from bibliopolis.web import UPLOAD
from bibliopolis.workflow import Workflows

from .question_bodies import (
    NOTE,
    OF_ASKER,
    OF_CONSULTANT,
    QUESTION,
    files_of,
    further_fields,
    read_body,
    text_of,
    topic_id_of,
)
from .schemas import TEXT, ref, shape
from .workflow import TAKEN, one_step, taken, workflow_told
from .workflow import WORKFLOW as WORKFLOW_SHAPE

CHOICES = {"type": "array", "items": shape({"token": TEXT, "title": TEXT})}
CONSULTANTS = {
    "type": "array",
    "items": shape({"id": {"type": "integer"}, "fullname": TEXT}),
}
STAFF_WORKFLOW = {
    **WORKFLOW_SHAPE,
    "properties": {
        **WORKFLOW_SHAPE["properties"],
        "consultants": CONSULTANTS,
        "topics": CHOICES,
        "rules": CHOICES,
    },
}
REPLIES = ("reply", "ask_again")
OWN = frozenset({*REPLIES, "close"})
FORBIDDEN = frozenset({"accept"})
"""Accepting is done by the letter that confirms an address, never by a program."""


@operation(
    "POST",
    "/{language}/ask/{topic}/@enquiries",
    "Ask a question of a topic, as whoever has the token",
    context=TopicForm,
    name="@enquiries",
    permission=Permission.PLACE,
    facts={
        "answer": ref("Enquiry"),
        "status": 201,
        "body": QUESTION,
        "problems": (401, 403, 409, 429),
        "tag": "questions",
    },
)
def ask(context: TopicForm, request: Request) -> dict[str, Any] | Response:
    """Ask it; it is in the queue at once, for the address of the account is known."""
    if request.principals.person_id is None:
        raise NotSignedIn(_("Sign in to ask by a program."))
    sent = read_body(request, QUESTION)
    values: dict[str, Any] = {
        "language": request.language,
        **{name: sent[name] for name in ("text", "language", "name", "once") if name in sent},
        **dict(further_fields(context.topic, sent.get("fields", {}))),
    }
    try:
        enquiry = take_question(request, context.topic, values, lambda: files_of(request, sent))
    except TooMany as error:
        return _too_many(request, error)
    except InvalidInput as error:
        raise _named(error) from error
    here = my_url(request, enquiry)
    request.response.status_int = 201
    request.response.location = f"{request.host_url}{here}"
    return enquiry_json(request, line_of(request, enquiry, here))


@operation(
    "GET",
    "/{language}/account/enquiries/{enquiry}/@workflow",
    "The state of one's own question, and the steps from there",
    context=MyEnquiry,
    name="@workflow",
    permission=Permission.VIEW,
    facts={"answer": WORKFLOW_SHAPE, "problems": (401, 403), "tag": "questions"},
)
def my_workflow(context: MyEnquiry, request: Request) -> dict[str, Any]:
    """Show them."""
    return _workflow(context, request, OWN)


@operation(
    "POST",
    "/{language}/account/enquiries/{enquiry}/@workflow/{transition}",
    "Say more to one's own question, or end it",
    context=MyEnquiry,
    name="@workflow",
    permission=Permission.VIEW,
    facts={
        "answer": TAKEN,
        "body": OF_ASKER,
        "problems": (401, 403, 409, 429),
        "tag": "questions",
    },
)
def take_own_step(context: MyEnquiry, request: Request) -> dict[str, Any] | Response:
    """Reply or close; more words may be said in every state that allows a reply."""
    name, sent = one_step(request), read_body(request, OF_ASKER)
    if name not in OWN:
        raise InvalidInput(
            _("There is no step “${name}” for whoever asked.", mapping={"name": name[:60]})
        )
    if name not in REPLIES:
        return _take(context, request, name, sent)
    try:
        replies_not_too_often(request, context.enquiry)
    except TooMany as error:
        return _too_many(request, error)
    request.find_service(Enquiries).reply(
        context.enquiry.id, text_of(sent), sent.get("once", ""), files_of(request, sent)
    )
    return _taken(context, request, name, "")


@operation(
    "GET",
    "/{language}/staff/enquiries/{question}/@workflow",
    "The state of a question, and the steps a consultant may take from there",
    context=StaffThread,
    name="@workflow",
    permission=Permission.VIEW,
    facts={"answer": STAFF_WORKFLOW, "problems": (401, 403), "tag": "questions"},
)
def staff_workflow(context: StaffThread, request: Request) -> dict[str, Any]:
    """Show them, with what may be named: consultants, topics and rules."""
    told = _workflow(context, request, None)
    enquiry, topics = context.enquiry, request.find_service(Topics)
    may = request.find_service(EnquirySteps).may(enquiry)
    if may(Permission.PASS_ON):
        named = topics.consultants(topics.scopes_of(enquiry))
        told["consultants"] = [{"id": number, "fullname": name} for number, name in named.items()]
        told["topics"] = [
            {"token": one.code, "title": one.title_in(request.language)}
            for one in topics.all.values()
            if one.id != enquiry.topic_id
        ]
    if may(Permission.REFUSE):
        told["rules"] = [
            {"token": name, "title": request.translate(rule.title)} for name, rule in RULES.items()
        ]
    return told


@operation(
    "POST",
    "/{language}/staff/enquiries/{question}/@workflow/{transition}",
    "Take a step with a question, as a consultant",
    context=StaffThread,
    name="@workflow",
    permission=Permission.VIEW,
    facts={
        "answer": TAKEN,
        "body": OF_CONSULTANT,
        "problems": (401, 403, 409),
        "tag": "questions",
    },
)
def take_staff_step(context: StaffThread, request: Request) -> dict[str, Any]:
    """Call the verb of the step, as the buttons do."""
    name, sent = one_step(request), read_body(request, OF_CONSULTANT)
    if name in REPLIES or name in FORBIDDEN:
        raise InvalidInput(
            _("There is no step “${name}” for consultants.", mapping={"name": name[:60]})
        )
    return _take(context, request, name, sent)


@operation(
    "POST",
    "/{language}/staff/enquiries/{question}/@notes",
    "Write a note that only consultants read",
    context=StaffThread,
    name="@notes",
    permission=Permission.VIEW,
    facts={"status": 204, "body": NOTE, "problems": (401, 403, 409), "tag": "questions"},
)
def write_note(context: StaffThread, request: Request) -> Response:
    """Keep it."""
    if not request.principals.may(Permission.NOTE, context):
        raise NotAllowed(_("You may not do this with this question now."))
    sent = read_body(request, NOTE)
    request.find_service(Enquiries).note(
        context.enquiry.id, text_of(sent), sent.get("once", ""), files_of(request, sent)
    )
    return Response(status=204)


def _workflow(context: EnquiryPage, request: Request, only: frozenset[str] | None) -> Any:
    if request.subpath:
        raise HTTPNotFound
    machine = request.find_service(EnquirySteps).machine
    address = f"{request.address(context, absolute=True)}/@workflow"
    state = machine.workflow.states[context.enquiry.state]
    steps = [
        one for one in _offers(context, request) if one[0] not in FORBIDDEN and _is_of(one[0], only)
    ]
    return workflow_told(request, address, state, steps)


def _is_of(name: str, only: frozenset[str] | None) -> bool:
    return name in only if only is not None else name not in REPLIES


def _offers(context: EnquiryPage, request: Request) -> Iterator[tuple[str, Any, Any]]:
    """Tell the steps as if all they need were said: only what else speaks against them is told."""
    steps, enquiry = request.find_service(EnquirySteps), context.enquiry
    topics = request.find_service(Topics)
    somebody = next(iter(topics.consultants(topics.scopes_of(enquiry))), None)
    said: dict[str, Any] = {"text": "…", "rule": next(iter(RULES))}
    to_nobody = {one.transition.name: one for one in steps.offers(enquiry, **said).offers}
    to_somebody = steps.offers(enquiry, **said, consultant_id=somebody).offers
    for offer in to_somebody:
        name = offer.transition.name
        found = to_nobody[name] if name == "hand_back" else offer
        yield name, offer.transition.title, found.reasons
    # Before anybody has asked back, more words are no step: the question stays where it is.
    if enquiry.state in (EnquiryState.NEW, EnquiryState.IN_WORK) and steps.may(enquiry)(
        Permission.REPLY
    ):
        yield "reply", steps.machine.workflow.transitions["reply"].title, ()


def _take(
    context: EnquiryPage, request: Request, name: str, sent: Mapping[str, Any]
) -> dict[str, Any]:
    """Take a step by its name; every reason against it is told before anything is written.

    A message that is there already, sent again because its answer was lost, is no second step.
    """
    if request.find_service(Enquiries).is_repeat(context.enquiry, sent.get("once", "")):
        return _taken(context, request, name, text_of(sent, "comment"))
    steps, comment = request.find_service(EnquirySteps), text_of(sent, "comment")
    step, may = steps.asking(
        context.enquiry,
        text=text_of(sent),
        comment=comment or None,
        rule=sent.get("rule"),
        consultant_id=sent.get("consultant"),
        topic_id=topic_id_of(request, sent),
        uid=sent.get("once", ""),
        files=files_of(request, sent),
    )
    transition = steps.machine.admit(name, step, may)
    reasons = steps.machine.reasons(transition, step)
    if reasons:
        raise Conflict(reasons[0], reasons)
    request.find_service(Workflows).perform(WORKFLOW, name, step, may)
    return _taken(context, request, name, comment)


def _taken(context: EnquiryPage, request: Request, name: str, comment: str) -> dict[str, Any]:
    enquiry: Enquiry = context.enquiry
    transition = request.find_service(EnquirySteps).machine.workflow.transitions[name]
    return {**taken(request, transition, comment), "review_state": enquiry.state}


def _named(error: InvalidInput) -> InvalidInput:
    """Return the same error, with the names that a program has sent instead of the form's."""
    names = {UPLOAD: "files"}
    told = {
        names.get(name, name.replace("extra_", "fields.", 1)): reason
        for name, reason in error.errors.items()
    }
    return InvalidInput(error.reason, told)


def _too_many(request: Request, error: TooMany) -> Response:
    answer = problem(request, 429, error.errors["text"])
    answer.headers["Retry-After"] = str(int(error.wait.total_seconds()) + 1)
    return answer
