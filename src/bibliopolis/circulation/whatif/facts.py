"""A period of circulation as plain facts: what was wished, which copies came when to which desk.

Times are whole seconds of UTC, organisations and copies go by their ids, readers by numbers of the
period that say nothing of who they are. It all becomes JSON and comes back the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, field
from typing import Any

from ..rules import Rule, RuleBook, Scope
from ..rules.geography import Geography
from ..rules.loading import CirculationPolicy


@dataclass(frozen=True)
class Place:
    """A library or pickup point; ``desk`` is the id of the library that serves it."""

    id: int
    code: str
    desk: int
    above: int | None
    enabled: bool


@dataclass(frozen=True)
class PastReader:
    """A reader of the period; of one who is forgotten only where they collected is known."""

    id: int
    category: str
    home: int
    age: int | None = None


@dataclass(frozen=True)
class PastTitle:
    """A title somebody waited for."""

    id: int
    kind: str
    age: int | None = None


@dataclass(frozen=True)
class PastCopy:
    """A copy of such a title, and where it was when the period began.

    ``held`` is the hold it was bound to then, ``out`` whether it was on loan or on its way.
    """

    id: int
    title: int
    home: int
    item_type: str
    status: str
    location: str
    created: int
    at: int
    out: bool = False
    held: int | None = None


@dataclass(frozen=True)
class PastHold:
    """A hold, and what really became of it; a time is None where it did not come to that.

    ``ended`` is when its reader, or staff, ended it while it waited; ``missed`` when the copy was
    taken off the hold shelf. ``back`` and ``back_at`` say when and where the reader returned it.
    """

    id: int
    title: int
    reader: int
    pickup: int
    placed: int
    day: int
    cut_in_line: bool = False
    wanted: int | None = None
    overridden: tuple[str, ...] = ()
    copy: int | None = None
    captured: int | None = None
    captured_at: int | None = None
    ready: int | None = None
    collected: int | None = None
    direct: bool = False
    """Whether the copy was handed out from the shelf, without having been captured."""
    ended: int | None = None
    missed: int | None = None
    back: int | None = None
    back_at: int | None = None
    state: str = "new"
    """What it was when the period began: ``new``, ``queued``, ``in_transit`` or ``ready``."""


@dataclass(frozen=True)
class Walk:
    """A loan without a hold: lent at a desk, and returned at another or the same."""

    copy: int
    at: int
    desk: int
    back: int | None
    back_at: int


@dataclass(frozen=True)
class Pause:
    """A hold was paused, or its pause ended."""

    hold: int
    at: int
    paused: bool


@dataclass(frozen=True)
class Pull:
    """A copy was really taken in at a desk: somebody had it in the hand then."""

    copy: int
    at: int
    desk: int


@dataclass(frozen=True)
class Vain:
    """A copy was really looked for and not fetched; ``ended`` None while it still is."""

    copy: int
    since: int
    ended: int | None


@dataclass(frozen=True)
class Journey:
    """A copy was really sent from one library to another; ``received`` None while it travels."""

    copy: int
    sent: int
    start: int
    end: int
    received: int | None = None
    held: bool = False


@dataclass(frozen=True)
class Period:
    """All that is known of a period from ``since`` to ``until``."""

    since: int
    until: int
    places: tuple[Place, ...] = ()
    readers: tuple[PastReader, ...] = ()
    titles: tuple[PastTitle, ...] = ()
    copies: tuple[PastCopy, ...] = ()
    holds: tuple[PastHold, ...] = ()
    walks: tuple[Walk, ...] = ()
    pauses: tuple[Pause, ...] = ()
    pulls: tuple[Pull, ...] = ()
    vain: tuple[Vain, ...] = ()
    journeys: tuple[Journey, ...] = ()
    rules: tuple[Rule, ...] = field(default=())
    """Those that count now, of the file and of staff."""

    @property
    def book(self) -> RuleBook:
        """Return the rules that count now."""
        return RuleBook(self.rules)

    def geography(self, policy: CirculationPolicy) -> Geography:
        """Return how its organisations lie; groups and distances are those of the site's file."""
        codes = {place.id: place.code for place in self.places}
        above = {place.code: codes.get(place.above or 0) for place in self.places}
        return Geography.of(above, policy)


_ROWS: Mapping[str, type[Any]] = {
    "places": Place,
    "readers": PastReader,
    "titles": PastTitle,
    "copies": PastCopy,
    "holds": PastHold,
    "walks": Walk,
    "pauses": Pause,
    "pulls": Pull,
    "vain": Vain,
    "journeys": Journey,
}


def as_json(period: Period) -> dict[str, Any]:
    """Return a period as JSON keeps it."""
    rows = {name: [astuple(one) for one in getattr(period, name)] for name in _ROWS}
    return {
        "since": period.since,
        "until": period.until,
        "rules": rules_as_json(period.rules),
        **rows,
    }


def from_json(data: Mapping[str, Any]) -> Period:
    """Return the period that JSON kept."""
    rows = {
        name: tuple(made(*(_tuple(value) for value in row)) for row in data[name])
        for name, made in _ROWS.items()
    }
    return Period(data["since"], data["until"], rules=rules_from_json(data["rules"]), **rows)


def rules_as_json(rules: Iterable[Rule]) -> list[list[Any]]:
    """Return rules as JSON keeps them: organisation, category, item type, name, value."""
    return [
        [one.scope.organisation, one.scope.category, one.scope.item_type, one.name, one.value]
        for one in rules
    ]


def rules_from_json(rows: Iterable[Any]) -> tuple[Rule, ...]:
    """Return the rules that JSON kept."""
    return tuple(
        Rule(name, value, Scope(organisation, category, item_type))
        for organisation, category, item_type, name, value in rows
    )


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
