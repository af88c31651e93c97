"""The feed of a search: what came into the catalogue last of all that it finds, for everybody."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from pyramid.request import Request
from sqlalchemy import bindparam, select

from bibliopolis.catalogue.indexing import author_of, full_title
from bibliopolis.catalogue.labels import kind_title
from bibliopolis.catalogue.models import Record
from bibliopolis.catalogue.new_finds import FEED as NAME
from bibliopolis.catalogue.new_finds import carried, newest_first, search_words
from bibliopolis.catalogue.resources import Catalogue, record_path
from bibliopolis.catalogue.search_titles import ValueTitles
from bibliopolis.db import read_rows
from bibliopolis.frame import Link
from bibliopolis.i18n import _
from bibliopolis.publicity import organization, whole
from bibliopolis.resources.access import Principals, visible_to
from bibliopolis.search.asking import Asked
from bibliopolis.search.documents import Sort
from bibliopolis.search.services import Search

from .feed import Entry, Feed

SIZE = 25

_RECORDS = select(
    Record.id,
    Record.uid,
    Record.title,
    Record.subtitle,
    Record.part,
    Record.author,
    Record.contributors,
    Record.publisher,
    Record.year,
    Record.summary,
    Record.kind,
    Record.language,
    Record.created,
    Record.changed,
).where(Record.id.in_(bindparam("ids", expanding=True)), Record.withdrawn.is_(False))


def search_feed(request: Request) -> Feed:
    """Return the feed of the search in the address: an index is asked, then one statement.

    It is the same for all who ask, so it shows what everybody may see; what can be borrowed
    today changes by the minute and is left out of it.
    """
    asked = carried(Asked.read(request.GET))
    query = newest_first(asked, visible_to(Principals()), 0, SIZE)
    found = request.find_service(Search).find(query)
    ids = [hit.resource[1] for hit in found.hits]
    rows = {row.id: row for row in read_rows(request.db, _RECORDS, {"ids": ids})} if ids else {}
    entries = [_entry(request, rows[one]) for one in ids if one in rows]
    address = whole(request, asked.address(f"{request.frame.search}/@@{NAME}"))
    return Feed(
        id=uuid5(NAMESPACE_URL, address).urn,
        title=title_of(request, asked),
        url=address,
        page=whole(request, asked.but(sort=Sort.ADDED).address(request.frame.search)),
        language=request.language,
        author=organization(request)["name"],
        entries=entries,
        updated=max((one.updated for one in entries), default=request.clock.now()),
    )


def title_of(request: Request, asked: Asked) -> str:
    """Return what the feed is called: the words, then the filters as the page shows them."""
    words = search_words(request, ValueTitles.from_request(request), asked)
    if not words:
        return request.translate(_("New in the catalogue"))
    return request.translate(_("New in the catalogue: ${words}", mapping={"words": words}))


def offered_search(request: Request) -> Iterable[Link]:
    """Return the feed of the search that is shown."""
    if isinstance(getattr(request, "context", None), Catalogue) and not request.view_name:
        asked = carried(Asked.read(request.GET))
        yield Link(_("New finds as a feed"), asked.address(f"{request.frame.search}/@@{NAME}"))


def _entry(request: Request, row: Any) -> Entry:
    kind = request.translate(kind_title(row.kind))
    facts = (author_of(row), kind, row.publisher, str(row.year or ""), row.summary)
    return Entry(
        id=UUID(hex=row.uid).urn,
        title=full_title(row),
        url=whole(request, record_path(request, row.id)),
        language=row.language or request.language,
        updated=max(row.created, row.changed),
        published=row.created,
        summary=". ".join(filter(None, facts)),
        categories=((row.kind, kind),),
    )
