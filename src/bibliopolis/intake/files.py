"""Files of records that staff send: unpacked within limits, kept below the data folder."""

from __future__ import annotations

import errno
import gzip
import os
import re
import struct
import time
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from pathlib import Path, PurePath
from typing import IO, BinaryIO

from bibliopolis.errors import InvalidInput
from bibliopolis.i18n import _, _n

from .models import LONGEST_NAME

FOLDER = "imports"
CHUNK = 1 << 18
GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
# Of other methods Python unpacks all it has read at once: a hundred bytes could fill the memory.
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# What the readers of archives raise if the bytes are not as they should be.
DAMAGED = (
    EOFError,
    OverflowError,
    RuntimeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)
# What people send by mistake; the bytes tell, not the name.
NO_RECORDS = {
    b"%PDF": "PDF",
    b"\xd0\xcf\x11\xe0": "Word, Excel",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"Rar!": "RAR",
    b"7z\xbc\xaf": "7z",
    b"SQLi": "SQLite",
    b"\x7fELF": "ELF",
    b"MZ": "EXE",
}
DAMAGED_FILE = _("The packed file is damaged or locked: pack it anew.")
DAY = 24 * 3600
UID = re.compile(r"[0-9a-f]{32}")


class ImportFiles:
    """Keep the files of imports, each under the uid of its import."""

    def __init__(self, data: Path, limit: int) -> None:
        self.folder = data / FOLDER
        self.limit = limit

    def path(self, uid: str) -> Path:
        """Return where the file of an import is kept."""
        return self.folder / uid

    def keep(self, uid: str, stream: BinaryIO) -> int:
        """Keep a file, unpacked; return its size in bytes. ``InvalidInput`` says what is wrong."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.path(uid)
        try:
            with path.open("wb") as target:
                size = self._unpack(stream, target)
                target.flush()
                os.fsync(target.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return size

    def _unpack(self, stream: BinaryIO, target: IO[bytes]) -> int:
        size = 0
        for chunk in _unpacked(stream):
            size += len(chunk)
            # Counted while unpacking: what an archive says of itself may be a lie.
            if size > self.limit:
                raise InvalidInput(
                    _n(
                        "The file is too large: at most ${n} megabyte fits, unpacked.",
                        "The file is too large: at most ${n} megabytes fit, unpacked.",
                        self.limit // 1_000_000,
                    )
                )
            target.write(chunk)
        if not size:
            raise InvalidInput(_("The file is empty."))
        return size

    def forget(self, uid: str) -> None:
        """Delete a file that is no longer needed."""
        self.path(uid).unlink(missing_ok=True)

    def old(self) -> list[str]:
        """Return the uids of files that have been here for a day."""
        if not self.folder.exists():
            return []
        before = time.time() - DAY  # the file system's own clock
        return [
            path.name
            for path in self.folder.iterdir()
            if UID.fullmatch(path.name) and path.stat().st_mtime < before
        ]

    def sweep(self, needed: Collection[str]) -> None:
        """Delete what has been here for a day and nobody needs."""
        for uid in self.old():
            if uid not in needed:
                self.forget(uid)


def _unpacked(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the content of a file, unpacked, in chunks; ``InvalidInput`` says what is wrong."""
    stream.seek(0)
    head = stream.read(8)
    stream.seek(0)
    for mark, name in NO_RECORDS.items():
        if head.startswith(mark):
            raise InvalidInput(
                _("This is a file of ${kind}, not one of records.", mapping={"kind": name})
            )
    if not head.startswith((GZIP, ZIP)):
        yield from _chunks(stream.read)
        return
    try:
        if head.startswith(GZIP):
            with gzip.GzipFile(fileobj=stream) as content:
                yield from _packed_once(content.read)
        else:
            yield from _unzipped(stream)
    except DAMAGED as error:
        raise InvalidInput(DAMAGED_FILE) from error
    except OSError as error:
        # A place before the beginning of the file is a slip of the archive, a broken disk is not.
        if error.errno not in (None, errno.EINVAL):
            raise
        raise InvalidInput(DAMAGED_FILE) from error


def _unzipped(stream: BinaryIO) -> Iterator[bytes]:
    with zipfile.ZipFile(stream) as archive:
        files = [one for one in archive.infolist() if not one.is_dir()]
        if len(files) != 1:
            raise InvalidInput(
                _n(
                    "There is ${n} file in the archive: send exactly one.",
                    "There are ${n} files in the archive: send exactly one.",
                    len(files),
                )
            )
        if files[0].compress_type not in METHODS:
            raise InvalidInput(
                _("The archive is packed by a method that is not read: pack it as a plain zip.")
            )
        with archive.open(files[0]) as content:
            yield from _packed_once(content.read)


def _packed_once(read: Callable[[int], bytes]) -> Iterator[bytes]:
    """Yield what was unpacked, unless it is packed again: the next to unpack it has no limit."""
    for number, chunk in enumerate(_chunks(read)):
        if not number and chunk.startswith((GZIP, ZIP)):
            raise InvalidInput(_("The file is packed twice: unpack it once and send it again."))
        yield chunk


def _chunks(read: Callable[[int], bytes]) -> Iterator[bytes]:
    while chunk := read(CHUNK):
        yield chunk


def plain_name(name: str) -> str:
    """Return the name of a file without the folders of whoever sent it."""
    return PurePath(name.replace("\\", "/")).name[:LONGEST_NAME] or "?"
