"""Whether a copy can be taken now, and why not: one function that everybody asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bibliopolis.catalogue.interfaces import ItemUse, UseKind
from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.i18n import _
from bibliopolis.parts import Available


@dataclass(frozen=True)
class CopyStanding:
    """How a copy stands: ``code`` for programs, ``text`` for people, ``tone`` for its shape."""

    code: str
    available: bool
    tone: Available
    text: Any


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


def availability_of(status: str, use: ItemUse | None = None, destination: str = "") -> CopyStanding:
    """Return how a copy stands, by its own status and by who has it.

    ``destination`` is the name of the library that it is on its way to. Only a lendable copy
    that nobody uses is available. A status that is not known is never called available.
    """
    if status != ItemStatus.WITHDRAWN and use is not None:
        tone, text = BY_USE[use.kind]
        if use.kind is UseKind.IN_TRANSIT and destination:
            text = _("on its way to ${library}", mapping={"library": destination})
        return CopyStanding(str(use.kind), False, tone, text)
    try:
        known = ItemStatus(status)
    except ValueError:
        return CopyStanding(status, False, Available.PROBLEM, _("not available"))
    tone, text = BY_STATUS[known]
    code = "on_shelf" if known is ItemStatus.LENDABLE else str(known)
    return CopyStanding(code, known is ItemStatus.LENDABLE, tone, text)
