"""The river under the skyline of the front page carries today: what is on, and what waits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from pyramid.request import Request

from bibliopolis.i18n import _
from bibliopolis.parts import Today

from .head import page_url
from .listings import Listed, Listings

SHOWN = 4


def river_band(request: Request) -> Mapping[str, Any]:
    """Return the day, its events, the visitor's library and what waits for the reader."""
    clock = request.clock
    night = datetime.combine(clock.today() + timedelta(days=1), time(), clock.zone)
    nearest = request.find_service(Listings).nearest
    found = [one for one in nearest if one.starts is not None and one.starts < night][:SHOWN]
    return {
        "day": clock.now(),
        "today": [_today(request, one) for one in found],
        "place": request.frame.place,
        "card": request.frame.card,
    }


def _today(request: Request, one: Listed) -> Today:
    """Return a line of the list; what began before today, or has no hour, says so in words."""
    starts = one.starts or request.clock.now()
    when = None
    if one.shared.get("whole_day"):
        when = _("all day")
    elif request.clock.local(starts).date() < request.clock.today():
        when = _("going on")
    url = page_url(request, request.language, one.path)
    return Today(starts, one.title, url, one.summary or None, when, one.language)
