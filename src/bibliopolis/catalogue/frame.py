"""What the catalogue puts into pages: its section, and subjects to begin with."""

from __future__ import annotations

from collections.abc import Iterable

from pyramid.request import Request

from bibliopolis.frame import Link
from bibliopolis.i18n import _
from bibliopolis.resources.access import visible_to
from bibliopolis.search.asking import Asked
from bibliopolis.search.documents import RESOURCE, Query
from bibliopolis.search.services import Search

SUBJECTS = 5


def navigation(request: Request) -> Iterable[Link]:
    """Return the section of the catalogue."""
    return (Link(_("Catalogue"), f"{request.frame.search}?scope=catalogue"),)


def subjects(request: Request) -> Iterable[Link]:
    """Return the subjects with the most books in the language of the page."""
    language = (request.language,)
    query = Query(
        visibility=visible_to(request.principals),
        filters={RESOURCE: ("record",), "language": language},
        limit=0,
        facets=("subject",),
        facet_limit=SUBJECTS,
    )
    found = request.find_service(Search).find(query).facets.get("subject", ())
    return [
        Link(
            subject,
            Asked(chosen={"lang": language, "subj": (subject,)}).address(request.frame.search),
        )
        for subject, _count in found[:SUBJECTS]
    ]
