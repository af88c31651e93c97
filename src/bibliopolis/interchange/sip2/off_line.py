"""Messages with *no block*: the terminal was off line, and it has been done already.

Only a terminal of which its entry says so may speak so: no rule is asked, nor a password; what
another one marks so is a message like any. SIP 2.00, 4.2: it must not be refused. It is done as of
its own date; what a rule would have refused is told to the staff of the library, as is what could
not be done at all.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bibliopolis.circulation.models import Loan
from bibliopolis.circulation.outcomes import Outcome
from bibliopolis.circulation.services import Done, OffLine
from bibliopolis.circulation.services.off_line import NOT_DONE
from bibliopolis.libraries.calendars import Calendars

from . import copies
from .acting import Acting
from .messages import Answer, moment_of

AT_MOST = timedelta(days=92)
"""What is older by the terminal's clock, or has not happened yet, is done as of now."""
LONGEST_LOAN = timedelta(days=366)


def check_out(acting: Acting) -> Answer:
    """11 → 12: hand a copy out; off line it has been handed out."""
    fixed = acting.message.fixed
    if not _is_done(acting, fixed[1]) or acting.message.get("BI") == "Y":
        return copies.check_out(acting)
    done, found = _done(acting, "check_out", fixed[2:20], fixed[20:38]), dict[str, Any]()

    def act() -> Loan:
        found["item"], found["record"] = item, _record = acting.copy()
        reader, against = acting.whoever()
        return acting.request.find_service(OffLine).lend(item.id, reader, done, against)

    loan, why = acting.attempt(act)
    return copies.lent(acting, found, loan, _told(acting, done, why))


def check_in(acting: Acting) -> Answer:
    """09 → 10: take a copy in; off line it has been taken in."""
    fixed = acting.message.fixed
    if not _is_done(acting, fixed[0]) or acting.message.get("BI") == "Y":
        return copies.check_in(acting)
    # The day of return is what counts; some leave it out.
    returned = fixed[19:37] if fixed[19:37].strip() else fixed[1:19]
    done, found = _done(acting, "check_in", returned), dict[str, Any]()

    def act() -> Outcome:
        found["item"], _record = item, _title = acting.copy()
        return acting.request.find_service(OffLine).take_in(item.id, done)

    outcome, why = acting.attempt(act)
    return copies.taken_in(acting, found, outcome, _told(acting, done, why))


def renew(acting: Acting) -> Answer:
    """29 → 30: renew what the reader has; off line it has been renewed."""
    fixed = acting.message.fixed
    if not _is_done(acting, fixed[1]):
        return copies.renew(acting)
    done, found = _done(acting, "renew", fixed[2:20], fixed[20:38]), dict[str, Any]()

    def act() -> Loan:
        found["item"], found["record"] = item, _record = acting.copy()
        reader, against = acting.whoever()
        loan = copies.loan_to(acting, item, reader)
        return acting.request.find_service(OffLine).renew(loan, done, against)

    loan, why = acting.attempt(act)
    return copies.renewed(acting, found, loan, _told(acting, done, why))


def _is_done(acting: Acting, no_block: str) -> bool:
    return no_block == "Y" and acting.terminal.off_line


def _done(acting: Acting, act: str, when: str, due: str = "") -> Done:
    """Return what was done, with times that can be true."""
    zone = acting.request.find_service(Calendars).zone(acting.library)
    now = acting.now
    happened = moment_of(when, zone)
    if happened is None or not now - AT_MOST <= happened <= now:
        happened = now
    until: datetime | None = moment_of(due, zone)
    if until is not None and not happened <= until <= happened + LONGEST_LOAN:
        until = None
    return Done(
        terminal=acting.terminal.name,
        library_id=acting.library.id,
        act=act,
        when=happened,
        barcode=acting.message.get("AB"),
        due=until.astimezone(zone).date() if until is not None else None,
    )


def _told(acting: Acting, done: Done, why: str) -> str:
    """Tell the staff why something could not be done, and return it for the terminal.

    The card is not told: the history is kept for years, longer than who borrowed what.
    """
    if why:
        acting.request.find_service(OffLine).tell(NOT_DONE, done, (), why=why)
    return why
