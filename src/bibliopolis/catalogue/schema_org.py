"""What the page of a record says of itself to machines."""

from __future__ import annotations

from typing import Any

from pyramid.request import Request

from bibliopolis.catalogue.models import Record
from bibliopolis.catalogue.naming import name_of
from bibliopolis.catalogue.page import RecordPage
from bibliopolis.catalogue.record_data import Kind
from bibliopolis.catalogue.resources import TYPE, record_path
from bibliopolis.publicity import About, breadcrumbs, organization, shortened, whole
from bibliopolis.resources.types import ResourceTypes

OTHER_KINDS = {
    Kind.AUDIOBOOK: "Audiobook",
    Kind.SERIAL: "Periodical",
    Kind.ARTICLE: "Article",
    Kind.SCORE: "SheetMusic",
    Kind.SOUND: "MusicRecording",
    Kind.FILM: "Movie",
    Kind.MAP: "Map",
    Kind.PICTURE: "VisualArtwork",
    Kind.OTHER: "CreativeWork",
}
"""What is no book; books are what the declaration of the type says."""

ALTERNATE_NAMES = 3
ROLES = {"author": "author", "translator": "translator", "illustrator": "illustrator"}


def about_record(request: Request, page: RecordPage) -> About:
    """Return what a record says of itself."""
    record = page.record
    url = whole(request, record_path(request, record.id))
    declared = request.find_service(ResourceTypes)[TYPE].schema_org or "CreativeWork"
    words = {**words_of(record, page.title, url, declared), "provider": organization(request)}
    return About(
        title=page.title,
        url=url,
        kind="book" if Kind(record.kind) in {Kind.BOOK, Kind.EBOOK} else "website",
        description=shortened(record.summary or page.citation),
        data=(words, breadcrumbs(request, page.crumbs)),
    )


def words_of(record: Record, title: str, url: str, declared: str = "Book") -> dict[str, Any]:
    """Return a record in the words of schema.org; ``declared`` is what books are called."""
    return {
        "@type": OTHER_KINDS.get(Kind(record.kind), declared),
        "@id": url,
        "url": url,
        "name": title,
        "alternateName": record.other_titles[:ALTERNATE_NAMES],
        "isbn": record.isbns if declared == "Book" else None,
        "issn": record.issns,
        "inLanguage": record.languages or record.language,
        "datePublished": str(record.year) if record.year else None,
        "bookEdition": record.edition if Kind(record.kind) == Kind.BOOK else None,
        "publisher": {"@type": "Organization", "name": record.publisher}
        if record.publisher
        else None,
        "about": list(record.subjects),
        "description": shortened(record.summary),
        **_people(record),
    }


def _people(record: Record) -> dict[str, Any]:
    found: dict[str, list[dict[str, str]]] = {}
    for person in record.contributors:
        role = ROLES.get(str(person.get("role")), "contributor")
        found.setdefault(role, []).append({"@type": "Person", "name": name_of(person)})
    return dict(found)
