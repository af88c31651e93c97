"""The types of values that rules have: how each is checked, typed into a form and written back.

A plain value is what YAML or JSON holds. ``check`` takes one and returns it as the rule keeps it;
``parse`` takes what somebody typed. Both raise InvalidInput with what to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bibliopolis.errors import InvalidInput
from bibliopolis.i18n import _
from bibliopolis.parameters import whole_number

UNLIMITED = "unlimited"
"""How a file may write what a form leaves blank."""
MOST = 9999
LONGEST_WORD = 200
MOST_WORDS = 50


@dataclass(frozen=True)
class Limit:
    """A whole number from 0; None (blank) is no limit, 0 forbids. ``blank`` says what None means.

    So Koha's rules are: blank is unlimited, 0 is none at all.
    """

    blank: Any = field(default_factory=lambda: _("without limit"))
    field: str = "number"

    def check(self, value: Any) -> int | None:
        """Return the number, or None for no limit."""
        if value is None or value == UNLIMITED:
            return None
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST:
            return value
        raise InvalidInput(
            _(
                "Write a whole number from 0 to ${most}, or leave it blank for no limit.",
                mapping={"most": MOST},
            )
        )

    def parse(self, text: str) -> int | None:
        """Read what was typed."""
        text = text.strip()
        number = whole_number(text) if text else None
        return self.check(text if text and number is None else number)

    def write(self, value: Any) -> str:
        """Return what the form shows."""
        return "" if value is None else str(value)

    def say(self, value: Any) -> Any:
        """Return the value in words."""
        return self.blank if value is None else str(value)


@dataclass(frozen=True)
class Number:
    """A whole number between two."""

    least: int
    most: int
    field: str = "number"

    def check(self, value: Any) -> int:
        """Return the number."""
        fits = isinstance(value, int) and not isinstance(value, bool)
        if fits and self.least <= value <= self.most:
            return int(value)
        raise InvalidInput(
            _(
                "Write a whole number from ${least} to ${most}.",
                mapping={"least": self.least, "most": self.most},
            )
        )

    def parse(self, text: str) -> int:
        """Read what was typed."""
        return self.check(whole_number(text.strip()))

    def write(self, value: Any) -> str:
        """Return what the form shows."""
        return str(value)

    def say(self, value: Any) -> Any:
        """Return the value in words."""
        return str(value)


@dataclass(frozen=True)
class Choice:
    """One of several words, each with what people read."""

    options: Mapping[str, Any]
    field: str = "choice"

    def check(self, value: Any) -> str:
        """Return the word."""
        if isinstance(value, str) and value in self.options:
            return value
        raise InvalidInput(
            _("Choose one of these: ${words}.", mapping={"words": ", ".join(self.options)})
        )

    def parse(self, text: str) -> str:
        """Read what was chosen."""
        return self.check(text.strip())

    def write(self, value: Any) -> str:
        """Return what the form shows."""
        return str(value)

    def say(self, value: Any) -> Any:
        """Return the value in words."""
        return self.options.get(value, value)


@dataclass(frozen=True)
class Flag:
    """Yes or no."""

    field: str = "choice"

    @property
    def options(self) -> Mapping[str, Any]:
        """Return the words of the form."""
        return {"yes": _("yes"), "no": _("no")}

    def check(self, value: Any) -> bool:
        """Return it as it is."""
        if isinstance(value, bool):
            return value
        raise InvalidInput(_("Choose yes or no."))

    def parse(self, text: str) -> bool:
        """Read what was chosen."""
        return self.check({"yes": True, "no": False}.get(text.strip()))

    def write(self, value: Any) -> str:
        """Return what the form shows."""
        return "yes" if value else "no"

    def say(self, value: Any) -> Any:
        """Return the value in words."""
        return self.options[self.write(value)]


@dataclass(frozen=True)
class Words:
    """Several words; None (blank) is none of them, and ``blank`` says what that means."""

    blank: Any
    field: str = "words"

    def check(self, value: Any) -> list[str] | None:
        """Return the words, each once."""
        if value is None:
            return None
        words = [one.strip() for one in value if isinstance(one, str)] if _is_list(value) else []
        if words and len(words) == len(value) and all(0 < len(w) <= LONGEST_WORD for w in words):
            return list(dict.fromkeys(words))[:MOST_WORDS]
        raise InvalidInput(_("Write words with commas between them, or leave it blank."))

    def parse(self, text: str) -> list[str] | None:
        """Read what was typed, with commas between."""
        return self.check([word for word in text.split(",") if word.strip()] or None)

    def write(self, value: Any) -> str:
        """Return what the form shows."""
        return ", ".join(value or ())

    def say(self, value: Any) -> Any:
        """Return the value in words."""
        return self.write(value) or self.blank


WEEKDAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")


@dataclass(frozen=True)
class Weekdays(Words):
    """Days of the week by their two letters, in the order of the week."""

    def check(self, value: Any) -> list[str] | None:
        """Return the days, each once."""
        words = super().check(value)
        if words is None:
            return None
        days = {word.casefold() for word in words}
        if days - set(WEEKDAYS):
            said = {"days": ", ".join(WEEKDAYS)}
            raise InvalidInput(
                _("Write days of the week as ${days}, with commas between them.", mapping=said)
            )
        return [day for day in WEEKDAYS if day in days]


Kind = Limit | Number | Choice | Flag | Words


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)
