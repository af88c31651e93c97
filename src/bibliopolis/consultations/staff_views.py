"""The queue of consultants, and a question with everything that can be done about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.db import new_uid
from bibliopolis.errors import BibliopolisError, Conflict, InvalidInput, NotAllowed
from bibliopolis.frame import flash
from bibliopolis.i18n import _, _n
from bibliopolis.parameters import offset, pager, row_id
from bibliopolis.parts import problems_of
from bibliopolis.resources.access import Permission

from .forms import once, read_message
from .models import Enquiry, Topic
from .presenters import (
    facts_of,
    kept_for,
    lines_of,
    queue_url,
    thread_page,
)
from .resources import QueueRoom, StaffThread
from .rules import RULES
from .services import Attachments, Enquiries, EnquiryLists, EnquirySteps, Quotas, Show, Topics
from .services.attachments import Checked
from .views import checked_files

PAGE = 25
SELECTED = 50
"""So many questions are taken by one click at most."""
TABS = {
    Show.OPEN: _("All open"),
    Show.MINE: _("Mine"),
    Show.UNASSIGNED: _("Nobody's"),
    Show.OVERDUE: _("Overdue"),
    Show.WAITING: _("Waiting for the asker"),
    Show.ENDED: _("Ended"),
}
EMPTY = {
    Show.MINE: _("You work on no question now."),
    Show.UNASSIGNED: _("Somebody works on every question."),
    Show.OVERDUE: _("Nothing is late."),
}


@view_config(
    context=QueueRoom,
    name="",
    permission=Permission.USE_QUEUE,
    request_method="GET",
    renderer="consultations/queue.pt",
)
def show_queue(context: QueueRoom, request: Request) -> dict[str, Any]:
    """Show the questions the visitor has to do with, what is due first at the top."""
    lists, show, asked = (
        request.find_service(EnquiryLists),
        asked_part(request),
        asked_filters(request),
    )
    total, rows = lists.queue(show, **asked, offset=offset(request, PAGE), limit=PAGE)
    counts = lists.counts()
    mine = _my_topics(request)
    quotas = request.find_service(Quotas).today(mine)
    here = request.address(context)
    return {
        "lines": lines_of(request, rows),
        "total": total,
        "counts": counts,
        "tabs": [
            (one, title, f"{here}?show={one}", counts.get(one)) for one, title in TABS.items()
        ],
        "show": show,
        "empty": EMPTY.get(show, _("There is nothing here.")),
        "text": request.GET.get("q", ""),
        "topic_id": asked["topic_id"],
        "language": asked["language"],
        "topics": [(one.id, one.title_in(request.language)) for one in mine],
        "languages": [
            (tag, request.formats.language_name(tag))
            for tag in dict.fromkeys(tag for one in mine for tag in one.languages)
        ],
        "quotas": [
            (one.title_in(request.language), quotas[one.id])
            for one in mine
            if one.daily_quota is not None
        ],
        "url": here,
        "pager": pager(request, total, PAGE),
    }


@view_config(context=QueueRoom, name="take", permission=Permission.USE_QUEUE, request_method="POST")
def take_several(context: QueueRoom, request: Request) -> HTTPSeeOther:
    """Take the chosen questions; what cannot be taken is said, and hinders no other."""
    taken = 0
    for number in request.POST.getall("sel")[:SELECTED]:
        enquiry_id = row_id(number)
        if enquiry_id is None:
            continue
        try:
            with request.db.begin_nested():
                request.find_service(Enquiries).take(enquiry_id)
            taken += 1
        except BibliopolisError as refusal:
            flash(request, _numbered(enquiry_id, refusal), "bad")
    if taken:
        flash(request, _n("You have taken ${n} question.", "You have taken ${n} questions.", taken))
    return HTTPSeeOther(location=f"{request.address(context)}?show={Show.MINE}")


@view_config(
    context=StaffThread,
    name="",
    permission=Permission.VIEW,
    request_method="GET",
    renderer="consultations/staff_thread.pt",
)
def show_staff_thread(context: StaffThread, request: Request) -> dict[str, Any]:
    """Show a question, what was written, and what can be done."""
    return _page(context, request, {}, {})


@view_config(context=StaffThread, name="take", permission=Permission.TAKE, request_method="POST")
def take(context: StaffThread, request: Request) -> HTTPSeeOther:
    """Take it oneself."""
    request.find_service(Enquiries).take(context.enquiry.id)
    flash(request, _("You work on this question now."))
    return HTTPSeeOther(location=request.address(context))


@view_config(
    context=StaffThread, name="pass-on", permission=Permission.PASS_ON, request_method="POST"
)
def pass_on(context: StaffThread, request: Request) -> HTTPSeeOther:
    """Give it to somebody, back into the queue, or to another topic."""
    to = request.POST.get("to", "")
    consultant_id = topic_id = None
    if to.startswith("person:"):
        consultant_id = row_id(to.removeprefix("person:")) or 0
    elif to.startswith("topic:"):
        topic_id = row_id(to.removeprefix("topic:"))
    elif to != "queue":
        raise InvalidInput(_("Choose whom it goes to."))
    enquiry = request.find_service(Enquiries).pass_on(context.enquiry.id, consultant_id, topic_id)
    flash(request, _("Question No. ${n} is passed on.", mapping={"n": enquiry.id}))
    return HTTPSeeOther(location=queue_url(request))


@view_config(
    context=StaffThread,
    name="note",
    permission=Permission.VIEW,
    request_method="POST",
    renderer="consultations/staff_thread.pt",
)
def note(context: StaffThread, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Write something that only consultants read."""
    return _write(context, request, request.find_service(Enquiries).note, _("The note is kept."))


