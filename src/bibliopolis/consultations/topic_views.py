"""The staff pages of topics: the list, making one, editing, who answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config
from webob.multidict import MultiDict

from bibliopolis.accounts.roles import Roles
from bibliopolis.accounts.services import People
from bibliopolis.errors import Conflict, InvalidInput, NotFoundHere
from bibliopolis.frame import flash
from bibliopolis.i18n import LANGUAGES, _
from bibliopolis.libraries.presenters import depth_first, name_of
from bibliopolis.libraries.services import Libraries
from bibliopolis.parameters import one_page, row_id, whole_number
from bibliopolis.parts import problems_of
from bibliopolis.resources.access import Permission, Role
from bibliopolis.resources.traversal import address_if_may

from .forms import (
    ANSWER_LANGUAGES,
    MOST_FIELDS,
    NEW_TOPIC,
    read_code,
    read_topic,
    values_of,
)
from .models import FieldKind, Topic
from .resources import NewTopicPage, TopicPage, TopicsRoom
from .services import Quotas, TopicEditing, Topics
from .services.topic_editing import SavedMeanwhile

PAGE = 50
KINDS = {
    FieldKind.LINE: _("A line"),
    FieldKind.TEXT: _("A longer text"),
    FieldKind.TICK: _("A tick"),
}


@view_config(
    context=TopicsRoom,
    name="",
    permission=Permission.VIEW_WORKING,
    request_method="GET",
    renderer="consultations/topics.pt",
)
def show_topics(context: TopicsRoom, request: Request) -> dict[str, Any]:
    """Show the topics; the names lead where the visitor works."""
    topics = list(request.find_service(Topics).all.values())
    shown, pages = one_page(request, topics, PAGE)
    quotas = request.find_service(Quotas).today(shown)
    libraries = request.find_service(Libraries)
    new = NewTopicPage(context, request, NewTopicPage.NAME)
    return {
        "rows": [
            (
                one,
                quotas[one.id],
                name_of(request, libraries.get(one.library_id)),
                request.formats.listed(request.formats.language_name(t) for t in one.languages),
                request.principals.may(Permission.VIEW_WORKING, context[one.code]),
            )
            for one in shown
        ],
        "new_url": address_if_may(request, new, Permission.MANAGE),
        "url": request.address(context),
        "pager": pages,
    }


@view_config(
    context=NewTopicPage,
    name="",
    permission=Permission.MANAGE,
    request_method="GET",
    renderer="consultations/staff_topic.pt",
)
def show_new_topic(context: NewTopicPage, request: Request) -> dict[str, Any]:
    """Show the form of a new topic."""
    return _form(request, None, NEW_TOPIC, {}, request.address(context))


@view_config(
    context=NewTopicPage,
    name="",
    permission=Permission.MANAGE,
    request_method="POST",
    renderer="consultations/staff_topic.pt",
)
def add_topic(context: NewTopicPage, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Make it and go on to its page."""
    values = _values(request.POST)
    try:
        code = read_code(values)
        wanted = read_topic(values, request.settings.languages, _libraries(request))
        with request.db.begin_nested():
            topic = request.find_service(TopicEditing).add(code, wanted)
    except InvalidInput as error:
        return _form(request, None, values, error.errors, request.address(context))
    except Conflict as error:
        return _form(request, None, values, {"code": error.reason}, request.address(context))
    flash(request, _("The topic is there now. Name those who answer."))
    return HTTPSeeOther(location=request.address(context.__parent__[topic.code]))


@view_config(
    context=TopicPage,
    name="",
    permission=Permission.VIEW_WORKING,
    request_method="GET",
    renderer="consultations/staff_topic.pt",
)
def show_topic(context: TopicPage, request: Request) -> dict[str, Any]:
    """Show a topic's form, and who answers."""
    return _page(context, request, {**values_of(context.topic), "version": context.topic.version})


