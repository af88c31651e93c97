"""Where an address leads in the catalogue: ``/ru/catalogue`` and ``/ru/catalogue/<id>``."""

from __future__ import annotations

import re
from typing import Any

from pyramid.httpexceptions import HTTPMovedPermanently
from pyramid.request import Request
from sqlalchemy import bindparam, select

from bibliopolis.catalogue.models import Record
from bibliopolis.db import SAFE_METHODS, read_rows
from bibliopolis.errors import Gone
from bibliopolis.i18n import _
from bibliopolis.parameters import row_id
from bibliopolis.resources.traversal import MountedRoom
from bibliopolis.resources.types import ResourceTypes

NAME = "catalogue"
TYPE = "record"
IDENTITY = re.compile(r"[1-9][0-9]*")

_RECORD = select(Record.__table__).where(Record.id == bindparam("id"))
"""Its columns, also those of the exports: to make an object of them takes longer."""


class RecordResource:
    """A record at its address, as a row of its columns: what every view of a record works on."""

    owner_id: int | None = None

    def __init__(self, parent: Any, name: str, request: Request, record: Any) -> None:
        self.__parent__ = parent
        self.__name__ = name
        self.request = request
        self.record = record

    @property
    def scopes(self) -> frozenset[str]:
        """Return the scopes of the page and the libraries that describe the book."""
        return self.__parent__.scopes | scopes_of(self.record)

    def demand_presence(self) -> None:
        """Refuse a record that its library has taken away."""
        if self.record.withdrawn:
            raise Gone(_("The libraries no longer have this."))

    def allowed_roles(self, permission: str) -> frozenset[str]:
        """Return the roles that the type "record" names."""
        return self.request.find_service(ResourceTypes)[TYPE].allowed_roles(permission)


def scopes_of(record: Any) -> frozenset[str]:
    """Return the libraries that describe a record, as scopes of roles."""
    return frozenset(f"library:{one}" for one in record.library_ids or (record.library_id,))


class Catalogue(MountedRoom):
    """The root of the catalogue: its own page is the search page, its children are records."""

    def __init__(self, parent: Any, request: Request) -> None:
        super().__init__(parent, request, NAME)

    def __getitem__(self, name: str) -> RecordResource:
        """Return the record with this id; one that was joined to another leads there for good.

        What is sent to a joined record, as by a form that was opened before, is for the other.
        """
        if not IDENTITY.fullmatch(name):
            raise KeyError(name)
        record = self._record(row_id(name) or 0)
        if record is not None and record.joined_to:
            joined_to = str(record.joined_to)
            if self.request.method in SAFE_METHODS:
                raise HTTPMovedPermanently(_moved(self.request.path_qs, name, joined_to))
            name, record = joined_to, self._record(record.joined_to)
        if record is None:
            raise KeyError(name)
        return RecordResource(self, name, self.request, record)

    def _record(self, record_id: int) -> Any:
        return read_rows(self.request.db, _RECORD, {"id": record_id}).one_or_none()


def _moved(address: str, name: str, joined_to: str) -> str:
    """Return the same address of another record; with two slashes it would be another site's."""
    local = "/" + address.lstrip("/")
    return re.sub(rf"/{NAME}/{name}(?![0-9])", f"/{NAME}/{joined_to}", local, count=1)


def record_path(request: Request, record_id: int, fragment: str = "") -> str:
    """Return the address of a record in the language of the request."""
    return f"{request.frame.search}/{record_id}{fragment}"
