"""Feeding the index: what the worker does with the topic ``index``, and a complete rebuild."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from pyramid.scripting import prepare

from bibliopolis.errors import Conflict
from bibliopolis.i18n import _
from bibliopolis.outbox import Outbox
from bibliopolis.search.documents import Document
from bibliopolis.search.interfaces import ISearchIndex
from bibliopolis.search.registration import INDEXERS, Indexer

log = logging.getLogger(__name__)

TOPIC = "index"
BATCH = 200
"""Rows of the outbox that become one commit of the index."""

REBUILD_BATCH = 500
PAUSE = 120.0
"""Seconds before a rebuild that failed is tried again."""

LAST_FAILURE = "bibliopolis.search_rebuild_began"

Progress = Callable[[int, int], None]


def index_changes(request: Any, keys: Sequence[str]) -> None:
    """Bring the documents of these resources to what the database says now."""
    index = request.find_service(ISearchIndex)
    if not index.health().ok:
        # Made anew from the database, it has these changes too.
        mend(request)
        return
    index.update(load(request, keys), removed=keys)


def look_after_index(request: Any) -> None:
    """Rebuild an index that is missing or broken, so that nobody need be called at night."""
    if not request.find_service(ISearchIndex).health().ok:
        try:
            mend(request)
        except Conflict as refusal:
            log.info("The search index is not rebuilt here: %s", refusal)


def mend(request: Any) -> None:
    """Rebuild the index, but not again and again if that fails."""
    registry = request.registry
    now = time.monotonic()
    if now - registry.get(LAST_FAILURE, -PAUSE) < PAUSE:
        raise Conflict(_("The search index could not be rebuilt a moment ago"))
    health = request.find_service(ISearchIndex).health()
    log.info("The search index is rebuilt: %s", health.message)
    registry[LAST_FAILURE] = now
    rebuild(request)
    del registry[LAST_FAILURE]


def check_index(request: Any) -> str | None:
    """Tell ``/healthz`` what is wrong with the index."""
    health = request.find_service(ISearchIndex).health()
    return None if health.ok else "cannot be read: it is being rebuilt, or see the worker's log"


def load(request: Any, keys: Sequence[str]) -> list[Document]:
    """Return the documents of resources, one call of each indexer for all of its own."""
    documents: list[Document] = []
    for indexer, ids in _by_indexer(request, keys):
        documents.extend(indexer.documents(request, ids))
    return documents


def rebuild(request: Any, progress: Progress = lambda done, total: None) -> int:
    """Build the index beside the live one and swap it in; return the number of resources."""
    index = request.find_service(ISearchIndex)
    with fresh(request) as reading:
        work = [(one, list(one.all_ids(reading))) for one in reading.registry[INDEXERS].values()]
    total = sum(len(ids) for _indexer, ids in work)
    done = 0
    with index.rebuild() as building:
        progress(done, total)
        for indexer, ids in work:
            for start in range(0, len(ids), REBUILD_BATCH):
                batch = ids[start : start + REBUILD_BATCH]
                with fresh(request) as reading:
                    building.add(indexer.documents(reading, batch))
                done += len(batch)
                progress(done, total)

        def load_now(keys: Sequence[str]) -> list[Document]:
            with fresh(request) as reading:
                return load(reading, keys)

        building.finish(load_now)
    return total


def covered(request: Any) -> Sequence[int]:
    """Return the rows of the outbox that a rebuild which begins now makes needless.

    All they tell of is committed, so a rebuild reads it; the worker need not do it once more.
    """
    with fresh(request) as reading:
        return reading.find_service(Outbox).rows_of(TOPIC)


@contextmanager
def fresh(request: Any) -> Iterator[Any]:
    """Give a request with a transaction of its own, which sees what is committed by now.

    A rebuild reads for minutes: one transaction would show it the past and keep SQLite's log
    from being tidied up. Tests, which share one session, get their own request back.
    """
    if "bibliopolis.db" in request.environ:
        yield request
        return
    with prepare(registry=request.registry) as environment:
        reading = environment["request"]
        reading.tm.begin()
        try:
            yield reading
        finally:
            reading.tm.abort()


def _by_indexer(request: Any, keys: Iterable[str]) -> Iterator[tuple[Indexer, list[int]]]:
    by_name: dict[str, list[int]] = {}
    for key in keys:
        name, _colon, identity = key.partition(":")
        by_name.setdefault(name, []).append(int(identity))
    for name, ids in by_name.items():
        indexer = request.registry[INDEXERS].get(name)
        if indexer is None:
            log.warning("Nobody makes search documents for %s", name)
            continue
        yield indexer, sorted(set(ids))
