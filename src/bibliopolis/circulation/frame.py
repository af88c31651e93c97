"""What circulation puts into the frame: the desk and its lists, and the reader's card today."""

from __future__ import annotations

from collections.abc import Iterable

from pyramid.request import Request

from bibliopolis.frame import Link, RailGroup
from bibliopolis.i18n import _, _n
from bibliopolis.parts import CardToday, Line

from .models import HoldState
from .resources import Desk, may_use_some_desk
from .services import DeskLists, Lists


def rail(request: Request) -> Iterable[RailGroup]:
    """Return the sections of circulation; at a desk, with how much waits there."""
    if not may_use_some_desk(request):
        return
    desk = getattr(request, "context", None)
    if not isinstance(desk, Desk):
        link = Link(_("Lending and returns"), f"{request.frame.home}/desk", "upc-scan")
        yield RailGroup(_("Service"), (link,))
        return
    here = request.address(desk)
    waiting = request.find_service(DeskLists).waiting_at(desk.library.id)
    yield RailGroup(
        _("Service"),
        (
            Link(_("Lending and returns"), here, "upc-scan", exact=True, key="1"),
            *(
                Link(title, f"{here}/{page}", icon, count or None, key=key)
                for title, page, icon, count, key in (
                    (_("Pull list"), "pull", "clipboard-check", waiting.to_find, "2"),
                    (_("Hold shelf"), "shelf", "bookmark-star", waiting.to_clear, "3"),
                    (_("Home delivery"), "rounds", "bicycle", waiting.to_bring, "4"),
                    (_("On the way"), "transits", "truck", waiting.arriving, "5"),
                    (_("No copy yet"), "waiting", "clock", waiting.without_copy, "6"),
                    (_("Not returned"), "not-returned", "calendar-x", None, "7"),
                )
            ),
        ),
    )


def card_today(request: Request) -> CardToday | None:
    """Return what waits for the reader and what they have, for the river of the front page."""
    reader_id = request.principals.reader_id
    if reader_id is None:
        return None
    lists = request.find_service(Lists, context=None)
    holds = [hold for hold, _record, _item in lists.open_holds_of(reader_id)]
    ready = sum(hold.state == HoldState.READY for hold in holds)
    loans = len(lists.loans_of(reader_id))
    lines = []
    if ready:
        lines.append(Line(_n("${n} book waits for you", "${n} books wait for you", ready)))
    if len(holds) > ready:
        waiting = len(holds) - ready
        lines.append(Line(_n("${n} hold on its way", "${n} holds on their way", waiting)))
    if loans:
        lines.append(Line(_n("${n} book on loan", "${n} books on loan", loans)))
    return CardToday(
        title=_("Your card"),
        lines=tuple(lines) or (Line(_("Nothing is waiting, nothing is due.")),),
        url=f"{request.frame.home}/account",
        action=_("Open your card"),
    )
