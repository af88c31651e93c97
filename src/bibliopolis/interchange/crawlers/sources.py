"""What the sitemaps list: pages, libraries and records that everybody may see.

A source is cut by ids, not by counting rows: one sitemap costs the same whatever the size of the
catalogue, and what is added later moves nothing to another sitemap.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pyramid.request import Request
from sqlalchemy import func, select

from bibliopolis.catalogue.models import Record
from bibliopolis.catalogue.resources import NAME as CATALOGUE
from bibliopolis.catalogue.resources import TYPE as RECORD
from bibliopolis.content.listings import LIBRARY_PAGE
from bibliopolis.content.models import NEUTRAL, Content, ContentTranslation, Revision
from bibliopolis.content.visibility import live_to
from bibliopolis.libraries.services import Libraries
from bibliopolis.resources.access import Permission, Principals, Role
from bibliopolis.resources.types import ResourceTypes

IDS = 2000
"""Ids a sitemap: with twenty languages still below the 50,000 addresses one may have."""


@dataclass(frozen=True)
class Place:
    """A page with its path below each language it is in."""

    paths: Mapping[str, str]
    changed: datetime | None = None


@dataclass(frozen=True)
class Source:
    """``last`` returns the highest id, None for nothing; ``places`` what lies between two ids."""

    last: Callable[[Request], int | None]
    places: Callable[[Request, int, int], Iterator[Place]]


def pages(request: Request) -> Iterator[tuple[str, int]]:
    """Return every sitemap: its source and its number, from one."""
    for name, source in SOURCES.items():
        last = source.last(request)
        if last is not None:
            yield from ((name, number) for number in range(1, -(-last // IDS) + 1))


def places(request: Request, name: str, number: int) -> Iterator[Place]:
    """Return what a sitemap lists."""
    start = (number - 1) * IDS
    return SOURCES[name].places(request, start + 1, start + IDS)


def _in_all(request: Request, path: str) -> dict[str, str]:
    return dict.fromkeys(request.settings.languages, path)


def _last_content(request: Request) -> int | None:
    # The front pages are there on a site without any other page.
    return request.db.scalar(select(func.max(Content.id))) or 1


def _content(request: Request, first: int, last: int) -> Iterator[Place]:
    if first == 1:
        yield Place(_in_all(request, ""))
    rows = request.db.execute(
        select(
            Content.id,
            Content.path,
            ContentTranslation.language,
            ContentTranslation.published,
            Revision.created,
        )
        .join(ContentTranslation, ContentTranslation.content_id == Content.id)
        .join(Revision, Revision.id == ContentTranslation.live_revision_id)
        .where(
            Content.id.between(first, last),
            Content.parent_id.is_not(None),
            # They are read at the addresses of their libraries, which are listed by themselves.
            Content.type != LIBRARY_PAGE,
            ContentTranslation.language != NEUTRAL,
            live_to(Principals(), request.find_service(ResourceTypes)),
        )
        .order_by(Content.id)
    )
    found: dict[int, tuple[dict[str, str], list[datetime]]] = {}
    for node_id, path, language, published, saved in rows:
        paths, moments = found.setdefault(node_id, ({}, []))
        paths[language] = path
        moments.append(max(saved, published or saved))
    for paths, moments in found.values():
        offered = {tag: paths[tag] for tag in request.settings.all_languages if tag in paths}
        if offered:
            yield Place(offered, max(moments))


def _last_record(request: Request) -> int | None:
    everyone = request.find_service(ResourceTypes)[RECORD].allowed_roles(Permission.VIEW)
    if Role.EVERYONE not in everyone:
        return None
    return request.db.scalar(select(func.max(Record.id)))


def _records(request: Request, first: int, last: int) -> Iterator[Place]:
    if _last_record(request) is None:
        return
    if first == 1:
        yield Place(_in_all(request, CATALOGUE))
    rows = request.db.execute(
        select(Record.id, Record.changed)
        .where(Record.id.between(first, last), Record.withdrawn.is_(False))
        .order_by(Record.id)
    )
    for record_id, changed in rows:
        yield Place(_in_all(request, f"{CATALOGUE}/{record_id}"), changed)


def _all_libraries(request: Request) -> Sequence[Any]:
    return request.find_service(Libraries, context=None).all()


def _last_library(request: Request) -> int | None:
    return max((one.id for one in _all_libraries(request)), default=None)


def _libraries(request: Request, first: int, last: int) -> Iterator[Place]:
    if first == 1:
        yield Place(_in_all(request, "libraries"))
    for one in _all_libraries(request):
        if first <= one.id <= last:
            yield Place(_in_all(request, f"libraries/{one.code}"), one.changed)


SOURCES: Mapping[str, Source] = {
    "content": Source(_last_content, _content),
    "libraries": Source(_last_library, _libraries),
    "records": Source(_last_record, _records),
}
