"""COinS: a record inside a page, for browsers that collect references (Z39.88-2004, KEV)."""

from __future__ import annotations

from urllib.parse import urlencode

from bibliopolis.catalogue.exports.facts import Facts
from bibliopolis.catalogue.record_data import Kind

BOOKS = frozenset({Kind.BOOK, Kind.EBOOK, Kind.SCORE})
JOURNALS = frozenset({Kind.SERIAL, Kind.ARTICLE})


def context_object(facts: Facts) -> str:
    """Return what the ``title`` of ``<span class="Z3988">`` says."""
    pairs = [("ctx_ver", "Z39.88-2004"), *_described(facts), ("rft_id", facts.url)]
    pairs += [("rft_id", f"urn:ISBN:{number}") for number in facts.isbns]
    return urlencode([(name, value) for name, value in pairs if value])


def _described(facts: Facts) -> list[tuple[str, str]]:
    """Return the record in the words of the metadata format that fits its kind."""
    first = facts.authors[0] if facts.authors else None
    year = str(facts.year or "")
    if facts.kind not in BOOKS | JOURNALS:
        people = [("rft.creator", one.name) for one in facts.authors]
        plain = [("rft.title", facts.full_title), ("rft.publisher", facts.publisher)]
        return [_format("dc"), *plain, ("rft.date", year), *people]
    author = [("rft.aulast", first.family), ("rft.aufirst", first.given)] if first else []
    authors = [("rft.au", one.name) for one in facts.authors]
    if facts.kind in JOURNALS:
        whole = facts.kind is Kind.SERIAL
        titles = [
            ("rft.genre", "journal" if whole else "article"),
            ("rft.jtitle" if whole else "rft.atitle", facts.full_title),
            ("rft.issn", facts.issns[0] if facts.issns else ""),
        ]
        return [_format("journal"), *titles, ("rft.date", year), *author, *authors]
    book = [
        ("rft.genre", "book"),
        ("rft.btitle", facts.full_title),
        ("rft.place", facts.place),
        ("rft.pub", facts.publisher),
        ("rft.date", year),
        ("rft.edition", facts.edition),
        ("rft.series", facts.series[0] if facts.series else ""),
        ("rft.isbn", facts.isbns[0] if facts.isbns else ""),
    ]
    return [_format("book"), *book, *author, *authors]


def _format(name: str) -> tuple[str, str]:
    return "rft_val_fmt", f"info:ofi/fmt:kev:mtx:{name}"
