"""A workflow is read strictly, and only if somebody can live by it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bibliopolis.errors import ConfigurationError
from bibliopolis.workflow import Live, Names, Skeleton
from bibliopolis.workflow.loader import check_skeleton, distances, load

SITE = Path(__file__).parents[3]

GOOD = """\
name: loan
title: Loan
initial: out
live: {view: [everyone]}
node: {edit: [librarian]}
states:
  out:
    title: Out
    permissions: {view: [owner], edit: [librarian]}
  back:
    title: Back
    permissions: {view: [owner]}
    final: true
transitions:
  give_back:
    title: Give back
    from: [out]
    to: back
    permission: edit
    guards: [is_whole]
    comment: required
    live: keep
    verb: desk.give_back
"""


def is_whole(step):
    return None


@pytest.fixture
def names():
    known = Names()
    known.know(["view", "edit"], ["everyone", "owner", "librarian", "editor"])
    known.guards["is_whole"] = is_whole
    known.verbs["desk.give_back"] = print
    return known


@pytest.fixture
def write(tmp_path):
    folder = tmp_path / "workflows"
    folder.mkdir()

    def write(text):
        file = folder / "loan.yaml"
        file.write_text(text, "utf-8")
        return file

    return write


def test_everything_declared_is_there(write, names):
    workflow = load(write(GOOD), names)

    step = workflow.transitions["give_back"]
    assert (workflow.name, workflow.title, workflow.initial) == ("loan", "Loan", "out")
    assert (step.from_states, step.to, step.permission) == (("out",), "back", "edit")
    assert (step.guards, step.comment_required, step.live) == (("is_whole",), True, Live.KEEP)
    assert step.verb == "desk.give_back"
    assert workflow.states["back"].final
    assert workflow.allowed_roles("edit", "out") == {"librarian"}
    assert workflow.allowed_roles("edit", "back") == set()
    assert workflow.allowed_roles("edit", "nowhere") == set()
    assert workflow.live_roles("view") == {"everyone"}
    assert workflow.node_roles("edit") == {"librarian"}
    assert workflow.permissions == ("view", "edit")


WRONG = {
    "an unknown key": ("title: Loan", "titel: Loan", 2, "unknown key “titel”"),
    "another name": ("name: loan", "name: hold", 1, "must equal the file's, “loan”"),
    "an unknown initial state": ("initial: out", "initial: ot", 3, "did you mean “out”"),
    "an unknown target": ("to: back", "to: bak", 18, "unknown state “bak”"),
    "an unknown source": ("from: [out]", "from: [in]", 17, "unknown state “in”"),
    "no source": ("from: [out]", "from: []", 17, "begins in at least one state"),
    "an unknown permission": ("permission: edit", "permission: edt", 19, "did you mean “edit”"),
    "an unknown role": ("[librarian]}\n  back", "[libarian]}\n  back", 9, "unknown role"),
    "an unknown guard": ("[is_whole]", "[is_hole]", 20, "did you mean “is_whole”"),
    "an unknown verb": ("desk.give_back", "desk.giveback", 23, "unknown verb"),
    "an unknown way": ("live: keep", "live: kept", 22, "did you mean “keep”"),
    "a wrong comment": ("comment: required", "comment: needed", 21, "required or optional"),
    "a comment read as boolean": ("comment: required", "comment: yes", 21, "YAML reads yes"),
    "a state read as boolean": ("  back:\n", "  no:\n", 10, "YAML reads no"),
    "no way out": ("    final: true\n", "", 10, "no way out of the state “back”"),
    "a way out of the end": ("from: [out]", "from: [out, back]", 10, "is final, and yet"),
    "nobody may": (", edit: [librarian]}", "}", 15, "nobody may take the step “give_back”"),
    "nobody has it": ("edit: [librarian]}\n  back", "edit: []}\n  back", 15, "nobody may take"),
    "a key twice": ("title: Loan\n", "title: Loan\ntitle: Loan\n", 3, "is written twice"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_mistake_is_one_line_with_file_and_line(write, names, wrong):
    old, new, line, message = WRONG[wrong]
    assert old in GOOD

    with pytest.raises(ConfigurationError) as error:
        load(write(GOOD.replace(old, new, 1)), names)

    assert str(error.value).startswith(f"workflows/loan.yaml:{line}: ")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_state_that_nothing_leads_to_is_refused(write, names):
    extra = "states:\n  lost:\n    title: Lost\n    permissions: {}\n    final: true\n"

    with pytest.raises(ConfigurationError, match="no step leads from “out” to the state “lost”"):
        load(write(GOOD.replace("states:\n", extra)), names)


def test_a_skeleton_names_who_relies_on_what(write, names):
    workflow = load(write(GOOD), names)

    check_skeleton(workflow, [("desk", Skeleton(frozenset({"out"}), frozenset()))])
    with pytest.raises(ConfigurationError, match="the state “late” is missing; desk relies on it"):
        check_skeleton(workflow, [("desk", Skeleton(frozenset({"late"})))])
    with pytest.raises(ConfigurationError, match=r"no step has the verb “desk\.x”; desk relies"):
        check_skeleton(workflow, [("desk", Skeleton(verbs=frozenset({"desk.x"})))])


class Anything(dict):
    """Knows every name: whether what it names exists is the rooms' matter."""

    def __contains__(self, name):
        return True


@pytest.mark.parametrize("file", sorted((SITE / "workflows").glob("*.yaml")), ids=lambda f: f.stem)
def test_the_workflows_of_the_site_are_in_order(file, names):
    names.guards = names.verbs = names.permissions = names.roles = Anything()

    assert load(file, names).name == file.stem


_states = st.integers(2, 6).map(lambda n: [f"s{i}" for i in range(n)])


@given(st.data(), _states)
def test_what_is_accepted_has_a_way_to_and_out_of_every_state(tmp_path_factory, data, states):
    edges = data.draw(
        st.lists(st.tuples(st.sampled_from(states), st.sampled_from(states)), max_size=10)
    )
    finals = data.draw(st.sets(st.sampled_from(states)))
    file = tmp_path_factory.mktemp("workflows") / "any.yaml"
    file.write_text(
        yaml.safe_dump(
            {
                "name": "any",
                "title": "Any",
                "initial": "s0",
                "states": {
                    name: {
                        "title": name,
                        "permissions": {"edit": ["editor"]},
                        "final": name in finals,
                    }
                    for name in states
                },
                "transitions": {
                    f"t{number}": {"title": "T", "from": [a], "to": b, "permission": "edit"}
                    for number, (a, b) in enumerate(edges)
                },
            }
        ),
        "utf-8",
    )
    known = Names()
    known.know(["view", "edit"], ["everyone", "owner", "librarian", "editor"])

    try:
        workflow = load(file, known)
    except ConfigurationError:
        return

    assert set(distances(workflow)) == set(states)
    for name, state in workflow.states.items():
        assert bool(workflow.from_state(name)) != state.final
