"""What the page of a record shows, ready for the template."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, urlsplit

from bibliopolis.catalogue.citing import citation
from bibliopolis.catalogue.copies import SHELVES_SHOWN, CopyGroup, group_copies
from bibliopolis.catalogue.exports import ways_to_export
from bibliopolis.catalogue.exports.coins import context_object
from bibliopolis.catalogue.exports.facts import Facts
from bibliopolis.catalogue.indexing import HEADING_DIVIDER, cover_of, full_title, my_library_id
from bibliopolis.catalogue.labels import MAKERS, kind_title, role_title
from bibliopolis.catalogue.models import Record
from bibliopolis.catalogue.naming import name_of
from bibliopolis.catalogue.panels import CopyOffer
from bibliopolis.catalogue.record_data import Kind
from bibliopolis.catalogue.records import RecordView
from bibliopolis.catalogue.resources import record_path
from bibliopolis.catalogue.whereabouts import Whereabouts
from bibliopolis.covers import Cover, spread
from bibliopolis.i18n import _, _n
from bibliopolis.parts import Status
from bibliopolis.publicity import whole

LINES_SHOWN = 12
CONTENTS = re.compile(r"\s--\s|\s*[;.]\s[–—]\s")
"""What catalogues write between the parts of what is in a book."""


@dataclass(frozen=True)
class Linked:
    """A text that leads somewhere, with a note beside it."""

    text: str
    url: str | None = None
    note: Any = ""
    lang: str | None = None


@dataclass(frozen=True)
class Shelf:
    """Where copies stand; ``url`` leads to where one of them can be chosen, if one can."""

    text: str
    url: str | None = None


@dataclass(frozen=True)
class CopyLine:
    """One line of the table of copies."""

    library: str
    url: str | None
    mine: bool
    distance: str
    hours: Status | None
    status: Status
    count: Any
    shelves: Sequence[Shelf]
    more_shelves: Sequence[Shelf]
    more: Any


@dataclass(frozen=True)
class RecordPage:
    """A record as a reader sees it."""

    record: Record
    title: str
    title_lang: str | None
    eyebrow: str
    original_titles: Sequence[str]
    makers: Sequence[Linked]
    contributors: Sequence[Linked]
    subjects: Sequence[Linked]
    languages: str
    links: Sequence[Linked]
    cover: Cover
    citation: str
    coins: str
    cite: str
    exports: Sequence[Linked]
    lines: Sequence[CopyLine]
    all_copies: str | None
    whereabouts: Whereabouts
    contents: Sequence[str]
    library_count: Any
    crumbs: Sequence[tuple[Any, str | None]]

    @classmethod
    def of(
        cls,
        request: Any,
        view: RecordView,
        everything: bool = False,
        offer: CopyOffer = lambda _item_id: None,
    ) -> RecordPage:
        """Make the page; all lines of the table are shown only where they were asked for."""
        record = view.record
        mine = my_library_id(request)
        whereabouts = Whereabouts.of(request)
        held = frozenset(view.library_ids)
        order = whereabouts.order([one for one in view.libraries if one in held])
        groups = group_copies(view.copies, order, mine)
        shown = groups if everything else groups[:LINES_SHOWN]
        title = f"{record.title}. {record.part}" if record.part else record.title
        path = record_path(request, record.id)
        cover = cover_of(record)
        return cls(
            record=record,
            title=title,
            title_lang=cover.language,
            eyebrow=" · ".join(_eyebrow(request, record)),
            original_titles=record.other_titles[:3],
            makers=_people(request, record, makers=True),
            contributors=_people(request, record, makers=False),
            subjects=[_subject(request, subject) for subject in record.subjects],
            languages=request.formats.listed(map(request.formats.language_name, record.languages)),
            links=[_web_link(link) for link in record.links],
            cover=cover,
            citation=citation(record),
            cite=f"{path}/@@cite",
            coins=context_object(Facts.of(record, whole(request, path))),
            exports=[Linked(one.title, url, one.note) for one, url in ways_to_export(path)],
            lines=[_line(request, view, group, mine, whereabouts, offer) for group in shown],
            all_copies=None
            if len(shown) == len(groups)
            else f"{whereabouts.query(copies='all')}#copies",
            whereabouts=whereabouts,
            contents=_contents(record),
            library_count=_n("In ${n} library", "In ${n} libraries", len(view.library_ids)),
            crumbs=[(_("Catalogue"), request.frame.search), (title, None)],
        )


@dataclass(frozen=True)
class Book:
    """A book in a row of covers."""

    title: str
    lang: str | None
    url: str
    cover: Cover
    year: int | None


def books(request: Any, records: Sequence[Any]) -> list[Book]:
    """Return rows of records as a row of covers, no two neighbours alike."""
    covers = spread([cover_of(record) for record in records])
    return [
        Book(
            title=record.title,
            lang=cover.language,
            url=record_path(request, record.id),
            cover=cover,
            year=record.year,
        )
        for record, cover in zip(records, covers, strict=True)
    ]


@dataclass(frozen=True)
class Edition:
    """Another edition of the work, as a line beside its cover."""

    title: str
    lang: str | None
    url: str
    cover: Cover
    imprint: str
    notes: str


def editions(request: Any, records: Sequence[Any]) -> list[Edition]:
    """Return rows of records as the editions of one work: what tells them apart."""
    return [_edition(request, one) for one in records]


def _edition(request: Any, record: Any) -> Edition:
    cover = cover_of(record)
    formats = request.formats
    imprint = " : ".join(part for part in (record.place, record.publisher) if part)
    notes = (
        formats.listed(map(formats.language_name, record.languages)),
        request.translate(kind_title(record.kind)) if record.kind != Kind.BOOK else "",
        record.edition,
    )
    return Edition(
        title=full_title(record),
        lang=cover.language,
        url=record_path(request, record.id),
        cover=cover,
        imprint=", ".join(part for part in (imprint, str(record.year or "")) if part),
        notes=" · ".join(part for part in notes if part),
    )


def search_url(request: Any, name: str, value: str) -> str:
    """Return the address of a search by one parameter."""
    return f"{request.frame.search}?{name}={quote_plus(value)}"


def _eyebrow(request: Any, record: Record) -> list[str]:
    return [
        request.translate(kind_title(record.kind)),
        *([str(record.year)] if record.year else []),
    ]


def _contents(record: Record) -> list[str]:
    """Return what is in a book, part by part."""
    parts = map(str.strip, CONTENTS.split(record.contents or ""))
    return [part for part in parts if part]


def _people(request: Any, record: Record, makers: bool) -> list[Linked]:
    """Return those whose work it is, or the others with what they did."""
    return [
        Linked(
            name_of(person),
            search_url(request, "q", name_of(person)),
            _note(person, makers),
        )
        for person in record.contributors
        if (person.get("role") in MAKERS) == makers
    ]


def _note(person: dict[str, Any], makers: bool) -> Any:
    """Return dates of an author, what the others did."""
    return person.get("dates", "") if makers else role_title(person.get("role", "")) or ""


def _subject(request: Any, subject: str) -> Linked:
    head = subject.partition(HEADING_DIVIDER)[0]
    return Linked(subject, search_url(request, "subj", head))


def _web_link(link: dict[str, str]) -> Linked:
    """Return a link out of the house; only addresses of the web are links."""
    url = link.get("url", "")
    host = urlsplit(url).netloc
    return Linked(link.get("title") or host or url, url if host else None)


def _line(
    request: Any,
    view: RecordView,
    group: CopyGroup,
    mine: int | None,
    whereabouts: Whereabouts,
    offer: CopyOffer,
) -> CopyLine:
    library = view.libraries.get(group.library_id)
    distance, hours = whereabouts.told(group.library_id)
    shelves = [
        Shelf(text, next(filter(None, map(offer, copies)), None))
        for text, copies in group.shelves.items()
    ]
    shelves = [one for one in shelves if one.text or one.url]
    more = shelves[SHELVES_SHOWN:]
    return CopyLine(
        library=library.name_in(request.language) if library else "",
        url=_library_url(request, library.code) if library else None,
        mine=group.library_id == mine,
        distance=distance,
        hours=hours,
        status=Status(group.standing.tone, group.standing.text),
        count=_n("${n} copy", "${n} copies", group.count),
        shelves=shelves[:SHELVES_SHOWN],
        more_shelves=more,
        more=_n("and ${n} more place", "and ${n} more places", len(more)),
    )


def _library_url(request: Any, code: str) -> str | None:
    """Return the page of a library, where libraries have pages."""
    if "libraries" not in request.registry["bibliopolis.mounts"]:
        return None
    return f"{request.frame.home}/libraries/{code}"
