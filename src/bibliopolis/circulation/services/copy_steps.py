"""Ask the workflow before anything happens to a loan or a transit, and write down that it did."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bibliopolis.catalogue.models import Item
from bibliopolis.clock import Clock
from bibliopolis.libraries.services import Libraries
from bibliopolis.readers.models import Guardianship, Reader
from bibliopolis.readers.services import Guardians
from bibliopolis.resources.access import Permission, Principals
from bibliopolis.resources.history import History, HistoryEntry
from bibliopolis.workflow import Machine, Step, Transition, Workflow, Workflows
from bibliopolis.workflow.machine import May, Offer

from ..access import StateAccess
from ..models import Loan, LoanState, Transit

LOAN, TRANSIT = "loan", "transit"
CLOSED = frozenset({LoanState.RETURNED, LoanState.SETTLED})
GIVING_UP = frozenset({Permission.MARK_LOST, Permission.SETTLE})
"""What is decided of a loan without its copy in the hand."""


class CopySteps:
    """The steps of loans and transits for one actor: which there are, and taking one.

    ``library_id`` is the library at which a step is taken, None where that is none: on the site.
    """

    def __init__(
        self,
        db: Session,
        clock: Clock,
        history: History,
        workflows: Workflows,
        libraries: Libraries,
        actor: Principals,
        find_service: Callable[..., Any],
    ) -> None:
        self.db = db
        self.clock = clock
        self.history = history
        self.workflows = workflows
        self.libraries = libraries
        self.actor = actor
        self.find_service = find_service

    @classmethod
    def from_request(cls, context: Any, request: Any) -> CopySteps:
        """Make it for a request: its visitor takes the steps."""
        return cls(
            db=request.db,
            clock=request.clock,
            history=request.find_service(History),
            workflows=request.find_service(Workflows),
            libraries=request.find_service(Libraries, context=None),
            actor=request.principals,
            find_service=request.find_service,
        )

    def workflow(self, name: str) -> Workflow:
        """Return the declaration of the one or the other."""
        return self.workflows[name]

    def access(self, one: Loan | Transit, *library_ids: int | None) -> StateAccess:
        """Return who may do what with a loan or a transit, at its own libraries and these."""
        if isinstance(one, Loan):
            own: tuple[int, ...] = (one.library_id,)
        else:
            own = (one.from_library_id, one.to_library_id)
        return StateAccess(
            workflow=self.workflows[name_of(one)],
            state=one.state,
            owner_id=self._owner_id(one) if isinstance(one, Loan) else None,
            scopes=self.libraries.scopes((*own, *library_ids)),
        )

    def take(
        self, verb: str, one: Loan | Transit, library_id: int | None, **data: Any
    ) -> Transition:
        """Ask the machine for the step this verb now means, and move the loan or transit by it.

        What the step brings about is for the caller, who holds the locks; a refusal is raised
        before anything has changed. ``facts`` among the data are written into the history.
        """
        facts = data.pop("facts", {})
        transition = self._machine(one).choose(
            f"circulation.{verb}", *self.asking(one, library_id, **data)
        )
        before, one.state = one.state, transition.to
        now = self.clock.now()
        if isinstance(one, Loan):
            one.changed = now
            if one.state in CLOSED:
                one.closed = now
        else:
            one.received = now
        self.tell(one, transition.name, before, library_id, data.get("comment"), facts)
        return transition

    def tell(
        self,
        one: Loan | Transit,
        action: str,
        before: str | None,
        library_id: int | None,
        comment: str | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        """Write into the history what happened, where, and what it was before and after."""
        data = {**({"library_id": library_id} if library_id else {}), **(facts or {})}
        self.history.write(
            (name_of(one), one.id),
            action,
            before=before,
            after=one.state,
            comment=comment or None,
            data=data,
        )

    def may_give_up(self, loan: Loan, item: Item | None) -> bool:
        """Say whether the actor decides that a loan is lost or settled: for no other's books.

        That needs the library that lent it or the one whose copy it is, whatever desk one is at;
        without the copy in the hand a desk has no say in what others lent.
        """
        scopes = self._concerned(loan, item)
        access = StateAccess(self.workflows[LOAN], loan.state, owner_id=None, scopes=scopes)
        return any(self.actor.may(one, access) for one in GIVING_UP)

    def _concerned(self, loan: Loan, item: Item | None) -> frozenset[str]:
        return self.libraries.scopes((loan.library_id, item.library_id if item else None))

    def _may(self, wanted: str, one: Loan | Transit, access: StateAccess) -> bool:
        if isinstance(one, Loan) and wanted in GIVING_UP:
            scopes = self._concerned(one, self.db.get(Item, one.item_id))
            access = replace(access, scopes=scopes)
        return self.actor.may(wanted, access)

    def asking(
        self, one: Loan | Transit, library_id: int | None = None, **data: Any
    ) -> tuple[Step, May]:
        """Return what `Workflows.perform` needs to take a step by its name."""
        access = self.access(one, library_id)
        step = Step(
            resource=one,
            actor=self.actor,
            data={"library_id": library_id, **data},
            now=self.clock.now(),
            find_service=self.find_service,
        )
        return step, lambda wanted: self._may(wanted, one, access)

    def offers(self, one: Loan | Transit, library_id: int | None, **data: Any) -> tuple[Offer, ...]:
        """Return the steps the actor has a right to, with what speaks against each."""
        return tuple(self._machine(one).steps(*self.asking(one, library_id, **data)))

    def forget_reader(self, loan: Loan) -> None:
        """Forget that the reader, or who acts for them, took steps of a loan by themselves."""
        guardians = select(Guardianship.guardian_id).where(Guardianship.child_id == loan.reader_id)
        people = select(Reader.person_id).where(
            (Reader.id == loan.reader_id) | Reader.id.in_(guardians),
            Reader.person_id.is_not(None),
        )
        self.db.execute(
            update(HistoryEntry)
            .where(
                HistoryEntry.resource_type == LOAN,
                HistoryEntry.resource_id == loan.id,
                HistoryEntry.actor_id.in_(people),
            )
            .values(actor_id=None)
            .execution_options(synchronize_session=False)
        )

    def _machine(self, one: Loan | Transit) -> Machine:
        return self.workflows.machine(name_of(one))

    def _owner_id(self, loan: Loan) -> int | None:
        """Return the reader's person; to a guardian a child's loan is like their own."""
        reader = None if loan.reader_id is None else self.db.get(Reader, loan.reader_id)
        mine = self.actor.reader_id
        if reader is None or mine is None or mine == reader.id:
            return reader.person_id if reader else None
        acts = self.find_service(Guardians).acts_for(mine, reader.id)
        return self.actor.person_id if acts else reader.person_id


def name_of(one: Loan | Transit) -> str:
    """Return the name of the workflow, which is that of the type in the history."""
    return LOAN if isinstance(one, Loan) else TRANSIT
