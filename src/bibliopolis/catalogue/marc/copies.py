"""Copies from the fields local systems write them to.

Every system has its own field and its own subfields for the same few facts. A layout says which
is which; the field's tag, given on the command line, chooses the layout.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from bibliopolis.catalogue.marc.structure import Field, Record
from bibliopolis.catalogue.marc.text import clean
from bibliopolis.catalogue.record_data import ItemData, ItemStatus, RecordData

DEFAULT_TAG = "952"
LONGEST_BARCODE = 60
LONGEST_INVENTORY_NUMBER = 40


@dataclass(frozen=True)
class Layout:
    """Which subfield holds what; ``required`` tells a copy from another use of the same tag."""

    barcode: str
    number: str
    home: str
    holding: str
    shelf_mark: str
    location: str
    volume: str
    note: str
    required: str
    status: Callable[[Field], ItemStatus]
    number_is_unique: bool = True
    """Whether ``number`` alone tells a copy from all others of its library."""


KOHA_NOT_FOR_LOAN = {"-1": ItemStatus.ON_ORDER}


def _koha_status(field: Field) -> ItemStatus:
    """Judge by withdrawn ($0), lost ($1), damaged ($4), not for loan ($7), on loan ($q)."""
    withdrawn, lost, damaged, not_for_loan, restricted = (
        field.first(code).strip() or "0" for code in "01475"
    )
    if withdrawn != "0":
        return ItemStatus.WITHDRAWN
    if lost != "0":
        return ItemStatus.LOST
    if damaged != "0":
        return ItemStatus.DAMAGED
    if not_for_loan != "0":
        return KOHA_NOT_FOR_LOAN.get(not_for_loan, ItemStatus.READING_ROOM)
    if restricted != "0":
        return ItemStatus.READING_ROOM
    if field.first("q").strip() not in ("", "0"):
        return ItemStatus.LENT_ELSEWHERE
    return ItemStatus.LENDABLE


SIRSI_PLACES = {
    "WITHDRAWN": ItemStatus.WITHDRAWN,
    "DISCARD": ItemStatus.WITHDRAWN,
    "ORD-CANCLD": ItemStatus.WITHDRAWN,
    "LOST": ItemStatus.LOST,
    "LOSTCLOSED": ItemStatus.LOST,
    "LOST-PAID": ItemStatus.LOST,
    "LOST-ASSUM": ItemStatus.LOST,
    "LOST-CLAIM": ItemStatus.LOST,
    "MISSING": ItemStatus.LOST,
    "ON-ORDER": ItemStatus.ON_ORDER,
    "INPROCESS": ItemStatus.ON_ORDER,
    "CATALOGING": ItemStatus.ON_ORDER,
    "BINDERY": ItemStatus.DAMAGED,
    "REPAIR": ItemStatus.DAMAGED,
    "PRESERVATN": ItemStatus.DAMAGED,
    "CHECKEDOUT": ItemStatus.LENT_ELSEWHERE,
    "REFERENCE": ItemStatus.READING_ROOM,
    "READYREF": ItemStatus.READING_ROOM,
    "PHYS-RESV": ItemStatus.READING_ROOM,
}
SIRSI_READING_ROOM_TYPES = {"REFERENCE", "RAREBOOK", "RARE-BOOK", "ARCHIVES", "MANUSCRIPT"}


def _sirsi_status(field: Field) -> ItemStatus:
    """Judge by where the copy is now ($k), where it belongs ($l), its type ($t), lending ($r)."""
    for code in "kl":
        known = SIRSI_PLACES.get(field.first(code).strip().upper())
        if known is not None:
            return known
    if field.first("t").strip().upper() in SIRSI_READING_ROOM_TYPES:
        return ItemStatus.READING_ROOM
    if field.first("r").strip().upper() == "N":
        return ItemStatus.READING_ROOM
    return ItemStatus.LENDABLE


def _marc_status(_field: Field) -> ItemStatus:
    return ItemStatus.LENDABLE


# IRBIS, field 910 ^A (its menu "ste.mnu"). Groups (C, R, U) are one entry for many copies.
IRBIS_STATUS = {
    "0": ItemStatus.LENDABLE,
    "1": ItemStatus.LENT_ELSEWHERE,
    "2": ItemStatus.ON_ORDER,
    "3": ItemStatus.DAMAGED,  # at the binder's
    "4": ItemStatus.LOST,
    "5": ItemStatus.DAMAGED,  # not lent for the time being
    "6": ItemStatus.WITHDRAWN,
    "8": ItemStatus.ON_ORDER,  # come, but not yet at its place
    "9": ItemStatus.LENT_ELSEWHERE,  # kept for somebody
    "P": ItemStatus.READING_ROOM,  # an issue bound into a volume
    "R": ItemStatus.ON_ORDER,  # waits for its numbers
}
READING_ROOM_PLACE = re.compile(r"ЧЗ|Ч\. ?З|чит", re.IGNORECASE)


def _irbis_status(field: Field) -> ItemStatus:
    """Judge by the status (^A), and by the place (^D) where it is a reading room."""
    code = (field.first("a") or field.first("A")).strip().upper()
    status = IRBIS_STATUS.get(code, ItemStatus.LENDABLE)
    place = (field.first("d") or field.first("D")).strip()
    if status is ItemStatus.LENDABLE and READING_ROOM_PLACE.match(place):
        return ItemStatus.READING_ROOM
    return status


def _rusmarc_status(field: Field) -> ItemStatus:
    """Judge by the place (899 $b), the only thing RUSMARC says of it."""
    if READING_ROOM_PLACE.match(field.first("b").strip()):
        return ItemStatus.READING_ROOM
    return ItemStatus.LENDABLE


def _recommendation_995_status(field: Field) -> ItemStatus:
    """Judge by $o, where it has numbers as Koha writes them; letters differ from place to place."""
    code = field.first("o").strip()
    if code in KOHA_NOT_FOR_LOAN:
        return KOHA_NOT_FOR_LOAN[code]
    return ItemStatus.READING_ROOM if code.isdigit() and int(code) else ItemStatus.LENDABLE


KOHA = Layout("p", "9", "a", "b", "o", "c", "h", "z", "pao9", _koha_status)
SIRSI = Layout("i", "", "m", "", "a", "l", "v", "", "i", _sirsi_status)
MARC_852 = Layout("p", "", "b", "", "hijk", "c", "3", "z", "bcp", _marc_status)
# An inventory number of IRBIS is one of a department, a batch or a journal's issue.
IRBIS = Layout("hH", "bB", "dD", "", "", "dD", "", "", "aAbBhH", _irbis_status, False)
RUSMARC_899 = Layout("p", "", "b", "", "j", "b", "", "z", "jp", _rusmarc_status)
# As French libraries and Koha with UNIMARC write copies.
RECOMMENDATION_995 = Layout("f", "", "b", "c", "k", "e", "v", "u", "fk", _recommendation_995_status)
LAYOUTS = {
    "952": KOHA,
    "999": SIRSI,
    "852": MARC_852,
    "910": IRBIS,
    "899": RUSMARC_899,
    "995": RECOMMENDATION_995,
}


def copies(record: Record, tag: str | tuple[str, ...], control_number: str) -> tuple[ItemData, ...]:
    """Return the copies of the record; one without a barcode gets a stable number of its own.

    Of several tags the first counts that the record has copies in.
    """
    if not isinstance(tag, str):
        found_by_tag = (copies(record, one, control_number) for one in tag)
        return next((found for found in found_by_tag if found), ())
    found: dict[str, ItemData] = {}
    for item, _field in _with_fields(record, tag, control_number):
        found.setdefault(item.barcode, item)
    return tuple(found.values())


def _with_fields(record: Record, tag: str, control_number: str) -> Iterator[tuple[ItemData, Field]]:
    layout = LAYOUTS.get(tag, KOHA)
    unnumbered: dict[str, int] = {}
    for field in record.get(tag):
        if field.all(layout.required):
            yield _item(field, layout, control_number, unnumbered), field


@dataclass(frozen=True)
class Codes:
    """What a library's own codes mean of the copies in the field ``tag``.

    ``statuses`` are (code in ``subfield``, status), ``locations`` (code, what people read, status
    or None), ``types`` (code in ``type_subfield``, item type). What is not named keeps what the
    layout makes of it.
    """

    tag: str
    subfield: str = ""
    statuses: tuple[tuple[str, ItemStatus], ...] = ()
    locations: tuple[tuple[str, str, ItemStatus | None], ...] = ()
    type_subfield: str = ""
    types: tuple[tuple[str, str], ...] = ()

    def apply(self, record: Record, data: RecordData) -> RecordData:
        """Return the description with its copies as the codes mean them."""
        if not self.statuses and not self.locations and not self.types:
            return data
        coded: dict[str, tuple[str, str]] = {}
        for item, field in _with_fields(record, self.tag, data.control_number):
            codes = (_code(field, self.subfield), _code(field, self.type_subfield))
            coded.setdefault(item.barcode, codes)
        items = tuple(self._meant(item, *coded.get(item.barcode, ("", ""))) for item in data.items)
        return replace(data, items=items)

    def _meant(self, item: ItemData, code: str, type_code: str) -> ItemData:
        """Return a copy as the codes mean it; its own status says more than its place."""
        for known, item_type in self.types:
            if type_code == known:
                item = replace(item, item_type=item_type)
        for location, title, status in self.locations:
            if item.location == location:
                item = replace(item, location=title, status=status or item.status)
        for known, status in self.statuses:
            if code == known:
                item = replace(item, status=status)
        return item


def _code(field: Field, subfield: str) -> str:
    return clean(" ".join(field.all(subfield))) if subfield else ""


def _item(
    field: Field, layout: Layout, control_number: str, unnumbered: dict[str, int]
) -> ItemData:
    def read(codes: str) -> str:
        return clean(" ".join(field.all(codes))) if codes else ""

    shelf_mark, volume, location = (
        read(layout.shelf_mark),
        read(layout.volume),
        read(layout.location),
    )
    barcode = clean(next(iter(field.all(layout.barcode)), ""))
    number = clean(next(iter(field.all(layout.number)), "")) if layout.number else ""
    if not barcode and number:
        barcode = f"number-{number}" if layout.number_is_unique else ""
    if not barcode or len(barcode) > LONGEST_BARCODE:
        # The same place and shelf mark again is another copy, so its turn counts as well.
        parts = [control_number, read(layout.home), shelf_mark, volume, location, barcode]
        if number and not layout.number_is_unique:
            parts.append(number)
        key = "|".join(parts)
        unnumbered[key] = turn = unnumbered.get(key, 0) + 1
        digest = hashlib.sha256(f"{key}|{turn}".encode()).hexdigest()
        # An inventory number is known to people but not different for every copy.
        named = not layout.number_is_unique and 0 < len(number) <= LONGEST_INVENTORY_NUMBER
        barcode = f"{number}-{digest[:12]}" if named else f"copy-{digest[:24]}"
    return ItemData(
        barcode=barcode,
        home=read(layout.home),
        holding=read(layout.holding),
        shelf_mark=shelf_mark,
        location=location,
        status=layout.status(field),
        volume=volume,
        note=read(layout.note),
    )
