"""Whether two descriptions are of the same edition, and by which keys to look for candidates.

Pure. A shared number proposes, a comparison disposes: one thing that speaks against it is enough,
for a page that stands for two editions sends a reader the wrong book.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b

from bibliopolis.catalogue.editions import Edition, Words, sounds
from bibliopolis.catalogue.record_data import Kind
from bibliopolis.catalogue.works import COLLECTIVE

ENOUGH = 0.6
"""So much of the shorter title must be in the longer, where a number is shared."""
PREFIX = 3
"""The shortest abbreviation of a word in the name of a publisher."""
SAME_PAGES = 0.03
LIKE_PAGES = 0.15
FEW_PAGES = 4
MACHINE_PRESS = 1831
"""Copies of older books differ among themselves: a title shows nothing. ISBD(A) draws this line."""

_FORMS = "стихи стихотворения рассказы повести романы письма пьесы сказки лирика проза басни поэмы"
GENERIC = frozenset(map(sounds, (*COLLECTIVE, *_FORMS.split())))
"""Titles that many books of one author have."""


class Because(StrEnum):
    """What shows that two descriptions are of one edition."""

    ISBN = "isbn"
    ISSN = "issn"
    NUMBER = "number"
    TITLE = "title"


class Against(StrEnum):
    """What shows that two descriptions are of different editions."""

    KIND = "kind"
    LANGUAGE = "language"
    VOLUME = "volume"
    PART = "part"
    SET = "set"
    CARRIER = "carrier"
    EDITION = "edition"
    YEAR = "year"
    PEOPLE = "people"
    PAGES = "pages"
    NUMBERS = "numbers"


@dataclass(frozen=True)
class Verdict:
    """What was found: why they are the same, or what speaks against it; neither is undecided."""

    because: Because | None = None
    against: Against | None = None


def keys_of(edition: Edition) -> frozenset[int]:
    """Return what candidates for the same edition share at least one of, as signed 64-bit numbers.

    Two different texts fall together once in ten million catalogues of ten million records, and
    are compared all the same.
    """
    return frozenset(map(_hash, _keys(edition)))


def _keys(edition: Edition) -> Iterable[str]:
    yield from (f"isbn {one}" for one in edition.isbns)
    yield from (f"number {one}" for one in edition.national_numbers)
    if edition.kind == Kind.SERIAL:
        yield from (f"issn {one}" for one in edition.issns)
    if not edition.title or edition.year is None:
        return
    title = f"{' '.join(edition.title)} {edition.year} {edition.volumes}"
    yield f"by {edition.author} {title}"
    if edition.pages is not None and edition.author:
        # Who is named first differs more often than how many pages there are.
        yield f"pages {edition.pages} {title}"


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8"), digest_size=8).digest(), signed=True)


def compare(one: Edition, other: Edition) -> Verdict:
    """Say whether two descriptions are of the same edition."""
    for against, speaks in _AGAINST.items():
        if speaks(one, other):
            return Verdict(against=against)
    if one.isbns & other.isbns and _like_titles(one, other):
        return Verdict(Because.ISBN)
    # National libraries give what two houses publish one number.
    one_house = _same_publisher(one.publisher, other.publisher) is not False
    if one.national_numbers & other.national_numbers and one_house and _like_titles(one, other):
        return Verdict(Because.NUMBER)
    serial = one.kind == Kind.SERIAL
    if serial and one.issns & other.issns and _like_titles(one, other):
        return Verdict(Because.ISSN)
    return _compare_titles(one, other)


def _compare_titles(one: Edition, other: Edition) -> Verdict:
    """Compare what has no number in common: title, year, who made it, publisher, pages."""
    if one.year is None or one.year != other.year or one.year < MACHINE_PRESS:
        return Verdict()
    if not _same_titles(one, other):
        return Verdict()
    if _differ(one.isbns, other.isbns) or _differ(one.issns, other.issns):
        return Verdict(against=Against.NUMBERS)
    publisher = _same_publisher(one.publisher, other.publisher)
    pages = _same_pages(one.pages, other.pages, SAME_PAGES)
    if publisher is False or pages is False:
        return Verdict()
    if one.kind == Kind.SERIAL:
        wanted = 1  # journals have no pages
    else:
        wanted = 1 if one.people and other.people and one.whole_title not in GENERIC else 2
    found = [publisher, pages].count(True)
    return Verdict(Because.TITLE) if found >= wanted else Verdict()


def _other_kind(one: Edition, other: Edition) -> bool:
    return one.kind != other.kind


def _other_language(one: Edition, other: Edition) -> bool:
    return _differ(one.languages, other.languages)


def _other_volume(one: Edition, other: Edition) -> bool:
    return one.volumes != other.volumes


def _other_part(one: Edition, other: Edition) -> bool:
    return bool(one.part and other.part) and _shared(one.part, other.part) < ENOUGH


def _set_and_volume(one: Edition, other: Edition) -> bool:
    """Tell a set of volumes from one of them, or from an edition in one."""
    return one.several != other.several and one.has_extent and other.has_extent


def _other_carrier(one: Edition, other: Edition) -> bool:
    """Tell paper from film and files; where one does not say, an ISBN does: it has one form."""
    told = one.has_extent and other.has_extent
    return one.carriers != other.carriers and (told or not one.isbns & other.isbns)


def _other_statement(one: Edition, other: Edition) -> bool:
    return _differ(one.edition, other.edition)


def _other_year(one: Edition, other: Edition) -> bool:
    """Tell years apart; a journal has many, unless it is an issue that is described."""
    if one.kind == Kind.SERIAL and one.issns & other.issns and not one.volumes:
        return False
    return None not in (one.year, other.year) and one.year != other.year


def _other_people(one: Edition, other: Edition) -> bool:
    """Compare those who had a part in it, where their names can be heard."""
    if not all(name.isascii() for name in (*one.people, *other.people)):
        return False
    return _differ(one.people, other.people)


def _other_pages(one: Edition, other: Edition) -> bool:
    return _same_pages(one.pages, other.pages, LIKE_PAGES) is False


def _other_figures(one: Edition, other: Edition) -> bool:
    """Compare the figures in titles that are otherwise the same: "1941–1945", "5 класс"."""
    both = bool(one.numbers and other.numbers)
    return both and not _one_within_other(frozenset(one.numbers), frozenset(other.numbers))


_AGAINST: dict[Against, Callable[[Edition, Edition], bool]] = {
    Against.KIND: _other_kind,
    Against.LANGUAGE: _other_language,
    Against.VOLUME: _other_volume,
    Against.PART: _other_part,
    Against.SET: _set_and_volume,
    Against.CARRIER: _other_carrier,
    Against.EDITION: _other_statement,
    Against.YEAR: _other_year,
    Against.PEOPLE: _other_people,
    Against.PAGES: _other_pages,
    Against.NUMBERS: _other_figures,
}


def _like_titles(one: Edition, other: Edition) -> bool:
    """Say whether titles could be of one book, where a number says that they are."""
    if one.scripts != other.scripts:
        return True  # one of them cannot be heard: the number has to do
    if _shared(one.whole_title, other.whole_title) >= ENOUGH:
        return True
    ours, theirs = {one.title, one.whole_title}, {other.title, other.whole_title}
    # One title in common is not enough if both have it as another: a series, a set, an original.
    return bool((ours & theirs | ours & other.other_titles | theirs & one.other_titles) - {()})


def _same_titles(one: Edition, other: Edition) -> bool:
    """Say whether titles are the same without a number that says so."""
    if one.part != other.part:
        return False
    if one.whole_title == other.whole_title:
        return True
    if one.title != other.title:
        return False
    ours, theirs = one.whole_title[len(one.title) :], other.whole_title[len(other.title) :]
    return not ours or not theirs or _abbreviated(ours, theirs)


def _shared(one: Words, other: Words) -> float:
    """Return how much of the shorter is in the longer, from 0 to 1."""
    ours, theirs = frozenset(one), frozenset(other)
    return len(ours & theirs) / (min(len(ours), len(theirs)) or 1)


def _same_publisher(one: Words, other: Words) -> bool | None:
    """Compare publishers, words of which may be abbreviated; None where one is not known."""
    return _abbreviated(one, other) if one and other else None


def _abbreviated(one: Words, other: Words) -> bool:
    """Say whether each word of the shorter text is in the longer, perhaps abbreviated."""
    short, long = sorted((one, other), key=len)
    return all(any(_abbreviates(word, full) for full in long) for word in short)


def _abbreviates(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    # Where a word is cut off, its last letter may sound otherwise than within the word.
    begins = short[: max(PREFIX, len(short) - 1)]
    return short == long or (len(short) >= PREFIX and long.startswith(begins))


def _same_pages(one: int | None, other: int | None, tolerance: float) -> bool | None:
    """Compare how many pages there are; cataloguers count plates and prefaces in their own ways."""
    if one is None or other is None:
        return None
    return abs(one - other) <= max(FEW_PAGES, tolerance * max(one, other))


def _differ(one: frozenset[object], other: frozenset[object]) -> bool:
    """Say whether both are known and have nothing in common."""
    return bool(one and other) and not one & other


def _one_within_other(one: frozenset[str], other: frozenset[str]) -> bool:
    return one <= other or other <= one
