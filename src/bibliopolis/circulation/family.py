"""For whom somebody acts: themselves, and the children whose guardian they are."""

from __future__ import annotations

from pyramid.request import Request

from bibliopolis.errors import NotAllowed
from bibliopolis.i18n import _
from bibliopolis.readers.services import Guardians, Readers


def whose(request: Request, uid: str) -> int | None:
    """Return the reader that is meant: the visitor where none is named, or a child of theirs."""
    mine: int | None = request.principals.reader_id
    if not uid:
        return mine
    reader = request.find_service(Readers).by_uid(uid)
    if reader is not None and reader.id == mine:
        return mine
    if reader is None or not request.find_service(Guardians).acts_for(mine, reader.id):
        raise NotAllowed(_("You do not act for this reader."))
    return reader.id
