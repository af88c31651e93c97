"""What readers keep of people: the reader, their cards, who acts for whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bibliopolis.accounts.personal_data import Part, Subject
from bibliopolis.i18n import _
from bibliopolis.libraries.services import Libraries
from bibliopolis.resources.history import History

from .categories import ReaderPolicy
from .models import Reader
from .services import Guardians, Leaving
from .services.readers import lock

ENTRIES = 1000
"""So many entries of the history are handed out at most, the newest."""


class ReaderData(Part):
    """The reader behind an account."""

    def export(self, subject: Subject) -> Mapping[str, Any]:
        """Return what a desk knows, and what has been done with it."""
        reader = self._reader(subject)
        if reader is None:
            return {}
        find = self.request.find_service
        guardians = find(Guardians)
        home = find(Libraries).by_id.get(reader.home_library_id)
        _total, entries = find(History).of(("reader", reader.id), limit=ENTRIES)
        return {
            "name": reader.name,
            "born": reader.born,
            "phone": reader.phone,
            "address": reader.address,
            "home_library": home.code if home else None,
            "category": find(ReaderPolicy).category_of(reader, self.request.clock.today()).name,
            "registration": reader.registration,
            "registered_until": reader.registered_until,
            "document_seen": reader.document_seen,
            "rules_accepted": reader.consent,
            "rules_accepted_at": reader.consented,
            "keeps_reading_history": reader.keeps_history,
            "created": reader.created,
            "changed": reader.changed,
            "cards": [
                {
                    "kind": card.kind,
                    "number": card.number,
                    "valid_from": card.valid_from,
                    "valid_until": card.valid_until,
                    "blocked": card.blocked,
                    "block_reason": card.block_reason,
                }
                for card in reader.cards
            ],
            "guardians": [one.name for one in guardians.of(reader)],
            "children": [one.name for one in guardians.children_of(reader.id)],
            "history": [
                {"happened": one.happened, "action": one.action, "data": one.data}
                for one in entries
            ],
        }

    def lock(self, subject: Subject) -> None:
        """Let nobody place a hold or hand a book out meanwhile."""
        reader = self._reader(subject)
        if reader is not None:
            lock(self.db, reader)

    def against_closing(self, subject: Subject) -> Iterable[Any]:
        """Say so where a child needs the reader."""
        guardians = self.request.find_service(Guardians, context=None)
        if guardians.children_of(subject.reader_id):
            yield _("You act for a child: have another grown-up appointed at a desk first.")

    def erase(self, subject: Subject) -> None:
        """Forget who the reader was; cards end with it."""
        reader = self._reader(subject)
        if reader is not None:
            self.request.find_service(Leaving).erase(reader)

    def _reader(self, subject: Subject) -> Reader | None:
        return None if subject.reader_id is None else self.db.get(Reader, subject.reader_id)