@view_config(
    context=StaffThread,
    name="answer",
    permission=Permission.VIEW,
    request_method="POST",
    renderer="consultations/staff_thread.pt",
)
def answer(context: StaffThread, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Send the answer."""
    enquiries = request.find_service(Enquiries)
    return _write(context, request, enquiries.answer, _("The answer is on its way."))


@view_config(
    context=StaffThread,
    name="ask-back",
    permission=Permission.VIEW,
    request_method="POST",
    renderer="consultations/staff_thread.pt",
)
def ask_back(context: StaffThread, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Ask the asker."""
    said = _("The asker is asked; until they reply, the time stands still.")
    return _write(context, request, request.find_service(Enquiries).ask_back, said)


@view_config(
    context=StaffThread,
    name="refuse",
    permission=Permission.VIEW,
    request_method="POST",
    renderer="consultations/staff_thread.pt",
)
def refuse(context: StaffThread, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Refuse by a rule."""
    enquiries, rule = request.find_service(Enquiries), request.POST.get("rule", "")

    def refuse_it(enquiry_id: int, text: str, uid: str, _files: Sequence[Checked]) -> Enquiry:
        return enquiries.refuse(enquiry_id, rule, text, uid)

    return _write(context, request, refuse_it, _("The refusal is on its way."), "rule")


@view_config(context=StaffThread, name="close", permission=Permission.CLOSE, request_method="POST")
def close(context: StaffThread, request: Request) -> HTTPSeeOther:
    """End the thread."""
    request.find_service(Enquiries).close(context.enquiry.id)
    flash(request, _("The question is closed."))
    return HTTPSeeOther(location=request.address(context))


@view_config(
    context=StaffThread, name="reopen", permission=Permission.REOPEN, request_method="POST"
)
def reopen(context: StaffThread, request: Request) -> HTTPSeeOther:
    """Take it up again."""
    comment = read_message({"text": request.POST.get("comment", "")})
    request.find_service(Enquiries).reopen(context.enquiry.id, comment)
    flash(request, _("You work on this question again."))
    return HTTPSeeOther(location=request.address(context))


def _write(
    context: StaffThread,
    request: Request,
    verb: Callable[[int, str, str, Sequence[Checked]], Any],
    said: Any,
    field: str = "text",
) -> dict[str, Any] | HTTPSeeOther:
    """Let a verb have the text; refused, the page comes back with what was written.

    Its state may have changed since the page was opened, and the permission with it: the verb asks
    for that, so that no text is lost to a bare refusal.
    """
    try:
        text = read_message(request.POST)
        with request.db.begin_nested():
            verb(context.enquiry.id, text, once(request.POST), checked_files(request))
    except InvalidInput as error:
        return _page(context, request, request.POST, error.errors, 400)
    except (Conflict, NotAllowed) as error:
        # The savepoint took back what the session knows of it.
        request.db.refresh(context.enquiry)
        reason = error.reasons[0] if isinstance(error, Conflict) else error.reason
        return _page(context, request, request.POST, {field: reason}, 409)
    flash(request, said)
    return HTTPSeeOther(location=request.address(context))


def _page(
    context: StaffThread,
    request: Request,
    values: Mapping[str, Any],
    errors: dict[str, Any],
    status: int = 200,
) -> dict[str, Any]:
    request.response.status_int = status
    request.response.cache_control.no_store = True
    enquiry = context.enquiry
    steps, lists = request.find_service(EnquirySteps), request.find_service(EnquiryLists)
    topics = request.find_service(Topics)
    topic = topics.by_id(enquiry.topic_id)
    may = steps.may(enquiry)
    (line,) = lines_of(request, [enquiry])
    before, after = lists.neighbours(enquiry)
    queue, here = queue_url(request), request.address(context)
    return {
        "line": line,
        "enquiry": enquiry,
        "topic": topic,
        "part": thread_page(request, enquiry, here, notes=may(Permission.NOTE), for_staff=True),
        "files": request.find_service(Attachments).of(enquiry),
        "facts": facts_of(request, enquiry, topic),
        "may": {str(one): may(one) for one in _SHOWN},
        "consultants": _whom(request, topics, enquiry) if may(Permission.PASS_ON) else [],
        "topics": _other_topics(request, topics, topic) if may(Permission.PASS_ON) else [],
        "kept": kept_for(topic),
        "rules": [(name, rule.title) for name, rule in RULES.items()],
        "values": values,
        "errors": errors,
        "problems": problems_of(errors),
        "once": values.get("once") or new_uid(),
        "url": here,
        "queue": queue,
        "before": f"{queue}/{before}" if before else None,
        "after": f"{queue}/{after}" if after else None,
    }


_SHOWN = (
    Permission.TAKE,
    Permission.PASS_ON,
    Permission.NOTE,
    Permission.ANSWER,
    Permission.ASK_BACK,
    Permission.REFUSE,
    Permission.CLOSE,
    Permission.REOPEN,
)


def _whom(request: Request, topics: Topics, enquiry: Enquiry) -> list[tuple[int, str, bool]]:
    me = request.principals.person_id
    return [
        (person_id, name, person_id == me)
        for person_id, name in topics.consultants(topics.scopes_of(enquiry)).items()
    ]


def _other_topics(request: Request, topics: Topics, topic: Topic) -> list[tuple[int, str]]:
    return [
        (one.id, one.title_in(request.language))
        for one in topics.all.values()
        if one.id != topic.id
    ]


def _my_topics(request: Request) -> list[Topic]:
    """Return the topics the visitor answers some questions of."""
    topics = request.find_service(Topics)
    me = request.principals.person_id
    return [
        one for one in topics.all.values() if any(row[0] == me for row in topics.named_for(one))
    ]


def asked_part(request: Request) -> Show:
    """Return which part of the queue is asked for; what cannot be read is all that is open."""
    try:
        return Show(request.GET.get("show", Show.OPEN))
    except ValueError:
        return Show.OPEN


def asked_filters(request: Request) -> dict[str, Any]:
    """Return what narrows the queue."""
    return {
        "text": request.GET.get("q", "")[:200],
        "topic_id": row_id(request.GET.get("topic", "")),
        "language": request.GET.get("language", "")[:20],
    }


def _numbered(enquiry_id: int, refusal: BibliopolisError) -> Any:
    return _("No. ${n}: ${reason}", mapping={"n": enquiry_id, "reason": refusal.reason})
