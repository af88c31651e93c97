"""Dates, times and numbers as the visitor's language writes them, in the city's time zone."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import UnknownLocaleError, get_global
from babel.dates import DateTimeFormat, match_skeleton, parse_pattern
from babel.numbers import format_decimal, format_percent, get_decimal_symbol
from babel.units import format_unit

REGIONS = {"en": "en_GB"}
"""Where the bare language means habits of another continent (November 21)."""

SKELETON = "MMMMd"
PATTERNS = {
    "day": SKELETON,
    "long": "long",
    "medium": "medium",
    "short": "short",
    "weekday": "EEEE",
    "month": "LLLL y",
    "year": "y",
}
NAMED = frozenset({"long", "medium", "short"})
_YEAR_SIGN = re.compile(r"\s*г\.$")

BIBLIOGRAPHIC = {
    "alb": "sq", "arm": "hy", "baq": "eu", "bur": "my", "chi": "zh", "cze": "cs", "dut": "nl",
    "fre": "fr", "geo": "ka", "ger": "de", "gre": "el", "ice": "is", "mac": "mk", "mao": "mi",
    "may": "ms", "per": "fa", "rum": "ro", "slo": "sk", "tib": "bo", "wel": "cy",
}  # fmt: skip
"""Codes of MARC 21 that differ from the rest of the world's (ISO 639-2/B)."""


DEPENDS_ON: Mapping[str, tuple[Callable[[dt.date], int], Sequence[dt.date]]] = {
    "d": (lambda day: day.day - 1, [dt.date(2024, 1, n) for n in range(1, 32)]),
    "M": (lambda day: day.month - 1, [dt.date(2024, n, 1) for n in range(1, 13)]),
    "L": (lambda day: day.month - 1, [dt.date(2024, n, 1) for n in range(1, 13)]),
    "E": (lambda day: day.weekday(), [dt.date(2024, 1, n) for n in range(1, 8)]),
}
"""Fields of a pattern (UTS 35) by what they depend on, with days that have each of its values."""

_FIELD = re.compile(r"%\((\w+)\)s")


_locale = lru_cache(Locale.parse)


@lru_cache
def day_writer(pattern: str, locale: Locale) -> Callable[[dt.date], str]:
    """Return a function that writes days by a pattern, or by the name or skeleton of one.

    It looks the words up in tables that Babel has filled: a page has dozens of dates.
    """
    if pattern in NAMED:
        parsed = locale.date_formats[pattern]
    elif pattern == SKELETON:
        known = locale.datetime_skeletons
        parsed = known[SKELETON if SKELETON in known else match_skeleton(SKELETON, known)]
    else:
        parsed = parse_pattern(pattern)
    pieces = _FIELD.split(parsed.format)
    words = [piece.replace("%%", "%") for piece in pieces[::2]]
    fields: list[Callable[[dt.date], str]] = []
    for name in pieces[1::2]:
        if name == "y":
            fields.append(lambda day: str(day.year))
        elif name[0] in DEPENDS_ON:
            fields.append(_looked_up(name, locale))
        else:
            return lambda day: parsed.apply(day, locale)

    def write(day: dt.date) -> str:
        parts = [words[0]]
        for field, following in zip(fields, words[1:], strict=True):
            parts += (field(day), following)
        return "".join(parts)

    return write


def _looked_up(name: str, locale: Locale) -> Callable[[dt.date], str]:
    place, days = DEPENDS_ON[name[0]]
    table = [DateTimeFormat(day, locale)[name] for day in days]
    return lambda day: table[place(day)]


@lru_cache(maxsize=2000)
def _decimal(value: int | float | Decimal, locale: Locale) -> str:
    """Write a number: a page of search results has fifty small ones, and Babel takes its time."""
    return str(format_decimal(value, locale=locale))


