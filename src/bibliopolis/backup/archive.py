"""The archive itself: written under another name until it is whole, read with distrust."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import stat
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, BinaryIO

from bibliopolis.backup.manifest import (
    MANIFEST,
    Entry,
    Manifest,
    TableEntry,
    UnusableArchive,
    parse_manifest,
)

CHUNK = 1 << 20
LARGEST_MANIFEST = 256 << 20
LONGEST_LINE = 256 << 20
DENSEST = 200
"""No table of ours shrinks to less than a two-hundredth; what does is made to fill the disk."""
SMALL = 10 << 20
"""Below this size even what is dense does no harm."""

BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
    OSError,
)

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


def silent(_doing: str, _done: int, _total: int) -> None:
    """Show nothing."""


class ArchiveWriter:
    """Put members into an archive and note what they are."""

    def __init__(self, stream: BinaryIO) -> None:
        self._zip = zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, allowZip64=True)

    def __enter__(self) -> ArchiveWriter:
        return self

    def __exit__(self, *_reason: object) -> None:
        self._zip.close()

    @contextmanager
    def member(self, name: str, *, packed: bool = True) -> Iterator[Noting]:
        """Give what the bytes of a member are written to; afterwards it knows size and digest."""
        info = zipfile.ZipInfo(name)
        info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        info.external_attr = (stat.S_IFREG | 0o600) << 16
        with self._zip.open(info, "w", force_zip64=True) as stream:
            yield Noting(stream)

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest, without which there is no archive."""
        with self.member(MANIFEST) as member:
            member.write(manifest.as_bytes())


class Noting:
    """A stream that remembers how much was written to it, and the digest of that."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._digest = hashlib.sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        """Return the digest of all that was written."""
        return self._digest.hexdigest()

    def write(self, data: bytes) -> None:
        """Write on."""
        self._stream.write(data)
        self._digest.update(data)
        self.size += len(data)


@contextmanager
def appearing_whole(target: Path) -> Iterator[BinaryIO]:
    """Give a stream whose content is at ``target`` afterwards, or nowhere.

    Only its owner may read it. What a killed process left beside the target is removed by the
    next one; the lock tells that from what another process is just writing.
    """
    for left in target.parent.glob(f".{target.name}.part-*"):
        _remove_if_abandoned(left)
    draft = target.parent / f".{target.name}.part-{os.getpid()}"
    descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w+b") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
            # Unlike a rename, a link never replaces what came to be there meanwhile.
            os.link(draft, target)
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(target.parent)


def _remove_if_abandoned(path: Path) -> None:
    try:
        with path.open("rb") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
    except (BlockingIOError, FileNotFoundError):
        pass  # somebody is at work on it, or has just finished


def sync_folder(folder: Path) -> None:
    """See to it that the names in a folder survive a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Archive:
    """An archive somebody brings, open for reading; `UnusableArchive` says what is wrong."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except BROKEN as error:
            raise UnusableArchive(f"{path} is no whole archive ({error})") from error
        try:
            self._members = self._known_members()
            self.manifest = parse_manifest(self._read_manifest())
            self._compare_names()
        except BaseException:
            self._zip.close()
            raise

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_reason: object) -> None:
        self._zip.close()

    def verify(self, progress: Progress = silent) -> None:
        """Read everything once and compare sizes, digests and the number of rows."""
        total, done = self.manifest.size, 0
        for entry in self.manifest.entries:
            rows = 0
            for chunk in self.chunks(entry):
                done += len(chunk)
                rows += chunk.count(b"\n")
                progress("Checking the archive", done, total)
            if isinstance(entry, TableEntry) and rows != entry.rows:
                raise UnusableArchive(f"{entry.member} has {rows} rows instead of {entry.rows}")

    def chunks(self, entry: Entry) -> Generator[bytes, None, None]:
        """Give the bytes of a member; at its end they are known to be the right ones."""
        digest, size = hashlib.sha256(), 0
        try:
            with self._zip.open(self._members[entry.member]) as stream:
                while chunk := stream.read(CHUNK):
                    size += len(chunk)
                    if size > entry.size:
                        break
                    digest.update(chunk)
                    yield chunk
        except BROKEN as error:
            raise UnusableArchive(f"{entry.member} cannot be read ({error})") from error
        if size != entry.size or digest.hexdigest() != entry.sha256:
            raise UnusableArchive(f"{entry.member} is not what the manifest says")

    def lines(self, entry: TableEntry) -> Generator[bytes, None, None]:
        """Give the rows of a table, one a line."""
        rest = b""
        with closing(self.chunks(entry)) as chunks:
            for chunk in chunks:
                *whole, rest = (rest + chunk).split(b"\n")
                if len(rest) > LONGEST_LINE:
                    raise UnusableArchive(f"{entry.member} has a row that is too long")
                yield from whole
        if rest:
            raise UnusableArchive(f"{entry.member} ends in the middle of a row")

    def _known_members(self) -> dict[str, zipfile.ZipInfo]:
        members: dict[str, zipfile.ZipInfo] = {}
        for info in self._zip.infolist():
            name = info.orig_filename
            kind = stat.S_IFMT(info.external_attr >> 16)
            if name != info.filename or name in members:
                raise UnusableArchive(f"{name!r} is in it twice or in disguise")
            if kind not in (0, stat.S_IFREG) or info.is_dir():
                raise UnusableArchive(f"{name!r} is no plain file")
            if info.flag_bits & 0x1 or info.compress_type not in (
                zipfile.ZIP_STORED,
                zipfile.ZIP_DEFLATED,
            ):
                raise UnusableArchive(f"{name!r} is packed in a way that is not ours")
            if info.file_size > max(SMALL, DENSEST * info.compress_size):
                raise UnusableArchive(f"{name!r} would grow beyond all measure")
            members[name] = info
        return members

    def _read_manifest(self) -> bytes:
        info = self._members.get(MANIFEST)
        if info is None or info.file_size > LARGEST_MANIFEST:
            raise UnusableArchive(f"{self.path} is no backup of Bibliopolis")
        try:
            with self._zip.open(info) as stream:
                return stream.read(LARGEST_MANIFEST)
        except BROKEN as error:
            raise UnusableArchive(f"{MANIFEST} cannot be read ({error})") from error

    def _compare_names(self) -> None:
        announced = {entry.member for entry in self.manifest.entries} | {MANIFEST}
        for name in sorted(announced ^ self._members.keys()):
            what = "is missing" if name in announced else "is not in its manifest"
            raise UnusableArchive(f"{name!r} {what}")
        for entry in self.manifest.entries:
            if self._members[entry.member].file_size != entry.size:
                raise UnusableArchive(f"{entry.member} is not what the manifest says")


def is_digest(name: str) -> bool:
    """Say whether a file is named by its SHA-256, as uploaded files are."""
    return re.fullmatch(r"[0-9a-f]{64}", name) is not None
