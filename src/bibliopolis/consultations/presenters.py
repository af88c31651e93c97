"""How questions are told: to those who ask and to those who answer, in words and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pyramid.request import Request

from bibliopolis.content.names import names_of
from bibliopolis.i18n import _, _n
from bibliopolis.parameters import batch, batching, latest_page, pager
from bibliopolis.parts import Pager
from bibliopolis.workflow.model import Mark, State

from .models import (
    RUNNING_STATES,
    Enquiry,
    EnquiryFile,
    EnquiryMessage,
    EnquiryState,
    MessageKind,
    Topic,
)
from .rules import RULES
from .services import Attachments, Deadlines, EnquiryLists, EnquirySteps, Topics

PILLS = {
    Mark.DRAFT: "is-draft",
    Mark.REVIEW: "is-wait",
    Mark.LIVE: "is-published",
    Mark.TRANSIT: "is-scheduled",
    Mark.DONE: "is-archived",
    Mark.ENDED: "is-bad",
}
BADGES = {
    Mark.REVIEW: "badge--wait",
    Mark.LIVE: "badge--in",
    Mark.TRANSIT: "badge--online",
    Mark.ENDED: "badge--today",
}
SAID = {
    EnquiryState.UNCONFIRMED: _("Open the link in our letter to send it on its way."),
    EnquiryState.NEW: _("It is in the queue."),
    EnquiryState.IN_WORK: _("A librarian is working on it."),
    EnquiryState.WAITING: _("We have asked you something: please reply."),
    EnquiryState.ANSWERED: _("It is answered."),
    EnquiryState.REFUSED: _("We could not answer it."),
    EnquiryState.CLOSED: _("It is closed."),
}
FORGOTTEN = _("(deleted)")
THREAD_PAGE = 50
"""So many messages of a thread stand on one page."""
SHOWN_DAYS = 5
"""So many marks are drawn for working days; more are written only."""


@dataclass(frozen=True)
class Due:
    """How much time is left: in words, as a kind of urgency, and as marks that are filled."""

    text: Any
    css: str
    marks: tuple[bool, ...] = ()


@dataclass(frozen=True)
class EnquiryLine:
    """A question as a list shows it."""

    enquiry: Enquiry
    url: str
    title: Any
    topic: str
    state: Any
    pill: str
    badge: str
    said: Any
    due: Due | None = None
    who: str = ""
    language: str = ""


@dataclass(frozen=True)
class MessageLine:
    """A message of a thread as it is shown; ``css`` says whose it is."""

    message: EnquiryMessage
    who: Any
    css: str
    paragraphs: tuple[str, ...]
    note: bool = False
    rule: Any = None


def answered_within(topic: Topic) -> Any:
    """Return what a topic promises."""
    return _n(
        "The answer comes within ${n} working day.",
        "The answer comes within ${n} working days.",
        topic.working_days,
    )


def kept_for(topic: Topic) -> Any:
    """Return how long what people write is kept."""
    return _n(
        "What was written is deleted ${n} day after the end.",
        "What was written is deleted ${n} days after the end.",
        topic.keep_days,
    )


def my_url(request: Request, enquiry: Enquiry) -> str:
    """Return the address of one's own question."""
    return f"{request.frame.home}/account/enquiries/{enquiry.uid}"


def queue_url(request: Request) -> str:
    """Return the address of the queue."""
    return f"{request.frame.home}/staff/enquiries"


def state_of(request: Request, enquiry: Enquiry) -> State:
    """Return the declared state a question is in."""
    machine = request.find_service(EnquirySteps, context=None).machine
    return machine.workflow.states[enquiry.state]


def line_of(request: Request, enquiry: Enquiry, url: str, who: str = "") -> EnquiryLine:
    """Return a question for a list; asks nothing that was not read for the whole list."""
    topic = request.find_service(Topics, context=None).by_id(enquiry.topic_id)
    state = state_of(request, enquiry)
    return EnquiryLine(
        enquiry=enquiry,
        url=url,
        title=enquiry.title or FORGOTTEN,
        topic=topic.title_in(request.language),
        state=state.title,
        pill=PILLS[state.mark],
        badge=BADGES.get(state.mark, ""),
        said=SAID.get(EnquiryState(enquiry.state), state.title),
        due=due_of(request, enquiry),
        who=who,
        language=request.formats.language_name(enquiry.language),
    )


def lines_of(request: Request, rows: Sequence[Enquiry]) -> list[EnquiryLine]:
    """Return the lines of the queue, with the names of consultants by one query."""
    names = names_of(request, {one.consultant_id for one in rows})
    here = queue_url(request)
    return [
        line_of(request, one, f"{here}/{one.id}", names.get(one.consultant_id, "")) for one in rows
    ]


def due_of(request: Request, enquiry: Enquiry) -> Due | None:
    """Return how much time is left; None where none runs."""
    if enquiry.state == EnquiryState.WAITING:
        return Due(_("We wait for the asker"), "is-ok is-paused", _marks(request, enquiry))
    if enquiry.state not in RUNNING_STATES or enquiry.due is None:
        return None
    left = request.find_service(Deadlines, context=None).days_left(enquiry) or 0
    marks = _marks(request, enquiry)
    if left < 0:
        late = _n("Late by ${n} working day", "Late by ${n} working days", -left)
        return Due(late, "is-late", marks)
    if left == 0:
        hour = request.formats.time(enquiry.due)
        return Due(_("Today until ${hour}", mapping={"hour": hour}), "is-now", marks)
    return Due(_n("${n} working day", "${n} working days", left), "is-ok", marks)


