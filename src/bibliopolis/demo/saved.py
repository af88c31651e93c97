"""The searches that readers of the demo have saved."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from webob.multidict import MultiDict

from bibliopolis.accounts.services import People
from bibliopolis.catalogue.models import Record
from bibliopolis.demo.acting import acting
from bibliopolis.demo.data_files import read
from bibliopolis.participation.services import SavedSearches
from bibliopolis.search.asking import Asked


def save_searches(request: Any) -> None:
    """Save them; what the demo itself brings is new to nobody."""
    newest = request.db.scalar(select(func.max(Record.id))) or 0
    people = request.find_service(People)
    for one in read("saved_searches")["searches"]:
        person = people.by_email(one["reader"])
        assert person is not None
        searches = acting(request, person).find_service(SavedSearches)
        asked = Asked.read(MultiDict(one["query"]))
        searches.save(person.id, asked, one["language"], one).mark = newest
