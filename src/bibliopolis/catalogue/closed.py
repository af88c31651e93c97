"""Libraries that are closed for days: what stands in them is not available until they open.

They are kept in a table, because each search and each list asks for them. Whatever changes hours,
closures or settings brings it up to date in the same transaction, and the worker does as days
begin and end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pyramid.config import Configurator
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session
from zope.interface import implementer

from bibliopolis.catalogue.availability import Availability
from bibliopolis.catalogue.models import ClosedLibrary
from bibliopolis.db import wait_for_turn
from bibliopolis.i18n import _
from bibliopolis.libraries.calendars import Calendars
from bibliopolis.libraries.interfaces import IFollowsHours
from bibliopolis.libraries.models import Library
from bibliopolis.libraries.services import Libraries
from bibliopolis.libraries.settings import LibrarySettings, number_between

SETTING = "days_closed"
DEFAULT = 3
MOST = 60
TURN = 7_301_002
"""The number of this turn among the advisory locks of PostgreSQL."""
EVERY_LOOK = 60.0


@implementer(IFollowsHours)
class ClosedLibraries:
    """Say which libraries are closed for days, and keep the table of them."""

    def __init__(
        self,
        db: Session,
        libraries: Libraries,
        settings: LibrarySettings,
        calendars: Calendars,
        availability: Availability,
    ) -> None:
        self.db = db
        self.libraries = libraries
        self.settings = settings
        self.calendars = calendars
        self.availability = availability

    @classmethod
    def from_request(cls, context: Any, request: Any) -> ClosedLibraries:
        """Make it for a request."""
        return cls(
            db=request.db,
            libraries=request.find_service(Libraries, context=None),
            settings=request.find_service(LibrarySettings, context=None),
            calendars=request.find_service(Calendars, context=None),
            availability=request.find_service(Availability, context=None),
        )

    def hours_changed(self) -> None:
        """Bring the table up to what the calendars say; search and lists follow at once."""
        # Two who change hours at the same time must each see what the other has done.
        wait_for_turn(self.db, TURN)
        self.calendars.forget()
        closed = self.calendars.closed_for_days(self._all(), days_of(self.settings))
        known = set(self.db.scalars(select(ClosedLibrary.library_id)))
        if closed == known:
            return
        self.db.execute(delete(ClosedLibrary).where(ClosedLibrary.library_id.in_(known - closed)))
        if new := closed - known:
            self.db.execute(insert(ClosedLibrary), [{"library_id": one} for one in sorted(new)])
        self.availability.tell_all()

    def _all(self) -> Iterator[int]:
        """Yield the libraries; the tree is not read where nothing is closed, as on most days."""
        yield from self.libraries.by_id


def days_of(settings: LibrarySettings) -> Callable[[Library], int]:
    """Return what tells for how many days a library may be closed while its copies still count."""

    def days(library: Library) -> int:
        return int(settings.setting(library, SETTING).value)

    return days


def look_at_the_day(request: Any) -> None:
    """Let closures begin and end with the days."""
    request.find_service(ClosedLibraries, context=None).hours_changed()


def includeme(config: Configurator) -> None:
    """Register the service, its setting, and the look at each new day."""
    config.register_service_factory(ClosedLibraries.from_request, ClosedLibraries)
    config.register_service_factory(ClosedLibraries.from_request, IFollowsHours)
    config.add_library_setting(
        SETTING,
        _("Days closed that do not count"),
        number_between(0, MOST),
        default=DEFAULT,
        help=_(
            "While the library is closed for more days than these, what stands in it does not count"
            " as available in the search and in lists."
        ),
    )
    config.add_upkeep("closed libraries", look_at_the_day, every=EVERY_LOOK, writes=True)
