"""The service other rooms search with."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock
from typing import Any

from sqlalchemy.orm import Session

from bibliopolis.search.documents import Listed, Listing, Query, Results
from bibliopolis.search.interfaces import ISearchIndex
from bibliopolis.search.registration import LIVE_FACETS

NOTHING = -1
"""The number up to which a facet is known that is not known at all."""

_ONE_AFTER_THE_OTHER = Lock()
"""Many come at once when a process starts: one reads a million rows, the others wait for it."""


class Search:
    """Search the index, after the live facets have been brought up to now."""

    def __init__(self, index: Any, live_facets: Iterable[Any], db: Session) -> None:
        self.index = index
        self.live_facets = list(live_facets)
        self.db = db

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Search:
        """Make it for a request."""
        return cls(
            index=request.find_service(ISearchIndex),
            live_facets=request.registry[LIVE_FACETS].values(),
            db=request.db,
        )

    def find(self, query: Query) -> Results:
        """Return the answer to a query; one short statement for each live facet it needs."""
        needed = {*query.facets, *query.filters}
        for facet in self.live_facets:
            if facet.name in needed:
                self._bring_up_to_date(facet)
        return self.index.search(query)

    def list_values(self, listing: Listing) -> Listed:
        """Return values of a facet by the alphabet, in no statement at all."""
        return self.index.list_values(listing)

    def _bring_up_to_date(self, facet: Any) -> None:
        known = self.index.live_sequence(facet.name)
        if known == NOTHING:
            with _ONE_AFTER_THE_OTHER:
                if self.index.live_sequence(facet.name) == NOTHING:
                    self.index.load_live(facet, facet.everything(self.db))
            return
        told = facet.changes_since(self.db, known)
        if told.sequence < known:
            # The table was replaced, as by a restored backup: what is known means nothing.
            self.index.load_live(facet, facet.everything(self.db))
        elif told.sequence > known:
            self.index.apply_live(facet, told)
