"""What the macros in ``parts/`` take: small frozen shapes a view or presenter fills.

They hold what is said, not how it looks; a theme draws them as it likes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from bibliopolis.covers import (
    Cover,
    Spine,
    art_of,
    following,
    make_cover,
    make_spine,
    next_to,
    palette_of,
)
from bibliopolis.formats import Formats

WINDOWS = {
    "waves": "0 172 200 80",
    "blocks": "0 198 200 84",
    "rays": "0 216 200 84",
    "lines": "0 150 200 84",
    "notes": "0 160 200 90",
}
"""Which strip of a drawing a poster shows; most show the lower middle."""


class Available(StrEnum):
    """How something can be had; each has its own shape, never colour alone."""

    IN = "in"
    WAIT = "wait"
    OUT = "out"
    ONLINE = "online"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Status:
    """Availability in words, for ``parts/status.pt``."""

    kind: Available
    text: Any


@dataclass(frozen=True)
class Standing:
    """A book on a shelf: a face with a caption, or a spine (``face`` False)."""

    cover: Cover
    book: Any
    url: str
    caption: Any = ""
    status: Status | None = None
    face: bool = True

    @cached_property
    def spine(self) -> Spine:
        """Return the spine, in the colours of the cover; most books show their faces."""
        return replace(make_spine(self.book), palette=self.cover.palette)


def stand(
    book: Any, url: str, caption: Any = "", status: Status | None = None, face: bool = True
) -> Standing:
    """Put a book (object or mapping, see ``make_cover``) on a shelf for ``parts/shelf.pt``."""
    return Standing(make_cover(book), book, url, caption, status, face)


def spread_books(books: Iterable[Standing]) -> tuple[Standing, ...]:
    """Step palettes on where neighbours on a shelf or in a grid have the same."""
    standing: list[Standing] = []
    before = None
    for book in books:
        cover = next_to(before, book.cover)
        before = cover.palette
        standing.append(book if cover is book.cover else replace(book, cover=cover))
    return tuple(standing)


@dataclass(frozen=True)
class Poster:
    """An event as a poster, for ``parts/poster.pt``."""

    title: str
    url: str
    starts: datetime
    day: int
    month: str
    when: str
    place: Any = ""
    palette: str = "night"
    art: str = "stripes"
    flip: bool = False
    cancelled: bool = False
    language: str | None = None

    @property
    def window(self) -> str:
        """Return the strip of the drawing that is shown (a viewBox)."""
        return WINDOWS.get(self.art, "0 190 200 84")


def make_poster(
    formats: Formats,
    *,
    key: Any,
    title: str,
    url: str,
    starts: datetime,
    subjects: tuple[str, ...] = (),
    place: Any = "",
    whole_day: bool = False,
    flip: bool = False,
    cancelled: bool = False,
    language: str | None = None,
) -> Poster:
    """Draw the poster of an event: the palette from its key, the art from its subjects."""
    day = formats.local(starts)
    when = formats.date(starts, "weekday")
    return Poster(
        title=title,
        url=url,
        starts=starts,
        day=day.day,
        month=formats.month_of_day(starts),
        when=when if whole_day else formats.listed((when, formats.time(starts))),
        place=place,
        palette=palette_of(f"event {key}"),
        art=art_of(subjects, title, str(key)),
        flip=flip,
        cancelled=cancelled,
        language=language,
    )


def spread_posters(posters: Iterable[Poster], apart: int = 4) -> tuple[Poster, ...]:
    """Step palettes on where one of the posters just before has the same."""
    standing: list[Poster] = []
    for poster in posters:
        near = {one.palette for one in standing[-apart:]}
        palette = poster.palette
        while palette in near:
            palette = following(palette)
        standing.append(replace(poster, palette=palette))
    return tuple(standing)


@dataclass(frozen=True)
class Page:
    """A page of a pager; without an address and not current it is an ellipsis."""

    number: int
    url: str | None
    current: bool = False


@dataclass(frozen=True)
class Pager:
    """The pages of a listing, for ``parts/pager.pt``."""

    pages: tuple[Page, ...]
    previous: str | None
    next: str | None


def make_pager(
    total: int, size: int, current: int, url: Callable[[int], str], around: int = 2
) -> Pager:
    """Return the pager of a listing: first, last and those around the current page (from 1)."""
    last = max(1, -(-total // size))
    current = min(max(1, current), last)
    shown = sorted({1, last, *range(max(1, current - around), min(last, current + around) + 1)})
    pages: list[Page] = []
    for number in shown:
        if pages and number - pages[-1].number > 1:
            pages.append(Page(number - 1, None))
        pages.append(Page(number, url(number), number == current))
    return Pager(
        tuple(pages),
        url(current - 1) if current > 1 else None,
        url(current + 1) if current < last else None,
    )


@dataclass(frozen=True)
class Choice:
    """One value of a facet."""

    value: str
    title: Any
    count: int
    chosen: bool = False


@dataclass(frozen=True)
class Facet:
    """A facet with its values, for ``parts/facet.pt`` inside a GET form."""

    name: str
    title: Any
    choices: tuple[Choice, ...]
    open: bool = True
    more: str | None = None


@dataclass(frozen=True)
class Problem:
    """One thing to correct in a form; ``oid`` is the field's id."""

    title: Any
    text: Any
    oid: str | None = None


def form_problems(form: Any) -> tuple[Problem, ...]:
    """Return what is wrong with a deform form, in the order of its fields."""
    found: list[Problem] = []

    def collect(field: Any) -> None:
        if field.error is not None and not field.children:
            found.extend(Problem(field.title, text, field.oid) for text in field.error.messages())
        elif field.error is not None and field.error.msg:
            found.extend(Problem("", text, field.oid) for text in field.error.messages())
        for child in field.children:
            collect(child)

    collect(form)
    return tuple(found)


def problems_of(errors: Mapping[str, Any], titles: Mapping[str, Any] | None = None) -> Any:
    """Return problems from ``InvalidInput.errors``; field names are the ids of hand-made forms."""
    named = titles or {}
    return tuple(Problem(named.get(name, ""), text, name) for name, text in errors.items())


@dataclass(frozen=True)
class Place:
    """A library in the river band: its state today, what is on there, and what may be done.

    ``home`` is its page, ``url`` where another is chosen.
    """

    title: Any
    state: Any = None
    note: Any = None
    url: str | None = None
    action: Any = None
    home: str | None = None
    coming: tuple[Today, ...] = ()


@dataclass(frozen=True)
class Today:
    """Something that is on today; ``when`` replaces the hour (for the whole day)."""

    starts: datetime
    title: str
    url: str
    note: Any = None
    when: Any = None
    language: str | None = None


@dataclass(frozen=True)
class Line:
    """A line of the reader's card in the river band."""

    text: Any
    note: Any = None


@dataclass(frozen=True)
class CardToday:
    """What waits for the reader today, for ``parts/river.pt``."""

    title: Any
    lines: tuple[Line, ...]
    url: str
    action: Any


@dataclass(frozen=True)
class CollectionRow:
    """A reading collection with its shelf, for ``parts/collection_row.pt``."""

    title: str
    url: str
    books: tuple[Standing, ...]
    note: Any = None
    language: str | None = None


@dataclass(frozen=True)
class Step:
    """One of the first steps of a new reader, for ``parts/steps.pt``."""

    title: Any
    text: Any
    link: Any = None


@dataclass(frozen=True)
class LibraryRow:
    """A library in a list, for ``parts/lib_row.pt`` (repeat it as ``library``)."""

    title: str
    url: str
    status: Status | None = None
    note: Any = None
    mine: bool = False
