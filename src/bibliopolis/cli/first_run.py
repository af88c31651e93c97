"""The data folder of a site: one supervisor at a time, and a first start that may break off."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

UNFINISHED = "first-run-is-unfinished"
LOCK = "serve.lock"


def occupy(folder: Path) -> int:
    """Take the data folder for this process; the lock ends with the process, however it ends."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT)
    except OSError as error:
        raise click.ClickException(
            f"{folder} cannot be the data folder ({error.strerror}): "
            "name one that may be written to, for example DATA=var make serve"
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise click.ClickException(
            f"another `bibliopolis serve` uses {folder}: "
            "give this one its own, for example DATA=var-2 make serve"
        ) from error
    return descriptor


@contextmanager
def occupied(folder: Path) -> Iterator[None]:
    """Take the data folder while something is done to it."""
    descriptor = occupy(folder)
    try:
        yield
    finally:
        os.close(descriptor)


class FirstRun:
    """Fill an empty data folder; a marker in it says that this has begun and is not complete.

    Only what lies in a folder that carries the marker is ever removed: it was made by the very
    run that was interrupted, before anybody could have used the site.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.marker = folder / UNFINISHED

    @property
    def is_due(self) -> bool:
        """Tell whether the folder is still empty."""
        return all(path.name == LOCK for path in self.folder.iterdir())

    @property
    def was_interrupted(self) -> bool:
        """Tell whether an earlier first run did not reach its end."""
        return self.marker.exists()

    def forget(self) -> None:
        """Remove what the interrupted run left; the marker goes last."""
        for path in self.folder.iterdir():
            if path.name in (UNFINISHED, LOCK):
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
        self.marker.unlink()

    def begin(self) -> None:
        """Mark the folder, durably, before anything else is put into it."""
        self.marker.touch()
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def load_demo(self, config: str) -> None:
        """Load the demo in a process of its own, so that its memory is given back."""
        command = [sys.executable, "-m", "bibliopolis", "demo", "--config", config]
        if subprocess.run(command, check=False).returncode:
            raise click.ClickException("the demo could not be loaded; see above")

    def complete(self) -> None:
        """Take the marker away: the folder now belongs to the people of the site."""
        self.marker.unlink()
