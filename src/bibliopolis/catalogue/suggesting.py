"""What may be meant by the beginning of a search: titles, authors, subjects there are.

Everything comes from the index, as far as this visitor may see it; only the titles that are shown
are read from the database, in one statement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from bibliopolis.catalogue.labels import language_of
from bibliopolis.catalogue.models import Record
from bibliopolis.catalogue.naming import spoken
from bibliopolis.db import read_rows
from bibliopolis.resources.access import Visibility, visible_to
from bibliopolis.search.analysis import fold, tokenize
from bibliopolis.search.documents import RESOURCE, Query
from bibliopolis.search.scripts import CJK
from bibliopolis.search.services import Search
from bibliopolis.search.variants import in_cyrillic, other_layout, transliterations
from bibliopolis.search.within import Within, has_fields

SHORTEST = 3
"""Letters that say enough: two stand for hundreds of words."""

SHORTEST_PAIR = 2
"""The same in Chinese, Japanese and Korean, where two characters are a word."""

LONGEST = 100
EACH = 4
"""So many of each kind are suggested."""

LOOKED_THROUGH = 40
"""Of the commonest names of what was found so many are looked at for one that begins so."""

_TITLES = select(
    Record.id, Record.title, Record.author, Record.contributors, Record.language
).where(Record.id.in_(bindparam("ids", expanding=True)), Record.withdrawn.is_(False))


class Kind(StrEnum):
    """What is suggested."""

    TITLE = "title"
    AUTHOR = "author"
    SUBJECT = "subject"


@dataclass(frozen=True)
class Suggestion:
    """Something to search for; ``count`` tells how many records have a name or a subject."""

    kind: Kind
    text: str
    note: str = ""
    language: str = ""
    count: int = 0


class Suggestions:
    """Suggest what to search for, after a few letters."""

    def __init__(self, search: Search, visibility: Visibility, db: Session) -> None:
        self.search = search
        self.visibility = visibility
        self.db = db

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Suggestions:
        """Make it for a request."""
        return cls(
            search=request.find_service(Search, context=None),
            visibility=visible_to(request.principals),
            db=request.db,
        )

    def of(self, text: str) -> Sequence[Suggestion]:
        """Return suggestions for what has been typed so far, authors first.

        Where nothing begins so, the other keyboard layout is tried, then Russian in Latin letters.
        """
        text = text.strip()[:LONGEST]
        if has_fields(text) or '"' in text:
            return ()
        for reading in _readings(text):
            words = [token.surface for token in tokenize(reading)]
            # A word just begun says too little to look for.
            while words and not _says_enough(words[-1]):
                words.pop()
            if words and (found := [*self._names(words), *self._titles(words)]):
                return found
        return ()

    def _names(self, words: Sequence[str]) -> Iterator[Suggestion]:
        for kind, within in ((Kind.AUTHOR, Within.AUTHOR), (Kind.SUBJECT, Within.SUBJECT)):
            facets = self._find(within, words, limit=0, facets=(kind.value,)).facets
            fitting = _fits(words)
            named = [one for one in facets.get(kind.value, ()) if fitting(one[0])]
            for value, count in named[:EACH]:
                yield Suggestion(kind, value, count=count)

    def _titles(self, words: Sequence[str]) -> Iterator[Suggestion]:
        hits = self._find(Within.TITLE, words, limit=EACH * 3).hits
        if not hits:
            return
        rows = read_rows(self.db, _TITLES, {"ids": [hit.resource[1] for hit in hits]})
        known = {row.id: row for row in rows}
        seen: set[str] = set()
        for hit in hits:
            row = known.get(hit.resource[1])
            if row is None or fold(row.title) in seen or len(seen) == EACH:
                continue
            seen.add(fold(row.title))
            author = spoken(row.author or "")
            yield Suggestion(
                Kind.TITLE, row.title, author, language_of(row.title, row.language) or ""
            )

    def _find(self, within: Within, words: Sequence[str], **more: Any) -> Any:
        return self.search.find(
            Query(
                visibility=self.visibility,
                text=f"{within}:({' '.join(words)}*)",
                filters={RESOURCE: ("record",)},
                facet_limit=LOOKED_THROUGH,
                literal=True,
                **more,
            )
        )


def _says_enough(word: str) -> bool:
    return len(word) >= (SHORTEST_PAIR if CJK.search(word) else SHORTEST)


def _readings(text: str) -> Iterator[str]:
    yield text
    layout = other_layout(text)
    if layout:
        yield layout.lower()
    if cyrillic := in_cyrillic(text):
        yield cyrillic


def _fits(words: Sequence[str]) -> Callable[[str], bool]:
    """Return whether a name has words that begin so: of several authors not all were meant."""
    wanted = [fold(word) for word in words]

    def fits(name: str) -> bool:
        parts = [spelling for token in tokenize(name) for spelling in _spellings(token.folded)]
        return all(any(part.startswith(word) for part in parts) for word in wanted)

    return fits


def _spellings(word: str) -> Iterable[str]:
    return (word, *transliterations(word))
