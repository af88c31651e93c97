"""The machine: which steps there are, which are refused, and every reason why.

It is pure. It reads the declaration, asks the guards, and answers; what a step brings about is
done by whoever asked, after asking.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bibliopolis.errors import ConfigurationError, Conflict, InvalidInput, NotAllowed, TooLate
from bibliopolis.i18n import Plural, _

from .model import Guard, Reason, State, Step, Transition, Workflow

May = Callable[[str], bool]
"""Say whether the actor has a permission on the resource, in the state it is in."""


@dataclass(frozen=True)
class Offer:
    """A step as a page shows it: a button, or a button that says why it cannot be used."""

    transition: Transition
    reasons: tuple[Reason, ...] = ()

    @property
    def available(self) -> bool:
        """Say whether nothing speaks against the step."""
        return not self.reasons


@dataclass(frozen=True)
class Steps:
    """All the steps from here that the actor has a right to, in declared order."""

    offers: tuple[Offer, ...]

    @property
    def available(self) -> tuple[Offer, ...]:
        """Return the steps that can be taken now."""
        return tuple(offer for offer in self.offers if offer.available)

    @property
    def refused(self) -> tuple[Offer, ...]:
        """Return the steps that cannot be taken now, with their reasons."""
        return tuple(offer for offer in self.offers if not offer.available)

    def __iter__(self) -> Iterator[Offer]:
        return iter(self.offers)

    def __len__(self) -> int:
        return len(self.offers)


@dataclass(frozen=True)
class Machine:
    """A workflow together with the guards it names."""

    workflow: Workflow
    guards: Mapping[str, Guard]

    def state_of(self, step: Step) -> State:
        """Return the declared state the resource is in."""
        name = step.resource.state
        state = self.workflow.states.get(name)
        if state is None:
            raise ConfigurationError(
                self.workflow.file, None, f"something is in the state “{name}”, not declared here"
            )
        return state

    def steps(self, step: Step, may: May) -> Steps:
        """Return the steps from the present state that the actor has a right to.

        A comment that a step requires is asked for when the step is taken, so its absence
        refuses nothing here.
        """
        state = self.state_of(step)
        return Steps(
            tuple(
                Offer(transition, self.reasons(transition, step))
                for transition in self.workflow.from_state(state.name)
                if may(transition.permission)
            )
        )

    def reasons(self, transition: Transition, step: Step) -> tuple[Reason, ...]:
        """Return every reason the guards have against the step; none means it may be taken."""
        found: list[Reason] = []
        for name in transition.guards:
            found.extend(_several(self.guards[name](step)))
        return tuple(dict.fromkeys(found))

    def admit(self, name: str, step: Step, may: May) -> Transition:
        """Return the transition of that name, if there is one from here that is this actor's.

        Its guards are not asked: for steps with a verb, which asks them under its locks.
        """
        transition = self.workflow.transitions.get(name)
        if transition is None:
            raise InvalidInput(_("There is no step “${name}”.", mapping={"name": name}))
        state = self.state_of(step)
        if state.name not in transition.from_states:
            raise self._wrong_state(transition.title, state)
        self._demand(transition, may)
        return transition

    def check(self, name: str, step: Step, may: May) -> Transition:
        """Return the transition to take, or raise the refusal with all its reasons.

        ``InvalidInput`` when there is no such step at all, ``Conflict`` when it cannot be taken
        now, ``NotAllowed`` when it is not this actor's to take.
        """
        transition = self.admit(name, step, may)
        reasons = (*self._comment_reasons(transition, step), *self.reasons(transition, step))
        if reasons:
            raise _refusal(transition, reasons)
        return transition

    def choose(self, verb: str, step: Step, may: May) -> Transition:
        """Return the one transition of a verb that the facts allow.

        Several transitions may share a verb; their guards exclude each other. When none fits,
        the reasons of all of them are told. When more than one fits, the declaration is wrong.
        """
        state = self.state_of(step)
        sharing = [t for t in self.workflow.transitions.values() if t.verb == verb]
        here = [t for t in sharing if state.name in t.from_states]
        if not here:
            title = sharing[0].title if sharing else verb
            raise self._wrong_state(title, state)
        mine = [transition for transition in here if may(transition.permission)]
        if not mine:
            self._demand(here[0], may)
        refused: list[Reason] = []
        fitting: list[Transition] = []
        for transition in mine:
            reasons = (*self._comment_reasons(transition, step), *self.reasons(transition, step))
            refused.extend(reasons)
            if not reasons:
                fitting.append(transition)
        if len(fitting) > 1:
            names = ", ".join(transition.name for transition in fitting)
            raise ConfigurationError(
                self.workflow.file,
                fitting[1].line or None,
                f"the verb {verb} could take several steps at once ({names}); "
                "their guards must exclude each other",
            )
        if not fitting:
            raise _refusal(mine[0], tuple(dict.fromkeys(refused)))
        return fitting[0]

    def _demand(self, transition: Transition, may: May) -> None:
        if not may(transition.permission):
            raise NotAllowed(
                _("You may not take the step “${step}” here.", mapping={"step": transition.title})
            )

    def _wrong_state(self, title: str, state: State) -> TooLate:
        return TooLate(
            _(
                "The step “${step}” cannot be taken from the state “${state}”.",
                mapping={"step": title, "state": state.title},
            )
        )

    def _comment_reasons(self, transition: Transition, step: Step) -> tuple[Reason, ...]:
        if transition.comment_required and not str(step.data.get("comment") or "").strip():
            return (_("Say why: this step needs a comment."),)
        return ()


def _refusal(transition: Transition, reasons: Sequence[Reason]) -> Conflict:
    return Conflict(
        _("The step “${step}” cannot be taken now.", mapping={"step": transition.title}),
        reasons,
    )


def _several(answer: Reason | Sequence[Reason] | None) -> tuple[Reason, ...]:
    if answer is None:
        return ()
    if isinstance(answer, str | Plural):
        return (answer,)
    return tuple(answer)
