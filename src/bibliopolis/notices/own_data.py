"""What notices keep of people: what was sent, what they want to hear, and where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bibliopolis.accounts.personal_data import Part, Subject

from .models import Notice, NoticePreference
from .services import Addresses, NoticeLog

ENTRIES = 1000
"""So many entries of the log are handed out at most, the newest."""


class NoticeData(Part):
    """The notices of a reader."""

    def export(self, subject: Subject) -> Mapping[str, Any]:
        """Return the log, the choices and the addresses."""
        if subject.reader_id is None:
            return {}
        find = self.request.find_service
        chosen = self.db.get(NoticePreference, subject.reader_id)
        log: NoticeLog = find(NoticeLog, context=None)
        rows = log.page(subject.reader_id, limit=ENTRIES)
        titles = log.titles(rows)
        return {
            "letter_of_the_day": bool(chosen and chosen.digest),
            "channels": chosen.channels if chosen else {},
            "addresses": [
                {"channel": one.channel, "address": one.address, "confirmed": one.confirmed}
                for one in find(Addresses, context=None).of(subject.reader_id)
            ],
            "sent": [_entry(row, titles.get(row.id)) for row in rows],
        }

    def erase(self, subject: Subject) -> None:
        """Forget whose they were."""
        if subject.reader_id is not None:
            log = self.request.find_service(NoticeLog, context=None)
            log.forget_reader(subject.reader_id)


def _entry(row: Notice, title: str | None) -> Mapping[str, Any]:
    return {
        "kind": row.kind,
        "channel": row.channel,
        "about": title,
        "created": row.created,
        "settled": row.settled,
        "outcome": row.outcome,
    }
