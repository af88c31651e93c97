"""What consultations put into the frame: asking, and the queue with what waits there."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from pyramid.request import Request

from bibliopolis.frame import Link, RailGroup
from bibliopolis.i18n import _

from .access import works_on_some
from .resources import may_see_topics
from .services import EnquiryLists, IncomingLetters, Show, Topics


def navigation(request: Request) -> Iterable[Link]:
    """Return the way to ask."""
    return [Link(_("Ask"), f"{request.frame.home}/ask")]


def rail(request: Request) -> Iterable[RailGroup]:
    """Return the queue, with how much nobody works on, and the topics."""
    staff = f"{request.frame.home}/staff"
    links = []
    if works_on_some(request.principals):
        counts = request.find_service(EnquiryLists, context=None).counts()
        waiting = counts[Show.UNASSIGNED] or None
        links.append(Link(_("Questions"), f"{staff}/enquiries", "chat-left-text", waiting))
        strays, _rows = request.find_service(IncomingLetters, context=None).strays(0, 1)
        if strays:
            links.append(Link(_("Stray letters"), f"{staff}/stray-letters", "inbox", strays))
    if may_see_topics(request):
        links.append(Link(_("Topics of questions"), f"{staff}/topics", "chat-square-quote"))
    if links:
        yield RailGroup(_("Service"), tuple(links))


def ways_out(request: Request, text: str) -> Iterable[Link]:
    """Return how to go on where the catalogue has not what was sought, the words carried over."""
    about = urlencode({"about": text})
    ask = f"{request.frame.home}/ask"
    yield Link(_("Ask a librarian"), f"{ask}?{about}", note=_("We look for it in other places."))
    topic = request.find_service(Topics, context=None).by_code(request.settings.purchase_topic)
    if topic is not None and topic.is_open:
        yield Link(
            _("Suggest to buy it"),
            f"{ask}/{topic.code}?{about}",
            note=_("The libraries tell you what they decide."),
        )


def scope_choices(request: Request) -> Iterable[tuple[str, str]]:
    """Return the topics where a role may be held."""
    topics = request.find_service(Topics, context=None).all.values()
    return [(str(one.id), one.title_in(request.language)) for one in topics]
