"""Questions: asking one, and every step until it is closed.

Each verb locks the question, reads it again, asks the workflow, then acts; letters follow in the
same transaction. What is sent twice, by a second click, is done once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bibliopolis.accounts.confirmations import Confirmations
from bibliopolis.accounts.models import Person
from bibliopolis.clock import Clock
from bibliopolis.db import new_uid
from bibliopolis.errors import Conflict, NotFoundHere
from bibliopolis.i18n import _
from bibliopolis.resources.access import Permission
from bibliopolis.search.analysis import fold_to

from ..models import (
    Asker,
    Enquiry,
    EnquiryMessage,
    EnquiryState,
    MessageKind,
    Via,
)
from .attachments import Attachments, Checked
from .deadlines import Deadlines
from .letters import EnquiryLetters
from .quotas import Quotas
from .steps import EnquirySteps
from .topics import Topics

PURPOSE = "enquiry"
CONFIRMED_WITHIN = timedelta(days=3)
LONGEST_TITLE = 120


@dataclass(frozen=True)
class Question:
    """What somebody asks: as the form, a program or a letter brought it."""

    topic_id: int
    text: str
    language: str
    email: str
    page_language: str
    site_url: str
    name: str = ""
    person_id: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    uid: str = ""
    """Given by the form, so that a second click asks nothing again."""
    files: Sequence[Checked] = ()


class Enquiries:
    """The questions people ask, and their steps."""

    def __init__(
        self,
        db: Session,
        clock: Clock,
        topics: Topics,
        quotas: Quotas,
        deadlines: Deadlines,
        steps: EnquirySteps,
        letters: EnquiryLetters,
        attachments: Attachments,
        confirmations: Confirmations,
    ) -> None:
        self.db = db
        self.clock = clock
        self.topics = topics
        self.quotas = quotas
        self.deadlines = deadlines
        self.steps = steps
        self.letters = letters
        self.attachments = attachments
        self.confirmations = confirmations

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Enquiries:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            topics=request.find_service(Topics, context=None),
            quotas=request.find_service(Quotas, context=None),
            deadlines=request.find_service(Deadlines, context=None),
            steps=request.find_service(EnquirySteps, context=None),
            letters=request.find_service(EnquiryLetters, context=None),
            attachments=request.find_service(Attachments, context=None),
            confirmations=request.find_service(Confirmations, context=None),
        )

    def ask(self, question: Question) -> Enquiry:
        """Keep a question: a person's own goes into the queue, a stranger's waits for a click.

        Refused with the reason when the topic takes none now, or no more today.
        """
        before = self._asked_before(question)
        if before is not None:
            return before
        topic = self.topics.by_id(question.topic_id)
        if question.person_id is None and not topic.without_account:
            raise Conflict(_("Sign in to ask about this topic."))
        now = self.clock.now()
        uid = question.uid if self._is_free(question.uid) else new_uid()
        title = beginning(question.text)
        enquiry = Enquiry(
            uid=uid,
            state=self.steps.machine.workflow.initial,
            topic_id=topic.id,
            language=question.language,
            title=title,
            folded=fold_to(title, 400),
            extra=dict(question.extra),
            created=now,
            changed=now,
            asker=Asker(
                person_id=question.person_id,
                name=question.name,
                email=question.email.strip().lower(),
                language=question.page_language,
                site_url=question.site_url,
            ),
        )
        self.db.add(enquiry)
        self.db.flush()  # its id is in links, in the history and in the message
        self._write(enquiry, MessageKind.QUESTION, question.text, files=question.files)
        self.steps.tell(enquiry, "ask", None)
        if question.person_id is not None:
            return self.accept(enquiry.id)
        quota = self.quotas.today([topic])[topic.id]
        if not topic.is_open or quota.is_full:
            closed = _("Questions of this topic are not taken now.")
            raise Conflict(quota.full if topic.is_open else closed)
        token = self.confirmations.issue(PURPOSE, f"enquiry:{enquiry.id}", valid=CONFIRMED_WITHIN)
        self.letters.confirm(enquiry, token)
        return enquiry

    def to_confirm(self, token: str) -> Enquiry:
        """Return the question that a link of a letter confirms, without using it up."""
        return self.of_subject(self.confirmations.peek(PURPOSE, token).subject)

    def confirm(self, token: str) -> Enquiry:
        """Use the link up and put its question into the queue; refused, the link stays good."""
        enquiry = self.of_subject(self.confirmations.redeem(PURPOSE, token).subject)
        self.steps.held.add(enquiry.id)
        return self.accept(enquiry.id)

    def accept(self, enquiry_id: int) -> Enquiry:
        """Put a question into the queue, if the day's quota has room; its time begins."""
        enquiry = self._locked(enquiry_id)
        topic = self.topics.by_id(enquiry.topic_id)
        quota = self.quotas.lock(topic)
        self.steps.take("accept", enquiry, quota=quota)
        self.quotas.count(topic, quota)
        enquiry.accepted = self.clock.now()
        enquiry.due = self.deadlines.promised(topic)
        self._find_account(enquiry)
        self.letters.received(enquiry)
        return enquiry

    def take(self, enquiry_id: int) -> Enquiry:
        """Let the actor work on it."""
        enquiry = self._locked(enquiry_id)
        self.steps.take("take", enquiry)
        enquiry.consultant_id = self.steps.actor.person_id
        return enquiry

    def pass_on(
        self, enquiry_id: int, consultant_id: int | None, topic_id: int | None = None
    ) -> Enquiry:
        """Give it to a consultant, or to nobody: back into the queue, of this topic or another."""
        enquiry = self._locked(enquiry_id)
        self.steps.take("pass_on", enquiry, consultant_id=consultant_id)
        enquiry.consultant_id = consultant_id
        if consultant_id is None and topic_id is not None:
            enquiry.topic_id = self.topics.by_id(topic_id).id
        if consultant_id is not None and consultant_id != self.steps.actor.person_id:
            self.letters.passed_to(enquiry, consultant_id)
        return enquiry

    def note(
        self, enquiry_id: int, text: str, uid: str = "", files: Sequence[Checked] = ()
    ) -> Enquiry:
        """Write something that only consultants read."""
        enquiry = self._locked(enquiry_id)
        self.steps.demand(Permission.NOTE, enquiry)
        if not self.is_repeat(enquiry, uid):
            self._demand_text(text)
            self._write(enquiry, MessageKind.NOTE, text, uid, files=files)
            self.steps.tell(enquiry, "note", enquiry.state)
        return enquiry

    def answer(
        self, enquiry_id: int, text: str, uid: str = "", files: Sequence[Checked] = ()
    ) -> Enquiry:
        """Send the answer."""
        enquiry = self._locked(enquiry_id)
        if self.is_repeat(enquiry, uid):
            return enquiry
        self.steps.take("answer", enquiry, text=text)
        self._end(enquiry)
        self._write(enquiry, MessageKind.ANSWER, text, uid, files=files)
        enquiry.consultant_id = self.steps.actor.person_id
        self.letters.answered(enquiry, text)
        return enquiry

    def ask_back(
        self, enquiry_id: int, text: str, uid: str = "", files: Sequence[Checked] = ()
    ) -> Enquiry:
        """Ask the asker; meanwhile the time stands still."""
        enquiry = self._locked(enquiry_id)
        if self.is_repeat(enquiry, uid):
            return enquiry
        self.steps.take("ask_back", enquiry, text=text)
        self.deadlines.pause(enquiry)
        self._write(enquiry, MessageKind.ASK_BACK, text, uid, files=files)
        enquiry.consultant_id = self.steps.actor.person_id
        self.letters.asked_back(enquiry, text)
        return enquiry

    def reply(
        self,
        enquiry_id: int,
        text: str,
        uid: str = "",
        files: Sequence[Checked] = (),
        via: Via = Via.SITE,
    ) -> Enquiry:
        """Say more, as the asker: what was asked of them, more words, a further question."""
        enquiry = self._locked(enquiry_id)
        if self.is_repeat(enquiry, uid):
            return enquiry
        before = enquiry.state
        if before in (EnquiryState.NEW, EnquiryState.IN_WORK):
            self.steps.demand(Permission.REPLY, enquiry)
            self._demand_text(text)
            self.steps.tell(enquiry, "reply", before)
        else:
            self.steps.take("reply", enquiry, text=text)
        if before == EnquiryState.WAITING:
            self.deadlines.go_on(enquiry)
        if before == EnquiryState.ANSWERED:
            enquiry.ended = None
            self.deadlines.renew(enquiry)
        self._write(enquiry, MessageKind.REPLY, text, uid, via, files)
        self.letters.asker_wrote(enquiry)
        return enquiry

    def refuse(self, enquiry_id: int, rule: str, text: str = "", uid: str = "") -> Enquiry:
        """Refuse by a rule, which the asker is told; more may be said to it."""
        enquiry = self._locked(enquiry_id)
        if self.is_repeat(enquiry, uid):
            return enquiry
        self.steps.take("refuse", enquiry, rule=rule)
        enquiry.rule = rule
        self._end(enquiry)
        self._write(enquiry, MessageKind.REFUSAL, text, uid)
        enquiry.consultant_id = self.steps.actor.person_id
        self.letters.refused(enquiry, text)
        return enquiry

    def close(self, enquiry_id: int, comment: str | None = None) -> Enquiry:
        """End the thread; who did not end it themselves is told."""
        enquiry = self._locked(enquiry_id)
        by_asker = self.is_asker(enquiry)
        self.steps.take("close", enquiry, comment=comment)
        self._end(enquiry)
        if not by_asker:
            self.letters.closed(enquiry)
        return enquiry

    def reopen(self, enquiry_id: int, comment: str | None = None) -> Enquiry:
        """Take it up again, oneself; a new time begins."""
        enquiry = self._locked(enquiry_id)
        self.steps.take("reopen", enquiry, comment=comment)
        enquiry.ended = enquiry.rule = None
        enquiry.consultant_id = self.steps.actor.person_id
        self.deadlines.renew(enquiry)
        self.letters.taken_up_again(enquiry)
        return enquiry

    def is_asker(self, enquiry: Enquiry) -> bool:
        """Say whether the actor is the one who asked."""
        me = self.steps.actor.person_id
        asker = enquiry.asker
        mine = asker is not None and me is not None and asker.person_id == me
        return mine or enquiry.id in self.steps.held

    def _end(self, enquiry: Enquiry) -> None:
        enquiry.ended = enquiry.ended or self.clock.now()
        enquiry.paused = enquiry.days_left = None

    def _write(
        self,
        enquiry: Enquiry,
        kind: MessageKind,
        text: str,
        uid: str = "",
        via: Via = Via.SITE,
        files: Sequence[Checked] = (),
    ) -> EnquiryMessage:
        by_asker = kind in (MessageKind.QUESTION, MessageKind.REPLY)
        taken = uid and self.db.scalar(select(EnquiryMessage.id).where(EnquiryMessage.uid == uid))
        message = EnquiryMessage(
            uid=uid if uid and not taken else new_uid(),
            enquiry_id=enquiry.id,
            kind=kind,
            author_id=None if by_asker else self.steps.actor.person_id,
            text=text.strip(),
            written=self.clock.now(),
            via=via,
        )
        self.db.add(message)
        enquiry.changed = self.clock.now()
        self.db.flush()  # its id is what files are kept under
        self.attachments.keep(message, files)
        return message

    def is_repeat(self, enquiry: Enquiry, uid: str) -> bool:
        """Say whether this very message is there already: the form was sent twice."""
        mine = (EnquiryMessage.uid == uid) & (EnquiryMessage.enquiry_id == enquiry.id)
        return bool(uid) and self.db.scalar(select(EnquiryMessage.id).where(mine)) is not None

    def _demand_text(self, text: str) -> None:
        if not text.strip():
            raise Conflict(_("Write something first."))

    def _asked_before(self, question: Question) -> Enquiry | None:
        if not question.uid:
            return None
        found = self.db.scalar(select(Enquiry).where(Enquiry.uid == question.uid))
        asker = found.asker if found else None
        same = asker is not None and asker.email == question.email.strip().lower()
        return found if same else None

    def _is_free(self, uid: str) -> bool:
        taken = select(Enquiry.id).where(Enquiry.uid == uid)
        return bool(uid) and self.db.scalar(taken) is None

    def _find_account(self, enquiry: Enquiry) -> None:
        """Let a question whose address is proven be in the account of that address, if any."""
        asker = enquiry.asker
        if asker is not None and asker.person_id is None:
            asker.person_id = self.db.scalar(
                select(Person.id).where(Person.email == asker.email, Person.disabled.is_(False))
            )

    def of_subject(self, subject: str) -> Enquiry:
        """Return the question that a link of a letter is about."""
        found = self.db.get(Enquiry, int(subject.partition(":")[2]))
        if found is None:
            raise NotFoundHere(_("The question was not confirmed in time. Ask it again."))
        return found

    def _locked(self, enquiry_id: int) -> Enquiry:
        found = self.db.scalar(
            select(Enquiry)
            .where(Enquiry.id == enquiry_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        if found is None:
            raise NotFoundHere(_("There is no such question."))
        return found


def beginning(text: str) -> str:
    """Return the beginning of a question, for lists: its first sentence, not too long."""
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    if len(first) <= LONGEST_TITLE:
        return first
    cut = first[:LONGEST_TITLE].rpartition(" ")[0] or first[:LONGEST_TITLE]
    return f"{cut.rstrip('.,;:– ')}…"
