"""How loans are told to their reader and at the desk, in words and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pyramid.request import Request

from bibliopolis.catalogue.indexing import author_of, cover_of
from bibliopolis.catalogue.models import Item, Record
from bibliopolis.catalogue.resources import record_path
from bibliopolis.covers import Cover
from bibliopolis.i18n import _, _n
from bibliopolis.libraries.services import Libraries
from bibliopolis.readers.models import Reader

from .models import Loan, LoanState
from .presenters import library_name
from .services import CopySteps, LoanPeriods, Renewals
from .services.copy_steps import LOAN
from .services.renewal_rules import Prospect
from .services.renewals import Copy

SOON = 3
"""Days before the due date on which it is shown as near."""


@dataclass(frozen=True)
class LoanLine:
    """A loan as a list shows it; what can be done with it only where it was asked for."""

    loan: Loan
    item: Item
    record: Record
    cover: Cover
    author: str
    record_url: str
    url: str
    library: str
    whose: str | None = None
    """The child whose it is, where a guardian looks at it."""
    days_left: int = 0
    """Until it is due; less than nothing where it is overdue."""
    overdue: bool = False
    prospect: Prospect | None = None
    renewed: Any = None
    """How often it was renewed, in words."""
    renewed_today: bool = False
    may_be_given_up: bool = False
    """Whether the visitor decides that it is lost, or settled."""

    @property
    def soon(self) -> bool:
        """Say whether it is due in the next days."""
        return 0 <= self.days_left <= SOON

    @property
    def late(self) -> Any:
        """Return by how many days it is overdue, in words."""
        return _n("overdue by ${n} day", "overdue by ${n} days", -self.days_left)


def loan_url(request: Request, loan: Loan) -> str:
    """Return the address of a loan."""
    return f"{request.frame.home}/account/loans/{loan.uid}"


def loan_lines(
    request: Request,
    rows: Iterable[tuple[Loan, Item, Record]],
    names: Mapping[int, str] | None = None,
    *,
    renewable: bool = False,
    readers: Mapping[int, Reader] | None = None,
) -> list[LoanLine]:
    """Return loans for a list, with the names of the children whose they are.

    ``renewable`` asks what a renewal would bring, for all of them at once; so does to name the
    ``readers`` whose they are, where these are at hand.
    """
    rows = list(rows)
    prospects: Mapping[int, Prospect] = {}
    if renewable or readers:
        copies = {
            item.id: Copy(record.id, item.item_type or record.kind) for _loan, item, record in rows
        }
        renewals = request.find_service(Renewals, context=None)
        prospects = renewals.prospects([loan for loan, *_rest in rows], copies, readers)
    return [_line(request, *row, names or {}, prospects) for row in rows]


def _line(
    request: Request,
    loan: Loan,
    item: Item,
    record: Record,
    names: Mapping[int, str],
    prospects: Mapping[int, Prospect],
) -> LoanLine:
    today = request.find_service(LoanPeriods, context=None).today(loan.library_id)
    out = loan.closed is None and loan.state == LoanState.ON_LOAN
    return LoanLine(
        loan=loan,
        item=item,
        record=record,
        cover=cover_of(record),
        author=author_of(record),
        record_url=record_path(request, record.id),
        url=loan_url(request, loan),
        library=library_name(request, loan.library_id),
        whose=names.get(loan.reader_id or 0),
        days_left=(loan.due - today).days,
        overdue=out and loan.due < today,
        prospect=prospects.get(loan.id),
        renewed=_renewed(loan),
        renewed_today=_renewed_on(request, loan, today),
        may_be_given_up=_may_give_up(request, loan, item),
    )


def _may_give_up(request: Request, loan: Loan, item: Item) -> bool:
    """Say whether to offer it; who holds no role anywhere need not be looked up."""
    steps = request.find_service(CopySteps, context=None)
    return bool(request.principals.grants) and steps.may_give_up(loan, item)


def _renewed(loan: Loan) -> Any:
    if not loan.renewals:
        return None
    return _n("Renewed once.", "Renewed ${n} times.", loan.renewals)


def _renewed_on(request: Request, loan: Loan, today: date) -> bool:
    if not loan.renewals or loan.changed is None or loan.state != LoanState.ON_LOAN:
        return False
    return bool(request.clock.local(loan.changed).date() == today)


def loan_json(request: Request, line: LoanLine) -> dict[str, Any]:
    """Return the JSON form of a loan."""
    loan, host = line.loan, request.host_url
    state = request.find_service(CopySteps).workflow(LOAN).states[loan.state]
    libraries = request.find_service(Libraries)
    told: dict[str, Any] = {
        "@id": f"{host}{line.url}",
        "@type": "loan",
        "UID": loan.uid,
        "title": line.record.title,
        "review_state": loan.state,
        "review_state_title": request.translate(state.title),
        "record": {"@id": f"{host}{line.record_url}", "title": line.record.title},
        "barcode": line.item.barcode,
        "library": {
            "@id": f"{host}{request.frame.home}/libraries/{libraries.tree[loan.library_id].code}",
            "title": line.library,
        },
        "created": loan.opened.isoformat(),
        "due": loan.due.isoformat(),
        "overdue": line.overdue,
        "renewals": loan.renewals,
    }
    if line.prospect is not None:
        told["renewal"] = {
            "possible": line.prospect.possible,
            "due": line.prospect.due.isoformat(),
            "reasons": [request.translate(reason) for reason in line.prospect.reasons],
        }
    return told


def told_of_all(request: Request, answers: Sequence[Any]) -> tuple[Any, str]:
    """Return in one sentence what came of renewing all, and the kind of the message."""
    done = sum(answer.renewed for answer in answers)
    if not answers:
        return _("There is nothing to renew."), "info"
    if done == len(answers):
        return _n("${n} book is renewed.", "${n} books are renewed.", done), "ok"
    if done == 0:
        return _("Nothing could be renewed. Each book says below why not."), "warn"
    named = {"all": request.formats.number(len(answers))}
    return (
        _n(
            "${n} of ${all} books is renewed. Each of the others says below why not.",
            "${n} of ${all} books are renewed. Each of the others says below why not.",
            done,
            named,
        ),
        "info",
    )
