"""Whether a copy can be taken now, and why not: one function that everybody asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bibliopolis.catalogue.interfaces import ItemUse, UseKind
from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.i18n import _, _n
from bibliopolis.parts import Available


@dataclass(frozen=True)
class CopyStanding:
    """How a copy stands: ``code`` for programs, ``text`` for people, ``tone`` for its shape."""

    code: str
    available: bool
    tone: Available
    text: Any
    due: date | None = None
    """The day by which a copy on loan is to be back."""


@dataclass(frozen=True)
class Words:
    """What a page knows to say more: names of libraries, today, and how a day is written."""

    names: Mapping[int, str] = field(default_factory=dict)
    closed: Mapping[int, date | None] = field(default_factory=dict)
    """Libraries that are closed today, not as every week, and when they open again."""
    for_days: Set[int] = frozenset()
    """Those of them that stay closed for so long that nothing of theirs counts as available."""
    waiting: int = 0
    """So many readers wait for a copy of the record."""
    today: date | None = None
    write_day: Callable[[date], str] = date.isoformat

    def of(self, use: ItemUse) -> Any | None:
        """Return where the copy goes or until when it is away; None where that is not known."""
        if use.kind is UseKind.IN_TRANSIT:
            name = self.names.get(use.library_id or 0)
            return _("on its way to ${library}", mapping={"library": name}) if name else None
        if use.kind is not UseKind.ON_LOAN or use.due is None or self.today is None:
            return None
        if use.due < self.today:
            return _("on loan, overdue")
        said = {"date": self.write_day(use.due)}
        if not self.waiting:
            return _("on loan until ${date}", mapping=said)
        return _n(
            "on loan until ${date}, ${n} reader is waiting",
            "on loan until ${date}, ${n} readers are waiting",
            self.waiting,
            said,
        )

    def shut(self, library_id: int) -> Any | None:
        """Return until when a library is closed, None where it is not."""
        if library_id not in self.closed:
            return None
        opens = self.closed[library_id]
        if opens is None:
            return _("on the shelf; the library is closed until further notice")
        day = self.write_day(opens)
        return _("on the shelf; the library is closed until ${date}", mapping={"date": day})


NO_WORDS = Words()

# The use comes first: a copy that is out is out, whatever its status says.
BY_USE = {
    UseKind.ON_LOAN: (Available.OUT, _("on loan")),
    UseKind.IN_TRANSIT: (Available.WAIT, _("on its way to another library")),
    UseKind.ON_HOLD_SHELF: (Available.WAIT, _("reserved for another reader")),
    UseKind.REQUESTED: (Available.WAIT, _("reserved for another reader")),
    UseKind.MISSING: (Available.PROBLEM, _("being searched for")),
    UseKind.RESHELVING: (Available.WAIT, _("on its way back to the shelf")),
}
BY_STATUS = {
    ItemStatus.LENDABLE: (Available.IN, _("on the shelf")),
    ItemStatus.READING_ROOM: (Available.PROBLEM, _("reading room only")),
    ItemStatus.ON_ORDER: (Available.WAIT, _("on order")),
    ItemStatus.LENT_ELSEWHERE: (Available.OUT, _("on loan")),
    ItemStatus.LOST: (Available.PROBLEM, _("lost")),
    ItemStatus.DAMAGED: (Available.OUT, _("being repaired")),
    ItemStatus.WITHDRAWN: (Available.PROBLEM, _("withdrawn")),
}
# What a library would show first if it has several copies.
BEST_FIRST = (Available.IN, Available.WAIT, Available.OUT, Available.PROBLEM)


def availability_of(
    status: str, use: ItemUse | None = None, words: Words = NO_WORDS, library_id: int = 0
) -> CopyStanding:
    """Return how a copy stands, by its own status, by who has it and where it is.

    Only a lendable copy that nobody uses is available; of a library that is closed today it can
    be had later, and is not available if that is days away. A status that is not known is never
    called available.
    """
    if status != ItemStatus.WITHDRAWN and use is not None:
        tone, text = BY_USE[use.kind]
        return CopyStanding(str(use.kind), False, tone, words.of(use) or text, use.due)
    try:
        known = ItemStatus(status)
    except ValueError:
        return CopyStanding(status, False, Available.PROBLEM, _("not available"))
    tone, text = BY_STATUS[known]
    closed = words.shut(library_id) if known is ItemStatus.LENDABLE else None
    if closed is not None:
        return CopyStanding("closed", library_id not in words.for_days, Available.WAIT, closed)
    code = "on_shelf" if known is ItemStatus.LENDABLE else str(known)
    return CopyStanding(code, known is ItemStatus.LENDABLE, tone, text)
