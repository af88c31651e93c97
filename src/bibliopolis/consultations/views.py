"""Asking: the topics, the form of each, and the link that confirms a stranger's question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config

from bibliopolis.accounts.frame import sign_in_url
from bibliopolis.accounts.used_links import when_used
from bibliopolis.db import new_uid
from bibliopolis.errors import Conflict, InvalidInput
from bibliopolis.frame import flash
from bibliopolis.i18n import LANGUAGES, _
from bibliopolis.libraries.services import Libraries
from bibliopolis.parts import problems_of
from bibliopolis.resources.access import Permission
from bibliopolis.web import UPLOAD

from .asking import person_of, take_question
from .forms import LONGEST_LINE, sent_files
from .models import Topic
from .presenters import answered_within, kept_for, my_url
from .resources import AskRoom, TopicForm
from .rules import RULES
from .services import Attachments, Deadlines, Enquiries, Quota, Quotas, Topics
from .services.attachments import Checked


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
    about = _about(request)
    carried = f"?{urlencode({'about': about})}" if about else ""
    return {
        "topics": [
            (topic, quotas[topic.id], f"{request.address(context[topic.code])}{carried}")
            for topic in topics
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
    """Show the form of a topic, or when it opens again; ``about`` begins the question."""
    about = _about(request)
    if not about:
        return _form(context, request, {}, {})
    begun = _("The catalogue does not have it: ${words}", mapping={"words": about})
    return _form(context, request, {"begun": request.translate(begun)}, {})


@view_config(
    context=TopicForm,
    name="",
    permission=Permission.PLACE,
    request_method="POST",
    renderer="consultations/topic.pt",
)
def ask(context: TopicForm, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Take a question; a stranger is sent a letter first."""
    person, sent = person_of(request), request.POST
    try:
        enquiry = take_question(request, context.topic, sent, lambda: checked_files(request))
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
            mapping={"email": enquiry.asker.email if enquiry.asker else ""},
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


def _about(request: Request) -> str:
    """Return what somebody has searched for in vain, if the search page led here."""
    return request.GET.get("about", "").strip()[:LONGEST_LINE]


def _token(request: Request) -> str:
    return "/".join(request.subpath)


def _form(
    context: TopicForm,
    request: Request,
    values: Mapping[str, Any],
    errors: Mapping[str, Any],
    status: int = 200,
) -> dict[str, Any]:
    request.response.status_int = status
    topic, person = context.topic, person_of(request)
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
