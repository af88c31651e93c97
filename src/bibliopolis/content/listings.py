"""Lists of pages: what a section holds, the news, what is on; a few queries for any number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    bindparam,
    case,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from bibliopolis.clock import Clock
from bibliopolis.db import read_rows
from bibliopolis.i18n import fallback_chain
from bibliopolis.resources.access import Principals
from bibliopolis.resources.types import ResourceTypes

from .models import NEUTRAL, Content, ContentTranslation, Revision
from .programme import FACETS, Dated
from .visibility import KEPT, live_to

EVENT = "event"
NEWS = "news"
PAGE = "page"
LIBRARY_PAGE = "library_page"
MOST_IN_FOOTER = 200
"""So many pages, counted in every language, are looked at: a footer is no site map."""
NEAREST, LATEST = 5, 3
"""So many of the next events, and of the last of a type, a front page shows."""

MOST_DATED = 2000
"""So many events a programme by date looks at."""


@dataclass(frozen=True)
class Titled:
    """A live page as a link: where it is, its title, the language of that."""

    path: str
    title: str
    language: str


@dataclass(frozen=True)
class Listed:
    """A live page in a list, in the best language there is for the visitor."""

    id: int
    uid: str
    type: str
    path: str
    title: str
    language: str
    published: datetime | None
    updated: datetime
    starts: datetime | None
    ends: datetime | None
    data: Mapping[str, Any] = field(default_factory=dict)
    shared: Mapping[str, Any] = field(default_factory=dict)

    @property
    def summary(self) -> str:
        """Return the two sentences."""
        return str(self.data.get("summary") or "")


@lru_cache(maxsize=KEPT)
def _live_ids(principals: Principals, types: ResourceTypes) -> Any:
    """Return the statement for ids of nodes with a live translation, each once."""
    return (
        select(Content.id)
        .join(ContentTranslation, ContentTranslation.content_id == Content.id)
        .where(live_to(principals, types), ContentTranslation.language != NEUTRAL)
        .group_by(Content.id)
    )


@lru_cache(maxsize=KEPT)
def _nearest(principals: Principals, types: ResourceTypes) -> Any:
    """Return the statement for the ids of the next few events."""
    now: Any = bindparam("now")
    return (
        _live_ids(principals, types)
        .where(Content.type == EVENT, or_(Content.starts >= now, Content.ends >= now))
        .order_by(Content.starts, Content.id)
        .limit(NEAREST)
    )


@lru_cache(maxsize=KEPT)
def _latest(principals: Principals, types: ResourceTypes, type_name: str) -> Any:
    """Return the statement for the ids of the last few of a type; news go by their day."""
    published = func.min(ContentTranslation.published)
    day = func.coalesce(Content.starts, published) if type_name == NEWS else published
    return (
        _live_ids(principals, types)
        .where(Content.type == type_name)
        .order_by(day.desc(), Content.id.desc())
        .limit(LATEST)
    )


@lru_cache(maxsize=KEPT)
def _kinds_below(principals: Principals, types: ResourceTypes) -> Any:
    """Return the statement for how many live children of each type a node has."""
    return (
        select(Content.type, func.count(Content.id.distinct()))
        .join(ContentTranslation, ContentTranslation.content_id == Content.id)
        .where(
            live_to(principals, types),
            ContentTranslation.language != NEUTRAL,
            Content.parent_id == bindparam("parent"),
        )
        .group_by(Content.type)
    )


@lru_cache(maxsize=KEPT)
def _with_texts(principals: Principals, types: ResourceTypes, chain: tuple[str, ...]) -> Any:
    """Return the statement for nodes with the first live text along a chain of languages.

    The part that no language owns comes with it. Texts are long: none is read to be thrown away.
    """
    language = ContentTranslation.language
    rank = case({tag: place for place, tag in enumerate(chain)}, value=language, else_=len(chain))
    order = func.row_number().over(
        partition_by=ContentTranslation.content_id,
        # The neutral part is none of the languages, so it gets a rank of its own.
        order_by=(language == NEUTRAL, rank, language),
    )
    visible = or_(live_to(principals, types), language == NEUTRAL)
    ranked = (
        select(ContentTranslation.id, language, order.label("place"))
        .join(Content, Content.id == ContentTranslation.content_id)
        .where(
            Content.id.in_(bindparam("ids", expanding=True)),
            ContentTranslation.live_revision_id.is_not(None),
            visible,
        )
        .subquery()
    )
    return (
        select(
            Content.id,
            Content.uid,
            Content.type,
            Content.path,
            Content.slug,
            Content.starts,
            Content.ends,
            language,
            ContentTranslation.live_title,
            ContentTranslation.published,
            Revision.created,
            Revision.data,
        )
        .join(ContentTranslation, ContentTranslation.content_id == Content.id)
        .join(ranked, ranked.c.id == ContentTranslation.id)
        .join(Revision, Revision.id == ContentTranslation.live_revision_id)
        .where(or_(ranked.c.place == 1, language == NEUTRAL))
    )


@lru_cache(maxsize=KEPT)
def _first_levels(principals: Principals, types: ResourceTypes) -> Any:
    """Return the statement for the titles of the first level and of pages on the second.

    Rows of the second level have the path of their section; their number is limited.
    """
    above = aliased(Content)
    root = select(Content.id).where(Content.parent_id.is_(None)).scalar_subquery()
    named = (
        live_to(principals, types),
        Content.in_navigation,
        ContentTranslation.language != NEUTRAL,
    )
    shown = (
        ContentTranslation.language.label("language"),
        ContentTranslation.live_title.label("title"),
        Content.position.label("position"),
        Content.id.label("id"),
    )
    joined = ContentTranslation.content_id == Content.id
    sections = (
        select(
            null().label("section"),
            Content.path.label("path"),
            *shown,
            literal(0).label("section_position"),
        )
        .join(ContentTranslation, joined)
        .where(*named, Content.parent_id == root)
    )
    pages = (
        select(
            above.path.label("section"),
            Content.path.label("path"),
            *shown,
            above.position.label("section_position"),
        )
        .join(above, above.id == Content.parent_id)
        .join(ContentTranslation, joined)
        .where(*named, above.parent_id == root, Content.type == bindparam("type_name"))
        .order_by(above.position, Content.position, Content.id)
        .limit(bindparam("most"))
        .subquery()
    )
    both = union_all(sections, select(pages)).subquery()
    columns = both.c
    return select(columns.section, columns.path, columns.language, columns.title).order_by(
        columns.section_position, columns.position, columns.id
    )


@dataclass(frozen=True)
class FirstLevels:
    """What the navigation and the footer name; ``below`` is by the path of the section."""

    sections: Sequence[Titled]
    below: Mapping[str, Sequence[Titled]]


class Listings:
    """Find live pages for one visitor, in one language with its fallbacks."""

    def __init__(
        self,
        db: Session,
        clock: Clock,
        types: ResourceTypes,
        principals: Principals,
        languages: Sequence[str],
        language: str,
    ) -> None:
        self.db = db
        self.clock = clock
        self.types = types
        self.principals = principals
        self.chain = fallback_chain(language, languages)

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Listings:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            types=request.find_service(ResourceTypes),
            principals=request.principals,
            languages=request.settings.all_languages,
            language=request.language,
        )

    def _ask(self, statement: Select[Any], given: Mapping[str, Any] | None = None) -> Any:
        """Ask for columns, past the session, which only knows what to do with whole objects."""
        return read_rows(self.db, statement, given)

    def _live(self, *conditions: ColumnElement[bool]) -> Any:
        """Return ids of nodes with a live translation that fit, each once."""
        return _live_ids(self.principals, self.types).where(*conditions)

    def count(self, *conditions: ColumnElement[bool]) -> int:
        """Return how many pages fit."""
        ids = self._live(*conditions).subquery()
        return self.db.scalar(select(func.count()).select_from(ids)) or 0

    def kinds_below(self, parent_id: int) -> dict[str, int]:
        """Return how many live children of each type a node has."""
        statement = _kinds_below(self.principals, self.types)
        return dict(self._ask(statement, {"parent": parent_id}).all())

    def children(
        self, parent_id: int, types: Sequence[str], offset: int = 0, limit: int = 50
    ) -> list[Listed]:
        """Return live children of some types, in the order editors gave them."""
        query = self._live(Content.parent_id == parent_id, Content.type.in_(types))
        return self._rows(query.order_by(Content.position, Content.id), offset, limit)

    def upcoming(self) -> ColumnElement[bool]:
        """Return the condition for what is still to come or going on."""
        now = self.clock.now()
        return or_(Content.starts >= now, Content.ends >= now)

    def events(
        self, *conditions: ColumnElement[bool], past: bool = False, offset: int = 0, limit: int = 20
    ) -> list[Listed]:
        """Return events: the nearest first; of past ones the last first."""
        when = ~func.coalesce(self.upcoming(), False) if past else self.upcoming()
        query = self._live(Content.type == EVENT, when, *conditions)
        order = Content.starts.desc() if past else Content.starts
        return self._rows(query.order_by(order, Content.id), offset, limit)

    @cached_property
    def nearest(self) -> Sequence[Listed]:
        """Return the next few events, asked for once by all parts of a page."""
        given = {"now": self.clock.now()}
        return self._in_order(self._ask(_nearest(self.principals, self.types), given))

    def latest(self, type_name: str) -> list[Listed]:
        """Return the last few pages of a type, the newest first."""
        return self._in_order(self._ask(_latest(self.principals, self.types, type_name)))

    def dated(self, *conditions: ColumnElement[bool]) -> list[Dated]:
        """Return events as far as a programme must know them, the earliest first."""
        ids = self._live(Content.type == EVENT, Content.starts.is_not(None), *conditions)
        rows = self._ask(
            select(Content.id, Content.starts, Content.ends, Revision.data)
            .join(ContentTranslation, ContentTranslation.content_id == Content.id)
            .join(Revision, Revision.id == ContentTranslation.live_revision_id)
            .where(Content.id.in_(ids), ContentTranslation.language == NEUTRAL)
            .order_by(Content.starts, Content.id)
            .limit(MOST_DATED)
        )
        return [
            Dated(
                id,
                starts,
                ends,
                {name: _values(data.get(key)) for name, key in FACETS.items()},
            )
            for id, starts, ends, data in rows
        ]

    def news(
        self, *conditions: ColumnElement[bool], offset: int = 0, limit: int = 20
    ) -> list[Listed]:
        """Return news, the newest first: by their day, or by when they went live."""
        query = self._live(Content.type == NEWS, *conditions)
        day = func.coalesce(Content.starts, func.min(ContentTranslation.published))
        return self._rows(query.order_by(day.desc(), Content.id.desc()), offset, limit)

    def newest(
        self, *conditions: ColumnElement[bool], offset: int = 0, limit: int = 20
    ) -> list[Listed]:
        """Return pages, the last published first."""
        query = self._live(*conditions)
        published = func.min(ContentTranslation.published)
        return self._rows(query.order_by(published.desc(), Content.id.desc()), offset, limit)

    @cached_property
    def first_levels(self) -> FirstLevels:
        """Return the live sections of the first level, and the pages that lie in them."""
        given = {"type_name": PAGE, "most": MOST_IN_FOOTER}
        titles: dict[tuple[str | None, str], dict[str, str]] = {}
        statement = _first_levels(self.principals, self.types)
        for section, path, language, title in self._ask(statement, given).all():
            titles.setdefault((section, path), {})[language] = title or path
        sections: list[Titled] = []
        below: dict[str, list[Titled]] = {}
        for (section, path), known in titles.items():
            one = self._titled(path, known)
            if section is None:
                sections.append(one)
            else:
                below.setdefault(section, []).append(one)
        return FirstLevels(sections, below)

    def by_ids(self, ids: Sequence[int]) -> dict[int, Listed]:
        """Return those of the pages that are live for the visitor."""
        if not ids:
            return {}
        texts = self._texts(ids)
        return {one: self._listed(texts[one]) for one in sorted(texts)}

    def _best(self, known: Mapping[str, Any]) -> str:
        return next(tag for tag in (*self.chain, *known) if tag in known)

    def _titled(self, path: str, titles: Mapping[str, str]) -> Titled:
        language = self._best(titles)
        return Titled(path, titles[language], language)

    def _rows(self, query: Select[Any], offset: int, limit: int) -> list[Listed]:
        return self._in_order(self._ask(query.offset(offset).limit(limit)))

    def _in_order(self, found: Any) -> list[Listed]:
        ids = found.scalars().all()
        texts = self._texts(ids) if ids else {}
        return [self._listed(texts[one]) for one in ids if one in texts]

    def _texts(self, ids: Sequence[int]) -> dict[int, dict[str, Row[Any]]]:
        """Return what is live of those of the pages that are live in a language."""
        texts: dict[int, dict[str, Row[Any]]] = {}
        statement = _with_texts(self.principals, self.types, self.chain)
        for row in self._ask(statement, {"ids": ids}):
            texts.setdefault(row.id, {})[row.language] = row
        return {one: known for one, known in texts.items() if known.keys() != {NEUTRAL}}

    def _listed(self, texts: dict[str, Row[Any]]) -> Listed:
        shared = texts.pop(NEUTRAL, None)
        one = texts[self._best(texts)]
        return Listed(
            id=one.id,
            uid=one.uid,
            type=one.type,
            path=one.path,
            title=one.live_title or one.slug,
            language=one.language,
            published=one.published,
            updated=max(one.created, shared.created) if shared else one.created,
            starts=one.starts,
            ends=one.ends,
            data=one.data,
            shared=shared.data if shared else {},
        )


def _values(value: Any) -> tuple[str, ...]:
    """Return what a field holds as the values of a facet."""
    if value in (None, "", []):
        return ()
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)
