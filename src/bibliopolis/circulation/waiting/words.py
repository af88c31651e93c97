"""Times of waiting in words: whole days, weeks or months, never more exact than is known."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pyramid.request import Request

from bibliopolis.i18n import Plural, _, _n
from bibliopolis.libraries.services import Libraries

from .expecting import Expected, Unknown
from .law import SHARE

DAYS_UP_TO = 13
WEEKS_UP_TO = 70
MONTH = 30.4375

WHY = {
    Unknown.TOO_FEW: _("How long the wait is, is not known yet: too few readers have waited so."),
    Unknown.NO_COPY: _("How long the wait is, is not known: no copy can be lent at present."),
    Unknown.PAUSED: _("How long the wait is will be reckoned when the pause ends."),
    Unknown.LATER: _("How long the wait is will be reckoned from the day it begins."),
    Unknown.ONE_COPY: _("How long the wait is, is not known: it is for one particular copy."),
    Unknown.LONGER: _("It already takes longer than it did for nearly all others."),
}


@dataclass(frozen=True)
class Told:
    """What a page says of a wait: how long, between which days, and what that rests on."""

    long: str
    """``Wait: 2 to 5 weeks``, or why it is not known."""
    known: bool = False
    days: str = ""
    """``Between 12 December and 3 January``."""
    basis: Any = ""
    """``This is how long 8 of 10 readers waited; known from 143 waits.``"""
    promised: str = ""
    """What was said when the wait began, where that is another time."""


def span(lower: int, upper: int) -> Plural:
    """Return days as the words people use for so long a time; rounded outwards."""
    if upper <= DAYS_UP_TO:
        return _days(lower, upper)
    if upper <= WEEKS_UP_TO:
        return _weeks(lower // 7, math.ceil(upper / 7))
    return _months(math.floor(lower / MONTH), math.ceil(upper / MONTH))


def _days(low: int, high: int) -> Plural:
    if low == 0:
        return _n("up to ${n} day", "up to ${n} days", high)
    return _n("${low} to ${n} day", "${low} to ${n} days", high, {"low": low})


def _weeks(low: int, high: int) -> Plural:
    if low == 0:
        return _n("up to ${n} week", "up to ${n} weeks", high)
    return _n("${low} to ${n} week", "${low} to ${n} weeks", high, {"low": low})


def _months(low: int, high: int) -> Plural:
    if low == 0:
        return _n("up to ${n} month", "up to ${n} months", high)
    return _n("${low} to ${n} month", "${low} to ${n} months", high, {"low": low})


def told(request: Request, expected: Expected) -> Told:
    """Return what a page says of a wait."""
    translate: Callable[[Any], str] = request.translate
    if expected.lower is None or expected.upper is None:
        why = expected.why or Unknown.TOO_FEW
        return Told(translate(WHY[why]), promised=_promised(request, expected))
    long = translate(span(expected.lower, expected.upper))
    today = request.clock.today()
    first, last = (
        request.formats.date(today + timedelta(days=days), "day")
        for days in (expected.lower, expected.upper)
    )
    return Told(
        long=translate(_("Expected wait: ${time}.", mapping={"time": long})),
        known=True,
        days=translate(
            _("A copy is likely between ${first} and ${last}.", mapping=_dates(first, last))
        ),
        basis=_n(
            "This is how long ${share} of 10 readers waited; known from ${n} wait.",
            "This is how long ${share} of 10 readers waited; known from ${n} waits.",
            expected.cases,
            {"share": round(SHARE * 10)},
        ),
        promised=_promised(request, expected),
    )


def _dates(first: str, last: str) -> dict[str, str]:
    return {"first": first, "last": last}


def _promised(request: Request, expected: Expected) -> str:
    if expected.promised is None:
        return ""
    time = request.translate(span(*expected.promised))
    said = _("When the wait began, ${time} were expected.", mapping={"time": time})
    return str(request.translate(said))


def expected_json(request: Request, expected: Expected | None) -> dict[str, Any] | None:
    """Return the JSON form: days from now with their share, and the waits it rests on.

    None where nothing waits for a copy.
    """
    if expected is None:
        return None
    outline = request.find_service(Libraries, context=None).outline
    known = expected.lower is not None
    return {
        "known": known,
        "from_days": expected.lower,
        "to_days": expected.upper,
        "share": SHARE if known else None,
        "cases": expected.cases,
        "reason": None if known else str(expected.why or Unknown.TOO_FEW),
        "message": told(request, expected).long,
        "basis": {
            "organisation": outline[expected.organisation_id].code,
            "item_type": expected.item_type or None,
        }
        if expected.organisation_id in outline
        else None,
        "promised": {"from_days": expected.promised[0], "to_days": expected.promised[1]}
        if expected.promised
        else None,
    }
