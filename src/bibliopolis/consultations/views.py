"""Asking: the topics, the form of each, and the link that confirms a stranger's question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config

from bibliopolis.accounts.attempts import Attempts, too_many
from bibliopolis.accounts.frame import sign_in_url
from bibliopolis.accounts.identity import origin_of
from bibliopolis.accounts.models import Person
from bibliopolis.accounts.networks import Origin
from bibliopolis.accounts.used_links import when_used
from bibliopolis.db import new_uid
from bibliopolis.errors import Conflict, InvalidInput
from bibliopolis.frame import flash
from bibliopolis.i18n import LANGUAGES, _, _n
from bibliopolis.libraries.services import Libraries
from bibliopolis.mail import site_url
from bibliopolis.parts import problems_of
from bibliopolis.resources.access import Permission
from bibliopolis.web import UPLOAD

from .forms import read_question, sent_files
from .models import Topic
from .presenters import answered_within, kept_for, my_url
from .resources import AskRoom, TopicForm
from .rules import RULES
from .services import Attachments, Deadlines, Enquiries, Question, Quota, Quotas, Topics
from .services.attachments import Checked

QUESTIONS_AN_HOUR = 20
QUESTIONS_AN_HOUR_IN_LIBRARY = 200
MEGABYTES_AN_HOUR = 30
MEGABYTES_AN_HOUR_IN_LIBRARY = 300
"""Files of people without an account lie here for days before anybody has to confirm anything."""
LETTERS_AN_HOUR = 5
"""So many letters to one address: strangers must not fill anybody's mailbox."""


def _question_is_sent(context: AskRoom, request: Request, used: Any) -> HTTPSeeOther:
    enquiry = request.find_service(Enquiries).of_subject(used.subject)
    asker, me = enquiry.asker, request.principals.person_id
    if asker is not None and me is not None and asker.person_id == me:
        flash(request, _("Your question is on its way already: here it is."), "info")
        return HTTPSeeOther(location=my_url(request, enquiry))
    said = _(
        "Your question is on its way already. A letter that says so has the link to it, and the"
        " answer comes by mail, too."
    )
    flash(request, said, "info")
    return HTTPSeeOther(location=request.address(context))


@view_config(
    context=AskRoom,
    name="",
    permission=Permission.VIEW,
    request_method="GET",
    renderer="consultations/ask.pt",
)
def show_topics(context: AskRoom, request: Request) -> dict[str, Any]:
    """Show what can be asked about; what takes no questions now says so."""
    topics = list(request.find_service(Topics).all.values())
    quotas = request.find_service(Quotas).today(topics)
    languages = dict.fromkeys(tag for topic in topics for tag in topic.languages)
    return {
        "topics": [
            (topic, quotas[topic.id], request.address(context[topic.code])) for topic in topics
        ],
        "languages": request.formats.listed(
            request.formats.language_name(tag) for tag in languages
        ),
        "within": answered_within,
        "rules": [rule.title for rule in RULES.values() if rule.announced],
        "crumbs": [(_("Home"), request.frame.home), (_("Ask a librarian"), None)],
    }


@view_config(
    context=AskRoom,
    name="",
    permission=Permission.VIEW,
    request_method="GET",
    accept="application/json",
    renderer="json",
)
def topics_as_json(context: AskRoom, request: Request) -> dict[str, Any]:
    """Tell a program what can be asked about, and what is left of today's quotas."""
    topics = list(request.find_service(Topics).all.values())
    quotas = request.find_service(Quotas).today(topics)
    return {
        "@id": request.address(context, absolute=True),
        "@type": "Topics",
        "items_total": len(topics),
        "items": [_topic_json(context, request, topic, quotas[topic.id]) for topic in topics],
    }


@view_config(
    context=TopicForm,
    name="",
    permission=Permission.VIEW,
    request_method="GET",
    renderer="consultations/topic.pt",
)
def show_topic(context: TopicForm, request: Request) -> dict[str, Any]:
    """Show the form of a topic, or when it opens again."""
    return _form(context, request, {}, {})


