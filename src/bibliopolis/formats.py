"""Dates, times and numbers as the visitor's language writes them, in the city's time zone."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import UnknownLocaleError, get_global
from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_decimal, format_percent, get_decimal_symbol
from babel.units import format_unit

REGIONS = {"en": "en_GB"}
"""Where the bare language means habits of another continent (November 21)."""

PATTERNS = {
    "long": "long",
    "medium": "medium",
    "short": "short",
    "weekday": "EEEE",
    "month": "LLLL y",
    "year": "y",
}
_YEAR_SIGN = re.compile(r"\s*г\.$")

BIBLIOGRAPHIC = {
    "alb": "sq", "arm": "hy", "baq": "eu", "bur": "my", "chi": "zh", "cze": "cs", "dut": "nl",
    "fre": "fr", "geo": "ka", "ger": "de", "gre": "el", "ice": "is", "mac": "mk", "mao": "mi",
    "may": "ms", "per": "fa", "rum": "ro", "slo": "sk", "tib": "bo", "wel": "cy",
}  # fmt: skip
"""Codes of MARC 21 that differ from the rest of the world's (ISO 639-2/B)."""


@lru_cache(maxsize=2000)
def _decimal(value: int | float | Decimal, locale: Locale) -> str:
    """Write a number: a page of search results has fifty small ones, and Babel takes its time."""
    return str(format_decimal(value, locale=locale))


class Formats:
    """The formats of one language; templates have its methods as functions."""

    def __init__(self, language: str, zone: ZoneInfo) -> None:
        self.locale = Locale.parse(REGIONS.get(language, language))
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
        if style == "day":
            return format_skeleton("MMMMd", day, tzinfo=None, locale=self.locale)
        return _YEAR_SIGN.sub("", format_date(day, PATTERNS[style], locale=self.locale))

    def time(self, value: dt.time | dt.datetime | None) -> str:
        """Return an hour and its minutes, of twenty-four, as the city's clocks show them."""
        if value is None:
            return ""
        moment: Any = self.local(value) if isinstance(value, dt.datetime) else value
        return format_time(moment, "HH:mm", locale=self.locale)

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
        return format_date(self._day(value), "MMMM", locale=self.locale)

    def local(self, value: dt.datetime) -> dt.datetime:
        """Return a moment in the city's time, naive; naive moments stay as they are."""
        return value.astimezone(self.zone).replace(tzinfo=None) if value.tzinfo else value

    def _day(self, value: dt.date | dt.datetime) -> dt.date:
        return self.local(value).date() if isinstance(value, dt.datetime) else value
