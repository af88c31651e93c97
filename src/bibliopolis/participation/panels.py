"""The latest saved searches in "my account"."""

from __future__ import annotations

from typing import Any

from pyramid.request import Request

from bibliopolis.i18n import _

from .presenters import search_lines
from .resources import NAME
from .services import SavedSearches

SHOWN = 3


def my_searches(request: Request) -> dict[str, Any]:
    """Return the latest ones, and the way to all of them."""
    searches = request.find_service(SavedSearches, context=None)
    person_id = request.principals.person_id
    rows = searches.page(person_id, limit=SHOWN + 1)
    total = searches.count(person_id) if len(rows) > SHOWN else len(rows)
    return {
        "title": _("Saved searches"),
        "count": total or None,
        "lines": search_lines(request, rows[:SHOWN]),
        "all_url": f"{request.frame.home}/account/{NAME}" if rows else None,
    }
