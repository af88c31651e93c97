"""Who says what of a record: for staff, on a page of its own and in the JSON of the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select

from bibliopolis.catalogue.labels import kind_title
from bibliopolis.catalogue.models import Item, Record, SourceRecord
from bibliopolis.catalogue.naming import name_of
from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.catalogue.resources import RecordResource, record_path
from bibliopolis.db import read_rows
from bibliopolis.i18n import _, _n
from bibliopolis.libraries.services import Libraries
from bibliopolis.resources.access import Permission

DESCRIPTIONS = "descriptions"
"""The name of the page."""
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

_COPIES = (
    select(func.count())
    .where(Item.source_record_id == SourceRecord.id, Item.status != ItemStatus.WITHDRAWN)
    .scalar_subquery()
)
_SOURCES = (
    select(
        SourceRecord.id,
        SourceRecord.library_id,
        SourceRecord.control_number,
        SourceRecord.described,
        SourceRecord.pinned,
        SourceRecord.changed,
        _COPIES.label("copies"),
    )
    .where(SourceRecord.record_id == bindparam("record_id"), SourceRecord.withdrawn.is_(False))
    .order_by(SourceRecord.id)
)

FIELDS: Mapping[str, Any] = {
    "title": _("Title"),
    "subtitle": _("Subtitle"),
    "part": _("Part"),
    "responsibility": _("Responsibility"),
    "other_titles": _("Other titles"),
    "contributors": _("People"),
    "publisher": _("Publisher"),
    "place": _("Place of publication"),
    "year": _("Year"),
    "edition": _("Edition"),
    "extent": _("Extent"),
    "series": _("Series"),
    "kind": _("Kind"),
    "languages": _("Languages"),
    "isbns": "ISBN",
    "issns": "ISSN",
    "subjects": _("Subjects"),
    "classes": _("Classification"),
    "age": _("Age"),
    "summary": _("Summary"),
    "contents": _("Contents"),
    "links": _("Links"),
}
"""What is compared, in the order of the page."""
TOGETHER = frozenset({"other_titles", "series", "isbns", "issns", "subjects", "classes", "links"})


@dataclass(frozen=True)
class Source:
    """One description as the page shows it; ``letter`` is how it is called there."""

    id: int
    letter: str
    library: str
    library_code: str
    control_number: str
    title: str
    pinned: bool
    changed: datetime
    copies: int
    described: Mapping[str, Any]

    @property
    def counted(self) -> Any:
        """Return how many copies came with it, in words."""
        return _n("${n} copy", "${n} copies", self.copies)

    @property
    def css(self) -> str:
        """Return which of the five colours it has."""
        return f"is-{'abcde'[(ord(self.letter[0]) - ord('A')) % 5]}"


@dataclass(frozen=True)
class FieldLine:
    """One field: what the record says, who gave it, and who says something else."""

    title: Any
    value: str
    given: Sequence[Source]
    others: Sequence[tuple[Source, str]]

    @property
    def variants(self) -> Any:
        """Return how many say something else, in words."""
        return _n("${n} variant", "${n} variants", len(self.others))


def descriptions_path(context: RecordResource, request: Any) -> str | None:
    """Return where staff see what each library says; None for others."""
    if not request.principals.may(Permission.EDIT, context):
        return None
    return f"{record_path(request, context.record.id)}/@@{DESCRIPTIONS}"


def sources_of(request: Any, record: Record) -> list[Source]:
    """Return what the libraries say of a record, in two queries."""
    rows = read_rows(request.db, _SOURCES, {"record_id": record.id}).all()
    names = request.find_service(Libraries, context=None).names
    return [
        Source(
            id=row.id,
            letter=_letter(place),
            library=names[row.library_id].name_in(request.language),
            library_code=names[row.library_id].code,
            control_number=row.control_number,
            title=row.described.get("title", ""),
            pinned=row.pinned,
            changed=row.changed,
            copies=row.copies,
            described=row.described,
        )
        for place, row in enumerate(rows)
    ]


def field_lines(request: Any, record: Record, sources: Sequence[Source]) -> list[FieldLine]:
    """Return the fields that anybody fills."""
    by_id = {one.id: one for one in sources}
    lines = []
    for name, title in FIELDS.items():
        value = getattr(record, name)
        if value in (None, "", []):
            continue
        said = [(one, one.described.get(name)) for one in sources]
        if name in TOGETHER and record.field_sources:
            given = [by_id[id_] for id_ in record.field_sources.get(name, ()) if id_ in by_id]
        else:
            given = [one for one, other in said if other == value]
        others = [
            (one, _shown(request, name, other))
            for one, other in said
            if other not in (None, "", [], value) and (name not in TOGETHER or one not in given)
        ]
        lines.append(FieldLine(title, _shown(request, name, value), given, others))
    return lines


def staff_json(context: RecordResource, request: Any) -> dict[str, Any]:
    """Return what the JSON of a record has more for staff: each description, and who gave what."""
    if not request.principals.may(Permission.EDIT, context):
        return {}
    sources = sources_of(request, context.record)
    url = request.address(context, absolute=True)
    return {
        DESCRIPTIONS: f"{url}/@@{DESCRIPTIONS}",
        "sources": [
            {
                "id": one.id,
                "library": {"token": one.library_code, "title": one.library},
                "control_number": one.control_number,
                "pinned": one.pinned,
                "modified": one.changed.isoformat(),
                "copies": one.copies,
            }
            for one in sources
        ],
        "field_sources": context.record.field_sources or _of_one(context.record, sources),
    }


def _of_one(record: Record, sources: Sequence[Source]) -> dict[str, list[int]]:
    """Return that the one description there is gave every field."""
    said = sources[0].described if sources else {}
    return {name: [sources[0].id] for name in said if hasattr(record, name)}


def _letter(place: int) -> str:
    """Return A to Z, then A2 and on."""
    round_, letter = divmod(place, len(LETTERS))
    return LETTERS[letter] + (str(round_ + 1) if round_ else "")


def _shown(request: Any, name: str, value: Any) -> str:
    """Return a value as one line for people."""
    if name == "kind":
        return str(request.translate(kind_title(value)))
    if name == "languages":
        return str(request.formats.listed(map(request.formats.language_name, value)))
    if name == "contributors":
        return "; ".join(map(name_of, value))
    if name == "links":
        return "; ".join(link.get("url", "") for link in value)
    if isinstance(value, list):
        return "; ".join(value)
    return str(value)
