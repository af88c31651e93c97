"""Ask the workflow before anything happens to a hold, and write down that it did."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from bibliopolis.clock import Clock
from bibliopolis.libraries.services import Libraries
from bibliopolis.readers.models import Reader
from bibliopolis.readers.services import Guardians
from bibliopolis.resources.access import Principals
from bibliopolis.resources.history import History
from bibliopolis.workflow import Machine, Step, Transition, Workflows
from bibliopolis.workflow.machine import May

from ..access import StateAccess
from ..models import Hold, HoldDelivery, HoldState
from ..waiting.keeping import end_waits, ending_of
from ..waiting.models import Ending
from .title import Title

WORKFLOW = "hold"
TOLD = ("cause", "overridden", "starts", "pause", "place_before", "place_after", "from", "to")
"""What else of a step its history keeps."""
CLOSED_STATES = frozenset(
    {HoldState.FULFILLED, HoldState.CANCELLED, HoldState.UNFILLED, HoldState.NOT_COLLECTED}
)


class HoldSteps:
    """The steps of holds for one actor: which there are, and taking one."""

    def __init__(
        self,
        db: Session,
        clock: Clock,
        history: History,
        machine: Machine,
        libraries: Libraries,
        actor: Principals,
        find_service: Callable[..., Any],
    ) -> None:
        self.db = db
        self.clock = clock
        self.history = history
        self.machine = machine
        self.libraries = libraries
        self.actor = actor
        self.find_service = find_service
        self._ended: dict[Ending, list[int]] | None = None

    @classmethod
    def from_request(cls, context: Any, request: Any) -> HoldSteps:
        """Make it for a request: its visitor takes the steps."""
        return cls(
            db=request.db,
            clock=request.clock,
            history=request.find_service(History),
            machine=request.find_service(Workflows).machine(WORKFLOW),
            libraries=request.find_service(Libraries, context=None),
            actor=request.principals,
            find_service=request.find_service,
        )

    def access(self, hold: Hold, *library_ids: int | None) -> StateAccess:
        """Return who may do what with the hold, at its own library and these."""
        reader = None if hold.reader_id is None else self.db.get(Reader, hold.reader_id)
        return StateAccess(
            workflow=self.machine.workflow,
            state=hold.state,
            owner_id=self._owner_id(reader) if reader else None,
            scopes=self.libraries.scopes((hold.pickup_library_id, *library_ids)),
        )

    def _owner_id(self, reader: Reader) -> int | None:
        """Return the reader's person; to a guardian a child's hold is like their own."""
        mine = self.actor.reader_id
        if mine is None or mine == reader.id:
            return reader.person_id
        acts = self.find_service(Guardians).acts_for(mine, reader.id)
        return self.actor.person_id if acts else reader.person_id

    def acts_for_reader(self, hold: Hold) -> bool:
        """Say whether the actor is the reader whose hold it is, or acts for them."""
        mine, whose = self.actor.reader_id, hold.reader_id
        if mine is None or whose is None:
            return False
        return mine == whose or bool(self.find_service(Guardians).acts_for(mine, whose))

    def take(
        self, verb: str, hold: Hold, title: Title, library_id: int | None, **data: Any
    ) -> Transition:
        """Ask the machine for the step this verb now means, and move the hold by it.

        What the step brings about is for the caller, who holds the locks; a refusal is raised
        before anything has changed.
        """
        access = self.access(hold, library_id, *_places(hold, title))
        transition = self._choose(verb, hold, title, library_id, access, data)
        before, hold.state = hold.state, transition.to
        hold.changed = self.clock.now()
        if hold.state in CLOSED_STATES:
            hold.closed = self.clock.now()
            if hold.by_delivery:
                # Nobody needs the address any more.
                self.db.execute(delete(HoldDelivery).where(HoldDelivery.hold_id == hold.id))
                hold.by_delivery = False
        ending = ending_of(hold, before, verb)
        if ending is not None and self._ended is not None:
            self._ended.setdefault(ending, []).append(hold.id)
        elif ending is not None:
            end_waits(self.db, [hold.id], self.clock.now(), ending)
        self.tell(hold, transition.name, before, library_id, **data)
        return transition

    @contextmanager
    def together(self) -> Iterator[None]:
        """Write with few statements what steps of many holds say, when all of them are taken."""
        ended: dict[Ending, list[int]] = {}
        self._ended = ended
        try:
            with self.history.together():
                yield
        finally:
            self._ended = None
        for ending, hold_ids in ended.items():
            end_waits(self.db, hold_ids, self.clock.now(), ending)

    def take_in_queue(
        self,
        verb: str,
        holds: Mapping[Hold, Mapping[str, Any]],
        title: Title,
        library_id: int | None,
        comment: str | None,
    ) -> None:
        """Take a step of staff that leaves each of these holds in its queue, with its own facts.

        The machine is asked for each, and their histories are written by one statement. Whose they
        are is not looked up: what a reader may do is taken one by one.
        """
        now, told = self.clock.now(), list[tuple[tuple[str, int], dict[str, Any]]]()
        for hold, facts in holds.items():
            scopes = self.libraries.scopes(
                (hold.pickup_library_id, library_id, *_places(hold, title))
            )
            access = StateAccess(self.machine.workflow, hold.state, None, scopes)
            data = {"comment": comment, **facts}
            taken = self._choose(verb, hold, title, library_id, access, data)
            assert taken.to == hold.state == HoldState.QUEUED
            hold.changed = now
            told.append(((WORKFLOW, hold.id), _facts(library_id, data)))
        if told:
            queued = HoldState.QUEUED
            self.history.write_each(told, taken.name, before=queued, after=queued, comment=comment)

    def offers(self, hold: Hold, title: Title, names: frozenset[str]) -> tuple[Any, ...]:
        """Return those of the named steps the actor has a right to, with what speaks against."""
        steps = self.machine.steps(*self.asking(hold, title))
        return tuple(offer for offer in steps if offer.transition.name in names)

    def asking(self, hold: Hold, title: Title, **data: Any) -> tuple[Step, May]:
        """Return what `Workflows.perform` needs to take a step by its name."""
        access = self.access(hold, *_places(hold, title))
        step = self._step(hold, {"title": title, **data})
        return step, lambda wanted: self.actor.may(wanted, access)

    def tell(
        self, hold: Hold, action: str, before: str | None, library_id: int | None, **data: Any
    ) -> None:
        """Write into the hold's history what happened, where, and to which copy."""
        self.history.write(
            (WORKFLOW, hold.id),
            action,
            before=before,
            after=hold.state,
            comment=data.get("comment"),
            data=_facts(library_id, data),
        )

    def _choose(
        self,
        verb: str,
        hold: Hold,
        title: Title,
        library_id: int | None,
        access: StateAccess,
        data: Mapping[str, Any],
    ) -> Transition:
        step = self._step(hold, {"title": title, "library_id": library_id, **data})
        return self.machine.choose(
            f"circulation.{verb}", step, lambda wanted: self.actor.may(wanted, access)
        )

    def _step(self, hold: Hold, data: Mapping[str, Any]) -> Step:
        return Step(
            resource=hold,
            actor=self.actor,
            data=data,
            now=self.clock.now(),
            find_service=self.find_service,
        )


def _facts(library_id: int | None, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the history keeps of a step."""
    facts = {"library_id": library_id, "item_id": data.get("item_id")}
    facts |= {name: data[name] for name in TOLD if data.get(name) is not None}
    return {name: value for name, value in facts.items() if value is not None}


def _places(hold: Hold, title: Title) -> tuple[int | None, ...]:
    """Return where the hold's copy is, or where one is being looked for."""
    target = title.targets.get(hold.id)
    item = title.items.get(hold.item_id or 0)
    return (
        target.library_id if target else None,
        item.holding_library_id if item else None,
    )
