"""Numbers, years and addresses: what every dialect writes in the same way."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from stdnum import isbn as isbn_numbers
from stdnum import issn as issn_numbers
from stdnum.exceptions import ValidationError

from bibliopolis.catalogue.marc.structure import Record
from bibliopolis.catalogue.marc.text import clean, distinct, unstopped

YEAR = re.compile(r"(?<![0-9])(1[0-9]{3}|20[0-9]{2})(?![0-9])")
AGE = re.compile(r"(?<![0-9])(0|6|12|16|18)\s?\+")
NUMBER = re.compile(r"[0-9Xx\s\u2010-\u2015-]+")
ADDRESS = re.compile(r"https?://[^\s\"<>]+$", re.IGNORECASE)
LONGEST_CONTROL_NUMBER = 80
NO_NUMBER = re.compile(r"\(.*?\)|[^0-9a-zа-я]")
SHORTEST = 5
"""What is shorter numbers nothing by itself."""
# The Cyrillic letter that looks like the check digit X, as many keyboards give it.
CYRILLIC_HA = str.maketrans("Хх", "XX")


def isbns(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the numbers that are right, as thirteen digits."""
    return distinct([_isbn(text) for text in texts])


@lru_cache(maxsize=1024)
def _isbn(text: str) -> str:
    number = NUMBER.match(text.strip().removeprefix("ISBN").strip().translate(CYRILLIC_HA))
    try:
        return isbn_numbers.to_isbn13(isbn_numbers.compact(number.group())) if number else ""
    except ValidationError:
        return ""


def issns(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the numbers that are right, with their hyphen."""
    numbers = []
    for text in texts:
        found = NUMBER.match(text.strip().removeprefix("ISSN").strip().translate(CYRILLIC_HA))
        number = found.group().strip()[:9].strip() if found else ""
        if issn_numbers.is_valid(number):
            numbers.append(issn_numbers.format(number))
    return distinct(numbers)


def national_numbers(numbers: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return numbers of national bibliographies as ``source:number``, in one spelling.

    Each is what numbers it (the code of a bibliography or country, ``lccn``) and the number.
    """
    spelled = ((source.casefold(), NO_NUMBER.sub("", text.casefold())) for source, text in numbers)
    return distinct([f"{source}:{text}" for source, text in spelled if len(text) >= SHORTEST])


def web_links(record: Record) -> tuple[tuple[str, str], ...]:
    """Return web addresses (856) and what is there; anything but http is left out."""
    found: dict[str, str] = {}
    for field in record.get("856"):
        said = " ".join(field.all("3") or field.all("y") or field.all("z"))
        for address in field.all("u"):
            add_link(found, address, said)
    return tuple(found.items())


def add_link(found: dict[str, str], address: str, said: str) -> None:
    """Add an address and what is there, if it leads into the web."""
    address = clean(address)
    if ADDRESS.match(address):
        found.setdefault(address, unstopped(said))


def year_in(texts: Iterable[str]) -> int | None:
    """Return the first whole year written in the texts."""
    for text in texts:
        if found := YEAR.search(text):
            return int(found.group())
    return None
