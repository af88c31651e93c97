"""Child processes that are started again when they die, for ``bibliopolis serve``."""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

import click

from bibliopolis.cli.environment import WRONGLY_CONFIGURED

LONGEST_PAUSE = 30.0
LIVED_WELL = 60.0
TIME_TO_LEAVE = 15.0

PR_SET_PDEATHSIG = 1


class Child:
    """One program kept running: after a death it starts again, each time a little later."""

    def __init__(
        self,
        name: str,
        arguments: Sequence[str],
        *,
        say: Callable[[str], None],
        pass_fds: Sequence[int] = (),
    ) -> None:
        self.name = name
        self.arguments = list(arguments)
        self.say = say
        self.pass_fds = tuple(pass_fds)
        self.process: subprocess.Popen[bytes] | None = None
        self.started = 0.0
        self.deaths = 0
        self.start_again_at = 0.0

    def start(self) -> None:
        """Start the program; Ctrl-C is left to the parent, whose death ends it too."""
        self.process = subprocess.Popen(
            self.arguments, pass_fds=self.pass_fds, preexec_fn=_depend_on_parent
        )
        self.started = time.monotonic()

    def look_after(self) -> None:
        """Start the program again if it died and its pause is over."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.start_again_at:
                self.start()
            return
        code = self.process.poll()
        if code is None:
            return
        if code == WRONGLY_CONFIGURED:
            # It has said what is wrong; until a person mends that, it would only say it again.
            raise click.exceptions.Exit(code)
        self.deaths = 1 if now - self.started > LIVED_WELL else self.deaths + 1
        pause = min(2.0 ** (self.deaths - 1), LONGEST_PAUSE)
        self.process = None
        self.start_again_at = now + pause
        self.say(f"The {self.name} ended ({_cause(code)}); it starts again in {pause:.0f} s.")

    def ask_to_stop(self) -> None:
        """Tell the program to finish what it is doing and end."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def wait_until_stopped(self) -> None:
        """Wait for the program's end; after a while, end it."""
        if self.process is None:
            return
        try:
            self.process.wait(TIME_TO_LEAVE)
        except subprocess.TimeoutExpired:
            self.say(f"The {self.name} does not stop by itself: it is killed.")
            self.process.kill()
            self.process.wait()


def _cause(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def _depend_on_parent() -> None:
    """Run in the child before its program: no Ctrl-C, and no life without the parent (Linux)."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
