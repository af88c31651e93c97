"""``policies/readers.yaml``: the categories of readers, and the rules of registration."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bibliopolis.declarations import Node, read
from bibliopolis.i18n import _

from .models import Reader

FILE = Path("policies") / "readers.yaml"
OLDEST = 150


@dataclass(frozen=True)
class Category:
    """A category of readers; without ages it is given at a desk and never follows by itself."""

    name: str
    title: Any
    youngest: int | None = None
    oldest: int | None = None
    needs_guardian: bool = False
    lasts_months: int = 12

    @property
    def has_ages(self) -> bool:
        """Say whether readers are in it by their age."""
        return self.youngest is not None

    def suits(self, age: int) -> bool:
        """Say whether somebody of this age belongs to it."""
        low, high = self.youngest, self.oldest
        return low is not None and low <= age and (high is None or age <= high)


@dataclass(frozen=True)
class ReaderPolicy:
    """What the site has decided about its readers."""

    finish_within: timedelta
    holds_before_that: int
    rules: str
    """The version of the rules that whoever registers accepts."""
    rules_page: str | None
    privacy_page: str | None
    categories: dict[str, Category]

    def by_age(self, born: date | None, today: date) -> Category:
        """Return the category of somebody born then; without a birth date, that of grown-ups."""
        aged = [category for category in self.categories.values() if category.has_ages]
        age = None if born is None else age_on(born, today)
        found = (one for one in aged if age is not None and one.suits(age))
        return next(found, aged[-1])

    def category_of(self, reader: Reader, today: date) -> Category:
        """Return the category given at a desk, or the one that follows from the age."""
        given = self.categories.get(reader.category or "")
        return given or self.by_age(reader.born, today)

    def needs_guardian(self, reader: Reader, today: date) -> bool:
        """Say whether a grown-up acts for the reader: their age decides, whatever was given."""
        return self.by_age(reader.born, today).needs_guardian

    def ends(self, reader: Reader, today: date) -> date:
        """Return until when a registration finished today holds."""
        return months_after(today, self.category_of(reader, today).lasts_months)


def age_on(born: date, today: date) -> int:
    """Return how old somebody is; who is born on 29 February has a birthday on 1 March."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def months_after(day: date, months: int) -> date:
    """Return the same day so many months later, or the last one that month has."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (following - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


def load_policy(site: Path) -> ReaderPolicy:
    """Read the file of a site, strictly."""
    keys = read(site / FILE).mapping(("registration", "categories"), ("registration", "categories"))
    needed = ("finish_within_days", "holds_before_that", "rules")
    rules = keys["registration"].mapping((*needed, "rules_page", "privacy_page"), needed)
    found = {name: _category(name, node) for name, node in keys["categories"].items().items()}
    _check_ages(keys["categories"], found)
    return ReaderPolicy(
        finish_within=timedelta(days=rules["finish_within_days"].integer(1)),
        holds_before_that=rules["holds_before_that"].integer(0),
        rules=rules["rules"].text("a version"),
        rules_page=_page(rules, "rules_page"),
        privacy_page=_page(rules, "privacy_page"),
        categories=found,
    )


def _page(keys: dict[str, Node], name: str) -> str | None:
    return keys[name].text("the path of a page").strip("/") if name in keys else None


def _category(name: str, node: Node) -> Category:
    keys = node.mapping(("title", "ages", "needs_guardian", "lasts_months"), ("title",))
    ages = keys["ages"].mapping(("from", "to")) if "ages" in keys else {}
    guarded = "needs_guardian" in keys and keys["needs_guardian"].boolean()
    if guarded and "ages" not in keys:
        raise node.error("a category that needs a guardian has ages: nobody is a child for good")
    return Category(
        name=name,
        title=_(keys["title"].text("a title")),
        youngest=(ages["from"].integer(0) if "from" in ages else 0) if "ages" in keys else None,
        oldest=ages["to"].integer(0) if "to" in ages else None,
        needs_guardian=guarded,
        lasts_months=keys["lasts_months"].integer(1) if "lasts_months" in keys else 12,
    )


def _check_ages(node: Node, categories: dict[str, Category]) -> None:
    """Refuse ages that leave somebody out or put them into two categories."""
    aged = [category for category in categories.values() if category.has_ages]
    expected: int | None = 0
    for category in aged:
        if expected is None or category.youngest != expected:
            raise node.key(category.name).error(
                f"the ages of “{category.name}” begin where those before end"
            )
        expected = None if category.oldest is None else category.oldest + 1
    if not aged or expected is not None:
        raise node.error("the last category with ages has no end: everybody belongs to one")
