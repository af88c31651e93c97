"""Writing to one generation of the index."""

from __future__ import annotations

import pickle
import struct
import time
import zlib
from collections.abc import Iterable
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


class Codec(W3Codec):
    """Whoosh's own format, written without lengths of fields: ours are in the rows."""

    length_stats = False


class Writing:
    """One commit: what is added and deleted inside the ``with`` appears at once and durably."""

    def __init__(self, folder: Path, memory: int = 64, merge: bool = True) -> None:
        self._folder = folder
        self._memory = memory
        self._merge = merge

    def __enter__(self) -> Writing:
        self._began = time.time() - 2
        # A compound segment would be copied into memory by every process that opens it.
        self._writer = SegmentWriter(
            index.open_dir(self._folder),
            timeout=30,
            limitmb=self._memory,
            compound=False,
            codec=Codec(blocklimit=512),
        )
        return self

    def delete(self, resource_keys: Iterable[str]) -> None:
        """Delete all documents of these resources."""
        for key in resource_keys:
            self._writer.delete_by_term("resource", key)

    def add(self, documents: Iterable[Document]) -> None:
        """Add documents."""
        for document in documents:
            self._writer.add_document(**to_whoosh(document))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is not None:
            self._writer.cancel()
            return
        self._writer.commit(merge=self._merge)
        sync_folder(self._folder, since=self._began)


def create(folder: Path) -> None:
    """Make an empty index."""
    index.create_in(folder, make_schema())