def _marks(request: Request, enquiry: Enquiry) -> tuple[bool, ...]:
    """Return a mark for each working day there was, filled where it is over."""
    topic = request.find_service(Topics, context=None).by_id(enquiry.topic_id)
    if topic.working_days > SHOWN_DAYS:
        return ()
    left = max(0, request.find_service(Deadlines, context=None).days_left(enquiry) or 0)
    over = max(0, topic.working_days - left)
    return tuple(n < over for n in range(topic.working_days))


@dataclass(frozen=True)
class ThreadPart:
    """A page of a thread; ``has_start`` says that the question itself is on it."""

    messages: list[MessageLine]
    pager: Pager
    has_start: bool


def thread_page(
    request: Request, enquiry: Enquiry, here: str, *, notes: bool, for_staff: bool
) -> ThreadPart:
    """Return the page of a thread that is asked for, and the newest if none is."""
    lists = request.find_service(EnquiryLists, context=None)
    total = lists.thread_length(enquiry, notes=notes)
    page = latest_page(request, total, THREAD_PAGE)
    start = (page - 1) * THREAD_PAGE
    rows = lists.thread(enquiry, notes=notes, offset=start, limit=THREAD_PAGE)
    return ThreadPart(
        messages=thread_of(request, enquiry, rows, for_staff=for_staff),
        pager=pager(request, total, THREAD_PAGE, path=here, current=page),
        has_start=page == 1,
    )


def thread_json(
    request: Request, enquiry: Enquiry, here: str, *, notes: bool, for_staff: bool
) -> dict[str, Any]:
    """Return a batch of the messages of a thread, the oldest first, and the way to the others."""
    lists = request.find_service(EnquiryLists, context=None)
    files = request.find_service(Attachments).of(enquiry)
    asked, size = batch(request.GET, THREAD_PAGE)
    start = asked or 0
    total = lists.thread_length(enquiry, notes=notes)
    rows = lists.thread(enquiry, notes=notes, offset=start, limit=size)
    return {
        "messages": [
            message_json(request, one, here, files.get(one.message.id, ()))
            for one in thread_of(request, enquiry, rows, for_staff=for_staff)
        ],
        "messages_total": total,
        **batching(f"{request.host_url}{here}", total, start, size),
    }


def thread_of(
    request: Request, enquiry: Enquiry, messages: Iterable[EnquiryMessage], *, for_staff: bool
) -> list[MessageLine]:
    """Return a thread for its page; readers learn no names of consultants."""
    messages = list(messages)
    names = names_of(request, {one.author_id for one in messages}) if for_staff else {}
    return [_message(one, enquiry, names, for_staff) for one in messages]


def _message(
    one: EnquiryMessage, enquiry: Enquiry, names: Mapping[int | None, str], for_staff: bool
) -> MessageLine:
    kind = MessageKind(one.kind)
    by_asker = kind in (MessageKind.QUESTION, MessageKind.REPLY)
    asker_name = enquiry.asker.name if enquiry.asker else ""
    if by_asker:
        who: Any = (asker_name or _("The asker")) if for_staff else _("You")
    else:
        who = names.get(one.author_id) or _("The libraries")
    note = kind == MessageKind.NOTE
    rule = None
    if kind == MessageKind.REFUSAL and enquiry.rule and enquiry.rule in RULES:
        rule = RULES[enquiry.rule].explanation
    return MessageLine(
        message=one,
        who=who,
        css="is-note" if note else "" if by_asker else "is-out",
        paragraphs=tuple(part for part in one.text.split("\n\n") if part.strip()),
        note=note,
        rule=rule,
    )


def facts_of(request: Request, enquiry: Enquiry, topic: Topic) -> list[tuple[str, Any]]:
    """Return what was put into the further fields, by the words of the form."""
    facts = []
    for one in topic.fields:
        value = enquiry.extra.get(one["name"])
        if value is None or value == "":
            continue
        title = one["title"].get(request.language) or next(iter(one["title"].values()))
        shown = (_("yes") if value else _("no")) if isinstance(value, bool) else value
        facts.append((title, shown))
    return facts


def enquiry_json(request: Request, line: EnquiryLine) -> dict[str, Any]:
    """Return the JSON form of a question, without what was written."""
    enquiry = line.enquiry
    return {
        "@id": f"{request.host_url}{line.url}",
        "@type": "enquiry",
        "UID": enquiry.uid,
        "title": request.translate(line.title),
        "description": request.translate(line.said),
        "review_state": enquiry.state,
        "review_state_title": request.translate(line.state),
        "topic": line.topic,
        "language": enquiry.language,
        "due": _instant(enquiry.due),
        "created": _instant(enquiry.created),
        "modified": _instant(enquiry.changed),
    }


def message_json(
    request: Request, line: MessageLine, url: str, files: Iterable[EnquiryFile] = ()
) -> dict[str, Any]:
    """Return the JSON form of a message; ``url`` is that of its thread."""
    return {
        "@type": "enquiry_message",
        "kind": line.message.kind,
        "author": request.translate(line.who),
        "text": line.message.text,
        "rule": request.translate(line.rule) if line.rule else None,
        "created": _instant(line.message.written),
        "files": [
            {
                "@id": f"{request.host_url}{url}/file/{one.uid}",
                "filename": one.name,
                "content-type": one.media_type,
                "size": one.size,
            }
            for one in files
        ],
    }


def _instant(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
