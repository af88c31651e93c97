"""What goes into the index and what comes out of it: plain values, the same for every backend."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bibliopolis.resources.access import Visibility

MAX_PAGE_SIZE = 100
"""No answer is longer than this, whatever a client asks for."""

MAX_DEPTH = 10_000
"""Nobody leafs further than this many hits: a deep page costs as much as all before it."""


@dataclass(frozen=True, kw_only=True)
class Document:
    """One thing that can be found, in one language.

    ``key`` is unique in the index (``record:12``, ``content:5:ru:live``). ``resource`` is the
    name an indexer is registered under and the row's id; all documents of one resource are
    replaced together. ``facets`` map a name to values (``year`` to years as figures).
    ``parts`` are texts that only a field of the query finds: ``publisher``, ``series``, ``shelf``.
    ``sort`` may hold ``title`` (a computed sort key) and ``year`` (a number). ``allowed`` holds
    the roles that may see it and ``owner:<person id>``; ``scopes`` where those roles may be held.
    """

    key: str
    resource: tuple[str, int]
    type: str
    title: str
    language: str = ""
    other_titles: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    text: str = ""
    identifiers: tuple[str, ...] = ()
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: Mapping[str, str | int] = field(default_factory=dict)
    allowed: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()

    @property
    def resource_key(self) -> str:
        """Return the key of the resource, as rows of the outbox name it."""
        return resource_key(*self.resource)


def resource_key(name: str, identity: int) -> str:
    """Return the key under which the outbox names a resource."""
    return f"{name}:{identity}"


RESOURCE = "resource"
"""The facet every document has by itself: the first half of its ``resource``."""

PREFERRED_IN = "preferred_in"
"""The facet of translations: the languages of the site whose readers should be shown this one."""


class Sort(StrEnum):
    """The orders a reader can choose; ``added`` puts first what came last."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"
    TITLE = "title"
    ADDED = "added"


@dataclass(frozen=True, kw_only=True)
class Query:
    """What somebody asks for.

    ``visibility`` has no default on purpose: whoever searches says for whom. ``filters``: values
    of one facet widen (or), facets narrow (and). ``exact`` takes the words as they are written.
    ``reading`` is the language of the site: of several translations that match, only the one
    preferred in it is found. Of a facet that ``only`` names just these values and those of the
    filters are counted. ``literal`` looks for the words in no other reading, if they find little.
    """

    visibility: Visibility
    text: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    year_from: int | None = None
    year_to: int | None = None
    sort: Sort = Sort.RELEVANCE
    offset: int = 0
    limit: int = 20
    facets: tuple[str, ...] = ()
    facet_limit: int = 30
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exact: bool = False
    literal: bool = False
    reading: str = ""


@dataclass(frozen=True)
class Hit:
    """One found document, without its words: presenters read the truth from the database."""

    key: str
    resource: tuple[str, int]
    type: str
    language: str
    score: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Results:
    """The answer: one page of hits, the number of all, and counts.

    ``facets`` lists values with the most hits first; ``year`` is listed by year, in full. What a
    facet counts is not narrowed by the facet's own selection. ``also_searched`` are words that
    were looked for besides those typed, ``did_you_mean`` is a text to offer instead;
    ``all_words`` is false if nothing had all words and some of them were enough.
    ``available`` is false when the index could not answer at all.
    """

    total: int = 0
    hits: tuple[Hit, ...] = ()
    facets: Mapping[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)
    also_searched: tuple[str, ...] = ()
    did_you_mean: str | None = None
    all_words: bool = True
    available: bool = True


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Which values of a facet somebody wants to see in alphabetical order.

    ``starts`` is a beginning, folded or not; only values of documents this visitor may see count,
    and with a ``resource`` only those of resources of this type.
    """

    visibility: Visibility
    facet: str
    resource: str = ""
    starts: str = ""
    offset: int = 0
    limit: int = MAX_PAGE_SIZE


@dataclass(frozen=True, kw_only=True)
class Listed:
    """Values of a facet, each with the number of its documents.

    ``total`` counts the values that begin so; ``initials`` are the first letters of all values
    of the facet, folded, each with the number of values.
    """

    total: int = 0
    values: tuple[tuple[str, int], ...] = ()
    initials: tuple[tuple[str, int], ...] = ()
    available: bool = True


@dataclass(frozen=True)
class Health:
    """Whether an index can be used and, if not, why."""

    ok: bool
    message: str = ""
    documents: int = 0


@dataclass(frozen=True)
class LiveState:
    """All of a live facet: ``values`` maps each value to the ids of the resources that have it.

    It holds up to the number ``sequence``. No resource counts under the values in ``hidden`` for
    now, though it keeps them.
    """

    sequence: int
    values: Mapping[str, Iterable[int]]
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True)
class LiveChanges:
    """What changed of a live facet: ``changes`` maps the id of a resource to the values it has now.

    An id without values has none any more. ``hidden`` are all values that are hidden now.
    """

    sequence: int
    changes: Mapping[int, Sequence[str]]
    hidden: frozenset[str] = frozenset()