@view_config(
    context=TopicForm,
    name="",
    permission=Permission.PLACE,
    request_method="POST",
    renderer="consultations/topic.pt",
)
def ask(context: TopicForm, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Take a question; a stranger is sent a letter first."""
    person = _person(request)
    sent = request.POST
    try:
        asked = read_question(sent, context.topic, person.email if person else None)
        _not_too_many(request, origin_of(request), None if person else asked.email)
        question = Question(
            topic_id=context.topic.id,
            text=asked.text,
            language=asked.language,
            email=asked.email,
            page_language=request.language,
            site_url=site_url(request),
            name=asked.name or (person.name if person else ""),
            person_id=person.id if person else None,
            extra=asked.extra,
            uid=asked.uid,
            files=_not_too_much(request, checked_files(request), person),
        )
        with request.db.begin_nested():
            enquiry = request.find_service(Enquiries).ask(question)
    except InvalidInput as error:
        return _form(context, request, sent, error.errors, 400)
    except Conflict as error:
        return _form(context, request, sent, {"text": error.reasons[0]}, 409)
    if person is not None:
        flash(request, _("Your question is on its way. The answer comes by mail and stands here."))
        return HTTPSeeOther(location=my_url(request, enquiry))
    flash(
        request,
        _(
            "One more step: we have sent a letter to ${email}. Open the link in it, and your"
            " question is on its way.",
            mapping={"email": asked.email},
        ),
        "info",
    )
    return HTTPSeeOther(location=request.address(context.__parent__))


@view_config(
    context=AskRoom,
    name="confirm",
    decorator=when_used(_question_is_sent),
    permission=NO_PERMISSION_REQUIRED,
    request_method="GET",
    renderer="consultations/confirm.pt",
)
def show_confirm(context: AskRoom, request: Request) -> dict[str, Any]:
    """Show which question the link sends on its way: scanners of mail open links, too."""
    request.response.cache_control.no_store = True
    enquiry = request.find_service(Enquiries).to_confirm(_token(request))
    return {"enquiry": enquiry, "refusal": None}


@view_config(
    context=AskRoom,
    name="confirm",
    decorator=when_used(_question_is_sent),
    permission=NO_PERMISSION_REQUIRED,
    request_method="POST",
    renderer="consultations/confirm.pt",
)
def confirm(context: AskRoom, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Send the question on its way; when today's quota is used up the link stays good."""
    enquiries = request.find_service(Enquiries)
    try:
        with request.db.begin_nested():
            enquiry = enquiries.confirm(_token(request))
    except Conflict as error:
        asked = enquiries.to_confirm(_token(request))  # says what is wrong with the link, if that
        request.response.status_int = 409
        request.response.cache_control.no_store = True
        return {"enquiry": asked, "refusal": error.reasons[0]}
    email = enquiry.asker.email if enquiry.asker else ""
    flash(
        request,
        _("Your question is on its way. The answer goes to ${email}.", mapping={"email": email}),
    )
    return HTTPSeeOther(location=request.address(context))


def checked_files(request: Request) -> list[Checked]:
    """Return the files of the form; what cannot be kept is told at their control."""
    sent = sent_files(request.POST)
    try:
        return request.find_service(Attachments).check(sent)
    except InvalidInput as error:
        said = _("It was not sent: correct what is marked.")
        raise InvalidInput(said, {UPLOAD: error.reason}) from error
    finally:
        # Large ones are files on the disk, which nobody else closes.
        for _name, stream in sent:
            stream.close()


def _token(request: Request) -> str:
    return "/".join(request.subpath)


def _person(request: Request) -> Person | None:
    person_id = request.principals.person_id
    return None if person_id is None else request.db.get(Person, person_id)


def _not_too_many(request: Request, origin: Origin, email: str | None) -> None:
    """Refuse more than people ask: of one network address, and to one mail address."""
    attempts = request.find_service(Attempts)
    wait = attempts.allow_from("questions", origin, QUESTIONS_AN_HOUR, QUESTIONS_AN_HOUR_IN_LIBRARY)
    if wait is None and email is not None:
        wait = attempts.allow("question letters", email.lower(), LETTERS_AN_HOUR)
    if wait is not None:
        raise InvalidInput(_("It was not sent."), {"text": too_many(wait)})


def _not_too_much(request: Request, files: list[Checked], person: Person | None) -> list[Checked]:
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


def _form(
    context: TopicForm,
    request: Request,
    values: Mapping[str, Any],
    errors: Mapping[str, Any],
    status: int = 200,
) -> dict[str, Any]:
    request.response.status_int = status
    topic, person = context.topic, _person(request)
    library = request.find_service(Libraries).get(topic.library_id)
    offered = [(tag, request.formats.language_name(tag)) for tag in topic.languages]
    chosen = request.language if request.language in topic.languages else topic.languages[0]
    return {
        "topic": topic,
        "quota": request.find_service(Quotas).today([topic])[topic.id],
        "promised": request.find_service(Deadlines).promised(topic),
        "values": {"language": chosen, **values},
        "errors": errors,
        "problems": problems_of(dict(errors)),
        "offered": offered,
        "spoken": LANGUAGES,
        "person": person,
        "sign_in": None if person else sign_in_url(request),
        "library": library,
        "phone": library.contacts.get("phone"),
        "rules": [rule.title for rule in RULES.values() if rule.announced],
        "kept": kept_for(topic),
        "once": values.get("once") or new_uid(),
        "url": request.address(context),
        "crumbs": [
            (_("Home"), request.frame.home),
            (_("Ask a librarian"), request.address(context.__parent__)),
            (topic.title_in(request.language), None),
        ],
    }


def _topic_json(context: AskRoom, request: Request, topic: Topic, quota: Quota) -> dict[str, Any]:
    return {
        "@id": request.address(context[topic.code], absolute=True),
        "@type": "topic",
        "title": topic.title_in(request.language),
        "description": topic.intro_in(request.language),
        "languages": list(topic.languages),
        "is_open": topic.is_open,
        "left_today": quota.left,
        "reopens": quota.reopens.isoformat() if quota.is_full else None,
    }
