"""Ask the workflow before anything happens to a question, and write down that it did."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bibliopolis.clock import Clock
from bibliopolis.errors import NotAllowed
from bibliopolis.i18n import _
from bibliopolis.resources.access import Principals, Role
from bibliopolis.resources.history import History
from bibliopolis.workflow import Machine, Step, Transition, Workflows
from bibliopolis.workflow.machine import May, Steps

from ..access import EnquiryAccess
from ..models import Enquiry
from .topics import Topics

WORKFLOW = "enquiry"


class EnquirySteps:
    """The steps of questions for one actor: which there are, and taking one."""

    def __init__(
        self,
        clock: Clock,
        history: History,
        machine: Machine,
        topics: Topics,
        actor: Principals,
        find_service: Callable[..., Any],
    ) -> None:
        self.clock = clock
        self.history = history
        self.machine = machine
        self.topics = topics
        self.actor = actor
        self.find_service = find_service
        self.held: set[int] = set()
        """The questions whose ticket the actor holds: there they act as the asker."""

    @classmethod
    def from_request(cls, context: Any, request: Any) -> EnquirySteps:
        """Make it for a request: its visitor takes the steps."""
        return cls(
            clock=request.clock,
            history=request.find_service(History, context=None),
            machine=request.find_service(Workflows, context=None).machine(WORKFLOW),
            topics=request.find_service(Topics, context=None),
            actor=request.principals,
            find_service=request.find_service,
        )

    def access(self, enquiry: Enquiry) -> EnquiryAccess:
        """Return who may do what with the question."""
        return EnquiryAccess(
            workflow=self.machine.workflow,
            state=enquiry.state,
            owner_id=enquiry.asker.person_id if enquiry.asker else None,
            scopes=self.topics.scopes_of(enquiry),
        )

    def may(self, enquiry: Enquiry) -> May:
        """Return what says whether the actor has a permission on the question."""
        access = self.access(enquiry)
        holds_ticket = enquiry.id in self.held

        def may(wanted: str) -> bool:
            as_asker = holds_ticket and Role.OWNER in access.allowed_roles(wanted)
            return as_asker or self.actor.may(wanted, access)

        return may

    def demand(self, permission: str, enquiry: Enquiry) -> None:
        """Refuse an actor who has not this permission now."""
        if not self.may(enquiry)(permission):
            raise NotAllowed(_("You may not do this with this question now."))

    def take(self, verb: str, enquiry: Enquiry, **data: Any) -> Transition:
        """Ask the machine for the step this verb now means, and move the question by it.

        What the step brings about is for the caller, who holds the lock; a refusal is raised
        before anything has changed.
        """
        step = self._step(enquiry, data)
        transition = self.machine.choose(f"consultations.{verb}", step, self.may(enquiry))
        before, enquiry.state = enquiry.state, transition.to
        enquiry.changed = self.clock.now()
        self.tell(enquiry, transition.name, before, comment=data.get("comment"))
        return transition

    def offers(self, enquiry: Enquiry, **data: Any) -> Steps:
        """Return the steps the actor has a right to, with what speaks against each."""
        return self.machine.steps(self._step(enquiry, data), self.may(enquiry))

    def asking(self, enquiry: Enquiry, **data: Any) -> tuple[Step, May]:
        """Return what `Workflows.perform` needs to take a step by its name."""
        return self._step(enquiry, data), self.may(enquiry)

    def tell(
        self,
        enquiry: Enquiry,
        action: str,
        before: str | None,
        comment: str | None = None,
        **facts: Any,
    ) -> None:
        """Write into the history what happened; texts are in the thread, not here."""
        self.history.write(
            (WORKFLOW, enquiry.id),
            action,
            before=before,
            after=enquiry.state,
            comment=comment or None,
            data={name: value for name, value in facts.items() if value is not None},
        )

    def _step(self, enquiry: Enquiry, data: Mapping[str, Any]) -> Step:
        return Step(
            resource=enquiry,
            actor=self.actor,
            data=data,
            now=self.clock.now(),
            find_service=self.find_service,
        )
