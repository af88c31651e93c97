"""The worker's part of harvests: a moment of one at a time, so that nothing else waits long.

Answers are fetched in a thread of their own and outside of any transaction. Where a harvest is
stands in its row, written with each batch of records; a worker that is killed asks for the page
again that it was in the middle of, whose records are then unchanged.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from time import monotonic
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from bibliopolis.i18n import _
from bibliopolis.outbox import Outbox, Priority

from ..batches import transaction
from ..models import AT_WORK, RunState
from .declared import Source
from .fetching import Answer, Fetch, Rules
from .harvests import TOPIC
from .models import HarvestRun, HarvestSource
from .protocol import (
    Page,
    ProtocolError,
    Sent,
    asked_for,
    read_identity,
    read_page,
    refusal,
)
from .taking import RECORDS_AT_ONCE, Stopped, Turn, commit, sweep, take
from .troubles import Busy, Refused

log = logging.getLogger(__name__)

SECONDS = 2.0
"""So long the worker stays with one harvest before it looks what else is due."""
MOMENT = 0.05
"""At least so many seconds an answer is waited for."""
OPEN = "bibliopolis.open_harvests"
ATTEMPTS = 8
FIRST_PAUSE, LONGEST_PAUSE = 30.0, 3600.0
LONGEST_WAIT = 24 * 3600.0
"""A source that wants to be left alone for longer is tried by the timetable."""
RESTARTS = 3
"""So often a list is begun again whose token had run out."""
STALE = 50
"""So many pages that bring nothing new: the list has no end."""
MOST_PAGES = 200_000
UNFORESEEN = _(
    "Something has gone wrong that nobody foresaw; the operator's log tells what. "
    "What came in already stays, and the harvest can go on from there."
)
NO_END = _("The list of the source has no end: it comes back to where it was.")
NOT_DECLARED = _("The source is no longer declared.")
DECLARED_ANEW = _("Another address, format or set is declared now: begin anew.")
TOKENS_RUN_OUT = _("The source loses its place in the list again and again.")


@dataclass
class Open:
    """What this process has in hand of a harvest."""

    step: int
    fetch: Fetch | None = None
    page: Page | None = None
    at: int = 0
    """So many records of the page are done with here."""
    rules: Rules = field(default_factory=Rules)

    def let_go(self) -> None:
        """End what is under way."""
        if self.fetch is not None:
            self.fetch.abandon()


def rules_of(settings: Any) -> Rules:
    """Return what the settings of a site allow."""
    return Rules(settings.harvest_networks, settings.harvest_netrc)


def carry_on(request: Any, keys: Sequence[str]) -> None:
    """Go on with harvests, each for a moment; those not yet done go back into the outbox."""
    for uid in keys:
        if carry_on_one(request.registry, uid):
            with transaction(request.registry) as work:
                work.find_service(Outbox, context=None).add(TOPIC, uid, Priority.BULK)


def carry_on_one(registry: Any, uid: str, seconds: float = SECONDS) -> bool:
    """Go on with a harvest for a moment; return whether there is more to do now."""
    opened: dict[str, Open] = registry.setdefault(OPEN, {})
    until = monotonic() + seconds
    try:
        while _advance(registry, opened, uid, until):
            if monotonic() >= until:
                return True
    except Stopped:
        pass
    except Busy as trouble:
        _postpone(registry, uid, trouble)
    except Refused as trouble:
        _fail(registry, uid, trouble.reason, from_the_beginning=True)
    except OperationalError:
        _forget(opened, uid)
        raise  # the outbox has it tried again
    # Whatever is wrong, its row must not say for ever that it is under way.
    except Exception:
        log.exception("harvest %s could not go on", uid)
        _fail(registry, uid, UNFORESEEN)
    except BaseException:
        _forget(opened, uid)
        raise
    _forget(opened, uid)
    return False


def _forget(opened: dict[str, Open], uid: str) -> None:
    work = opened.pop(uid, None)
    if work is not None:
        work.let_go()


def _advance(registry: Any, opened: dict[str, Open], uid: str, until: float) -> bool:
    """Do what is next; return false when it has come to its end."""
    turn = _turn(registry, uid)
    if turn is None:
        return False
    run = turn.run
    work = opened.get(uid)
    if work is None or work.step != run.step:
        if work is not None:
            work.let_go()
        work = opened[uid] = Open(run.step, rules=rules_of(registry["bibliopolis.settings"]))
    if run.listed:
        return _stepped(work, sweep(registry, turn))
    if work.page is None:
        if work.fetch is None:
            work.fetch = Fetch(turn.source.url, _parameters(turn), work.rules).start()
        answer = work.fetch.wait(max(until - monotonic(), MOMENT))
        if answer is None:
            return True
        work.fetch = None
        return _understand(registry, turn, work, answer)
    return _take(registry, turn, work, work.page)


def _turn(registry: Any, uid: str) -> Turn | None:
    """Return the harvest as it is now, or None if it is no longer to go on."""
    with transaction(registry) as request:
        found = request.db.execute(
            select(HarvestRun, HarvestSource)
            .join(HarvestSource, HarvestSource.id == HarvestRun.source_id)
            .where(HarvestRun.uid == uid)
            .with_for_update(of=HarvestRun)
        ).one_or_none()
        if found is None or found[0].state not in AT_WORK or found[0].not_before is not None:
            return None
        run, kept = found
        run.state = RunState.RUNNING
        source: Source | None = registry["bibliopolis.harvest_sources"].get(kept.name)
    if source is None:
        raise Refused(NOT_DECLARED)
    if source.place != run.place:
        raise Refused(DECLARED_ANEW)
    return Turn(run, kept, source)


def _parameters(turn: Turn) -> dict[str, str]:
    run, source = turn.run, turn.source
    if not run.granularity:
        return {"verb": "Identify"}
    return asked_for(source.prefix, source.set, run.since, run.granularity, run.token)


def _understand(registry: Any, turn: Turn, work: Open, answer: Answer) -> bool:
    """Read an answer; what it says of the source is kept at once, a page is taken in later."""
    run, source = turn.run, turn.source
    try:
        if not run.granularity:
            return _stepped(work, _identified(registry, turn, answer))
        work.page, work.at = read_page(answer), 0
    except ProtocolError as error:
        if error.code == "noRecordsMatch" and not run.token:
            work.page = Page(response_date=error.response_date)
        elif error.code in ("badResumptionToken", "noRecordsMatch") and run.token:
            if run.restarts >= RESTARTS:
                raise Refused(TOKENS_RUN_OUT) from error
            again = {"token": "", "mark": "", "done": 0, "restarts": run.restarts + 1}
            with transaction(registry) as request:
                commit(request, run, again)
            return _stepped(work, True)
        else:
            raise Refused(refusal(error, source.prefix, source.set)) from error
    return True


def _identified(registry: Any, turn: Turn, answer: Answer) -> bool:
    try:
        identity = read_identity(answer)
    except ProtocolError as error:
        raise Refused(refusal(error, turn.source.prefix, turn.source.set)) from error
    with transaction(registry) as request:
        request.db.execute(
            update(HarvestSource)
            .where(HarvestSource.id == turn.kept.id)
            .values(granularity=identity.granularity, deleted=identity.deleted)
        )
        commit(request, turn.run, {"granularity": identity.granularity})
    return True


def _take(registry: Any, turn: Turn, work: Open, page: Page) -> bool:
    """Take the next records of a page in; with the last of them, go to the next page."""
    run = turn.run
    batch: Sequence[Sent] = page.sent[work.at : work.at + RECORDS_AT_ONCE]
    end = work.at + len(batch)
    last = end >= len(page.sent)
    values: dict[str, Any] = {"done": max(run.done, end)}
    if last:
        values = _turned(run, page)
    goes_on = take(registry, turn, batch, values, counts=end > run.done or last, last=last)
    work.at = end
    if last:
        work.page = None
    return _stepped(work, goes_on)


def _turned(run: HarvestRun, page: Page) -> dict[str, Any]:
    """Return where a harvest is after a page; ``Refused`` if it would never end."""
    mark = sha256(page.token.encode()).hexdigest()
    if page.token and (page.token == run.token or mark == run.mark):
        raise Refused(NO_END)
    if run.stale >= STALE or run.pages >= MOST_PAGES:
        raise Refused(NO_END)
    pages = run.pages + 1
    # After 1, 2, 4, 8 … pages: a circle of any length is found by one mark (R. P. Brent, 1980).
    marks = pages & (pages - 1) == 0
    return {
        "token": page.token,
        "mark": mark if marks else run.mark,
        "pages": pages,
        "done": 0,
        "listed": not page.token,
        "size": page.size if page.size is not None else run.size,
        "began": run.began or page.response_date,
        "attempts": 0,
        "trouble": None,
        "trouble_values": {},
    }


def _stepped(work: Open, goes_on: bool) -> bool:
    """Note that something was committed."""
    work.step += 1
    return goes_on


def _postpone(registry: Any, uid: str, trouble: Busy) -> None:
    """Ask later, and later still each time; after the last attempt the harvest has failed."""
    with transaction(registry) as request:
        run = request.db.scalar(
            select(HarvestRun)
            .where(HarvestRun.uid == uid, HarvestRun.state == RunState.RUNNING)
            .with_for_update()
        )
        if run is None:
            return
        now = request.clock.now()
        run.trouble, run.trouble_values = _said(trouble.reason)
        run.touched = now
        pause = min(FIRST_PAUSE * 2**run.attempts, LONGEST_PAUSE)
        run.attempts += 1
        if run.attempts >= ATTEMPTS or trouble.wait > LONGEST_WAIT:
            run.state, run.ended = RunState.FAILED, now
            return
        run.state = RunState.WAITING
        run.not_before = now + timedelta(seconds=max(pause, trouble.wait))


def _fail(registry: Any, uid: str, reason: Any, from_the_beginning: bool = False) -> None:
    """Say in its row why a harvest does not go on.

    One that was refused begins its list again when it is resumed.
    """
    again = {"token": "", "mark": "", "done": 0, "stale": 0, "pages": 0, "listed": False}
    again["granularity"] = ""
    trouble, values = _said(reason)
    with transaction(registry) as request:
        now = request.clock.now()
        request.db.execute(
            update(HarvestRun)
            .where(HarvestRun.uid == uid, HarvestRun.state.in_(AT_WORK))
            .values(
                state=RunState.FAILED,
                ended=now,
                touched=now,
                trouble=trouble,
                trouble_values=values,
                **(again if from_the_beginning else {}),
            )
            .execution_options(synchronize_session=False)
        )


def _said(reason: Any) -> tuple[str, dict[str, str]]:
    """Return a translatable reason as its words before translation, and what fills them."""
    values = getattr(reason, "mapping", None) or {}
    return str(reason), {name: str(value) for name, value in values.items()}
