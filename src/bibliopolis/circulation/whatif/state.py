"""How far a replay has come: all of it becomes JSON, so that it can stop and go on elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any


class Kind(IntEnum):
    """What happens next, in the order in which it does at one and the same second."""

    PLACE = 0
    PAUSE = 1
    THAW = 2
    BACK = 3
    ARRIVE = 4
    HOME = 5
    COLLECT = 6
    MISS = 7
    WALK = 8
    DIRECT = 9
    PULL = 10
    END = 11


class Stage(StrEnum):
    """How a hold stands in the replay."""

    QUEUED = "queued"
    IN_TRANSIT = "in_transit"
    READY = "ready"
    FULFILLED = "fulfilled"
    NOT_COLLECTED = "not_collected"
    ENDED = "ended"
    REFUSED = "refused"


WAITING_FOR_NOBODY = (Stage.FULFILLED, Stage.NOT_COLLECTED, Stage.ENDED, Stage.REFUSED)


@dataclass
class HoldRun:
    """What became of a hold: which copy, and when it was ready to collect."""

    stage: str = Stage.QUEUED
    copy: int | None = None
    ready: int | None = None
    paused: bool = False
    why: str | None = None
    """The code of the block that refused it."""


class Where(StrEnum):
    """How a copy stands in the replay."""

    SHELF = "shelf"
    OUT = "out"
    AWAY = "away"
    """On its way home."""
    BOUND = "bound"


@dataclass
class CopyRun:
    """Where a copy is; ``pull`` is when somebody fetches it from its shelf, for which hold."""

    where: str
    at: int
    pull: int | None = None
    pull_for: int | None = None
    rest: int = 0
    """Not fetched again before that."""
    events: list[tuple[int, int, int | None]] = field(default_factory=list)
    """What happened last: when, to which library, from which (None for a loan)."""


@dataclass
class Going:
    """Counts of copies sent: for holds, and home again; steps of the tree they travelled."""

    for_holds: int = 0
    home: int = 0
    steps: int = 0


@dataclass
class State:
    """A replay between two events."""

    next: int = 0
    """How many of the period's own events are done."""
    heap: list[tuple[int, int, int, int, int]] = field(default_factory=list)
    """What the replay itself has set in motion: when, kind, number, and two ids."""
    number: int = 0
    holds: dict[int, HoldRun] = field(default_factory=dict)
    copies: dict[int, CopyRun] = field(default_factory=dict)
    targets: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Which copy is looked for, and since when, by the id of the hold."""
    going: Going = field(default_factory=Going)

    def sought(self, hold_id: int) -> int | None:
        """Return the copy that is looked for for a hold."""
        return self.targets.get(hold_id, (None, 0))[0]

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON keeps it."""
        return {
            "next": self.next,
            "heap": self.heap,
            "number": self.number,
            "holds": {
                str(one): [run.stage, run.copy, run.ready, run.paused, run.why]
                for one, run in self.holds.items()
            },
            "copies": {
                str(one): [run.where, run.at, run.pull, run.pull_for, run.rest, run.events]
                for one, run in self.copies.items()
            },
            "targets": {str(one): row for one, row in self.targets.items()},
            "going": [self.going.for_holds, self.going.home, self.going.steps],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> State:
        """Return the state that JSON kept."""
        copies = {}
        for one, (where, at, pull, pull_for, rest, events) in data["copies"].items():
            happened = [(each[0], each[1], each[2]) for each in events]
            copies[int(one)] = CopyRun(where, at, pull, pull_for, rest, happened)
        return cls(
            next=data["next"],
            heap=[(row[0], row[1], row[2], row[3], row[4]) for row in data["heap"]],
            number=data["number"],
            holds={int(one): HoldRun(*row) for one, row in data["holds"].items()},
            copies=copies,
            targets={int(one): (row[0], row[1]) for one, row in data["targets"].items()},
            going=Going(*data["going"]),
        )
