"""The folder of the index: generations side by side, a pointer to the live one, locks.

::

    current      the name of the live generation
    building     the name of the generation a rebuild is making, while it is made
    damaged      the name of a generation that could be opened but not read
    changed      keys of resources that were updated during a rebuild, one a line
    write.lock   held while a generation is written or swapped; rebuild.lock during a rebuild
    v4-…/        a generation: an index of Whoosh; the number is that of the schema
"""

from __future__ import annotations

import fcntl
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bibliopolis.errors import Conflict
from bibliopolis.i18n import _
from bibliopolis.search.whoosh.schema import SCHEMA_VERSION


class Folder:
    """Where generations live, safe between processes and against a loss of power."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._current = path / "current"
        self._building = path / "building"
        self._changed = path / "changed"
        self._damaged = path / "damaged"

    @property
    def current(self) -> str | None:
        """Return the name of the live generation, or nothing if there is none."""
        return _read(self._current)

    @property
    def building(self) -> str | None:
        """Return the name of the generation that is being built."""
        return _read(self._building)

    @property
    def damaged(self) -> str | None:
        """Return the name of a generation in which something cannot be read."""
        return _read(self._damaged)

    def mark_damaged(self, name: str) -> None:
        """Let all processes know that this generation must be replaced."""
        self._damaged.write_text(name)

    def generation(self, name: str) -> Path:
        """Return the folder of a generation."""
        return self.path / name

    def is_of_this_version(self, name: str) -> bool:
        """Return whether a generation has the present schema."""
        return name.startswith(f"v{SCHEMA_VERSION}-")

    def new_generation(self) -> str:
        """Make the folder of a new generation and return its name."""
        name = f"v{SCHEMA_VERSION}-{uuid.uuid4().hex[:12]}"
        self.generation(name).mkdir(parents=True)
        return name

    def make_current(self, name: str) -> None:
        """Let a complete generation take the place of the live one."""
        sync_folder(self.generation(name))
        self._replace(self._current, name)

    def begin_building(self, name: str) -> None:
        """Say that updates are to be remembered for this generation from now on."""
        self._changed.write_text("")
        self._replace(self._building, name)

    def end_building(self) -> None:
        """Stop remembering updates."""
        self._building.unlink(missing_ok=True)
        self._changed.unlink(missing_ok=True)

    def remember(self, keys: Iterable[str]) -> None:
        """Note that these resources were updated while a generation is being built."""
        with self._changed.open("a") as stream:
            stream.writelines(f"{key}\n" for key in keys)
            stream.flush()
            os.fsync(stream.fileno())

    def take_remembered(self) -> list[str]:
        """Return what was updated since the last time, and forget it; hold the write lock."""
        keys = self._changed.read_text().split("\n")
        self._changed.write_text("")
        return list(dict.fromkeys(key for key in keys if key))

    def remove_old(self) -> None:
        """Delete generations that are neither live nor being built."""
        keep = {self.current, self.building}
        if self.damaged not in keep:
            self._damaged.unlink(missing_ok=True)
        for folder in self.path.glob("v*-*"):
            if folder.name not in keep:
                shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def locked(self, name: str = "write.lock", wait: bool = True) -> Iterator[None]:
        """Hold a lock against all other processes; raise Conflict if it is not to be waited for."""
        self.path.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError as error:
                raise Conflict(_("The search index is being rebuilt already")) from error
            yield
        finally:
            os.close(descriptor)

    def _replace(self, target: Path, text: str) -> None:
        beside = target.with_name(f"{target.name}.{os.getpid()}.new")
        with beside.open("w") as stream:
            stream.write(text + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(target)
        _sync(self.path)


def sync_folder(folder: Path, since: float = 0.0) -> None:
    """Force the files of a folder to the disk: Whoosh itself never does."""
    for path in folder.iterdir():
        if path.is_file() and path.stat().st_mtime >= since:
            _sync(path)
    _sync(folder)


def _read(path: Path) -> str | None:
    try:
        return path.read_text().strip() or None
    except FileNotFoundError:
        return None


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
