"""Which of the families of MARC a record is written in, and who reads it."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from bibliopolis.catalogue.marc import irbis, mapping, unimarc, viniti
from bibliopolis.catalogue.marc.structure import Record
from bibliopolis.catalogue.record_data import RecordData


class Dialect(StrEnum):
    """What the tags of a record mean; the values are those of ``import-records --format``."""

    MARC21 = "marc21"
    UNIMARC = "unimarc"
    IRBIS = "irbis"
    VINITI = "viniti"


NAMES = {
    Dialect.MARC21: "MARC 21",
    Dialect.UNIMARC: "UNIMARC/RUSMARC",
    Dialect.IRBIS: "IRBIS",
    Dialect.VINITI: "VINITI",
}
Mapping = Callable[[Record, str | None], RecordData]
MAPPINGS: dict[Dialect, Mapping] = {
    Dialect.MARC21: mapping.to_record_data,
    Dialect.UNIMARC: unimarc.to_record_data,
    Dialect.IRBIS: irbis.to_record_data,
    Dialect.VINITI: viniti.to_record_data,
}


IRBIS_TAGS = frozenset({"900", "903", "910", "920"})


def recognise(record: Record) -> Dialect:
    """Return the dialect of a record, by the field of its title, else by its coded data."""
    tags = record.tags()
    if "245" in tags:
        return Dialect.MARC21
    if tags & IRBIS_TAGS and _is_irbis(record):
        return Dialect.IRBIS
    if "200" in tags:
        return Dialect.UNIMARC
    if viniti.is_plain(record):
        return Dialect.VINITI
    # UNIMARC 100 $a begins with the date of entry; a name of MARC 21 never does.
    coded = record.first("100")
    if coded and "001" in tags and coded.first("a")[:8].isdigit() and len(coded.first("a")) >= 20:
        return Dialect.UNIMARC
    return Dialect.MARC21


def _is_irbis(record: Record) -> bool:
    """Return whether it has no leader, as in IRBIS, or what IRBIS puts into ISO 2709.

    That is a worklist (920) without subfields, or codes of subfields in capitals.
    """
    worklist = record.first("920")
    if not record.leader.strip() or (worklist and worklist.data):
        return True
    fields = record.get("200", "461", "910")
    return any(code.isupper() for field in fields for code, _value in field.subfields)
