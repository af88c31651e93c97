"""What staff of the demo look back at: refusals, a closing in an emergency, a report of what if."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from random import Random
from typing import Any

from sqlalchemy import delete, insert, select

from bibliopolis.accounts.models import Person
from bibliopolis.catalogue.models import Record
from bibliopolis.circulation.emergency.closings import TOPIC, Closings, Wanted
from bibliopolis.circulation.emergency.models import AT_WORK
from bibliopolis.circulation.emergency.moving import Moving
from bibliopolis.circulation.permits import Code
from bibliopolis.circulation.refusals.kinds import Act, Outcome
from bibliopolis.circulation.refusals.models import Refusal
from bibliopolis.circulation.services import RuleKeeping
from bibliopolis.circulation.whatif.drafts import DraftReading
from bibliopolis.circulation.whatif.reports import WhatIf, compute_some
from bibliopolis.demo.acting import acting
from bibliopolis.libraries.services import Libraries
from bibliopolis.outbox import OutboxRow

CLOSED_AGO, CLOSED_FOR = 25, 3
"""Days back and days long: what was lent long before fell due on one of them."""
CLOSED = "central"
WHY = {
    "ru": "Прорвало трубу отопления",
    "en": "A heating pipe has burst",
    "ar": "انفجر أنبوب التدفئة",
}
REFUSED_DAYS, REFUSED_TITLES, REFUSALS = 60, 24, 160
REFUSED: Mapping[tuple[Act, str], int] = {
    (Act.HOLD, Code.TOO_MANY_TOTAL): 5,
    (Act.HOLD, Code.ITEM_NOT_HOLDABLE): 6,
    (Act.HOLD, Code.TRANSIT_RANGE): 3,
    (Act.HOLD, Outcome.EXPIRE_UNFILLED): 4,
    (Act.HOLD, Outcome.GIVE_UP): 2,
    (Act.LOAN, Code.KEPT_FOR_ANOTHER): 4,
    (Act.LOAN, Code.AGE_RESTRICTED): 1,
    (Act.RENEWAL, Outcome.RENEWAL_IN_DEMAND): 6,
}
"""How often a reason comes beside the others."""
DRAFTS = {
    "Без перевозок: каждая библиотека — своим читателям": "fulfilment: homebranch",
    "Не больше двух броней на читателя": "max_holds: 2",
}
REPLAYED = timedelta(days=50)


class LookingBack:
    """Write down what happened before today; of each only so much that its pages show something."""

    def __init__(self, request: Any, manager: Person, library_ids: Mapping[str, int]) -> None:
        self.request = request
        self.manager = manager
        self.library_ids = library_ids
        self.chance = Random(1824)

    def write(self) -> None:
        """Write all of it; the holds and loans of the city are there already."""
        self._close()
        self._refuse()
        self._report()

    def _close(self) -> None:
        """Close a library as its manager did then, and do at once what the worker did."""
        when = self.request.clock.now() - timedelta(days=CLOSED_AGO)
        then = acting(self.request, self.manager, when)
        library = then.find_service(Libraries).get(self.library_ids[CLOSED])
        closings, first = then.find_service(Closings), then.clock.today()
        last = first + timedelta(days=CLOSED_FOR - 1)
        closing = closings.begin(Wanted(library, first, last, reason=WHY))
        moving = then.find_service(Moving)
        while closing.state in AT_WORK:
            moving.work(closing.uid)
        # The worker of today has nothing left to do.
        self.request.db.execute(delete(OutboxRow).where(OutboxRow.topic == TOPIC))

    def _refuse(self) -> None:
        """Count refusals, as if readers had attempted all this."""
        chance, today = self.chance, self.request.clock.today()
        ids: Sequence[int] = self.request.db.scalars(select(Record.id).order_by(Record.id)).all()
        titles = chance.sample(list(ids), REFUSED_TITLES)
        places = sorted(self.library_ids.values())
        counts: dict[tuple[Any, ...], list[int]] = {}
        reasons = chance.choices(list(REFUSED), list(REFUSED.values()), k=REFUSALS)
        for act, code in reasons:
            # Some titles and places are asked for more than others.
            title = titles[int(chance.triangular(0, REFUSED_TITLES, 0))]
            place = places[int(chance.triangular(0, len(places), 0))]
            day = today - timedelta(days=chance.randrange(REFUSED_DAYS))
            row = counts.setdefault((day, place, title, str(act), str(code)), [0, 0])
            row[0] += 1
            row[1] += chance.random() < 0.3
        names = ("day", "library_id", "record_id", "act", "code")
        rows = [
            {**dict(zip(names, key, strict=True)), "times": times, "avoided": avoided}
            for key, (times, avoided) in counts.items()
        ]
        self.request.db.execute(insert(Refusal), rows)

    def _report(self) -> None:
        """Replay the last weeks under other rules; two reports can be compared."""
        asking = acting(self.request, self.manager)
        codes = {one.code for one in asking.find_service(Libraries).tree.values()}
        reading, reports = asking.find_service(RuleKeeping), asking.find_service(WhatIf)
        now = asking.clock.now()
        for title, rule in DRAFTS.items():
            text = f"rules:\n  - set: {{{rule}}}\n"
            draft = DraftReading(reading, codes).read(text)
            reports.begin(title, text, draft, now - REPLAYED, now)
        while compute_some(asking):
            pass
