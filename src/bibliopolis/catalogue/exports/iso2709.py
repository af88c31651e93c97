"""MARC 21 as ISO 2709 in UTF-8, the form that library systems exchange."""

from __future__ import annotations

from bibliopolis.catalogue.exports.facts import Facts
from bibliopolis.catalogue.exports.marc import marc_of
from bibliopolis.catalogue.marc.writing import to_iso2709
from bibliopolis.catalogue.models import Record
from bibliopolis.errors import Conflict
from bibliopolis.i18n import _


def write(record: Record, facts: Facts) -> bytes:
    """Return the record; refuse one that is longer than the lengths of the format can say."""
    written = to_iso2709(marc_of(record, facts))
    if written is None:
        raise Conflict(
            _("This record is too long for ISO 2709 (99,999 bytes). Take it as MARCXML.")
        )
    return written
