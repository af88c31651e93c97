"""The books of the demo as the catalogue takes them in, with their copies."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from bibliopolis.catalogue.marc import Place, Reading
from bibliopolis.catalogue.record_data import (
    Contributor,
    ItemData,
    ItemStatus,
    Kind,
    RecordData,
)
from bibliopolis.demo.data_files import books

COPIES = re.compile(r"([a-z])([0-9]+)(r?)")
LOANS, READING_ROOM = "Абонемент", "Читальный зал"


def readings(prefixes: Mapping[str, str]) -> Iterator[Reading]:
    """Yield the descriptions; ``prefixes`` are the codes of libraries by the letter of a copy."""
    numbers: Counter[str] = Counter()
    for number, row in enumerate(books(), start=1):
        items = tuple(_items(row, prefixes, numbers))
        yield Reading(Place("records.csv", number, 0), _description(number, row, items))


def _description(number: int, row: Mapping[str, str], items: tuple[ItemData, ...]) -> RecordData:
    subtitle = row["subtitle"]
    statement = f"{row['title']} : {subtitle}" if subtitle else row["title"]
    return RecordData(
        control_number=f"demo-{number:04}",
        title=row["title"],
        title_statement=statement,
        subtitle=subtitle,
        part=row["part"],
        alternative_titles=tuple(_values(row["original"])),
        uniform_title=next(iter(_values(row["original"])), ""),
        contributors=tuple(_contributors(row)),
        publisher=row["publisher"],
        place=row["place"],
        year=int(row["year"]) if row["year"] else None,
        languages=(row["language"],) if row["language"] else (),
        kind=Kind(row["kind"]),
        isbns=tuple(_values(row["isbn"].replace("-", ""))),
        subjects=tuple(_values(row["subjects"])),
        series=tuple(_values(row["series"])),
        age=int(row["age"]) if row["age"] else None,
        classification=tuple(_values(row["class"])),
        items=items,
    )


def _contributors(row: Mapping[str, str]) -> Iterator[Contributor]:
    for name in _values(row["author"]):
        yield Contributor(name)
    for value in _values(row["others"]):
        role, _colon, name = value.partition(":")
        yield Contributor(name, role)


def _items(
    row: Mapping[str, str], prefixes: Mapping[str, str], numbers: Counter[str]
) -> Iterator[ItemData]:
    mark = f"{row['class']} {_author_mark(row)}"
    for letter, count, in_room in COPIES.findall(row["copies"]):
        for _copy in range(int(count)):
            numbers[letter] += 1
            yield ItemData(
                barcode=f"{list(prefixes).index(letter) + 1}{numbers[letter]:07}",
                home=prefixes[letter],
                shelf_mark=mark,
                location=READING_ROOM if in_room else LOANS,
                status=ItemStatus.READING_ROOM if in_room else ItemStatus.LENDABLE,
            )


def _author_mark(row: Mapping[str, str]) -> str:
    """Return what a spine says of author or title: the first letters, as on a shelf label."""
    heading = row["author"] or row["title"]
    return "".join(sign for sign in heading if sign.isalpha())[:3].upper()


def _values(cell: str) -> list[str]:
    return [value.strip() for value in cell.split(";") if value.strip()]
