"""A page as visitors see it: made from a revision, live or working, by the same code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pyramid.request import Request
from sqlalchemy import ColumnElement, func

from bibliopolis.i18n import LANGUAGES, Language
from bibliopolis.parameters import offset, pager
from bibliopolis.parts import (
    CollectionRow,
    Pager,
    Poster,
    Standing,
    make_poster,
    spread_books,
    spread_posters,
    stand,
)
from bibliopolis.resources.context import FieldContext
from bibliopolis.resources.json import display
from bibliopolis.resources.types import ALL_LANGUAGES, ResourceTypes
from bibliopolis.templates import TemplateNotFound

from .body import Body, ShownBlock
from .cards import Card, cards_for
from .forms import block_context
from .head import page_url
from .listings import EVENT, LIBRARY_PAGE, NEWS, Listed, Listings
from .models import Content
from .programme_page import Programme, programme_of
from .resources import NodeInLanguage
from .revisions import Read

PAGE = 24
BOOKS = 12
FEW = 4
NINE, FACES_AT = 9, frozenset({1, 4, 5, 7})
"""Up to so many books all show their faces; of more, those at these places of every nine."""

COLLECTION = "collection"
SHEETS = ("front.css", "collection.css", "event.css")
"""Pages may show posters, shelves and annotated lists, whatever their type."""

NAMED = frozenset({"title", "summary", "picture", "picture_alt"})
"""Fields that every template has a place for; the rest is shown as facts."""

PLACED = {
    EVENT: frozenset({"starts", "ends", "whole_day", "library", "room", "booking"}),
    NEWS: frozenset({"day"}),
    COLLECTION: frozenset({"curator"}),
    LIBRARY_PAGE: frozenset({"library"}),
}
"""Fields that the template of a type has a place for."""


@dataclass(frozen=True)
class Teaser:
    """A page in a list."""

    title: str
    url: str
    summary: str
    kind: Any
    type: str
    language: Language | None
    day: datetime | None
    picture: str | None = None


@dataclass(frozen=True)
class Listing:
    """A list of pages with the links to its other pages; ``past`` leads to what is over."""

    teasers: tuple[Teaser, ...] = ()
    shelves: tuple[CollectionRow, ...] = ()
    posters: tuple[Poster, ...] = ()
    pager: Pager | None = None
    total: int = 0
    items: tuple[Listed, ...] = ()


@dataclass(frozen=True)
class Lists:
    """What ``content/lists.pt`` draws where the list belongs to no page of its own."""

    pages: Listing | None = None
    news: Listing | None = None
    events: Listing | None = None
    past: bool = False
    programme: Programme | None = None
    sheets: Sequence[str] = SHEETS


@dataclass(frozen=True)
class PublicPage:
    """What the template of a page draws."""

    title: str
    type: str
    kind: Any
    template: str
    sheets: Sequence[str]
    language: Language
    values: Mapping[str, Any]
    facts: Sequence[Mapping[str, Any]]
    blocks: Sequence[ShownBlock]
    published: datetime | None = None
    poster: Poster | None = None
    pages: Listing | None = None
    news: Listing | None = None
    events: Listing | None = None
    past: bool = False
    programme: Programme | None = None
    resources: int = 0
    more: tuple[Poster, ...] = ()
    books: tuple[Standing, ...] = ()
    held_in: tuple[str, ...] = ()


def present(
    context: NodeInLanguage,
    request: Request,
    own: Read,
    shared: Read | None,
    language: str,
) -> PublicPage:
    """Return the page of a revision; its lists hold what is live for the visitor."""
    declared = context.type
    both = {**own.data, **(shared.data if shared else {})}
    fields = FieldContext.from_request(request, language)
    shown = display(declared, both, (language, ALL_LANGUAGES), fields)
    values = {one["name"]: one["value"] for one in shown}
    blocks = Body(request.find_service(ResourceTypes)).show(
        own.data.get("blocks"), block_context(request), own.compiled
    )
    here = context.shown if context.shown and context.shown.language == language else None
    page: dict[str, Any] = {
        "title": own.title or context.node.slug,
        "type": declared.name,
        "kind": declared.title,
        "template": _template(request, declared.name),
        "sheets": SHEETS,
        "language": LANGUAGES[language],
        "values": values,
        "facts": [
            one for one in shown if one["name"] not in NAMED | PLACED.get(declared.name, NAMED)
        ],
        "blocks": blocks,
        "published": here.published if here else None,
        "held_in": tuple(both.get("held_in") or ()),
        "resources": sum(len(one.content["items"]) for one in blocks if one.type == "resources"),
    }
    if declared.name == EVENT and isinstance(values.get("starts"), datetime):
        page["poster"] = make_poster(
            request.formats,
            key=context.node.id,
            title=page["title"],
            url=page_url(request, request.language, context.node.path),
            starts=values["starts"],
            subjects=tuple(values.get("tags") or ()),
            place=place_of(values),
            whole_day=bool(values.get("whole_day")),
        )
        page["more"] = posters(request, _neighbours(context, request))
    elif declared.name == COLLECTION:
        page["books"] = shelf(
            [
                item["card"]
                for one in blocks
                if one.type == "resources"
                for item in one.content["items"]
            ][:BOOKS]
        )
    elif not context.is_root and context.node.id and declared.name != LIBRARY_PAGE:
        page.update(_lists(context, request))
    return PublicPage(**page)


def place_of(values: Mapping[str, Any]) -> str:
    """Return where an event is: the names of its libraries."""
    return ", ".join(str(one["title"]) for one in values.get("library") or ())


def _template(request: Request, name: str) -> str:
    own = f"content/types/{name}.pt"
    try:
        request.theme.templates.get(own)
    except TemplateNotFound:
        return "content/types/page.pt"
    return own


def _neighbours(context: NodeInLanguage, request: Request) -> list[Listed]:
    return request.find_service(Listings).events(
        Content.parent_id == context.node.parent_id, Content.id != context.node.id, limit=4
    )


def _lists(context: NodeInLanguage, request: Request) -> dict[str, Any]:
    """Return what lies below a page: pages in their order, news by day, events to come."""
    listings = request.find_service(Listings)
    node = context.node
    kinds = listings.kinds_below(node.id)
    found: dict[str, Any] = {}
    others = [name for name in kinds if name not in (EVENT, NEWS)]
    if others:
        total = sum(kinds[name] for name in others)
        items = listings.children(node.id, others, offset(request, PAGE, total=total), PAGE)
        found["pages"] = _listing(request, items, total, "page")
    below: ColumnElement[bool] = Content.parent_id == node.id
    if NEWS in kinds:
        found["news"] = news_listing(request, below, kinds[NEWS])
    if EVENT in kinds:
        found.update(events_listing(request, below))
    return found


def news_listing(request: Request, condition: ColumnElement[bool], total: int) -> Listing:
    """Return a page of the news that fit, the newest first; ``total`` is how many there are."""
    start = offset(request, PAGE, "news", total)
    items = request.find_service(Listings).news(condition, offset=start, limit=PAGE)
    return _listing(request, items, total, "news")


def events_listing(request: Request, below: ColumnElement[bool]) -> dict[str, Any]:
    """Return the programme of the events that fit, or the archive of what is over.

    These are the ``events``, ``programme``, ``past`` and ``sheets`` of ``content/lists.pt``.
    """
    if request.GET.get("past"):
        listings = request.find_service(Listings)
        over = ~func.coalesce(listings.upcoming(), False)
        total = listings.count(Content.type == EVENT, below, over)
        start = offset(request, PAGE, "events", total)
        items = listings.events(below, past=True, offset=start, limit=PAGE)
        return {"events": _listing(request, items, total, "events"), "past": True}
    programme = programme_of(request, below)
    listing = _listing(request, programme.items, programme.total, "events")
    return {
        "events": replace(listing, pager=programme.pager),
        "programme": programme,
        "sheets": (*SHEETS, "search.css"),
    }


def _listing(request: Request, items: Sequence[Listed], total: int, name: str) -> Listing:
    rows = shelves(request, [one for one in items if one.type == COLLECTION])
    urls = {row.url for row in rows}
    teasers = [teaser(request, one) for one in items if one.type != EVENT]
    return Listing(
        teasers=tuple(one for one in teasers if one.url not in urls),
        shelves=rows,
        posters=posters(request, [one for one in items if one.type == EVENT]),
        pager=pager(request, total, PAGE, name),
        total=total,
        items=tuple(items),
    )


def teaser(request: Request, one: Listed) -> Teaser:
    """Return a page as a line of a list."""
    picture = one.shared.get("picture")
    context = FieldContext.from_request(request)
    return Teaser(
        title=one.title,
        url=page_url(request, request.language, one.path),
        summary=one.summary,
        kind=request.find_service(ResourceTypes)[one.type].title,
        type=one.type,
        language=LANGUAGES[one.language] if one.language != request.language else None,
        day=(one.starts or one.published) if one.type == NEWS else None,
        picture=context.media.url(picture["uid"], "card") if picture else None,
    )


def shelves(request: Request, items: Sequence[Listed]) -> tuple[CollectionRow, ...]:
    """Return collections with what they list on a shelf; all books by one call for each kind."""
    wanted = {one.id: _references(one)[:BOOKS] for one in items}
    cards = cards_for(request, [reference for each in wanted.values() for reference in each])
    rows = []
    for one in items:
        books = shelf([cards[reference] for reference in wanted[one.id] if reference in cards])
        if books:
            url = page_url(request, request.language, one.path)
            rows.append(CollectionRow(one.title, url, books, one.summary, one.language))
    return tuple(rows)


def _references(one: Listed) -> list[str]:
    return [
        str(item["ref"])
        for block in one.data.get("blocks") or ()
        if block.get("type") == "resources"
        for item in block.get("items") or ()
    ]


def shelf(cards: Sequence[Card]) -> tuple[Standing, ...]:
    """Return books with their faces or their spines to the reader, neighbours in other colours.

    A few books show their faces; of many about half do. Where a title would be cut on its spine
    the book shows its face.
    """
    shown = [card for card in cards if card.book is not None]
    few = len(shown) <= FEW
    books = []
    for number, card in enumerate(shown):
        face = few or number % NINE in FACES_AT
        book = stand(card.book, card.url, card.title, card.status, face)
        books.append(book if face or book.spine.whole else replace(book, face=True))
    return spread_books(books)


def posters(request: Request, items: Sequence[Listed]) -> tuple[Poster, ...]:
    """Return events as posters, every other one turned over; places by one query."""
    context = FieldContext.from_request(request)
    ids = {one.shared["library"] for one in items if isinstance(one.shared.get("library"), int)}
    names = context.references("library").titles(sorted(ids), request.language) if ids else {}
    return spread_posters(
        make_poster(
            request.formats,
            key=one.id,
            title=one.title,
            url=page_url(request, request.language, one.path),
            starts=one.starts,
            subjects=tuple(one.data.get("tags") or ()),
            place=names.get(one.shared.get("library"), ""),
            whole_day=bool(one.shared.get("whole_day")),
            flip=bool(number % 2),
            language=one.language,
        )
        for number, one in enumerate(items)
        if one.starts is not None
    )
