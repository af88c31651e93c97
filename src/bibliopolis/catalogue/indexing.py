"""What of a record can be found, and how a found record is shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Integer, bindparam, case, func, select

from bibliopolis.catalogue.labels import MAKERS, kind_title, language_of
from bibliopolis.catalogue.models import Availability, ClosedLibrary, Item, Record
from bibliopolis.catalogue.naming import author_on_cover, name_of, spoken
from bibliopolis.catalogue.panels import PANELS
from bibliopolis.catalogue.record_data import ItemStatus, Kind
from bibliopolis.catalogue.resources import TYPE, record_path, scopes_of
from bibliopolis.covers import Cover, draw_cover
from bibliopolis.db import read_rows
from bibliopolis.i18n import _
from bibliopolis.libraries.frame import my_library
from bibliopolis.libraries.models import Library
from bibliopolis.parts import Available, Status
from bibliopolis.readers.services import Readers
from bibliopolis.resources.access import Permission
from bibliopolis.resources.types import ResourceTypes
from bibliopolis.search.documents import Document, Hit, resource_key
from bibliopolis.search.rows import Action, Row

SHELF_MARKS = 100
HEADING_DIVIDER = " — "

SHOWN = (
    Record.id,
    Record.title,
    Record.subtitle,
    Record.part,
    Record.author,
    Record.contributors,
    Record.publisher,
    Record.year,
    Record.summary,
    Record.kind,
    Record.language,
    Record.subjects,
    Record.sort_key,
)
"""What covers, cards and rows show: columns, for to make objects of all of it takes longer."""


def shown(*more: Any) -> Any:
    """Return the statement for what cards and rows show of records, by their ``ids``.

    Beside the columns: how many copies there are, how many of them are ``free`` to be taken now,
    of these how many are ``here``, in the library that is ``mine``, and how many are ``shut`` in
    libraries that are closed for days.
    """
    mine = Availability.library_id == bindparam("mine", type_=Integer)
    is_shut = Availability.library_id.in_(select(ClosedLibrary.library_id))
    counts = {
        "copies": Availability.total,
        "free": case((is_shut, 0), else_=Availability.available),
        "here": case((is_shut, 0), (mine, Availability.available), else_=0),
        "shut": case((is_shut, Availability.available), else_=0),
    }
    return (
        select(
            *SHOWN,
            *more,
            *(func.coalesce(func.sum(n), 0).label(name) for name, n in counts.items()),
        )
        .outerjoin(Availability, Availability.record_id == Record.id)
        .where(Record.id.in_(bindparam("ids", expanding=True)), Record.withdrawn.is_(False))
        .group_by(Record.id)
    )


_ROWS = shown(Record.uid, Record.languages, Record.isbns)


def documents(request: Any, ids: Sequence[int]) -> Iterator[Document]:
    """Return the documents of records; withdrawn ones have none."""
    records = request.db.scalars(
        select(Record).where(Record.id.in_(ids), Record.withdrawn.is_(False)).order_by(Record.id)
    )
    codes = _library_codes(request)
    owners, marks = _copies(request, ids)
    allowed = frozenset(request.find_service(ResourceTypes)[TYPE].allowed_roles(Permission.VIEW))
    for record in records:
        owning = owners[record.id] or {record.library_id: None}
        yield Document(
            key=resource_key(TYPE, record.id),
            resource=(TYPE, record.id),
            type=TYPE,
            language=record.language or "",
            title=full_title(record),
            other_titles=tuple(record.other_titles),
            names=names_of(record),
            subjects=tuple(record.subjects),
            text=" ".join(
                filter(None, (record.summary, record.contents, *record.series, record.publisher))
            ),
            identifiers=(*record.isbns, *record.issns, *list(marks[record.id])[:SHELF_MARKS]),
            parts={
                "publisher": (record.publisher,) if record.publisher else (),
                "series": tuple(record.series),
                "shelf": tuple(marks[record.id])[:SHELF_MARKS],
            },
            facets={
                "kind": (record.kind,),
                "library": tuple(codes[owner] for owner in owning if owner in codes),
                "language": tuple(record.languages),
                "year": (str(record.year),) if record.year else (),
                "subject": main_subjects(record.subjects),
                "author": authors_of(record),
                "class": tuple(record.classes),
            },
            sort={"title": record.sort_key, **({"year": record.year} if record.year else {})},
            allowed=allowed,
            scopes=scopes_of(record),
        )


def _text(record: Record) -> str:
    """Return what is found last: what it is about, what is in it, its series and its publisher."""
    said = (record.summary, record.contents, *record.series, record.publisher)
    return " ".join(filter(None, said))


def all_ids(request: Any) -> Iterable[int]:
    """Return the ids of all records, for a rebuild."""
    return request.db.scalars(select(Record.id).order_by(Record.id)).all()


def full_title(record: Any) -> str:
    """Return title, part and subtitle of a record, or of a row of one, as one line."""
    title = f"{record.title}. {record.part}" if record.part else record.title
    return f"{title}: {record.subtitle}" if record.subtitle else title


def names_of(record: Record) -> tuple[str, ...]:
    """Return the names of all who had a part in it, also in their own script."""
    names = [
        person.get(form, "") for person in record.contributors for form in ("name", "original")
    ]
    return tuple(dict.fromkeys(name for name in names if name))


def authors_of(record: Record) -> tuple[str, ...]:
    """Return the names of those whose work it is, in their own script where that is known.

    Whoever is named first counts, whatever the role: a compiler, an editor of a collection.
    """
    makers = [
        person.get("original") or person.get("name") or ""
        for place, person in enumerate(record.contributors)
        if not place or person.get("role") in MAKERS
    ]
    return tuple(dict.fromkeys(name for name in makers if name))


def main_subjects(subjects: Iterable[str]) -> tuple[str, ...]:
    """Return the headings without their subdivisions: what a facet can list."""
    heads = (subject.partition(HEADING_DIVIDER)[0] for subject in subjects)
    return tuple(dict.fromkeys(heads))


def _library_codes(request: Any) -> dict[int, str]:
    return {row.id: row.code for row in request.db.execute(select(Library.id, Library.code))}


def _copies(
    request: Any, ids: Sequence[int]
) -> tuple[dict[int, dict[int, None]], dict[int, dict[str, None]]]:
    """Return whose copies and what shelf marks each record has."""
    owners: dict[int, dict[int, None]] = defaultdict(dict)
    marks: dict[int, dict[str, None]] = defaultdict(dict)
    for row in request.db.execute(
        select(Item.record_id, Item.library_id, Item.shelf_mark)
        .where(Item.record_id.in_(ids), Item.status != ItemStatus.WITHDRAWN)
        .distinct()
    ):
        owners[row.record_id][row.library_id] = None
        if row.shelf_mark:
            marks[row.record_id][row.shelf_mark] = None
    return owners, marks


def rows(request: Any, hits: Sequence[Hit]) -> dict[str, Row]:
    """Return how hits are shown: the truth from the database, in two queries at most."""
    given = {"ids": [hit.resource[1] for hit in hits], "mine": my_library_id(request)}
    known = read_rows(request.db, _ROWS, given)
    found = {record.id: record for record in known}
    return {
        hit.key: _row(request, found[hit.resource[1]]) for hit in hits if hit.resource[1] in found
    }


def my_library_id(request: Any) -> int | None:
    """Return the library this browser has chosen, or the home library of its reader."""
    chosen = my_library(request)
    if chosen is not None:
        return chosen.id
    reader = request.find_service(Readers, context=None).get(request.principals.reader_id)
    return reader.home_library_id if reader else None


def _row(request: Any, record: Any) -> Row:
    url = record_path(request, record.id)
    title = kind_title(record.kind)
    kind = request.translate(title)
    cover = cover_of(record)
    meta = " · ".join(
        part for part in (kind, record.publisher or "", str(record.year or "")) if part
    )
    can_be_held = bool(record.copies) and bool(request.registry[PANELS])
    return Row(
        title=full_title(record),
        url=url,
        type=TYPE,
        kind=title,
        lang=cover.language or "",
        by=author_of(record),
        meta=meta,
        snippet=record.summary or "",
        cover=cover,
        statuses=statuses(record),
        action=Action(_("Place a hold"), f"{url}#hold", primary=True) if can_be_held else None,
        json={
            "id": str(record.id),
            "UID": record.uid,
            "author": record.author,
            "year": record.year,
            "languages": record.languages,
            "isbns": record.isbns,
            "copies": record.copies,
            "copies_available": record.free,
        },
    )


def author_of(record: Any) -> str:
    """Return who made it, as the name is said; empty where nobody is named."""
    return name_of(record.contributors[0]) if record.contributors else spoken(record.author or "")


def cover_of(record: Any) -> Cover:
    """Return the cover of a record, or of a row of one; editions of a work share its palette."""
    periodical = record.kind == Kind.SERIAL
    return draw_cover(
        title=record.title,
        author="" if periodical else author_on_cover(record.author, record.contributors),
        kind=record.kind,
        subjects=record.subjects,
        year=record.year,
        work=f"{record.author or ''}|{record.sort_key}",
        language=language_of(record.title, record.language),
    )


def statuses(record: Any) -> tuple[Status, ...]:
    """Return what a reader wants to know first of a row: mine, then the city."""
    if not record.copies:
        return ()
    if not record.free and record.shut:
        return (Status(Available.WAIT, _("Only in a library that is closed now")),)
    if not record.free:
        return (Status(Available.OUT, _("No copy is free now")),)
    city = Status(Available.IN, _("In the city: ${n}", mapping={"n": str(record.free)}))
    if not record.here:
        return (city,)
    mine = _("In my library: ${n}", mapping={"n": str(record.here)})
    return (Status(Available.IN, mine), city)
