"""The search index of the default installation: Whoosh in a folder, arrays in memory."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pyroaring import BitMap
from whoosh import index as whoosh_index
from zope.interface import implementer

from bibliopolis.search.documents import (
    Document,
    Health,
    Listed,
    Listing,
    LiveChanges,
    LiveState,
    Query,
    Results,
)
from bibliopolis.search.interfaces import ISearchIndex
from bibliopolis.search.whoosh.folder import Folder
from bibliopolis.search.whoosh.listing import list_values
from bibliopolis.search.whoosh.live import LiveColumn
from bibliopolis.search.whoosh.postings import Cache
from bibliopolis.search.whoosh.rebuild import Rebuild
from bibliopolis.search.whoosh.searching import Searching
from bibliopolis.search.whoosh.segments import Segment, Vocabulary
from bibliopolis.search.whoosh.snapshot import Placed, Snapshot
from bibliopolis.search.whoosh.spelling import Speller
from bibliopolis.search.whoosh.writing import BROKEN, DAMAGED, Writing, create

log = logging.getLogger(__name__)

DEFAULT_MEMORY = 96 * 1024 * 1024
# How often files may vanish under the hands of a reader before the index counts as broken. Whoosh
# itself waits half a second for them each time.
OPENINGS = 3
AGAIN = 10.0
"""Seconds before a generation that cannot be opened is tried again, so that nobody waits for it."""
REMOVED = (FileNotFoundError, whoosh_index.EmptyIndexError)


class Unusable(Exception):
    """There is no index, or one that cannot be read; the message says which."""


@implementer(ISearchIndex)
class WhooshIndex:
    """One object for all threads of a process; see ``ISearchIndex`` for what it promises."""

    def __init__(self, path: Path, memory: int = DEFAULT_MEMORY) -> None:
        self.folder = Folder(path)
        self._cache = Cache(memory)
        self._live: dict[str, LiveColumn] = {}
        self._spellers: dict[int, Speller] = {}
        self._segments: dict[str, Segment] = {}
        self._snapshot: Snapshot | None = None
        self._opened: whoosh_index.FileIndex | None = None
        self._trouble = ""
        self._trying = ""
        self._failed = ("", 0.0)
        self._lock = threading.RLock()

    # Reading

    def search(self, query: Query) -> Results:
        """Return the answer to a query; an unusable index answers that it is not available."""
        try:
            self.refresh()
            snapshot = self._snapshot
            if snapshot is None:
                return Results(available=False)
            return Searching(query, snapshot, self._live, self._spellers).results()
        except BROKEN as error:
            self._give_up(error)
            return Results(available=False)

    def list_values(self, listing: Listing) -> Listed:
        """Return values of a facet by the alphabet."""
        try:
            self.refresh()
            snapshot = self._snapshot
            if snapshot is None:
                return Listed(available=False)
            return list_values(listing, snapshot)
        except BROKEN as error:
            self._give_up(error)
            return Listed(available=False)

    def refresh(self) -> bool:
        """Open what is new; return true if something was."""
        with self._lock:
            try:
                return self._open_if_changed()
            except BROKEN as error:
                self._give_up(error)
                self._failed = (self._trying, time.monotonic() + AGAIN)
            except Unusable as error:
                self._snapshot = None
                self._trouble = str(error)
            return False

    def health(self) -> Health:
        """Return whether the index can be read, as far as opening it tells."""
        self.refresh()
        snapshot = self._snapshot
        if snapshot is None or self._trouble:
            return Health(False, self._trouble)
        if self.folder.damaged == snapshot.generation:
            return Health(False, "the index is damaged and must be rebuilt", snapshot.documents)
        return Health(True, documents=snapshot.documents)

    def doc_count(self) -> int:
        """Return the number of documents that can be found."""
        return self.health().documents

    # Writing

    def update(self, documents: Iterable[Document], removed: Iterable[str] = ()) -> None:
        """Replace the documents of these resources in one durable commit."""
        documents = list(documents)
        keys = list(dict.fromkeys([*removed, *(one.resource_key for one in documents)]))
        if not keys:
            return
        with self.folder.locked():
            with Writing(self._live_folder()) as writing:
                writing.delete(self._present(keys))
                writing.add(documents)
            if self.folder.building:
                self.folder.remember(keys)
        self.refresh()

    def rebuild(self) -> Rebuild:
        """Return a new generation to be built beside the live one."""
        return Rebuild(self.folder, self.refresh)

    def create(self) -> None:
        """Make an empty index if there is none."""
        with self.folder.locked():
            if self.folder.current is None:
                self._make_empty()

    # Live facets

    def live_sequence(self, name: str) -> int:
        """Return up to where a live facet is known."""
        column = self._live.get(name)
        return column.sequence if column else -1

    def load_live(self, facet: Any, state: LiveState) -> None:
        """Take over all of a live facet; what was known before is forgotten."""
        column = LiveColumn(facet.type_name, facet.anywhere)
        values = {value: BitMap(ids) for value, ids in state.values.items()}
        column.load(state.sequence, values, state.hidden)
        with self._lock:
            self._live = {**self._live, facet.name: column}

    def apply_live(self, facet: Any, changes: LiveChanges) -> None:
        """Take over changes of a live facet."""
        with self._lock:
            column = self._live.get(facet.name) or LiveColumn(facet.type_name, facet.anywhere)
            column.apply(changes.sequence, changes.changes, changes.hidden)
            self._live = {**self._live, facet.name: column}

    # Inside

    def _live_folder(self) -> Path:
        """Return the folder of the live generation, an empty one if there was none at all."""
        name = self.folder.current
        if name is None:
            name = self._make_empty()
        if not self.folder.is_of_this_version(name):
            raise Unusable(f"the index {name} was made by another version")
        return self.folder.generation(name)

    def _make_empty(self) -> str:
        name = self.folder.new_generation()
        create(self.folder.generation(name))
        self.folder.make_current(name)
        return name

    def _present(self, keys: Iterable[str]) -> list[str]:
        """Return the keys of resources that have documents: deleting costs a search each."""
        self.refresh()
        placed = self._snapshot.placed if self._snapshot else ()
        return [
            key
            for key in keys
            if any(one.segment.document_frequency("resource", key) for one in placed)
        ]

    def _open_if_changed(self) -> bool:
        """Open what is live now; what a writer removed meanwhile is looked for once more."""
        for _opening in range(OPENINGS - 1):
            try:
                return self._open_what_is_live()
            except REMOVED as error:
                # Another process committed or swapped between two steps of opening: the files
                # that were listed are gone, those that replace them are there.
                log.debug("the index changed while it was opened: %s", error)
        return self._open_what_is_live()

    def _live_name(self) -> str:
        """Return the generation to open; raise Unusable if there is none that can be."""
        self._trying = ""
        name = self.folder.current
        if name is None:
            raise Unusable("there is no index yet: it is made by the worker or `reindex`")
        if not self.folder.is_of_this_version(name):
            raise Unusable("the index was made by another version and must be rebuilt")
        failed, again = self._failed
        if failed == name and time.monotonic() < again:
            raise Unusable(self._trouble)
        self._trying = name
        return name

    def _open_what_is_live(self) -> bool:
        name = self._live_name()
        old = self._snapshot
        if (
            old is not None
            and self._opened is not None
            and not self._trouble
            # Every search looks: the names of the files tell, without reading any of them.
            and (old.generation, old.toc) == (name, self._opened.latest_generation())
        ):
            return False
        opened = whoosh_index.open_dir(self.folder.generation(name))
        vocabularies = old.vocabularies if old and old.generation == name else {}
        self._snapshot = self._take(opened, name, vocabularies)
        self._opened = opened
        self._trouble = ""
        return True

    def _take(
        self, opened: whoosh_index.FileIndex, name: str, vocabularies: dict[str, Vocabulary]
    ) -> Snapshot:
        """Return a snapshot; segments that were open before are not read again."""
        reader = opened.reader()
        known, self._segments = self._segments, {}
        placed: list[Placed] = []
        first = 0
        for leaf, _offset in reader.leaf_readers():
            if leaf.segment() is None:
                continue
            identity = f"{name}/{leaf.segment().segment_id()}"
            deleted = BitMap(leaf.segment().deleted_docs())
            if identity in known:
                leaf.close()
                segment = known[identity]
            else:
                segment = Segment(leaf, self._cache, vocabularies)
            self._segments[identity] = segment
            placed.append(Placed(segment, deleted, first))
            first += segment.documents
        numbers = {one.segment.number for one in placed}
        for column in self._live.values():
            column.forget(numbers)
        for number in set(self._spellers) - numbers:
            self._spellers.pop(number, None)
        documents = sum(one.segment.documents - len(one.deleted) for one in placed)
        return Snapshot(name, reader.generation(), tuple(placed), vocabularies, documents)

    def _give_up(self, error: Exception) -> None:
        """Remember that the index is broken; the next refresh looks again."""
        with self._lock:
            if self._snapshot is not None and isinstance(error, DAMAGED):
                self._tell_others(self._snapshot.generation)
            self._snapshot = None
            self._segments = {}
            self._trouble = f"the index cannot be read: {type(error).__name__}: {error}"
        log.error("%s; it must be rebuilt", self._trouble, exc_info=error)

    def _tell_others(self, generation: str) -> None:
        try:
            self.folder.mark_damaged(generation)
        except OSError as error:
            # A folder that is gone, full or read-only: each process then finds out by itself.
            log.warning("the damage cannot be noted in %s: %s", self.folder.path, error)
