"""Writing to one generation of the index."""

from __future__ import annotations

import pickle
import shutil
import struct
import time
import zlib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from whoosh import index
from whoosh.codec.whoosh3 import W3Codec
from whoosh.filedb.filetables import FileFormatError
from whoosh.writing import SegmentWriter

from bibliopolis.search.documents import Document
from bibliopolis.search.whoosh.folder import sync_folder
from bibliopolis.search.whoosh.schema import make_schema, to_whoosh

# What reading a file raises that is cut off or overwritten: Whoosh checks nothing.
DAMAGED = (
    FileFormatError,
    OSError,
    EOFError,
    pickle.UnpicklingError,
    struct.error,
    zlib.error,
)
BROKEN = (*DAMAGED, index.IndexError, ValueError, LookupError, AssertionError)


NAME = "MAIN"
"""What Whoosh calls the only index of a folder, and its files after it."""


class Codec(W3Codec):
    """Whoosh's own format, written without lengths of fields: ours are in the rows."""

    length_stats = False


class Writing:
    """One commit: what is added and deleted inside the ``with`` appears at once and durably.

    Where it fails, as on a full disk, nothing of it appears, and what was half written is removed.
    Whoever writes holds the lock of the folder.
    """

    def __init__(self, folder: Path, memory: int = 64, merge: bool = True) -> None:
        self._folder = folder
        self._memory = memory
        self._merge = merge

    def __enter__(self) -> Writing:
        self._began = time.time() - 2
        self._writer: SegmentWriter | None = None
        try:
            self._writer = SegmentWriter(
                index.open_dir(self._folder),
                # Whoosh would keep its own lock where a file cannot be made; ours is enough.
                _lk=False,
                limitmb=self._memory,
                # A compound segment would be copied into memory by every process that opens it.
                compound=False,
                codec=Codec(blocklimit=512),
            )
        except BaseException:
            self._clear_away()
            raise
        return self

    def delete(self, resource_keys: Iterable[str]) -> None:
        """Delete all documents of these resources."""
        assert self._writer is not None
        for key in resource_keys:
            self._writer.delete_by_term("resource", key)

    def add(self, documents: Iterable[Document]) -> None:
        """Add documents."""
        assert self._writer is not None
        for document in documents:
            self._writer.add_document(**to_whoosh(document))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is not None:
            self._clear_away()
            return
        assert self._writer is not None
        try:
            self._writer.commit(merge=self._merge)
            sync_folder(self._folder, since=self._began)
        except BaseException:
            self._clear_away()
            raise

    def _clear_away(self) -> None:
        """Remove what was written and is not part of the index: a full disk must not get fuller."""
        with suppress(*BROKEN):
            if self._writer is not None and not self._writer.is_closed:
                # Closing its files may fail for the same reason as writing them.
                self._writer.cancel()
        self._writer = None
        shutil.rmtree(self._folder / f"{NAME}.tmp", ignore_errors=True)
        for file in self._folder.glob(f"_{NAME}_*.toc.*"):
            file.unlink(missing_ok=True)
        with suppress(*BROKEN):
            opened = index.open_dir(self._folder)
            index.clean_files(opened.storage, NAME, opened.latest_generation(), opened._segments())


def create(folder: Path) -> None:
    """Make an empty index."""
    index.create_in(folder, make_schema())
