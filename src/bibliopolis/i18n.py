"""Languages: translatable messages, plurals, the table of languages, negotiation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from translationstring import TranslationStringFactory

DOMAIN = "bibliopolis"

_ = TranslationStringFactory(DOMAIN)


@dataclass(frozen=True)
class Plural:
    """A message that depends on a number; translated when it is rendered.

    ``mapping`` holds further placeholders; ``${n}`` is always the number, written as the
    language writes numbers.
    """

    singular: str
    plural: str
    n: int
    mapping: Mapping[str, Any] | None = None


def _n(singular: str, plural: str, n: int, mapping: Mapping[str, Any] | None = None) -> Plural:
    """Return a message with a plural; pybabel extracts both forms."""
    return Plural(singular, plural, n, mapping)


@dataclass(frozen=True)
class Language:
    """A language of the site: its BCP 47 tag, its own name, its writing direction.

    ``words`` says whether the site's own words are translated into it; else only pages are
    written in it.
    """

    tag: str
    name: str
    direction: str = "ltr"
    fallbacks: tuple[str, ...] = ()
    words: bool = True


LANGUAGES: dict[str, Language] = {
    language.tag: language
    for language in (
        Language("ru", "Русский", fallbacks=("en",)),
        Language("en", "English", fallbacks=("ru",)),
        Language("ar", "العربية", "rtl", ("en", "ru")),
        Language("uz", "Oʻzbekcha", fallbacks=("ru", "en"), words=False),
        Language("tg", "Тоҷикӣ", fallbacks=("ru", "en"), words=False),
        Language("ky", "Кыргызча", fallbacks=("ru", "en"), words=False),
        Language("kk", "Қазақша", fallbacks=("ru", "en"), words=False),
        Language("az", "Azərbaycanca", fallbacks=("ru", "en"), words=False),
        Language("uk", "Українська", fallbacks=("ru", "en"), words=False),
        Language("fa", "فارسی", "rtl", ("en", "ru"), words=False),
        Language("zh", "中文", fallbacks=("en", "ru"), words=False),
    )
}

SPOKEN = tuple(tag for tag, language in LANGUAGES.items() if language.words)
"""Languages that the site's own words are translated into."""


def fallback_chain(language: str, offered: Iterable[str] = LANGUAGES) -> tuple[str, ...]:
    """Return the languages to try, best first: the language, its fallbacks, then all others."""
    known = LANGUAGES.get(language)
    order = [language, *(known.fallbacks if known else ()), *offered]
    return tuple(dict.fromkeys(order))


def frame_language(language: str, spoken: tuple[str, ...]) -> str:
    """Return the language of the site's own words around a page in a language."""
    return next(tag for tag in fallback_chain(language, spoken) if tag in spoken)


def negotiate(chosen: str | None, accept_language: str | None, offered: tuple[str, ...]) -> str:
    """Return the language to greet a visitor in.

    The visitor's own choice wins, then ``Accept-Language`` by the lookup of RFC 4647 (a range
    is shortened from its end until it fits), then the first language offered.
    """
    if chosen in offered:
        return chosen
    for tag in _ranges(accept_language or ""):
        parts = tag.lower().split("-")
        while parts:
            candidate = "-".join(parts)
            if candidate in offered:
                return candidate
            parts.pop()
    return offered[0]


def _ranges(header: str) -> list[str]:
    """Return the language ranges of an Accept-Language header, best first, refusals left out."""
    weighted: list[tuple[float, int, str]] = []
    for position, part in enumerate(header[:1000].split(",")):
        tag, _semicolon, parameter = part.strip().partition(";")
        quality = 1.0
        name, _equals, value = parameter.strip().partition("=")
        if name.strip() == "q":
            try:
                quality = float(value)
            except ValueError:
                quality = 0.0
        if tag and tag != "*" and 0 < quality <= 1:
            weighted.append((-quality, position, tag))
    return [tag for _quality, _position, tag in sorted(weighted)]
