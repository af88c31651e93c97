"""Choose which copy is to be looked for, for whom, and on whose pull list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Update, and_, literal, or_, update
from sqlalchemy.orm import Session

from bibliopolis.catalogue.item_types import item_type_of
from bibliopolis.catalogue.models import Item
from bibliopolis.clock import Clock

from ..matching import match
from ..models import Hold, HoldState, HoldTarget, PastTarget, TargetEnd
from .permits import Permits
from .reach import Reach
from .title import Title

Way = Callable[[Item, Hold], int]


def assign(
    queue: Sequence[Hold],
    free: Sequence[Item],
    present: Mapping[int, int],
    way: Way,
    avoid: Mapping[int, int] | None = None,
) -> dict[int, int]:
    """Return which copy is looked for, for which hold: ``{hold id: item id}``.

    As many holds from the head of the queue get a copy as there are copies. Who has one keeps it,
    so that nobody is sent for another book while walking to the first; then copies that already
    stand where the reader will be served are given out, then the rest, the shortest way first.
    ``way`` tells how far a copy travels to where a hold is collected. What was looked for in vain
    for a hold (``avoid``) is chosen again only where nothing else is left.
    """
    avoid = avoid or {}
    served = queue[: len(free)]
    left = {item.id: item for item in sorted(free, key=_order)}
    chosen: dict[int, int] = {}

    def give(hold: Hold, item: Item) -> None:
        chosen[hold.id] = item.id
        del left[item.id]

    for hold in served:
        item = left.get(present.get(hold.id, 0))
        if item is not None:
            give(hold, item)
    for hold in served:
        near = (
            item for item in left.values() if not way(item, hold) and item.id != avoid.get(hold.id)
        )
        item = None if hold.id in chosen else next(near, None)
        if item is not None:
            give(hold, item)
    for hold in served:
        if hold.id not in chosen:
            give(hold, min(left.values(), key=partial(worth_of, hold, way, avoid.get(hold.id))))
    return chosen


def worth_of(hold: Hold, way: Way, avoided: int | None, item: Item) -> tuple[bool, int, int, int]:
    """Return what orders copies for a hold: what was not sought in vain, then the shortest way."""
    return (item.id == avoided, way(item, hold), *_order(item))


def _order(item: Item) -> tuple[int, int]:
    return (item.holding_library_id, item.id)


AHEAD = 50
"""So many more holds are read at once where a copy fits none of those before."""
FARTHEST = 500
"""Behind so many that no free copy fits, only the worker goes on: a step at a desk is quick."""


class Targeting:
    """Rewrite the targets of a title; called whenever its queue or its copies change."""

    def __init__(self, db: Session, clock: Clock, reach: Reach, permits: Permits) -> None:
        self.db = db
        self.clock = clock
        self.reach = reach
        self.permits = permits

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Targeting:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            reach=request.find_service(Reach, context=None),
            permits=request.find_service(Permits, context=None),
        )

    def _wanted(
        self,
        title: Title,
        kept: Mapping[int, int],
        in_vain: Mapping[int, int],
        farthest: int | None,
    ) -> dict[int, int]:
        """Return which copy is to be looked for, for which hold.

        Where the free copies do not fit those at the head of the queue, those behind are read,
        until each copy is given or ``farthest`` holds have been asked.
        """
        free, way = self.fetchable(title), self._ways(title)
        # Whoever wants a certain copy comes first: the others may be served by another one.
        certain = self._certain(title, free)
        queue = [hold for hold in title.queue if hold.wanted_item_id is None]
        taken = set(certain.values())
        free = [item for item in free if item.id not in taken]
        if not free or not self.permits.some_may_not_fit(queue[: len(free)]):
            return certain | assign(queue, free, kept, way, in_vain)
        looked_for = set(kept.values())

        def worth(hold: Hold, item: Item) -> tuple[bool, bool, bool, int, int, int]:
            best = worth_of(hold, way, in_vain.get(hold.id), item)
            # Nobody is sent for another copy without need: what is looked for for others is last.
            return (item.id != kept.get(hold.id), item.id in looked_for, *best)

        asked: set[int] = set()
        fitting: set[tuple[int, int]] = set()

        def fits(hold: Hold, item: Item) -> bool:
            return (hold.id, item.id) in fitting

        while True:
            # Whom a copy was found for behind others keeps it as long as it fits none of these.
            queue = [one for one in title.queue if one.wanted_item_id is None]
            queue += title.sought_behind
            new = [hold for hold in queue if hold.id not in asked]
            asked.update(hold.id for hold in new)
            fitting.update(self.permits.fitting(title, free, new))
            given = match(queue, free, fits, worth)
            all_given = len(given) == len(free)
            if all_given or (farthest is not None and len(asked) >= farthest):
                break
            if not title.more(max(AHEAD, len(asked))):
                break
        return certain | {hold.id: item.id for hold, item in given}

    def _ways(self, title: Title) -> Way:
        """Return how far copies of the title travel, in steps; 0 is the desk that serves a place.

        The steps are those of the tree and of the site's distances, as with Koha's transport costs.
        """
        geography, permits = self.permits.terms().geography, self.permits
        known: dict[tuple[int, int, str], int] = {}

        def way(item: Item, hold: Hold) -> int:
            start, end = map(
                permits.libraries.desk_of, (item.holding_library_id, hold.pickup_library_id)
            )
            key = (start, end, item_type_of(item, title.record.kind))
            if start == end:
                return 0
            if key not in known:
                codes = (permits.code_of(start), permits.code_of(end))
                known[key] = geography.steps(*codes, key[2])
            return known[key]

        return way

    def _certain(self, title: Title, free: Sequence[Item]) -> dict[int, int]:
        """Return for whom copies are looked for which somebody wants in particular."""
        wanted = {item.id: item for item in free}
        wanting = [hold for hold in title.queue if hold.wanted_item_id in wanted]
        if not wanting:
            return {}
        all_fit = not self.permits.some_may_not_fit(wanting)
        if not all_fit:
            # The first three may get none: then whoever is behind them does.
            title.read_all_for(wanted)
            wanting = [hold for hold in title.queue if hold.wanted_item_id in wanted]
        fitting = () if all_fit else self.permits.fitting(title, list(wanted.values()), wanting)
        first: dict[int, int] = {}
        for hold in wanting:
            item_id = hold.wanted_item_id or 0
            if all_fit or (hold.id, item_id) in fitting:
                first.setdefault(item_id, hold.id)
        return {hold_id: item_id for item_id, hold_id in first.items()}

    def retarget(self, title: Title, *, farthest: int | None = FARTHEST) -> None:
        """Make the rows of ``hold_target`` what they should be now; the title must be locked."""
        self._note_hope(title)
        in_vain = self._in_vain(title)
        present = {row.hold_id: row.item_id for row in title.targets.values()}
        kept = {one: item_id for one, item_id in present.items() if one not in in_vain}
        wanted = self._wanted(title, kept, in_vain, farthest)
        for row in title.targets.values():
            row.library_id = title.items[row.item_id].holding_library_id
        if wanted == kept == present:
            return
        found = {row.item_id: row.found for row in title.targets.values()}
        # What was looked for in vain goes in any case, also where nothing follows it.
        ended = [one for one in present if one not in kept or wanted.get(one) != kept[one]]
        for hold_id in ended:
            row = title.targets.pop(hold_id)
            self._remember(title, row, hold_id in in_vain)
            self.db.delete(row)
        if ended:
            # A copy that changes hands must leave its old row before it enters the new one.
            self.db.flush()
        for hold_id, item_id in wanted.items():
            if hold_id in title.targets:
                continue
            row = HoldTarget(
                hold_id=hold_id,
                item_id=item_id,
                library_id=title.items[item_id].holding_library_id,
                targeted=self.clock.now(),
                found=found.get(item_id),
            )
            self.db.add(row)
            title.targets[hold_id] = row

    def fetchable(self, title: Title) -> list[Item]:
        """Return the free copies for which somebody can be sent, and those in somebody's hands."""
        held = {row.item_id for row in title.targets.values() if row.found is not None}
        reach = self.reach.is_fetched_from
        return [i for i in title.free if i.id in held or reach(i.holding_library_id)]

    def _in_vain(self, title: Title) -> dict[int, int]:
        """Return for which holds a copy has been looked for too long: ``{hold id: item id}``."""
        now = self.clock.now()
        return {
            hold_id: row.item_id
            for hold_id, row in title.targets.items()
            if row.found is None
            and now - row.targeted >= self.reach.patience(row.library_id)
            and self.reach.works_today(row.library_id)
        }

    def _remember(self, title: Title, row: HoldTarget, too_long: bool) -> None:
        """Note that a hold still waits though a copy was looked for, and why it no longer is."""
        hold = title.holds.get(row.hold_id)
        if hold is None or not hold.waits:
            return
        reason = TargetEnd.REASSIGNED
        if row.item_id in title.missing:
            reason = TargetEnd.NOT_ON_SHELF
        elif too_long:
            reason = TargetEnd.NOT_PULLED
        past = PastTarget(
            hold_id=row.hold_id,
            item_id=row.item_id,
            library_id=row.library_id,
            targeted=row.targeted,
            ended=self.clock.now(),
            reason=reason,
        )
        self.db.add(past)

    def _note_hope(self, title: Title) -> None:
        """Flag everybody in a queue for whom there is no copy to hope for, or take that back."""
        queued = [hold for hold in title.holds.values() if hold.state == HoldState.QUEUED]
        wrong = [hold for hold in queued if (hold.hopeless_since is None) != title.has_hope(hold)]
        if not wrong:
            return
        self.db.flush()
        # The tail of the queue is not at hand: all rows, by statements.
        waiting = (Hold.record_id == title.record.id) & (Hold.state == HoldState.QUEUED)
        hoped_for, any_copy = list(title.hoped_for), Hold.wanted_item_id.is_(None)
        fine = or_(Hold.wanted_item_id.in_(hoped_for), and_(any_copy, literal(title.hopeful)))
        vain = or_(
            Hold.wanted_item_id.not_in(hoped_for), and_(any_copy, literal(not title.hopeful))
        )
        if any(title.has_hope(hold) for hold in wrong):
            change = update(Hold).where(waiting, Hold.hopeless_since.is_not(None), fine)
            self._execute(change.values(hopeless_since=None))
        if any(not title.has_hope(hold) for hold in wrong):
            change = update(Hold).where(waiting, Hold.hopeless_since.is_(None), vain)
            self._execute(change.values(hopeless_since=self.clock.now()))

    def _execute(self, change: Update) -> None:
        self.db.execute(change.execution_options(synchronize_session="fetch"))
