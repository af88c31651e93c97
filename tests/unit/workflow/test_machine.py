"""The machine says which steps there are, which are refused, and every reason why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from bibliopolis.errors import ConfigurationError, Conflict, InvalidInput, NotAllowed
from bibliopolis.i18n import _, _n
from bibliopolis.workflow import Machine, State, Step, Transition, Workflow


@dataclass
class Book:
    state: str = "draft"
    alt: str = ""
    title: str = ""
    here: bool = True


def has_title(step):
    return None if step.resource.title else _("The title is missing.")


def has_alt(step):
    return () if step.resource.alt else [_n("${n} picture", "${n} pictures", 2), _("No text.")]


def is_here(step):
    return None if step.resource.here else "It is elsewhere."


def is_elsewhere(step):
    return "It is here." if step.resource.here else None


GUARDS = {
    "has_title": has_title,
    "has_alt": has_alt,
    "is_here": is_here,
    "is_elsewhere": is_elsewhere,
}


def _workflow(*extra: Transition) -> Workflow:
    states = ("draft", "in_review", "published", "sent")
    transitions = (
        Transition("submit", "Submit", ("draft",), "in_review", "submit"),
        Transition(
            "publish",
            "Publish",
            ("draft", "in_review"),
            "published",
            "publish",
            guards=("has_title", "has_alt"),
        ),
        Transition("reject", "Send back", ("in_review",), "draft", "review", comment_required=True),
        Transition("keep", "Keep", ("draft",), "in_review", "go", ("is_here",), verb="desk.move"),
        Transition("send", "Send", ("draft",), "sent", "go", ("is_elsewhere",), verb="desk.move"),
        *extra,
    )
    return Workflow(
        name="book",
        title="Book",
        initial="draft",
        states={name: State(name, name.capitalize(), {}) for name in states},
        transitions={transition.name: transition for transition in transitions},
    )


@pytest.fixture
def machine():
    return Machine(_workflow(), GUARDS)


def _step(book, **data):
    return Step(book, "anna", data, datetime(2026, 5, 1, tzinfo=UTC), lambda service: None)


def everything(permission):
    return True


def test_steps_are_those_from_the_present_state_in_declared_order(machine):
    steps = machine.steps(_step(Book("in_review")), everything)

    assert [offer.transition.name for offer in steps] == ["publish", "reject"]


def test_steps_the_actor_has_no_right_to_are_not_offered(machine):
    steps = machine.steps(_step(Book()), lambda permission: permission == "submit")

    assert [offer.transition.name for offer in steps] == ["submit"]
    assert len(steps) == 1


def test_a_refused_step_tells_all_its_reasons(machine):
    steps = machine.steps(_step(Book()), everything)

    (publish,) = [offer for offer in steps.refused if offer.transition.name == "publish"]
    assert publish.reasons == (
        "The title is missing.",
        _n("${n} picture", "${n} pictures", 2),
        "No text.",
    )
    assert [offer.transition.name for offer in steps.available] == ["submit", "keep"]


def test_a_step_that_may_be_taken_is_returned(machine):
    transition = machine.check("publish", _step(Book(title="A", alt="B")), everything)

    assert transition.to == "published"


def test_a_check_raises_all_the_reasons_at_once(machine):
    with pytest.raises(Conflict) as refusal:
        machine.check("publish", _step(Book()), everything)

    assert len(refusal.value.reasons) == 3
    assert refusal.value.reason.interpolate() == "The step “Publish” cannot be taken now."


def test_a_step_from_another_state_is_a_conflict(machine):
    with pytest.raises(Conflict) as refusal:
        machine.check("submit", _step(Book("published")), everything)

    assert "from the state “Published”" in refusal.value.reason.interpolate()


def test_a_step_without_the_right_is_not_allowed(machine):
    with pytest.raises(NotAllowed):
        machine.check("submit", _step(Book()), lambda permission: False)


def test_an_unknown_step_is_invalid_input(machine):
    with pytest.raises(InvalidInput):
        machine.check("burn", _step(Book()), everything)


@pytest.mark.parametrize("comment", [None, "", "  \n"])
def test_a_step_that_needs_a_comment_is_refused_without_one(machine, comment):
    with pytest.raises(Conflict) as refusal:
        machine.check("reject", _step(Book("in_review"), comment=comment), everything)

    assert refusal.value.reasons == ("Say why: this step needs a comment.",)


def test_the_comment_is_not_asked_for_before_the_step_is_taken(machine):
    steps = machine.steps(_step(Book("in_review")), everything)

    assert "reject" in [offer.transition.name for offer in steps.available]


def test_a_verb_chooses_its_transition_by_the_facts(machine):
    assert machine.choose("desk.move", _step(Book(here=True)), everything).name == "keep"
    assert machine.choose("desk.move", _step(Book(here=False)), everything).name == "send"


def test_a_verb_that_fits_nothing_tells_the_reasons_of_all_its_transitions():
    machine = Machine(
        _workflow(Transition("sell", "Sell", ("draft",), "sent", "go", ("has_title",), verb="v")),
        GUARDS,
    )

    with pytest.raises(Conflict) as refusal:
        machine.choose("v", _step(Book()), everything)

    assert refusal.value.reasons == ("The title is missing.",)


def test_a_verb_without_the_right_is_not_allowed(machine):
    with pytest.raises(NotAllowed):
        machine.choose("desk.move", _step(Book()), lambda permission: False)


def test_a_verb_from_another_state_is_a_conflict(machine):
    with pytest.raises(Conflict) as refusal:
        machine.choose("desk.move", _step(Book("published")), everything)

    assert "“Keep” cannot be taken from the state “Published”" in refusal.value.reason.interpolate()


def test_a_verb_that_fits_two_transitions_is_a_wrong_declaration():
    machine = Machine(
        _workflow(Transition("lose", "Lose", ("draft",), "sent", "go", verb="desk.move")), GUARDS
    )

    with pytest.raises(ConfigurationError, match=r"several steps at once \(keep, lose\)"):
        machine.choose("desk.move", _step(Book()), everything)


def test_a_state_nobody_declared_is_told(machine):
    with pytest.raises(ConfigurationError, match="“lost”"):
        machine.steps(_step(Book("lost")), everything)


@pytest.mark.parametrize("state", ["draft", "in_review", "published", "sent"])
@pytest.mark.parametrize("name", ["submit", "publish", "reject", "keep", "send"])
def test_every_pair_of_state_and_step_is_allowed_or_refused_as_the_steps_say(machine, state, name):
    book = Book(state, alt="A", title="B")
    step = _step(book, comment="Because.")

    offered = {offer.transition.name for offer in machine.steps(step, everything).available}

    if name in offered:
        assert machine.check(name, step, everything).name == name
    else:
        with pytest.raises(Conflict):
            machine.check(name, step, everything)
