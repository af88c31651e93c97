"""Folders that libraries' systems put their files into; the worker brings them in by itself.

Below ``bibliopolis.import_folder`` each library has a folder called by its code. A file that has
rested there for a while is moved to ``working/UID/``, brought in, and moved to ``done`` or
``failed``, with a report beside it. Each step can be found again after a crash: what lies in
``working`` without an import gets one, and what belongs to an import that has ended is moved on.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import Any

from bibliopolis.catalogue.import_run import plain_text
from bibliopolis.db import new_uid
from bibliopolis.errors import InvalidInput
from bibliopolis.libraries.models import OrganisationKind
from bibliopolis.libraries.services import Libraries

from .batches import transaction
from .files import UID, ImportFiles
from .models import ENDED, IntakeRun, RunState
from .profiles import Profiles
from .runs import Runs

log = logging.getLogger(__name__)

EVERY_LOOK = 15.0
QUIET = 30.0
"""Seconds for which a file must not have changed: then whoever writes it is done."""
AT_ONCE = 5
"""So many files of a library are begun with at one look."""
WORKING, DONE, FAILED = "working", "done", "failed"
LONGEST = 255 - len(f"{'0' * 32}-.report.json")
"""So many bytes of a file's name fit between the uid of its import and the ending of its report."""
UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload")


def look_into_folders(request: Any) -> None:
    """Begin with files that are complete, and put those away whose import has ended."""
    root = request.settings.import_folder
    if root is None or not root.is_dir():
        return
    tree = request.find_service(Libraries, context=None).tree
    for library in list(tree.values()):
        folder = root / library.code
        # One folder that cannot be read must not keep the others waiting.
        with _alone(folder):
            if library.kind == OrganisationKind.LIBRARY and folder.is_dir():
                LibraryFolder(request.registry, folder, library.id, library.code).look()


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Note what went wrong with a file or folder, and go on with the next."""
    try:
        yield
    except Exception:
        log.exception("import folder: %r", str(path))


class LibraryFolder:
    """The folder of one library."""

    def __init__(self, registry: Any, folder: Path, library_id: int, code: str) -> None:
        self.registry = registry
        self.folder = folder
        self.library_id = library_id
        self.code = code
        settings = registry["bibliopolis.settings"]
        self.files = ImportFiles(settings.data, settings.import_limit)
        self.profile = profile_of(registry["bibliopolis.import_profiles"], code)

    def look(self) -> None:
        """Take complete files over, begin with them, and put away what has ended."""
        for name in (WORKING, DONE, FAILED):
            if (self.folder / name).is_symlink():
                log.warning("import folder: %r is a link and not followed", str(self.folder / name))
                return
        for path in self._complete():
            with _alone(path):
                uid = new_uid()
                (self.folder / WORKING / uid).mkdir(parents=True)
                path.rename(self.folder / WORKING / uid / path.name)
        taken = dict(self._taken())
        with transaction(self.registry) as request:
            runs = request.find_service(Runs, context=None).by_uids(list(taken))
        for uid, path in taken.items():
            with _alone(path):
                self._go_on(uid, path, runs.get(uid))

    def _go_on(self, uid: str, path: Path, run: IntakeRun | None) -> None:
        """Do what is next with a file that was taken over."""
        if run is None:
            self._begin(uid, path)
        elif run.library_id != self.library_id:
            # Whoever calls a folder by the uid of another library's import gets no report of that.
            path.parent.rename(path.parent.with_name(new_uid()))
        elif run.state in ENDED:
            well = run.state == RunState.FINISHED
            self._put_away(path, DONE if well else FAILED, _report(run))

    def _complete(self) -> list[Path]:
        """Return files that nobody has changed for a while, the oldest first."""
        before = time.time() - QUIET  # the file system's own clock
        with os.scandir(self.folder) as entries:
            found = [
                (entry.stat(follow_symlinks=False).st_mtime, Path(entry.path))
                for entry in entries
                if entry.is_file(follow_symlinks=False)
                and not entry.name.startswith(".")
                and not entry.name.lower().endswith(UNFINISHED)
            ]
        return [path for changed, path in sorted(found) if changed < before][:AT_ONCE]

    def _taken(self) -> Iterator[tuple[str, Path]]:
        """Yield what was taken over and not put away: the uid of its import, and the file."""
        working = self.folder / WORKING
        if not working.is_dir():
            return
        for folder in sorted(working.iterdir()):
            if not UID.fullmatch(folder.name) or folder.is_symlink():
                continue
            with _alone(folder):
                path = _file_in(folder)
                if path is not None:
                    yield folder.name, path

    def _begin(self, uid: str, path: Path) -> None:
        """Let the worker bring a file in."""
        try:
            # A link could show any file of this machine to whoever may write here.
            with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as stream:
                size = self.files.keep(uid, stream)
        except InvalidInput as refusal:
            self._put_away(path, FAILED, {"state": "failed", "reason": plain_text(refusal.reason)})
            return
        with transaction(self.registry) as request:
            runs = request.find_service(Runs, context=None)
            name = readable(path.name)
            runs.begin(runs.add(uid, self.library_id, name, size, self.profile), dry=False)

    def _put_away(self, path: Path, where: str, report: dict[str, Any]) -> None:
        """Move a file to where it stays, its report first: nothing is there without one."""
        target = self.folder / where
        target.mkdir(exist_ok=True)
        name = readable(path.name)
        stays = target / f"{path.parent.name}-{shortened(name)}"
        said = json.dumps({"file": name, **report}, ensure_ascii=False, indent=1)
        beside = stays.with_name(f"{stays.name}.report.json")
        beside.unlink(missing_ok=True)  # of a look that was killed; or a link
        with beside.open("x", encoding="utf-8") as file:
            file.write(said + "\n")
        path.rename(stays)
        path.parent.rmdir()


def _file_in(folder: Path) -> Path | None:
    """Return the file that was moved into a folder of its own; a folder without any goes."""
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    if not found:
        folder.rmdir()  # killed between making it and moving the file, or after that
    files = (Path(entry.path) for entry in found if entry.is_file(follow_symlinks=False))
    return next(files, None)


def readable(name: str) -> str:
    """Return the name of a file with a mark for each byte that is not UTF-8."""
    return os.fsencode(name).decode("utf-8", "replace")


def shortened(name: str) -> str:
    """Return the name of a file with so much left out before its ending that a report fits."""
    if len(name.encode()) <= LONGEST:
        return name
    ending = PurePath(name).suffix.encode()[-LONGEST // 2 :].decode("utf-8", "ignore")
    stem = name.encode()[: LONGEST - len(ending.encode())].decode("utf-8", "ignore")
    return stem + ending


def profile_of(profiles: Profiles, code: str) -> str:
    """Return the profile that names a library, the first of several; else none."""
    return next((one.name for one in profiles.values() if code in one.libraries), "")


def _report(run: IntakeRun) -> dict[str, Any]:
    """Return what became of a file, without the names of files on this machine."""
    numbers = {name: value for name, value in run.report.items() if name != "recognised"}
    return {"import": run.uid, "state": run.state, **numbers}
