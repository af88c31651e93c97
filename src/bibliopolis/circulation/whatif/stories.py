"""What the history of a hold tells of it, read note by note."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from ..models import HoldState
from .facts import PastHold, Pull

BOUND = (HoldState.IN_TRANSIT, HoldState.READY)
PAUSED, THAWED = "suspend", "thaw"
"""Steps that Python's verbs are named by; see ``workflows/hold.yaml``."""


@dataclass(frozen=True)
class Note:
    """One entry of a history."""

    at: int
    action: str
    before: str | None
    after: str | None
    library_id: int | None = None
    item_id: int | None = None


@dataclass
class Story:
    """A hold as its notes tell; when it is told, what they leave out is taken from the hold."""

    hold_id: int
    states: list[tuple[int, str]] = field(default_factory=list)
    pulls: list[Pull] = field(default_factory=list)
    pauses: list[tuple[int, bool]] = field(default_factory=list)
    _facts: dict[str, Any] = field(default_factory=dict)

    def add(self, note: Note) -> None:
        """Take the next note in."""
        if note.action in (PAUSED, THAWED):
            self.pauses.append((note.at, note.action == PAUSED))
        if note.after is None:
            return
        if note.after != note.before:
            self.states.append((note.at, note.after))
        was_bound = note.before in BOUND
        match note.after:
            case HoldState.IN_TRANSIT | HoldState.READY if note.before == HoldState.QUEUED:
                self._captured(note)
            case HoldState.READY if note.before == HoldState.IN_TRANSIT:
                self._facts["ready"] = note.at
            case HoldState.FULFILLED:
                self._facts["collected"] = note.at
                if not was_bound:
                    self._facts |= {"direct": True, "ready": note.at, "copy": note.item_id}
            case HoldState.NOT_COLLECTED:
                self._facts["missed"] = note.at
            case HoldState.CANCELLED | HoldState.UNFILLED:
                self._facts["missed" if was_bound else "ended"] = note.at
            case HoldState.QUEUED:
                self._facts = {}

    def told(self, hold: PastHold, since: int, closed: int | None, state: str) -> PastHold:
        """Return the hold with what became of it, and what it was when the period began."""
        facts = dict(self._facts)
        if closed is not None and not {"collected", "missed", "ended"} & set(facts):
            # Its history says nothing: the hold itself does.
            facts["collected" if state == HoldState.FULFILLED else "ended"] = closed
        begun = "new"
        if hold.placed < since:
            before = [after for at, after in self.states if at < since]
            begun = before[-1] if before else HoldState.QUEUED
        return replace(hold, **facts, state=str(begun))

    def _captured(self, note: Note) -> None:
        self._facts |= {"captured": note.at, "captured_at": note.library_id, "copy": note.item_id}
        if note.after == HoldState.READY:
            self._facts["ready"] = note.at
        if note.item_id is not None and note.library_id is not None:
            self.pulls.append(Pull(note.item_id, note.at, note.library_id))
