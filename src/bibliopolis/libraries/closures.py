"""Add and remove the days on which an organisation keeps other hours or is closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bibliopolis.clock import Clock
from bibliopolis.errors import Conflict, InvalidInput, NotFoundHere
from bibliopolis.i18n import _
from bibliopolis.resources.history import History

from .calendars import Calendars
from .interfaces import IFollowsHours
from .models import ExceptionKind, HoursException, Library

HISTORY = "library"
FAR = date(2200, 1, 1)


class NothingFollows:
    """What follows from changed hours where no room depends on them: nothing."""

    def hours_changed(self) -> None:
        """Do nothing."""


def follower_of(request: Any) -> Any:
    """Return who follows when hours change, or that nothing does."""
    try:
        return request.find_service(IFollowsHours, context=None)
    except LookupError:
        return NothingFollows()


class Closures:
    """The exceptions of organisations from their usual hours."""

    def __init__(
        self,
        db: Session,
        clock: Clock,
        history: History,
        calendars: Calendars,
        follower: Any,
    ) -> None:
        self.db = db
        self.clock = clock
        self.history = history
        self.calendars = calendars
        self.follower = follower

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Closures:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            history=request.find_service(History, context=None),
            calendars=request.find_service(Calendars, context=None),
            follower=follower_of(request),
        )

    def add(
        self,
        library: Library,
        kind: ExceptionKind,
        first: date,
        last: date | None,
        *,
        starts: time | None = None,
        ends: time | None = None,
        reason: Mapping[str, str] | None = None,
        with_below: bool = False,
        urgent: bool = False,
    ) -> HoursException:
        """Let an organisation keep other hours, or none, from a day until another or for good.

        ``urgent`` is a closure that nobody could foresee; who makes one ends it, too.
        """
        errors = _problems(kind, first, last, starts, ends)
        if errors:
            raise InvalidInput(_("These days cannot be kept: correct what is marked."), errors)
        exception = HoursException(
            library_id=library.id,
            kind=kind,
            first=first,
            last=last,
            starts=starts,
            ends=ends,
            reason={tag: words for tag, words in (reason or {}).items() if words},
            with_below=with_below,
            urgent=urgent,
        )
        self.db.add(exception)
        # Flush to get its id: calendars lay exceptions over each other in the order of ids.
        self.db.flush()
        if not urgent:
            self._tell(library, "exception_added", exception)
        self.changed()
        return exception

    def remove(self, library: Library, exception_id: int) -> None:
        """Let the usual hours hold again."""
        exception = self.db.get(HoursException, exception_id)
        if exception is None or exception.library_id != library.id:
            raise NotFoundHere(_("These days have been removed already."))
        if exception.urgent:
            raise Conflict(_("This is an emergency closing: end it or undo it there."))
        self._tell(library, "exception_removed", exception)
        self.drop(exception)

    def drop(self, exception: HoursException) -> None:
        """Let it hold no more, for whoever tells of it otherwise."""
        self.db.delete(exception)
        self.changed()

    def changed(self) -> None:
        """Let everything follow that depends on the days of exceptions."""
        self.db.flush()
        self.calendars.forget()
        self.follower.hours_changed()

    def page(
        self, library: Library, offset: int, limit: int
    ) -> tuple[int, Sequence[HoursException]]:
        """Return what is not over yet of the organisation's own, the nearest first."""
        ahead = (HoursException.library_id == library.id) & (
            HoursException.last.is_(None) | (HoursException.last >= self.calendars.today(library))
        )
        total = self.db.scalar(select(func.count(HoursException.id)).where(ahead)) or 0
        rows = self.db.scalars(
            select(HoursException)
            .where(ahead)
            .order_by(HoursException.first, HoursException.id)
            .offset(offset)
            .limit(limit)
        )
        return total, rows.all()

    def _tell(self, library: Library, action: str, exception: HoursException) -> None:
        days = {"kind": str(exception.kind), "first": exception.first.isoformat()}
        if exception.last is not None:
            days["last"] = exception.last.isoformat()
        self.history.write((HISTORY, library.id), action, data=days)


def _problems(
    kind: str, first: date, last: date | None, starts: time | None, ends: time | None
) -> dict[str, Any]:
    errors: dict[str, Any] = {}
    if last is not None and last < first:
        errors["last"] = _("The last day is before the first.")
    if first > FAR or (last or first) > FAR:
        errors["first"] = _("That is too far ahead.")
    if (starts is None) != (ends is None):
        errors["ends"] = _("Give both hours, or none.")
    elif starts is None and kind == ExceptionKind.OTHER_HOURS:
        errors["starts"] = _("Say from when until when it is open.")
    elif starts is not None and ends is not None and time() < ends <= starts:
        errors["ends"] = _("The end is not after the beginning.")
    return errors
