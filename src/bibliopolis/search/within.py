"""Fields of the query language: ``author:толстой``, ``title:(война мир)``, ``shelf:"84 Д70"``.

A field belongs to the word, the quoted words or the words in brackets right behind its colon. Its
name may be written in any language of the site, whichever language the page is in, so that an
address that somebody sends on is read alike everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from bibliopolis.search.analysis import fold


class Within(StrEnum):
    """Where a word may be asked for."""

    TITLE = "title"
    AUTHOR = "author"
    SUBJECT = "subject"
    PUBLISHER = "publisher"
    SERIES = "series"
    NUMBER = "number"
    SHELF = "shelf"


MARKS = frozenset({Within.NUMBER, Within.SHELF})
"""What is compared as a whole, sign by sign: ISBNs, ISSNs, shelf marks."""

NAMES: Mapping[Within, Mapping[str, tuple[str, ...]]] = {
    Within.TITLE: {"en": ("title",), "ru": ("название", "заглавие"), "ar": ("عنوان",)},
    Within.AUTHOR: {"en": ("author", "name"), "ru": ("автор", "имя"), "ar": ("مؤلف",)},
    Within.SUBJECT: {"en": ("subject",), "ru": ("тема", "предмет"), "ar": ("موضوع",)},
    Within.PUBLISHER: {"en": ("publisher",), "ru": ("издательство",), "ar": ("ناشر",)},
    Within.SERIES: {"en": ("series",), "ru": ("серия",), "ar": ("سلسلة",)},
    Within.NUMBER: {"en": ("isbn", "issn", "number"), "ru": ("номер",), "ar": ("رقم",)},
    Within.SHELF: {"en": ("shelf", "callnumber"), "ru": ("шифр",), "ar": ("رف",)},
}
"""The names of each field by language; the first of a language is the one that forms write."""

_BY_NAME = {
    fold(name): within
    for within, languages in NAMES.items()
    for names in languages.values()
    for name in names
}

_CLAUSE = re.compile(
    r"""-?"[^"]*"?
    |(?P<minus>-?)(?P<name>[^\W\d_]+):(?P<value>\([^()]*\)?|"[^"]*"?|[^\s"(]\S*)
    |\S+""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of what was typed: words of one field, or words of none.

    ``name`` is the field's name as it was typed. ``value`` has no brackets, but keeps quotes.
    """

    value: str
    within: Within | None = None
    name: str = ""
    excluded: bool = False

    @property
    def text(self) -> str:
        """Return the clause as it is typed."""
        if self.within is None:
            return self.value
        return f"{'-' if self.excluded else ''}{self.name}:{_wrapped(self.value)}"


def clauses(text: str) -> list[Clause]:
    """Return what was typed as clauses, in its order; neighbours without a field are one."""
    found: list[Clause] = []
    free: list[str] = []
    for match in _CLAUSE.finditer(text):
        within = _BY_NAME.get(fold(match["name"])) if match["name"] else None
        value = _unwrapped(match["value"]) if within else ""
        if within is None or not value:
            free.append(match.group())
            continue
        found.extend(_free(free))
        free = []
        found.append(Clause(value, within, match["name"], bool(match["minus"])))
    found.extend(_free(free))
    return found


def has_fields(text: str) -> bool:
    """Return whether anything is asked for in a field."""
    return ":" in text and any(clause.within for clause in clauses(text))


def joined(parts: Iterable[Clause]) -> str:
    """Return clauses as one text."""
    return " ".join(clause.text for clause in parts)


def change_values(text: str, change: Callable[[str], str | None]) -> str | None:
    """Return the text with the words of each clause changed, names of fields and marks kept.

    ``change`` returns None for what it leaves as it is; None is the answer if it left everything.
    """
    if not has_fields(text):
        return change(text)
    parts = clauses(text)
    changed = [
        None if clause.within in MARKS else change(clause.value.strip('"')) for clause in parts
    ]
    if not any(value is not None for value in changed):
        return None
    return joined(
        clause if value is None else replace(clause, value=_quoted(value, clause.value))
        for clause, value in zip(parts, changed, strict=True)
    )


def clause_for(within: Within, value: str, language: str) -> Clause | None:
    """Return the clause that asks for what somebody wrote into a field of a form; None for nothing.

    Brackets and quotes that would end the clause too early are left out.
    """
    if within in MARKS:
        value = value.replace('"', " ")
        value = f'"{" ".join(value.split())}"' if re.search(r"[\s(]", value.strip()) else value
    else:
        value = re.sub(r"[()]", " ", value)
        if value.count('"') % 2:
            value = value.replace('"', " ")
    value = " ".join(value.split())
    if not value.strip('"- '):
        return None
    names = NAMES[within]
    return Clause(value, within, names.get(language, names["en"])[0])


def _quoted(value: str, like: str) -> str:
    return f'"{value}"' if like.startswith('"') and like.endswith('"') else value


def _free(words: list[str]) -> Iterator[Clause]:
    if words:
        yield Clause(" ".join(words))


def _unwrapped(value: str) -> str:
    if value.startswith("("):
        return value.strip("()").strip()
    return value if value.strip('"').strip() else ""


def _wrapped(value: str) -> str:
    quoted = len(value) > 1 and value.startswith('"') and '"' not in value[1:-1]
    return value if quoted or not re.search(r'[\s"]', value) else f"({value})"
