"""A small city of plain facts: two systems, a locker, a group across them; and a wish that is fine.

city ─ north ─ okhta ─ locker
     │       └ vyborg
     └ south ─ fontanka         group "river": okhta, fontanka
"""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from bibliopolis.circulation.permits import (
    CopyFacts,
    HoldWish,
    LoanWish,
    OpenHold,
    PickupFacts,
    ReaderFacts,
    Terms,
    TitleFacts,
)
from bibliopolis.circulation.rules import Rule, RuleBook, Scope
from bibliopolis.circulation.rules.geography import Geography

ABOVE = {
    "city": None,
    "north": "city",
    "south": "city",
    "okhta": "north",
    "vyborg": "north",
    "fontanka": "south",
    "locker": "okhta",
}
GROUPS = {"river": ("okhta", "fontanka"), "systems": ("south",)}
PLACES = {
    "okhta": PickupFacts("okhta", "okhta", "Okhta"),
    "vyborg": PickupFacts("vyborg", "vyborg", "Vyborg"),
    "fontanka": PickupFacts("fontanka", "fontanka", "Fontanka"),
    "locker": PickupFacts("locker", "okhta", "Locker"),
}
COPY = CopyFacts(id=1, home="okhta", holding="okhta", item_type="book", days_old=400)
READER = ReaderFacts(id=7, category="adult", home="okhta", age=30)
TITLE = TitleFacts(record_id=5, copies=(COPY,))
GENERAL = {"holds_allowed": None}


def terms(at=None, distances=(), **values):
    """Return terms with these rules for all, and ``at``: ``{(org, category, type): {…}}``."""
    rules = [Rule(name, value) for name, value in {**GENERAL, **values}.items()]
    for scope, own in (at or {}).items():
        rules += [Rule(name, value, Scope(*scope)) for name, value in own.items()]
    return Terms(RuleBook(rules), Geography(ABOVE, GROUPS, tuple(distances)))


def holds(number, record_id=90, **more):
    """Return so many open holds on other titles."""
    fields = {"item_type": "book", "pickup": "okhta", **more}
    return tuple(OpenHold(record_id + n, **fields) for n in range(number))


@pytest.fixture
def facts():
    """Return what tables make their rows of."""

    def wish(copy=None, copies=None, reader=None, pickup="okhta", title=None, **more):
        first = replace(COPY, **(copy or {}))
        found = tuple(copies) if copies is not None else (first,)
        return HoldWish(
            title=replace(TITLE, copies=found, **(title or {})),
            reader=replace(READER, **(reader or {})),
            pickup=PLACES[pickup] if isinstance(pickup, str) else pickup,
            others=tuple(PLACES.values()),
            **more,
        )

    def loan(copy=None, reader=None, desk="okhta", **more):
        borrower = replace(READER, **(reader or {}))
        return LoanWish(replace(COPY, **(copy or {})), borrower, desk, **more)

    return SimpleNamespace(wish=wish, loan=loan, terms=terms, holds=holds, places=PLACES)
