"""Ask the rooms above, where there are any."""

from __future__ import annotations

from typing import Any

from bibliopolis.accounts.interfaces import IReaders


def find_readers(request: Any) -> IReaders | None:
    """Return the service that knows readers, or None on a site without that room."""
    try:
        found: IReaders = request.find_service(IReaders)
    except LookupError:
        return None
    return found
