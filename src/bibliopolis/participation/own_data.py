"""What participation keeps of people: the searches they have saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from bibliopolis.accounts.personal_data import Part, Subject

from .models import SavedSearch
from .services import SavedSearches


class SavedData(Part):
    """The saved searches of a person."""

    def export(self, subject: Subject) -> Mapping[str, Any]:
        """Return them with how often letters are wanted, and when the last one was written."""
        rows = self.db.execute(
            select(
                SavedSearch.name,
                SavedSearch.language,
                SavedSearch.query,
                SavedSearch.frequency,
                SavedSearch.created,
                SavedSearch.told.label("last_letter"),
            )
            .where(SavedSearch.person_id == subject.person_id)
            .order_by(SavedSearch.id)
        ).mappings()
        found = [dict(row) for row in rows]
        return {"searches": found} if found else {}

    def erase(self, subject: Subject) -> None:
        """Forget them all; no letter follows."""
        self.request.find_service(SavedSearches, context=None).forget(subject.person_id)
