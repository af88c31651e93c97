"""What participation puts on pages of other rooms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bibliopolis.frame import Link
from bibliopolis.i18n import _
from bibliopolis.search.asking import Asked

from .resources import NAME

SAVED_IN = ("", "catalogue")
"""Where a search has records, which letters can tell of."""


def save_this_search(request: Any, asked: Asked) -> Iterable[Link]:
    """Return the way to save a search of the catalogue; who is not signed in comes back to it."""
    if asked.scope in SAVED_IN:
        url = asked.but().address(f"{request.frame.home}/account/{NAME}/save")
        yield Link(_("Save this search"), url, "bookmark")
