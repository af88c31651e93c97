"""Take a question, from the form of a topic or from a program: read, counted, asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from pyramid.request import Request

from bibliopolis.accounts.attempts import Attempts, too_many
from bibliopolis.accounts.identity import origin_of
from bibliopolis.accounts.models import Person
from bibliopolis.errors import InvalidInput
from bibliopolis.i18n import _, _n
from bibliopolis.libraries.forms import Values
from bibliopolis.mail import site_url
from bibliopolis.web import UPLOAD

from .forms import read_question
from .models import Enquiry, Topic
from .services import Enquiries, Question
from .services.attachments import Checked

QUESTIONS_AN_HOUR = 20
QUESTIONS_AN_HOUR_IN_LIBRARY = 200
MEGABYTES_AN_HOUR = 30
MEGABYTES_AN_HOUR_IN_LIBRARY = 300
"""Files of people without an account lie here for days before anybody has to confirm anything."""
LETTERS_AN_HOUR = 5
"""So many letters to one address: strangers must not fill anybody's mailbox."""
REPLIES_AN_HOUR = 20
"""So many to one question: each is a letter to its consultant."""


class TooMany(InvalidInput):
    """More than people send by hand; ``wait`` is how long no more is taken."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(_("It was not sent."), {"text": too_many(wait)})
        self.wait = wait


def person_of(request: Request) -> Person | None:
    """Return the account of whoever asks."""
    person_id = request.principals.person_id
    return None if person_id is None else request.db.get(Person, person_id)


def take_question(
    request: Request, topic: Topic, values: Values, files: Callable[[], list[Checked]]
) -> Enquiry:
    """Read the question and ask it; what is wrong with it is raised, and nothing was kept."""
    person = person_of(request)
    asked = read_question(values, topic, person.email if person else None)
    _not_too_many(request, None if person else asked.email)
    question = Question(
        topic_id=topic.id,
        text=asked.text,
        language=asked.language,
        email=asked.email,
        page_language=request.language,
        site_url=site_url(request),
        name=asked.name or (person.name if person else ""),
        person_id=person.id if person else None,
        extra=asked.extra,
        uid=asked.uid,
        files=_not_too_much(request, files(), person),
    )
    with request.db.begin_nested():
        return request.find_service(Enquiries).ask(question)


def replies_not_too_often(request: Request, enquiry: Enquiry) -> None:
    """Refuse more words of an asker than people write."""
    attempts = request.find_service(Attempts)
    wait = attempts.allow("replies", str(enquiry.id), REPLIES_AN_HOUR)
    if wait is not None:
        raise TooMany(wait)


def _not_too_many(request: Request, email: str | None) -> None:
    """Refuse more than people ask: of one network address, and to one mail address."""
    attempts = request.find_service(Attempts)
    wait = attempts.allow_from(
        "questions", origin_of(request), QUESTIONS_AN_HOUR, QUESTIONS_AN_HOUR_IN_LIBRARY
    )
    if wait is None and email is not None:
        wait = attempts.allow("question letters", email.lower(), LETTERS_AN_HOUR)
    if wait is not None:
        raise TooMany(wait)


def _not_too_much(request: Request, files: list[Checked], person: Any) -> list[Checked]:
    """Return the files; refuse those of strangers of whom the address has sent plenty."""
    if person is not None or not files:
        return files
    size = -(-sum(len(one.content) for one in files) // 1_000_000)
    wait = request.find_service(Attempts).allow_from(
        "question files", origin_of(request), MEGABYTES_AN_HOUR, MEGABYTES_AN_HOUR_IN_LIBRARY, size
    )
    if wait is not None:
        reason = _n(
            "Many files have come from your network without an account. Send the question without"
            " files, sign in, or try again in ${n} minute.",
            "Many files have come from your network without an account. Send the question without"
            " files, sign in, or try again in ${n} minutes.",
            -(-int(wait.total_seconds()) // 60),
        )
        raise InvalidInput(_("It was not sent: correct what is marked."), {UPLOAD: reason})
    return files
