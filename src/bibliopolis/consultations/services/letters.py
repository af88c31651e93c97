"""Letters about questions: to those who ask, in their language, and to consultants.

What consultants tell each other never is in a letter; letters to consultants say that there is
something to read, not what.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from bibliopolis.accounts.models import Person
from bibliopolis.i18n import _
from bibliopolis.mail import Mailer
from bibliopolis.templates import speaker

from ..letters_in import MARKER
from ..models import Asker, Enquiry
from ..rules import RULES
from .tickets import REPLY, THREAD, Tickets
from .topics import Topics


class EnquiryLetters:
    """Write to those who ask, and to those who answer."""

    def __init__(
        self,
        db: Session,
        mailer: Mailer,
        translate: Callable[[Any, str], str],
        tickets: Tickets,
        topics: Topics,
        site_url: str,
        replies_to: str = "",
    ) -> None:
        self.db = db
        self.mailer = mailer
        self.translate = translate
        self.tickets = tickets
        self.topics = topics
        self.site_url = site_url
        self.replies_to = replies_to

    @classmethod
    def from_request(cls, context: Any, request: Any) -> EnquiryLetters:
        """Make it for a request."""
        return cls(
            db=request.db,
            mailer=request.find_service(Mailer, context=None),
            translate=speaker(request),
            tickets=request.find_service(Tickets, context=None),
            topics=request.find_service(Topics, context=None),
            site_url=request.settings.url,
            replies_to=request.settings.mail_replies,
        )

    def confirm(self, enquiry: Enquiry, token: str) -> None:
        """Ask at the address whether the question comes from there.

        The letter says nothing of what was asked: strangers could let us write anything to anybody.
        """
        asker = _asker(enquiry)
        topic = self.topics.by_id(enquiry.topic_id).title_in(asker.language)
        body = _(
            "Somebody, perhaps you, has asked the libraries a question of the topic “${topic}”."
            "\n\nSend the question on its way: ${address}\n\n"
            "The link works for three days. If it was not you, do nothing: the question is"
            " deleted then.\n",
            mapping={
                "topic": topic,
                "address": f"{self._site(asker)}/{asker.language}/ask/confirm/{token}",
            },
        )
        self._to_asker(enquiry, _("Confirm your question"), body, may_reply=False)

    def received(self, enquiry: Enquiry) -> None:
        """Say that the question has arrived, and until when an answer is promised."""
        promise = _("You get an answer by ${moment}.", mapping={"moment": enquiry.due})
        self._about(
            enquiry,
            _("We have your question"),
            _("Your question has arrived."),
            promise if enquiry.due else _("We answer as soon as we can."),
        )

    def answered(self, enquiry: Enquiry, text: str) -> None:
        """Send the answer."""
        self._about(
            enquiry,
            _("An answer to your question"),
            _("The libraries answer:"),
            text,
            _("Is something still open? Write it under the answer."),
        )

    def asked_back(self, enquiry: Enquiry, text: str) -> None:
        """Ask for what is needed to answer."""
        self._about(
            enquiry,
            _("A question about your question"),
            _("To answer, we need to know more:"),
            text,
            _("Until you reply, the time for the answer stands still."),
        )

    def refused(self, enquiry: Enquiry, text: str) -> None:
        """Say by which rule the question cannot be answered."""
        rule = RULES[enquiry.rule or ""]
        self._about(
            enquiry,
            _("We cannot answer your question"),
            rule.explanation,
            text,
        )

    def closed(self, enquiry: Enquiry) -> None:
        """Say that nothing more follows."""
        self._about(enquiry, _("Your question is closed"), _("We have closed your question."))

    def taken_up_again(self, enquiry: Enquiry) -> None:
        """Say that the question is being worked on once more."""
        self._about(
            enquiry,
            _("We work on your question again"),
            _("We have taken your question up again and will write to you."),
        )

    def passed_to(self, enquiry: Enquiry, consultant_id: int) -> None:
        """Tell a consultant that a question was given to them."""
        self._to_consultant(
            enquiry, consultant_id, _("A question for you"), _("A question was passed on to you.")
        )

    def asker_wrote(self, enquiry: Enquiry) -> None:
        """Tell the consultant that the asker has written."""
        if enquiry.consultant_id is not None:
            self._to_consultant(
                enquiry, enquiry.consultant_id, _("A reply for you"), _("The asker has replied.")
            )

    def _about(self, enquiry: Enquiry, subject: Any, *parts: Any) -> None:
        """Write to the asker: the parts, then what the question was and where the thread is."""
        asker = enquiry.asker
        if asker is None:
            return
        speak = self.translate
        question = _("Your question: ${title}", mapping={"title": enquiry.title})
        thread = _("All that was written: ${address}", mapping={"address": self._thread(enquiry)})
        texts = [speak(part, asker.language) for part in (*parts, question, thread) if part]
        self._to_asker(enquiry, subject, "\n\n".join(texts) + "\n")

    def _to_asker(
        self, enquiry: Enquiry, subject: Any, body: Any, *, may_reply: bool = True
    ) -> None:
        asker = _asker(enquiry)
        may_reply = may_reply and bool(self.replies_to)
        text = self.translate(body, asker.language)
        headers = {}
        if may_reply:
            above = self.translate(_("Write your reply above this line"), asker.language)
            text = f"{MARKER} {above} -##\n\n{text}"
            headers["Reply-To"] = self._reply_address(enquiry)
            # Mail programs show as one thread what refers to the same letter, sent or not.
            domain = self.replies_to.partition("@")[2]
            headers["References"] = f"<question-{enquiry.id}@{domain}>"
        named = _(
            "${subject} (No. ${n})",
            mapping={"subject": self.translate(subject, asker.language), "n": enquiry.id},
        )
        self.mailer.send(
            asker.email,
            self.translate(named, asker.language),
            text,
            asker.language,
            headers=headers,
            about=f"enquiry:{enquiry.id}",
            # It holds a link to the thread, or what was written there.
            confidential=True,
        )

    def _to_consultant(self, enquiry: Enquiry, person_id: int, subject: Any, said: Any) -> None:
        person = self.db.get(Person, person_id)
        if person is None or person.disabled:
            return
        language, asker = person.language, enquiry.asker
        site = self._site(asker) if asker else self.site_url
        address = f"{site}/{language}/staff/enquiries/{enquiry.id}"
        body = _("Open it: ${address}", mapping={"address": address})
        named = _(
            "${subject} (No. ${n})",
            mapping={"subject": self.translate(subject, language), "n": enquiry.id},
        )
        self.mailer.send(
            person.email,
            self.translate(named, language),
            f"{self.translate(said, language)}\n\n{self.translate(body, language)}\n",
            language,
        )

    def _thread(self, enquiry: Enquiry) -> str:
        asker = _asker(enquiry)
        start = f"{self._site(asker)}/{asker.language}"
        if asker.person_id is not None:
            return f"{start}/account/enquiries/{enquiry.uid}"
        return f"{start}/ask/question/{self.tickets.write(enquiry, THREAD)}"

    def _reply_address(self, enquiry: Enquiry) -> str:
        name, _at, domain = self.replies_to.partition("@")
        return f"{name}+{self.tickets.write(enquiry, REPLY)}@{domain}"

    def _site(self, asker: Asker) -> str:
        return self.site_url or asker.site_url


def _asker(enquiry: Enquiry) -> Asker:
    if enquiry.asker is None:
        raise LookupError(f"nobody is known who asked {enquiry.id}")
    return enquiry.asker