class Formats:
    """The formats of one language; templates have its methods as functions."""

    def __init__(self, language: str, zone: ZoneInfo) -> None:
        self.locale = _locale(REGIONS.get(language, language))
        self.zone = zone

    @property
    def cell_separator(self) -> str:
        """Return what parts cells where spreadsheets open: a comma that numbers need cannot."""
        return ";" if get_decimal_symbol(self.locale) == "," else ","

    def date(self, value: dt.date | dt.datetime | None, style: str = "long") -> str:
        """Return a day; styles: long, medium, short, day, weekday, weekday_day, month, year."""
        if value is None:
            return ""
        day = self._day(value)
        if style == "weekday_day":
            comma = " " if self.locale.language in {"ar", "en"} else ", "
            return self.date(day, "weekday") + comma + self.date(day, "day")
        return _YEAR_SIGN.sub("", day_writer(PATTERNS[style], self.locale)(day))

    def time(self, value: dt.time | dt.datetime | None) -> str:
        """Return an hour and its minutes, of twenty-four, as the city's clocks show them."""
        if value is None:
            return ""
        moment: Any = self.local(value) if isinstance(value, dt.datetime) else value
        return f"{moment:%H:%M}"  # with these figures in every language of CLDR

    def datetime(self, value: dt.datetime | None, style: str = "long") -> str:
        """Return a day and an hour."""
        if value is None:
            return ""
        return self.listed((self.date(value, style), self.time(value)))

    @staticmethod
    def machine(value: dt.date | dt.datetime) -> str:
        """Return a day or a moment, to the second, as ``<time datetime="…">`` wants it."""
        if isinstance(value, dt.datetime):
            return value.isoformat(timespec="seconds")
        return value.isoformat()

    def listed(self, parts: Iterable[str]) -> str:
        """Return parts one after another, with the comma of the language between them."""
        return ("، " if self.locale.language == "ar" else ", ").join(parts)

    def number(self, value: int | float | Decimal | None) -> str:
        """Return a number with the separators of the language."""
        return "" if value is None else _decimal(value, self.locale)

    def cell(self, value: int | float | None) -> str:
        """Return a number as spreadsheets of the language read it: no groups, its decimal sign."""
        whole = isinstance(value, float) and value.is_integer()
        plain = "" if value is None else str(int(value) if whole else value)
        return plain.replace(".", ",") if self.cell_separator == ";" else plain

    def percent(self, value: float | None) -> str:
        """Return a share of one as a percentage."""
        return "" if value is None else format_percent(value, locale=self.locale)

    def distance(self, kilometres: float) -> str:
        """Return how far something is, as nobody would say it more exactly: 350 m, 1.2 km."""
        if kilometres < 1:
            metres = max(50, round(kilometres * 20) * 50)
            if metres < 1000:
                return format_unit(metres, "length-meter", "short", locale=self.locale)
        rounded = round(kilometres, 1 if kilometres < 10 else None)
        return format_unit(rounded, "length-kilometer", "short", locale=self.locale)

    def language_name(self, tag: str) -> str:
        """Return the name of a language, from a BCP 47 tag or a MARC code."""
        code = BIBLIOGRAPHIC.get(tag, tag)
        code = get_global("language_aliases").get(code, code)
        name = self.locale.languages.get(code)
        if name:
            return name
        try:
            return Locale.parse(code, sep="-").get_display_name(self.locale) or tag
        except (UnknownLocaleError, ValueError):
            return tag

    def month_of_day(self, value: dt.date | dt.datetime) -> str:
        """Return the month as it is written beside a day: «ноября»."""
        return day_writer("MMMM", self.locale)(self._day(value))

    def local(self, value: dt.datetime) -> dt.datetime:
        """Return a moment in the city's time, naive; naive moments stay as they are."""
        return value.astimezone(self.zone).replace(tzinfo=None) if value.tzinfo else value

    def _day(self, value: dt.date | dt.datetime) -> dt.date:
        return self.local(value).date() if isinstance(value, dt.datetime) else value
