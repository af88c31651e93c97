"""Which of the families of MARC a record is written in, and who reads it."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from bibliopolis.catalogue.marc import mapping, unimarc, viniti
from bibliopolis.catalogue.marc.structure import Record
from bibliopolis.catalogue.record_data import RecordData


class Dialect(StrEnum):
    """What the tags of a record mean; the values are those of ``import-records --format``."""

    MARC21 = "marc21"
    UNIMARC = "unimarc"
    VINITI = "viniti"


NAMES = {Dialect.MARC21: "MARC 21", Dialect.UNIMARC: "UNIMARC/RUSMARC", Dialect.VINITI: "VINITI"}
MAPPINGS: dict[Dialect, Callable[[Record, str | None], RecordData]] = {
    Dialect.MARC21: mapping.to_record_data,
    Dialect.UNIMARC: unimarc.to_record_data,
    Dialect.VINITI: viniti.to_record_data,
}


def recognise(record: Record) -> Dialect:
    """Return the dialect of a record, by the field of its title, else by its coded data."""
    tags = {field.tag for field in record.fields}
    if "245" in tags:
        return Dialect.MARC21
    if "200" in tags:
        return Dialect.UNIMARC
    if viniti.is_plain(record):
        return Dialect.VINITI
    # UNIMARC 100 $a begins with the date of entry; a name of MARC 21 never does.
    coded = record.first("100")
    if coded and "001" in tags and coded.first("a")[:8].isdigit() and len(coded.first("a")) >= 20:
        return Dialect.UNIMARC
    return Dialect.MARC21
