"""The programme of a section: days to choose, facets with counts, what is on day by day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from pyramid.request import Request
from sqlalchemy import ColumnElement, func

from bibliopolis.frame import Link
from bibliopolis.i18n import _, _n
from bibliopolis.parameters import offset, pager, read_day
from bibliopolis.parts import Choice, Facet, Pager
from bibliopolis.resources.context import FieldContext

from .head import page_url
from .listings import EVENT, Listed, Listings
from .models import Content
from .programme import (
    AUDIENCE,
    FACETS,
    LIBRARY,
    SPOKEN,
    Dated,
    Span,
    counts,
    day_by_day,
    month_of,
    week_of,
)

PAGE = 24
LINES = 60
"""Lines a page of the programme day by day; an event of several days has several."""

CHOICES = 20
TITLES: Mapping[str, Any] = {
    LIBRARY: _("Where"),
    AUDIENCE: _("For whom"),
    SPOKEN: _("In which languages"),
}


@dataclass(frozen=True)
class OnThatDay:
    """An event on one day: ``when`` is its hour, or words where it has none that day."""

    title: str
    url: str
    when: Any
    starts: datetime
    place: str
    summary: str
    language: str | None


@dataclass(frozen=True)
class Day:
    """A day and what is on."""

    day: date
    events: tuple[OnThatDay, ...]
    is_today: bool


@dataclass(frozen=True)
class Programme:
    """What the template of a programme draws; ``items`` are those on this page, each once."""

    items: tuple[Listed, ...]
    total: int
    pager: Pager
    ways: tuple[Link, ...]
    facets: tuple[Facet, ...]
    span: Span | None = None
    heading: Any = ""
    found: Any = ""
    before: str | None = None
    after: str | None = None
    days: tuple[Day, ...] = ()
    chosen: int = 0
    everything: str = ""


def programme_of(request: Request, below: ColumnElement[bool]) -> Programme:
    """Return the programme of what was asked: some days, or everything to come."""
    listings = request.find_service(Listings)
    span, chosen = asked_span(request), asked_choices(request)
    if span is None:
        known = listings.dated(below, listings.upcoming())
    else:
        begins, over = span.bounds(request.clock)
        touching = func.coalesce(Content.ends, Content.starts) >= begins
        known = [
            one
            for one in listings.dated(below, Content.starts < over, touching)
            if one.days(request.clock).last >= span.first
        ]
    fitting = [one for one in known if one.fits(chosen)]
    drawn = _upcoming(request, fitting) if span is None else _by_day(request, fitting, span)
    return Programme(
        **drawn,
        total=len(fitting),
        found=_n("${n} event", "${n} events", len(fitting)),
        ways=_ways(request, span, chosen),
        facets=_facets(request, counts(known, chosen), chosen),
        span=span,
        chosen=sum(map(len, chosen.values())),
        everything=_address(request, span, {}),
    )


def asked_span(request: Request) -> Span | None:
    """Return the days asked for; one of the two alone is that day."""
    days = [read_day(request.GET.get(name, "")) for name in ("from", "to")]
    known = [day for day in days if day is not None]
    return Span.between(known[0], known[-1]) if known else None


def asked_choices(request: Request) -> dict[str, tuple[str, ...]]:
    """Return what was chosen of each facet."""
    return {
        name: tuple(dict.fromkeys(one[:40] for one in request.GET.getall(name) if one))[:CHOICES]
        for name in FACETS
    }


def _upcoming(request: Request, events: Sequence[Dated]) -> dict[str, Any]:
    start = offset(request, PAGE, "events", len(events))
    shown = events[start : start + PAGE]
    found = request.find_service(Listings).by_ids([one.id for one in shown])
    return {
        "items": tuple(found[one.id] for one in shown if one.id in found),
        "pager": pager(request, len(events), PAGE, "events"),
    }


def _by_day(request: Request, events: Sequence[Dated], span: Span) -> dict[str, Any]:
    lines = list(day_by_day(events, span, request.clock))
    start = offset(request, LINES, "events", len(lines))
    shown = lines[start : start + LINES]
    found = request.find_service(Listings).by_ids(list({one.id for _day, one in shown}))
    places = _places(request, found)
    today = request.clock.today()
    days = [
        Day(
            day,
            tuple(
                _on_that_day(request, day, one, found[one.id], places)
                for _day, one in group
                if one.id in found
            ),
            day == today,
        )
        for day, group in groupby(shown, key=lambda line: line[0])
    ]
    chosen = asked_choices(request)
    return {
        "items": tuple(found.values()),
        "pager": pager(request, len(lines), LINES, "events"),
        "days": tuple(days),
        "heading": _span_title(request, span),
        "before": _address(request, span.moved(-1), chosen),
        "after": _address(request, span.moved(1), chosen),
    }


def _places(request: Request, found: Mapping[int, Listed]) -> Mapping[int, str]:
    ids = sorted({one.shared["library"] for one in found.values() if one.shared.get("library")})
    if not ids:
        return {}
    return FieldContext.from_request(request).references("library").titles(ids, request.language)


def _on_that_day(
    request: Request, day: date, one: Dated, page: Listed, places: Mapping[int, str]
) -> OnThatDay:
    return OnThatDay(
        title=page.title,
        url=page_url(request, request.language, page.path),
        when=_when(request, day, one, bool(page.shared.get("whole_day"))),
        starts=one.starts,
        place=places.get(page.shared.get("library") or 0, ""),
        summary=page.summary,
        language=page.language if page.language != request.language else None,
    )


def _when(request: Request, day: date, one: Dated, whole_day: bool) -> Any:
    touched = one.days(request.clock)
    if not whole_day and day == touched.first:
        return request.formats.time(one.starts)
    if not whole_day and day == touched.last and one.ends is not None:
        return _("until ${time}", mapping={"time": request.formats.time(one.ends)})
    return _("all day")


def _span_title(request: Request, span: Span) -> str:
    date_of = request.formats.date
    if span.days == 1:
        return str(date_of(span.first, "weekday_day"))
    if span.is_month:
        return str(date_of(span.first, "month"))
    return f"{date_of(span.first, 'day')} – {date_of(span.last, 'day')}"


def _ways(
    request: Request, span: Span | None, chosen: Mapping[str, Sequence[str]]
) -> tuple[Link, ...]:
    """Return the shortcuts; the one that is shown leads nowhere else."""
    today = request.clock.today()
    spans: tuple[tuple[Any, Span | None], ...] = (
        (_("Coming"), None),
        (_("Today"), Span(today, today)),
        (_("This week"), week_of(today)),
        (_("This month"), month_of(today)),
    )
    ways = [
        Link(title, _address(request, each, chosen), exact=each == span) for title, each in spans
    ]
    return (*ways, Link(_("What is over"), "?past=1"))


def _facets(
    request: Request, counted: Mapping[str, Mapping[str, int]], chosen: Mapping[str, Sequence[str]]
) -> tuple[Facet, ...]:
    facets = []
    for name, numbers in counted.items():
        titles = _titles(request, name, [*numbers, *chosen[name]])
        order = sorted(titles, key=lambda value: (-numbers.get(value, 0), titles[value]))
        kept = [value for value in order[:CHOICES] if value not in chosen[name]]
        choices = tuple(
            Choice(value, titles[value], numbers.get(value, 0), value in chosen[name])
            for value in (*(one for one in chosen[name] if one in titles), *kept)
        )
        if choices:
            facets.append(Facet(name, TITLES[name], choices, open=bool(chosen[name])))
    return tuple(facets)


def _titles(request: Request, name: str, values: Sequence[str]) -> dict[str, str]:
    """Return the words of those values that exist."""
    context = FieldContext.from_request(request)
    if name == LIBRARY:
        ids = sorted({int(one) for one in values if one.isdecimal() and len(one) < 10})
        known = context.references("library").titles(ids, request.language) if ids else {}
        return {str(one): title for one, title in known.items()}
    field = context.types[EVENT].fields.get(FACETS[name])
    if field is None:
        return {}
    terms = context.terms(field.options["vocabulary"])
    return {term.value: context.translate(term.title) for term in terms if term.value in values}


def _address(request: Request, span: Span | None, chosen: Mapping[str, Sequence[str]]) -> str:
    asked: list[tuple[str, str]] = []
    if span is not None:
        asked += [("from", span.first.isoformat()), ("to", span.last.isoformat())]
    asked += [(name, value) for name, values in chosen.items() for value in values]
    return f"{request.path}?{urlencode(asked)}" if asked else request.path
