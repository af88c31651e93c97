"""Letters about what is new of a saved search, with the way to stop them (RFC 2369, RFC 8058)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bibliopolis.accounts.letters import LetterWriter
from bibliopolis.accounts.models import Person
from bibliopolis.catalogue.indexing import author_of, full_title
from bibliopolis.i18n import _, _n

from .models import SavedSearch
from .queries import newest_query
from .services.stop_links import StopLinks

SHOWN = 10
"""So many titles stand in one letter; the rest is a link away."""
STOP_VIEW = "stop-alerts"


class AlertLetters(LetterWriter):
    """Write to those who have saved a search."""

    links: StopLinks

    @classmethod
    def from_request(cls, context: Any, request: Any) -> AlertLetters:
        """Make it for a request."""
        letters = super().from_request(context, request)
        letters.links = request.find_service(StopLinks, context=None)
        return letters

    def new_finds(
        self,
        person: Person,
        search: SavedSearch,
        records: Sequence[Any],
        total: int,
        more: bool,
    ) -> None:
        """Tell what is new; ``records`` are the last that came of the ``total``."""
        language = person.language
        stop = self.link(f"{STOP_VIEW}/{self.links.token(search.uid)}", language)
        body = _(
            "${new} in the catalogue, for your saved search “${name}”:\n\n"
            "${titles}\n\n"
            "${rest}\n\n"
            "--\n"
            "You get this letter because you asked for it when you saved the search.\n"
            "Stop the letters about this search: ${stop}\n"
            "All your searches: ${mine}\n",
            mapping={
                "new": self.translate(_count(total, more), language),
                "name": search.name,
                "titles": "\n\n".join(self._entry(record, language) for record in records),
                "rest": self.translate(self._rest(search, total, len(records)), language),
                "stop": stop,
                "mine": self.link("searches", language),
            },
        )
        subject = _("New in the catalogue: ${name}", mapping={"name": search.name})
        self.mailer.send(
            person.email,
            self.translate(subject, language),
            self.translate(body, language),
            language,
            headers={
                "List-Unsubscribe": f"<{stop}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            },
            about=f"saved_search:{search.id}",
        )

    def _entry(self, record: Any, language: str) -> str:
        about = ", ".join(
            filter(None, (author_of(record), record.publisher, str(record.year or "")))
        )
        url = f"{self.site_url}/{language}/catalogue/{record.id}"
        return "\n".join(filter(None, (full_title(record), about, url)))

    def _rest(self, search: SavedSearch, total: int, shown: int) -> Any:
        url = f"{self.site_url}/{search.language}/catalogue?{newest_query(search.query)}"
        if total > shown:
            return _("All of them, the newest first: ${address}", mapping={"address": url})
        return _("The whole search, the newest first: ${address}", mapping={"address": url})


def _count(total: int, more: bool) -> Any:
    if more:
        return _n("More than ${n} new title", "More than ${n} new titles", total)
    return _n("${n} new title", "${n} new titles", total)
