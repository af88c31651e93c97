"""What tells editions apart, read from a description; nothing here compares.

Titles, names and publishers are reduced to how their words sound, so that Cyrillic and its
transliterations meet.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bibliopolis.catalogue.naming import COMMA
from bibliopolis.search.analysis import fold, sort_key
from bibliopolis.search.variants import latin_of, skeleton

Words = tuple[str, ...]

SHORT = 3
"""Words up to this length say little where there are longer ones."""

_SIGNS = dict.fromkeys(map(ord, "\u02b9\u02ba\u02bb\u02bc\u02be\u02bf\u2032\u2033\u02b0\u00b7"))
_NUMBER = re.compile(r"[0-9]+")
_ROMAN = re.compile(r"(?=[ivxlcdm])m{0,3}(?:cm|cd|d?c{0,3})(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})")
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}
_COUNTED = re.compile(
    r"томах?|т|част[ьи]|ч|книг[аи]|кн|выпуск|вып|номер|серия|полугодие|класс|кл"
    r"|volumes?|vol|v|parts?|pt|books?|bk|number|no|nr|issue|band|bd|tome|teil|grade|level"
)
_DESIGNATION = re.compile(
    rf"\b(?:{_COUNTED.pattern})"
    r"\b[\s.:#№-]*([0-9]+|[ivxlc]+)\b"
    r"|\b([0-9]+)(?:-?(?:й|е|я|го|ый|ой|st|nd|rd|th))?\s+(?:том|часть|книга|выпуск|класс|кл)\b"
    r"|№\s*([0-9]+)"
)
_ORDINALS = {
    word: number
    for number, words in enumerate(
        (
            "first перв", "second втор", "third трет", "fourth четв", "fifth пят", "sixth шест",
            "seventh седьм", "eighth восьм", "ninth девят", "tenth десят",
        ),
        start=1,
    )
    for word in words.split()
}  # fmt: skip
_SEVERAL = re.compile(r"\b([2-9]|[1-9][0-9]+)\s*(?:v|vol|vols|volumes|т|кн|bd|parts?)\b")
_PAGES = re.compile(r"\b([0-9]{2,5})\b(?!\s*(?:cm|см|mm|мм|x|×))")
_LEAVES_OUT = re.compile(
    r"\b(?:[0-9]+(?:[.,][0-9]+)?\s*(?:[x×х]\s*[0-9]+(?:[.,][0-9]+)?\s*)?(?:cm|см|mm|мм)\b"
    r"|(?:1[0-9]|20)[0-9]{2}\b)"
)
_CARRIERS = {
    "micro": re.compile(r"micro(?:film|fiche|form|opaque|card)|микро(?:фильм|фиш|форм)"),
    "braille": re.compile(r"braille|брайл"),
    "large print": re.compile(r"large (?:print|type)|крупн\w* шрифт"),
    "electronic": re.compile(
        r"electronic|digital|online|\bcd-?roms?\b|\bpdf\b|\bдиск|computer (?:file|disc)|электрон"
    ),
    "audio": re.compile(r"audio|sound (?:disc|cassette|recording)|аудио|звукозап"),
    "video": re.compile(r"\bvideo|\bdvds?\b|видео"),
}
_NAMES_NOBODY = """
    and b book books co company dom ed editions group house inc l limited ltd n of pr press pub publ
    publications publisher publishers publishing s sl sn sons the univ universitet university verlag
    б во дом зао и изд издат издательство кооператив оао ооо тип типография фирма