@view_config(
    context=TopicPage,
    name="",
    permission=Permission.EDIT,
    request_method="POST",
    renderer="consultations/staff_topic.pt",
)
def save_topic(context: TopicPage, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Save what was typed."""
    values = _values(request.POST)
    try:
        wanted = read_topic(values, request.settings.languages, _libraries(request))
        version = whole_number(request.POST.get("version", "")) or 0
        request.find_service(TopicEditing).change(context.topic, wanted, version)
    except InvalidInput as error:
        return _page(context, request, values, error.errors)
    except SavedMeanwhile as error:
        flash(request, error.reason, "bad")
        return HTTPSeeOther(location=request.address(context))
    flash(request, _("Saved."))
    return HTTPSeeOther(location=request.address(context))


@view_config(
    context=TopicPage,
    name="consultants",
    permission=Permission.MANAGE,
    request_method="POST",
    renderer="consultations/staff_topic.pt",
)
def name_consultant(context: TopicPage, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Let a person answer questions of this topic, in all its languages or in one."""
    people = request.find_service(People)
    email, language = request.POST.get("email", ""), request.POST.get("spoken", "")
    person = people.by_email(email)
    if person is None or person.disabled:
        values = {**values_of(context.topic), "version": context.topic.version, "email": email}
        return _page(context, request, values, {"email": _("Nobody here has this address.")})
    place = f"topic:{context.topic.id}"
    scope = f"{place}+lang:{language}" if language in context.topic.languages else place
    request.find_service(Roles).grant(person, Role.CONSULTANT, scope)
    said = _("${name} answers questions of this topic.", mapping={"name": person.name})
    flash(request, said)
    return HTTPSeeOther(location=request.address(context))


@view_config(
    context=TopicPage,
    name="consultants-remove",
    permission=Permission.MANAGE,
    request_method="POST",
)
def remove_consultant(context: TopicPage, request: Request) -> HTTPSeeOther:
    """Take the roles a person holds at this topic; what they hold elsewhere stays."""
    people, roles = request.find_service(People), request.find_service(Roles)
    person_id = row_id(request.POST.get("person", ""))
    if person_id is None:
        raise NotFoundHere(_("There is no such person."))
    person = people.by_id(person_id)
    mine = f"topic:{context.topic.id}"
    held = [one for one in person.grants if one.role == Role.CONSULTANT]
    for grant in [one for one in held if mine in one.scope.split("+")]:
        roles.revoke(person, grant.id)
    flash(request, _("${name} no longer answers here.", mapping={"name": person.name}))
    return HTTPSeeOther(location=request.address(context))


def _page(
    context: TopicPage,
    request: Request,
    values: Mapping[str, Any],
    errors: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    topic = context.topic
    request.find_service(Topics).forget()  # roles may just have changed
    return _form(request, topic, values, errors or {}, request.address(context), context)


def _form(
    request: Request,
    topic: Topic | None,
    values: Mapping[str, Any],
    errors: Mapping[str, Any],
    url: str,
    context: TopicPage | None = None,
) -> dict[str, Any]:
    if errors:
        request.response.status_int = 400
    may = request.principals.may
    tree = request.find_service(Libraries).tree.values()
    return {
        "topic": topic,
        "values": values,
        "errors": errors,
        "problems": problems_of(dict(errors)),
        "locked": context is not None and not may(Permission.EDIT, context),
        "may_manage": context is not None and may(Permission.MANAGE, context),
        "languages": [LANGUAGES[tag] for tag in request.settings.languages],
        "spoken": sorted(
            ((tag, request.formats.language_name(tag)) for tag in ANSWER_LANGUAGES),
            key=lambda one: one[1],
        ),
        "libraries": [(depth, one) for depth, one in depth_first(tree)],
        "kinds": list(KINDS.items()),
        "field_numbers": range(MOST_FIELDS),
        "consultants": _consultants(request, topic) if topic else [],
        "url": url,
        "list_url": f"{request.frame.home}/staff/topics",
        "ask_url": f"{request.frame.home}/ask/{topic.code}" if topic else None,
    }


def _consultants(request: Request, topic: Topic) -> list[dict[str, Any]]:
    """Return who answers, once each, in which languages, and whether by a role at this topic."""
    rows: dict[int, dict[str, Any]] = {}
    for person_id, name, email, spoken in request.find_service(Topics).named_for(topic):
        row = rows.setdefault(person_id, {"id": person_id, "name": name, "email": email, "in": []})
        names = sorted(request.formats.language_name(tag) for tag in spoken)
        row["in"] += names or [request.translate(_("all languages"))]
    for row in rows.values():
        row["spoken"] = request.formats.listed(dict.fromkeys(row["in"]))
    return list(rows.values())


def _values(sent: MultiDict) -> dict[str, Any]:
    return {**sent, "languages": sent.getall("languages")}


def _libraries(request: Request) -> list[int]:
    return list(request.find_service(Libraries).tree)
