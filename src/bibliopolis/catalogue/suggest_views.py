"""Suggestions while somebody types in the search box, for the script of the box."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.catalogue.resources import Catalogue
from bibliopolis.catalogue.suggesting import Kind, Suggestion, Suggestions
from bibliopolis.i18n import _
from bibliopolis.resources.access import Permission
from bibliopolis.robots import refuse_robots
from bibliopolis.search.asking import Asked

NAME = "suggest"
KEPT_FOR = 300
"""Seconds a browser keeps an answer: going back a letter asks nothing."""

TITLES: Mapping[Kind, Any] = {
    Kind.TITLE: _("Title"),
    Kind.AUTHOR: _("Author"),
    Kind.SUBJECT: _("Subject"),
}
CHOOSES = {Kind.AUTHOR: "auth", Kind.SUBJECT: "subj"}


@view_config(
    context=Catalogue,
    name=NAME,
    permission=Permission.VIEW,
    request_method="GET",
    renderer="json",
)
def suggest(context: Catalogue, request: Request) -> dict[str, Any]:
    """Answer what may be meant: its kind, its text, and where it is found."""
    refuse_robots(request)
    found = request.find_service(Suggestions, context=None).of(request.GET.get("q", ""))
    # What one visitor may see is no answer for another.
    request.response.cache_control = f"private, max-age={KEPT_FOR}"
    return {
        "@id": request.path_qs,
        "@type": NAME,
        "items": [
            {
                "@id": _asked(one).address(request.frame.search),
                "kind": one.kind,
                "kind_title": request.translate(TITLES[one.kind]),
                "title": one.text,
                "note": one.note or (request.formats.number(one.count) if one.count else ""),
                "language": one.language,
            }
            for one in found
        ],
    }


def _asked(suggestion: Suggestion) -> Asked:
    """Return the search that a suggestion stands for."""
    if suggestion.kind in CHOOSES:
        return Asked(chosen={CHOOSES[suggestion.kind]: (suggestion.text,)})
    return Asked(text=suggestion.text)
