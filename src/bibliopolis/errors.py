"""What can go wrong on purpose: errors that carry a translatable reason and know no HTTP.

``problems.py`` is the one place that turns them into answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


class BibliopolisError(Exception):
    """Base of every error the system raises on purpose; ``reason`` is shown to a person."""

    def __init__(self, reason: Any) -> None:
        super().__init__(str(reason))
        self.reason = reason


class InvalidInput(BibliopolisError):
    """What was sent cannot be used; ``errors`` maps a field's name to what is wrong with it."""

    def __init__(self, reason: Any, errors: Mapping[str, Any] | None = None) -> None:
        super().__init__(reason)
        self.errors = dict(errors or {})


class Unprocessable(InvalidInput):
    """What was sent can be read, but does not make a whole; ``code`` says which rule it breaks."""

    def __init__(self, code: str, reason: Any, errors: Mapping[str, Any] | None = None) -> None:
        super().__init__(reason, errors)
        self.code = code


class NotSignedIn(BibliopolisError):
    """The actor has not said who they are, or not in a way that can be believed."""


class NotAllowed(BibliopolisError):
    """The actor may not do this, now or ever."""


class NotFoundHere(BibliopolisError):
    """The thing asked for does not exist, or the asker must not learn that it does."""


class Conflict(BibliopolisError):
    """The present state does not allow it; ``reasons`` holds every reason why not."""

    def __init__(self, reason: Any, reasons: Sequence[Any] = ()) -> None:
        super().__init__(reason)
        self.reasons = tuple(reasons) or (reason,)


class TooLate(Conflict):
    """It is no longer, or not yet, in a state from which the step leads on."""


class Blocked(Conflict):
    """Rules stand against it; each of ``blocks`` has ``code``, ``message`` and ``remedy``."""

    def __init__(self, reason: Any, blocks: Sequence[Any]) -> None:
        super().__init__(reason, [block.message for block in blocks])
        self.blocks = tuple(blocks)


class SeenOlder(BibliopolisError):
    """The actor wants to change what they know only in an older version."""


class Gone(BibliopolisError):
    """It was here and has been taken away for good."""


class ConfigurationError(Exception):
    """A declaration or a setting is wrong: the start stops with one line that says where."""

    def __init__(self, place: Path | str, line: int | None, message: str) -> None:
        self.place = place
        self.line = line
        self.message = message
        where = f"{place}:{line}" if line is not None else f"{place}"
        super().__init__(f"{where}: {message}")
