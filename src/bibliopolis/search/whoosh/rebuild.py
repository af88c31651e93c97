"""A new generation of the index, built beside the live one and swapped in at once."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from types import TracebackType

from zope.interface import implementer

from bibliopolis.search.documents import Document
from bibliopolis.search.interfaces import IRebuild
from bibliopolis.search.whoosh.folder import Folder
from bibliopolis.search.whoosh.writing import Writing, create

MEMORY = 192
"""Megabytes of postings that are gathered before they are sorted to disk."""

ROUNDS = 5


@implementer(IRebuild)
class Rebuild:
    """See ``IRebuild``. Updates made meanwhile go to the live generation and are noted."""

    def __init__(self, folder: Folder, refresh: Callable[[], bool]) -> None:
        self._folder = folder
        self._refresh = refresh
        self._stack = ExitStack()
        self._finished = False
        self._open = False
        self._name = ""

    def __enter__(self) -> Rebuild:
        self._stack.enter_context(self._folder.locked("rebuild.lock", wait=False))
        try:
            self._begin()
        except BaseException:
            self._clear_away()
            raise
        return self

    def _begin(self) -> None:
        # What an interrupted rebuild has left is nobody's any more: we hold its lock.
        self._folder.end_building()
        self._folder.remove_old()
        self._name = self._folder.new_generation()
        create(self._folder.generation(self._name))
        with self._folder.locked():
            self._folder.begin_building(self._name)
        self._writing = Writing(self._folder.generation(self._name), memory=MEMORY, merge=False)
        self._writing.__enter__()
        self._open = True

    def add(self, documents: Iterable[Document]) -> None:
        """Write documents into the new generation."""
        self._writing.add(documents)

    def finish(self, load: Callable[[Sequence[str]], Iterable[Document]]) -> None:
        """Commit, catch up with what was updated meanwhile, and swap."""
        self._open = False
        self._writing.__exit__(None, None, None)
        for _round in range(ROUNDS):
            with self._folder.locked():
                keys = self._folder.take_remembered()
            if not keys:
                break
            self._catch_up(keys, load)
        with self._folder.locked():
            # Nobody writes now: what is left is little, and nothing can come after it.
            if keys := self._folder.take_remembered():
                self._catch_up(keys, load)
            self._folder.make_current(self._name)
            self._folder.end_building()
        self._finished = True
        self._folder.remove_old()
        self._refresh()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if self._open:
                self._writing.__exit__(kind or RuntimeError, error, traceback)
        finally:
            self._clear_away()

    def _clear_away(self) -> None:
        """Remove a generation that was not finished, and let others rebuild."""
        try:
            if not self._finished:
                self._folder.end_building()
                if self._name:
                    shutil.rmtree(self._folder.generation(self._name), ignore_errors=True)
        finally:
            self._stack.close()

    def _catch_up(
        self, keys: Sequence[str], load: Callable[[Sequence[str]], Iterable[Document]]
    ) -> None:
        documents = list(load(keys))
        with Writing(self._folder.generation(self._name)) as writing:
            writing.delete(keys)
            writing.add(documents)
