"""Copies from the fields local systems write them to.

Every system has its own field and its own subfields for the same few facts. A layout says which
is which; the field's tag, given on the command line, chooses the layout.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from bibliopolis.catalogue.marc.structure import Field, Record
from bibliopolis.catalogue.marc.text import clean
from bibliopolis.catalogue.record_data import ItemData, ItemStatus

DEFAULT_TAG = "952"
LONGEST_BARCODE = 60


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


KOHA = Layout("p", "9", "a", "b", "o", "c", "h", "z", "pao9", _koha_status)
SIRSI = Layout("i", "", "m", "", "a", "l", "v", "", "i", _sirsi_status)
MARC_852 = Layout("p", "", "b", "", "hijk", "c", "3", "z", "bcp", _marc_status)
LAYOUTS = {"952": KOHA, "999": SIRSI, "852": MARC_852}


def copies(record: Record, tag: str, control_number: str) -> tuple[ItemData, ...]:
    """Return the copies of the record; one without a barcode gets a stable number of its own."""
    layout = LAYOUTS.get(tag, KOHA)
    found: dict[str, ItemData] = {}
    unnumbered: dict[str, int] = {}
    for field in record.get(tag):
        if not field.all(layout.required):
            continue
        item = _item(field, layout, control_number, unnumbered)
        found.setdefault(item.barcode, item)
    return tuple(found.values())


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
    barcode = clean(field.first(layout.barcode))
    if not barcode and layout.number and field.first(layout.number):
        barcode = f"number-{clean(field.first(layout.number))}"
    if not barcode or len(barcode) > LONGEST_BARCODE:
        # The same place and shelf mark again is another copy, so its turn counts as well.
        key = "|".join((control_number, read(layout.home), shelf_mark, volume, location, barcode))
        unnumbered[key] = turn = unnumbered.get(key, 0) + 1
        digest = hashlib.sha256(f"{key}|{turn}".encode()).hexdigest()
        barcode = f"copy-{digest[:24]}"
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
