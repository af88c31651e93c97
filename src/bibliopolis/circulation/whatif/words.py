"""Figures of reports as rows with words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bibliopolis.i18n import _

from ..refusals.kinds import REASONS
from .measures import FEWEST
from .models import ReportState

STATES: Mapping[str, tuple[str, Any]] = {
    ReportState.WAITING: ("is-wait", _("Waits for its turn")),
    ReportState.RUNNING: ("is-scheduled", _("Under way")),
    ReportState.STOPPED: ("is-wait", _("Stopped")),
    ReportState.DONE: ("is-done", _("The report is ready")),
    ReportState.FAILED: ("is-bad", _("The report failed")),
}
RUNS: Mapping[str, Any] = {
    "reality": _("What really happened"),
    "before": _("Replayed, rules as they are"),
    "after": _("Replayed, changed rules"),
}
SHORT: Mapping[str, Any] = {
    "reality": _("Reality"),
    "before": _("Rules as they are"),
    "after": _("Changed rules"),
}
"""The same where there is little room."""
SHARE = "share"


@dataclass(frozen=True)
class Figure:
    """One line of a table: what it is, and its value in each run; ``share`` is of one."""

    title: Any
    values: tuple[float | None, ...]
    is_share: bool = False


_OF_HOLDS: Mapping[str, Any] = {
    "holds": _("Holds in all"),
    "refused": _("Refused by the rules"),
    "filled": _("Got a copy"),
    SHARE: _("Share that got a copy"),
    "median": _("Days until half of those had it"),
    "ninety": _("Days until nine of ten of those had it"),
    "mean": _("Days waited on average, those with them who still wait"),
}
_SENT: Mapping[str, Any] = {
    "holds": _("Copies sent for holds"),
    "home": _("Copies sent home"),
    "steps": _("Steps of the tree they travelled"),
}
_FAIRNESS: Mapping[str, Any] = {
    "compared": _("Libraries compared"),
    "shortest": _("Days waited at the library that waits least"),
    "longest": _("Days waited at the library that waits most"),
    "ratio": _("Times as long at the latter"),
    "gini": _("Gini coefficient: 0 where all wait alike, near 1 where one waits for all"),
}
SMALL = FEWEST
"""Libraries with fewer holds are not compared."""


def overall(runs: Mapping[str, Any], keys: tuple[str, ...]) -> list[Figure]:
    """Return the lines about all libraries together."""
    every = [runs[key] for key in keys]
    return [
        *of_holds([one["all"] for one in every]),
        *(_line(title, name, [one["sent"] for one in every]) for name, title in _SENT.items()),
    ]


def of_holds(rows: list[Mapping[str, Any]]) -> list[Figure]:
    """Return the lines about the holds of some rows."""
    return [_line(title, name, rows) for name, title in _OF_HOLDS.items()]


def fair(runs: Mapping[str, Any], keys: tuple[str, ...]) -> list[Figure]:
    """Return the lines about how libraries fare beside each other."""
    every = [runs[key]["fairness"] for key in keys]
    return [_line(title, name, every) for name, title in _FAIRNESS.items()]


def refusals(runs: Mapping[str, Any], keys: tuple[str, ...]) -> list[Figure]:
    """Return for each reason how many holds it refused."""
    every = [runs[key]["refusals"] for key in keys]
    codes = dict.fromkeys(code for one in every for code in one)
    return [
        Figure(REASONS.get(code, code), tuple(one.get(code, 0) for one in every)) for code in codes
    ]


def places(runs: Mapping[str, Any], level: str) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """Return for each library or system (by code) its figures in all three runs."""
    every = [runs[key][level] for key in RUNS]
    codes = sorted({code for one in every for code in one})
    return [(code, [one.get(code, {}) for one in every]) for code in codes]


def _line(title: Any, name: str, rows: list[Mapping[str, Any]]) -> Figure:
    return Figure(title, tuple(row.get(name) for row in rows), name == SHARE)