"""
NAMES_NOBODY = frozenset(_NAMES_NOBODY.split())
"""Words of publishers that name none of them."""


@dataclass(frozen=True)
class Edition:
    """One description, as far as it tells editions apart; what it does not say is empty."""

    kind: str
    title: Words
    """The title proper, up to its first colon."""
    whole_title: Words
    """Title and subtitle, however they are divided."""
    other_titles: frozenset[Words]
    scripts: frozenset[str]
    """How words of the title are written where their sound is not known: "other", else empty."""
    volumes: tuple[int, ...]
    part: Words
    numbers: tuple[str, ...]
    """Figures in title and subtitle: years and classes of school tell editions apart."""
    author: str
    people: frozenset[str]
    publisher: Words
    year: int | None
    edition: frozenset[int]
    has_extent: bool
    pages: int | None
    several: bool
    """Whether it describes several volumes at once."""
    carriers: frozenset[str]
    languages: frozenset[str]
    isbns: frozenset[str]
    issns: frozenset[str]
    national_numbers: frozenset[str]

    @classmethod
    def of(cls, described: Mapping[str, Any]) -> Edition:
        """Read a description by the columns of ``record``."""
        title, subtitle = described.get("title") or "", described.get("subtitle") or ""
        part = described.get("part") or ""
        proper, _colon, _rest = title.partition(":")
        people = [_family(one) for one in described.get("contributors", ())]
        extent = fold(described.get("extent") or "")
        statement = fold(described.get("edition") or "")
        about = fold(f"{title} {subtitle}")
        return cls(
            kind=described.get("kind") or "",
            title=sounds(proper),
            whole_title=sounds(f"{title} {subtitle}"),
            other_titles=frozenset(map(sounds, described.get("other_titles", ()))),
            scripts=frozenset("other" for word in _words(proper) if not _heard(word)),
            volumes=volumes(part, f"{title} {subtitle}"),
            part=_part_words(part),
            numbers=tuple(sorted(_NUMBER.findall(about))),
            author=people[0] if people else "",
            people=frozenset(filter(None, people)),
            publisher=_publisher(described.get("publisher") or ""),
            year=described.get("year"),
            edition=_edition_numbers(statement),
            has_extent=bool(extent),
            pages=_pages(extent),
            several=_SEVERAL.search(extent) is not None,
            carriers=frozenset(
                name
                for name, form in _CARRIERS.items()
                if form.search(f"{extent} {statement} {about}")
            ),
            languages=frozenset(described.get("languages", ())),
            isbns=frozenset(described.get("isbns", ())),
            issns=frozenset(described.get("issns", ())),
            national_numbers=frozenset(described.get("national_numbers", ())),
        )


def _words(text: str) -> list[str]:
    """Return the folded words; the signs that romanisations write beside letters are left out."""
    return sort_key(text.translate(_SIGNS)).split()


def sounds(text: str) -> Words:
    """Return the words of a text as they sound, without the little ones where there are others."""
    # Short as they sound: «для» is shorter than "dlia" only in writing.
    heard = [_sound(word) for word in _words(text)]
    long = [word for word in heard if len(word) > SHORT or word.isdigit()]
    return tuple(long or heard)


def volumes(part: str, title: str) -> tuple[int, ...]:
    """Return the numbers that tell volumes apart: all of a part, the designated ones of a title."""
    if not part:
        return tuple(_designated(fold(title)))
    said = fold(part)
    found = _designated(said)
    if found:
        return tuple(found)
    for word in _words(said):
        if word.isdigit():
            found.append(int(word))
        elif _ROMAN.fullmatch(word):
            found.append(_roman(word))
        else:
            found += [number for start, number in _ORDINALS.items() if word.startswith(start)]
    return tuple(found)


def _designated(text: str) -> list[int]:
    found = (next(filter(None, match.groups())) for match in _DESIGNATION.finditer(text))
    return [int(one) if one.isdigit() else _roman(one) for one in found]


def _roman(text: str) -> int:
    values = [_ROMAN_VALUES[letter] for letter in text]
    following = [*values[1:], 0]
    return sum(one if one >= after else -one for one, after in zip(values, following, strict=True))


def _part_words(part: str) -> Words:
    """Return what a part is called, without what only counts it."""
    text = _DESIGNATION.sub(" ", fold(part))
    return tuple(map(_sound, filter(_names, _words(text))))


def _names(word: str) -> bool:
    """Say whether a word of a part names it, rather than counts it."""
    counts = word.isdigit() or _COUNTED.fullmatch(word) or word.startswith(tuple(_ORDINALS))
    return len(word) > SHORT and not counts


def _edition_numbers(statement: str) -> frozenset[int]:
    found = {int(number) for number in _NUMBER.findall(statement) if len(number) < 3}
    for word in _words(statement):
        found |= {number for start, number in _ORDINALS.items() if word.startswith(start)}
    return frozenset(found)


def _pages(extent: str) -> int | None:
    """Return how many pages there are: the largest figure, apart from years and sizes."""
    numbers = [int(number) for number in _PAGES.findall(_LEAVES_OUT.sub(" ", extent))]
    return max(numbers, default=None)


def _publisher(text: str) -> Words:
    words = (word for word in _words(text) if word not in NAMES_NOBODY)
    return tuple(map(_sound, words))


def _family(person: Mapping[str, Any]) -> str:
    """Return how the family name sounds, in the script of the name where there is one."""
    words = _words(COMMA.split(person.get("name") or "")[0])
    return " ".join(map(_sound, words))


@lru_cache(maxsize=65536)
def _sound(word: str) -> str:
    """Return a folded word as it sounds; one in a script that is not heard stays as it is."""
    return skeleton(word) or latin_of(word)


def _heard(word: str) -> bool:
    return _sound(word).isascii()
