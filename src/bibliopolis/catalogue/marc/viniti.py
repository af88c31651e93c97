"""Records of VINITI, the institute of scientific information: articles and their abstracts.

They are ISO 2709 with neither indicators nor subfields, and tags of their own; what the tags mean
is taken from the records, since no public table of them is known.
"""

from __future__ import annotations

import re
from typing import Any

from bibliopolis.catalogue.marc.structure import Record, Unusable
from bibliopolis.catalogue.marc.text import bare, clean, distinct, printable
from bibliopolis.catalogue.marc.values import year_in
from bibliopolis.catalogue.record_data import Contributor, Kind, RecordData, content_number
from bibliopolis.i18n import _

LANGUAGES = {"рус": "ru", "англ": "en", "нем": "de", "фр": "fr", "исп": "es", "укр": "uk"}
QUOTES = {"_5": "«", "_6": "»"}
KEYWORDS = re.compile(r"[%;]")


def is_plain(record: Record) -> bool:
    """Return whether the record has neither indicators nor subfields, and says so (leader/10)."""
    return record.leader[10:12] == "00" and not any(field.subfields for field in record.fields)


def to_record_data(record: Record, _items_tag: str | None = None) -> RecordData:
    """Return the description of an article; such records have no copies."""
    said = {field.tag: _text(field.data) for field in record.fields[::-1]}
    title = bare(said.get("021", ""))
    if not title:
        raise Unusable(_("the record has no title (field 021)"))
    people = [clean(name) for name in re.split(r"[;,]", said.get("001", ""))]
    issue = said.get("076", "").lstrip("~ ").replace("N ", "№ ", 1)
    source = [said.get("003", ""), said.get("007", ""), issue]
    described: dict[str, Any] = {
        "title": title,
        "title_statement": printable(title),
        "responsibility": said.get("001", ""),
        "contributors": tuple(Contributor(name, direct=True) for name in distinct(people)),
        "year": year_in([said.get("007", "")]),
        "languages": _languages(said.get("004", "")),
        "kind": Kind.ARTICLE,
        "subjects": distinct([clean(word) for word in KEYWORDS.split(said.get("006", ""))]),
        "series": distinct([". — ".join(filter(None, source))]),
        "extent": said.get("043", ""),
        "summary": said.get("100", ""),
    }
    number = said.get("005", "")
    if number:
        return RecordData(control_number=number[:80], **described)
    unnumbered = RecordData(control_number="", **described)
    return RecordData(control_number=content_number(unnumbered), **described)


def _text(value: str) -> str:
    for code, quote in QUOTES.items():
        value = value.replace(code, quote)
    return clean(value)


def _languages(said: str) -> tuple[str, ...]:
    word = said.strip(" .").lower()
    return (LANGUAGES[word],) if word in LANGUAGES else ()
