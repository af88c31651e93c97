"""What readers are told of an emergency closing: one letter with all their dates that moved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, literal, or_, select
from sqlalchemy.orm import Session
from zope.interface import implementer

from bibliopolis.catalogue.models import Item, Record
from bibliopolis.formats import Formats
from bibliopolis.i18n import _, _n
from bibliopolis.libraries.services import Libraries
from bibliopolis.mail import site_url
from bibliopolis.notices.interfaces import INoticeSource, Later, Words
from bibliopolis.notices.models import Notice
from bibliopolis.readers.models import Guardianship
from bibliopolis.templates import speaker

from ..models import Hold, HoldState, Loan
from .closings import LOOK_AGAIN
from .models import ClosingState, EmergencyClosing, MovedDate
from .moving import ABOUT, TOLD_CLOSED
from .preview import OUT

MOST = 20
"""So many titles are named in a letter; the account shows all."""
KEPT = timedelta(days=7)
"""So long after its last day the log still says which closing a letter was about."""


@implementer(INoticeSource)
class ClosingSource:
    """Emergency closings."""

    def __init__(self, request: Any) -> None:
        self.request = request
        self.db: Session = request.db
        self.speak = speaker(request)

    def words(self, notices: Sequence[Notice], language: str) -> Mapping[int, Words | Later]:
        """Return what is to be said of closings that stand, or stand no more, as noticed.

        While dates are being moved nobody is written to: they may move again.
        """
        ids = {one.thing_id for one in notices}
        found = self.db.scalars(select(EmergencyClosing).where(EmergencyClosing.id.in_(ids)))
        closings = {one.id: one for one in found}
        latest = self._latest(notices)
        true = [
            one
            for one in notices
            if one.thing_id in closings and _is_true(one, closings[one.thing_id], latest)
        ]
        later = Later(self.request.clock.now() + LOOK_AGAIN)
        said: dict[int, Words | Later] = {
            one.id: later for one in true if not _may_be_sent(one, closings[one.thing_id or 0])
        }
        settled = [one for one in true if one.id not in said]
        dates = self._dates(settled)
        said.update(
            (one.id, self._of(one, closings[one.thing_id or 0], lines, language))
            for one in settled
            if (lines := dates.get((one.thing_id, one.reader_id))) is not None
        )
        return said

    def _latest(self, notices: Sequence[Notice]) -> dict[tuple[int | None, int | None], int]:
        """Return by closing and hearer the last round of which there is a letter to write."""
        ids, hearers = {one.thing_id for one in notices}, {one.reader_id for one in notices}
        found: dict[tuple[int | None, int | None], int] = {}
        for row in self.db.execute(
            select(Notice.thing_id, Notice.reader_id, Notice.occasion).where(
                Notice.thing_type == ABOUT,
                Notice.thing_id.in_(ids),
                Notice.kind == TOLD_CLOSED,
                Notice.reader_id.in_(hearers),
            )
        ):
            key = (row.thing_id, row.reader_id)
            found[key] = max(found.get(key, 0), int(row.occasion))
        return found

    def titles(self, thing_ids: Iterable[int]) -> Mapping[int, str]:
        """Return the places that had to close."""
        tree = self.request.find_service(Libraries, context=None).tree
        found = self.db.execute(
            select(EmergencyClosing.id, EmergencyClosing.library_id).where(
                EmergencyClosing.id.in_(list(thing_ids))
            )
        )
        return {row.id: tree[row.library_id].name_in(self.request.language) for row in found}

    def over(self) -> Select[Any, Any]:
        """Return the closings that have ended."""
        long_ago = self.request.clock.today() - KEPT
        return select(EmergencyClosing.id, literal(None).label("reader_id")).where(
            EmergencyClosing.last < long_ago
        )

    def _dates(
        self, notices: Sequence[Notice]
    ) -> dict[tuple[int | None, int | None], list[tuple[str, bool, Any]]]:
        """Return by closing and hearer what moved and is as it was moved: title, loan?, day."""
        hearers = {one.reader_id for one in notices if one.reader_id is not None}
        heard_by: dict[int, set[int]] = {one: {one} for one in hearers}
        for row in self.db.execute(
            select(Guardianship.guardian_id, Guardianship.child_id).where(
                Guardianship.guardian_id.in_(hearers)
            )
        ):
            heard_by.setdefault(row.child_id, set()).add(row.guardian_id)
        ids = [one.thing_id for one in notices]
        loans = (
            select(MovedDate, Record.title, Loan.reader_id, Loan.due)
            .join(Loan, Loan.id == MovedDate.loan_id)
            .join(Item, Item.id == Loan.item_id)
            .join(Record, Record.id == Item.record_id)
            .where(Loan.closed.is_(None), Loan.state.in_(OUT), Loan.reader_id.in_(heard_by))
            .where(or_(Loan.due == MovedDate.after, MovedDate.undone.is_not(None)))
        )
        holds = (
            select(MovedDate, Record.title, Hold.reader_id, Hold.collect_by)
            .join(Hold, Hold.id == MovedDate.hold_id)
            .join(Record, Record.id == Hold.record_id)
            .where(Hold.state == HoldState.READY, Hold.reader_id.in_(heard_by))
            .where(or_(Hold.collect_by == MovedDate.after, MovedDate.undone.is_not(None)))
        )
        found: dict[tuple[int | None, int | None], list[tuple[str, bool, Any]]] = {}
        for part, is_loan in ((loans, True), (holds, False)):
            here = part.where(MovedDate.closing_id.in_(ids)).order_by(MovedDate.id)
            for moved, title, reader_id, day in self.db.execute(here):
                for hearer in heard_by[reader_id or 0]:
                    line = (title, is_loan, day)
                    found.setdefault((moved.closing_id, hearer), []).append(line)
        return found

    def _of(
        self,
        notice: Notice,
        closing: EmergencyClosing,
        dates: Sequence[tuple[str, bool, date]],
        language: str,
    ) -> Words:
        formats = Formats(language, self.request.clock.zone)
        tree = self.request.find_service(Libraries, context=None).tree
        named = {
            "library": tree[closing.library_id].name_in(language),
            "first": formats.date(closing.first, "long"),
            "last": formats.date(closing.last, "long"),
        }
        if notice.kind == TOLD_CLOSED:
            subject, begins = _("A library had to close"), self._closed(closing, named, language)
        else:
            subject = _("A library is open after all")
            begins = self.speak(
                _("${library} is open after all: the former dates count.", mapping=named), language
            )
        look = _("The new dates are in your account.")
        lines = [self._line(formats, language, *one) for one in dates[:MOST]]
        if len(dates) > MOST:
            more = _n(
                "${n} more is in your account.", "${n} more are in your account.", len(dates) - MOST
            )
            lines.append(self.speak(more, language))
        return Words(
            subject=self.speak(subject, language),
            text="\n".join([begins, *lines]),
            short=f"{begins} {self.speak(look, language)}",
            url=f"{site_url(self.request)}/{language}/account",
        )

    def _closed(self, closing: EmergencyClosing, named: Mapping[str, str], language: str) -> str:
        if closing.first == closing.last:
            said = _("${library} is closed on ${first}.", mapping=named)
        else:
            said = _("${library} is closed from ${first} to ${last}.", mapping=named)
        return " ".join(filter(None, (self.speak(said, language), closing.reason_in(language))))

    def _line(self, formats: Formats, language: str, title: str, is_loan: bool, day: date) -> str:
        named = {"title": title, "day": formats.date(day, "long")}
        if is_loan:
            return self.speak(
                _("“${title}”: please bring it back by ${day}.", mapping=named), language
            )
        return self.speak(_("“${title}”: waits for you until ${day}.", mapping=named), language)


def _may_be_sent(notice: Notice, closing: EmergencyClosing) -> bool:
    return notice.kind != TOLD_CLOSED or closing.may_tell(int(notice.occasion))


def _is_true(
    notice: Notice, closing: EmergencyClosing, latest: Mapping[tuple[int | None, int | None], int]
) -> bool:
    """Say whether it is still to be said: a letter names the days as they are when it is sent.

    Of several to one reader that wait, the last says it all.
    """
    if notice.kind == TOLD_CLOSED:
        last = latest.get((notice.thing_id, notice.reader_id))
        return closing.stands and notice.occasion == str(last)
    return closing.state in (ClosingState.UNDOING, ClosingState.UNDONE)
