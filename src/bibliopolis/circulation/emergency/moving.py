"""The worker's part of an emergency closing: some dates a turn, each turn one transaction.

How far it is stands in the row of the closing, written by the transaction of each turn together
with the dates it moved and with what goes back into the outbox. A worker that is killed leaves
whole turns; another goes on behind the last one. Dates that are moved already lie on open days, so
that a turn that is repeated moves nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, insert, select, union
from sqlalchemy.orm import Session

from bibliopolis.catalogue.models import Item
from bibliopolis.clock import Clock
from bibliopolis.libraries.calendars import Calendars
from bibliopolis.libraries.services import Libraries
from bibliopolis.notices.interfaces import Happening
from bibliopolis.notices.models import Notice, Outcome
from bibliopolis.notices.services import Notices
from bibliopolis.outbox import Outbox, Priority
from bibliopolis.resources.history import History

from ..in_use import TOPIC as RETARGET
from ..models import Hold, HoldState, HoldTarget, Loan
from ..services import ShelfPeriods, Titles
from ..services.titles import FRESH
from .closings import AGAIN, LOOK_AGAIN, TOPIC, scope_of
from .models import AT_WORK, ClosingState, ClosingStep, EmergencyClosing, MovedDate
from .preview import OUT, loans_on, ready_at
from .ready import NewlyReady
from .scope import Scope

BATCH = 100
"""So many dates are moved in one transaction: it stays short."""
READERS = 200
"""To so many readers at most it is noted in one transaction that there is a letter to write."""
RECORDS = 500
ABOUT = "closing"
TOLD_CLOSED, TOLD_OPEN = "closing_begun", "closing_undone"
MOVED, PUT_BACK = "moved_by_closing", "put_back_after_closing"


class Moving:
    """Move the dates of emergency closings, and put them back."""

    def __init__(
        self,
        db: Session,
        clock: Clock,
        titles: Titles,
        libraries: Libraries,
        calendars: Calendars,
        outbox: Outbox,
        notices: Notices,
        ready: NewlyReady,
    ) -> None:
        self.db = db
        self.clock = clock
        self.titles = titles
        self.libraries = libraries
        self.calendars = calendars
        self.outbox = outbox
        self.notices = notices
        self.ready = ready
        self._new: list[MovedDate] = []
        self.steps: Mapping[str, Callable[[EmergencyClosing], bool]] = {
            ClosingStep.LOANS: self._move_loans,
            ClosingStep.SHELF: self._move_holds,
            ClosingStep.TARGETS: self._look_elsewhere,
            ClosingStep.LETTERS: self._tell_closed,
            ClosingStep.TAKE_BACK: self._put_back,
            ClosingStep.LETTERS_BACK: self._tell_open,
        }

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Moving:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            titles=request.find_service(Titles, context=None),
            libraries=request.find_service(Libraries, context=None),
            calendars=request.find_service(Calendars, context=None),
            outbox=request.find_service(Outbox, context=None),
            notices=request.find_service(Notices, context=None),
            ready=NewlyReady(request.db, request.find_service(ShelfPeriods, context=None)),
        )

    def work(self, key: str) -> None:
        """Do one turn, and put the rest into the outbox; ``key`` is a uid, or that to look again.

        What was decided by the old calendar while the closing was being said is found when it is
        looked at again.
        """
        uid, _colon, again = key.partition(":")
        closing = self.db.scalars(
            select(EmergencyClosing).where(EmergencyClosing.uid == uid).with_for_update(),
            execution_options=FRESH,
        ).one_or_none()
        if closing is None:
            return
        if again and not self._begin_again(closing):
            return
        if closing.state in AT_WORK and self._turn(closing):
            self.outbox.add(TOPIC, uid, Priority.BULK)

    def _begin_again(self, closing: EmergencyClosing) -> bool:
        if closing.state in (ClosingState.WAITING, ClosingState.RUNNING):
            self.outbox.add(TOPIC, f"{closing.uid}:{AGAIN}", Priority.BULK, after=LOOK_AGAIN)
            return False
        if closing.state != ClosingState.DONE:
            return False
        closing.state, closing.step, closing.at = ClosingState.RUNNING, ClosingStep.LOANS, 0
        closing.round += 1  # Who has had a letter gets another one if more is found to move.
        return True

    def _turn(self, closing: EmergencyClosing) -> bool:
        """Take a step a bit further; return whether there is more to do."""
        if closing.state == ClosingState.WAITING:
            closing.state = ClosingState.RUNNING
        if self.steps[closing.step](closing):
            closing.at = 0
            following = FOLLOWING.get(ClosingStep(closing.step))
            if following is None:
                undone = closing.state == ClosingState.UNDOING
                closing.state = ClosingState.UNDONE if undone else ClosingState.DONE
                return False
            closing.step = following
        return True

    def _scope(self, closing: EmergencyClosing) -> Scope:
        return scope_of(self.libraries, self.calendars, closing)

    def _move_loans(self, closing: EmergencyClosing) -> bool:
        scope = self._scope(closing)
        rows = self.db.execute(
            select(Loan.id, Item.record_id)
            .join(Item, Item.id == Loan.item_id)
            .where(*loans_on(scope), Loan.id > closing.at)
            .order_by(Loan.id)
            .limit(BATCH)
        ).all()
        self.titles.lock_records(sorted({row.record_id for row in rows}))
        ids = [row.id for row in rows]
        known = self._known(closing, MovedDate.loan_id, ids)
        told = []
        for loan in self._locked(Loan, *loans_on(scope), Loan.id.in_(ids)):
            after = scope.due(loan.library_id, loan.due)
            if after != loan.due:
                told.append((("loan", loan.id), _told(loan.due, after)))
                row = known.get(loan.id) or MovedDate(loan_id=loan.id)
                closing.moved_loans += self._note(closing, row, loan.due, after)
                loan.due = after
        return self._done(closing, ids, told, MOVED)

    def _move_holds(self, closing: EmergencyClosing) -> bool:
        scope = self._scope(closing)
        rows = self.db.execute(
            select(Hold.id, Hold.record_id)
            .where(*ready_at(scope), Hold.id > closing.at)
            .order_by(Hold.id)
            .limit(BATCH)
        ).all()
        self.titles.lock_records(sorted({row.record_id for row in rows}))
        ids = [row.id for row in rows]
        known = self._known(closing, MovedDate.hold_id, ids)
        holds = self._locked(Hold, *ready_at(scope), Hold.id.in_(ids))
        at_most = self.ready.last_days(holds, closing.created - LOOK_AGAIN)
        told = []
        for hold in holds:
            row = known.get(hold.id) or MovedDate(hold_id=hold.id)
            after = _last_day(scope, hold, row, at_most.get(hold.id))
            if after != hold.collect_by:
                told.append((("hold", hold.id), _told(hold.collect_by, after)))
                closing.moved_holds += self._note(closing, row, hold.collect_by, after)
                hold.collect_by = after
        return self._done(closing, ids, told, MOVED)

    def _look_elsewhere(self, closing: EmergencyClosing) -> bool:
        """Let other copies be looked for than those in the closed places."""
        scope, library = self._scope(closing), self.libraries.tree[closing.library_id]
        if not scope.first <= self.calendars.today(library) <= scope.last:
            return True
        ids = self.db.scalars(
            select(Item.record_id)
            .join(HoldTarget, HoldTarget.item_id == Item.id)
            .where(
                HoldTarget.library_id.in_(scope.places),
                HoldTarget.found.is_(None),
                Item.record_id > closing.at,
            )
            .distinct()
            .order_by(Item.record_id)
            .limit(RECORDS)
        ).all()
        keys = self.outbox.not_in_it(RETARGET, map(str, ids))
        self.outbox.add_all(RETARGET, keys, Priority.BULK)
        closing.at = ids[-1] if ids else closing.at
        return len(ids) < RECORDS

    def _tell_closed(self, closing: EmergencyClosing) -> bool:
        """Note for each reader whose dates moved in this round that there is a letter to write.

        It goes on from date to date; who has several gets one letter, as it is noted once only.
        """
        rows = self.db.execute(
            select(MovedDate.id, func.coalesce(Loan.reader_id, Hold.reader_id).label("reader_id"))
            .outerjoin(Loan, Loan.id == MovedDate.loan_id)
            .outerjoin(Hold, Hold.id == MovedDate.hold_id)
            .where(
                MovedDate.closing_id == closing.id,
                MovedDate.round == closing.round,
                MovedDate.id > closing.at,
            )
            .order_by(MovedDate.id)
            .limit(READERS)
        ).all()
        ids = sorted({row.reader_id for row in rows if row.reader_id})
        self._write_to(closing, ids, TOLD_CLOSED, str(closing.round))
        closing.at = rows[-1].id if rows else closing.at
        return len(rows) < READERS

    def _tell_open(self, closing: EmergencyClosing) -> bool:
        """Note the same for who has had a letter that is not true any more."""
        ids = self.db.scalars(
            select(Notice.reader_id)
            .where(
                Notice.thing_type == ABOUT,
                Notice.thing_id == closing.id,
                Notice.kind == TOLD_CLOSED,
                Notice.outcome == Outcome.SENT,
                Notice.reader_id > closing.at,
            )
            .distinct()
            .order_by(Notice.reader_id)
            .limit(READERS)
        ).all()
        readers = [one for one in ids if one]
        self._write_to(closing, readers, TOLD_OPEN, TOLD_OPEN)
        closing.at = readers[-1] if readers else closing.at
        return len(readers) < READERS

    def _write_to(
        self, closing: EmergencyClosing, reader_ids: Sequence[int], kind: str, occasion: str
    ) -> None:
        thing = (ABOUT, closing.id)
        self.notices.note(
            [Happening(kind, thing, occasion, one, closing.library_id) for one in reader_ids]
        )

    def _put_back(self, closing: EmergencyClosing) -> bool:
        """Put back what nothing has changed since: not what was renewed, returned or collected."""
        rows = self.db.scalars(
            select(MovedDate)
            .where(
                MovedDate.closing_id == closing.id,
                MovedDate.undone.is_(None),
                MovedDate.id > closing.at,
            )
            .order_by(MovedDate.id)
            .limit(BATCH)
        ).all()
        loan_ids = [row.loan_id for row in rows if row.loan_id]
        hold_ids = [row.hold_id for row in rows if row.hold_id]
        records = union(
            select(Item.record_id).join(Loan, Loan.item_id == Item.id).where(Loan.id.in_(loan_ids)),
            select(Hold.record_id).where(Hold.id.in_(hold_ids)),
        )
        self.titles.lock_records(sorted(self.db.scalars(records)))
        loans = {one.id: one for one in self._locked(Loan, Loan.id.in_(loan_ids))}
        holds = {one.id: one for one in self._locked(Hold, Hold.id.in_(hold_ids))}
        told: list[tuple[tuple[str, int], dict[str, str]]] = []
        for row in rows:
            row.undone = self.clock.now()
            loan, hold = loans.get(row.loan_id or 0), holds.get(row.hold_id or 0)
            if loan is not None and _loan_is_as_moved(loan, row):
                told.append((("loan", loan.id), _told(row.after, row.before)))
                loan.due = row.before
            elif hold is not None and _hold_is_as_moved(hold, row):
                told.append((("hold", hold.id), _told(row.after, row.before)))
                hold.collect_by = row.before
            else:
                row.stayed = True
                closing.kept += 1
        return self._done(closing, [row.id for row in rows], told, PUT_BACK)

    def _locked(self, kind: Any, *conditions: Any) -> Sequence[Any]:
        rows = select(kind).where(*conditions).order_by(kind.id).with_for_update(key_share=True)
        return self.db.scalars(rows, execution_options=FRESH).all()

    def _known(
        self, closing: EmergencyClosing, thing: Any, ids: Sequence[int]
    ) -> dict[int, MovedDate]:
        mine = select(MovedDate).where(MovedDate.closing_id == closing.id, thing.in_(ids))
        return {row.loan_id or row.hold_id or 0: row for row in self.db.scalars(mine)}

    def _note(self, closing: EmergencyClosing, row: MovedDate, now: date, after: date) -> int:
        """Keep where a date went; return 1 for what had not moved since the days were said."""
        new = row.closing_id is None or row.moved <= closing.changed
        if row.after != now:
            # The first time, or something else has changed it since.
            row.before = now
        row.closing_id, row.after, row.round = closing.id, after, closing.round
        row.moved = self.clock.now()
        if row.id is None:
            self._new.append(row)
        return int(new)

    def _done(
        self, closing: EmergencyClosing, ids: Sequence[int], told: Sequence[Any], action: str
    ) -> bool:
        """Write into the histories what moved, and return whether that was the last of them."""
        if self._new:
            # One statement for all: objects would be inserted one by one.
            kept = ("closing_id", "loan_id", "hold_id", "before", "after", "round", "moved")
            rows = [{name: getattr(row, name) for name in kept} for row in self._new]
            self.db.execute(insert(MovedDate), rows)
            self._new = []
        history = History(self.db, self.clock, closing.person_id)
        history.operation = closing.operation
        history.write_all(told, action)
        closing.at = ids[-1] if ids else closing.at
        return len(ids) < BATCH


FOLLOWING: Mapping[ClosingStep, ClosingStep] = {
    ClosingStep.LOANS: ClosingStep.SHELF,
    ClosingStep.SHELF: ClosingStep.TARGETS,
    ClosingStep.TARGETS: ClosingStep.LETTERS,
    ClosingStep.TAKE_BACK: ClosingStep.LETTERS_BACK,
}


def _last_day(scope: Scope, hold: Hold, row: MovedDate, at_most: date | None) -> date:
    """Return until when a copy waits now, never earlier: the open days that fell away come back.

    Days that its reader never had do not: it waits no longer than by the new calendar at once.
    ``row`` says how the closing moved it before, if it did. ``at_most`` is known of what became
    ready about when the closing was said, or later: by which calendar, nobody has written down.
    """
    last, place = hold.collect_by, hold.pickup_library_id
    assert last is not None  # it is ready
    open_then = scope.due(place, last)
    earliest = max(last, min(open_then, hold.need_by)) if hold.need_by else open_then
    if row.closing_id is None or row.after == last:
        after = scope.collect_by(place, row.before or last, hold.need_by)
        return after if at_most is None else max(earliest, min(after, at_most))
    # Something else has moved it since.
    return earliest if at_most is None else max(earliest, at_most)


def _told(before: date, after: date) -> dict[str, str]:
    return {"before": before.isoformat(), "after": after.isoformat()}


def _loan_is_as_moved(loan: Loan, row: MovedDate) -> bool:
    untouched = loan.changed is None or loan.changed <= row.moved
    return loan.closed is None and loan.state in OUT and loan.due == row.after and untouched


def _hold_is_as_moved(hold: Hold, row: MovedDate) -> bool:
    return hold.state == HoldState.READY and hold.collect_by == row.after
