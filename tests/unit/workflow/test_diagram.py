"""The drawing of a workflow shows every state and step, and hides none behind another."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from bibliopolis.workflow import Live, Mark, Names, State, Transition, Workflow
from bibliopolis.workflow.diagram import draw
from bibliopolis.workflow.layout import columns_of, kind_of, lay_out
from bibliopolis.workflow.loader import distances, load

SITE = Path(__file__).parents[3]
SVG = "{http://www.w3.org/2000/svg}"


class Anything(dict):
    """Knows every name."""

    def __contains__(self, name):
        return True


def words(message):
    return message.interpolate() if hasattr(message, "interpolate") else str(message)


def _site(name):
    names = Names()
    names.guards = names.verbs = names.permissions = names.roles = Anything()
    return load(SITE / "workflows" / f"{name}.yaml", names)


def _laid_out(workflow):
    return lay_out(
        workflow,
        {one.name: words(one.title) for one in workflow.transitions.values()},
        {one.name: words(one.title) for one in workflow.states.values()},
    )


@pytest.fixture(params=sorted(file.stem for file in (SITE / "workflows").glob("*.yaml")))
def workflow(request):
    return _site(request.param)


def test_every_state_and_step_is_drawn_once(workflow):
    drawing = _laid_out(workflow)

    assert set(drawing.boxes) == set(workflow.states)
    assert sorted((edge.transition.name, edge.source) for edge in drawing.edges) == sorted(
        (one.name, source) for one in workflow.transitions.values() for source in one.from_states
    )


def test_no_box_and_no_label_hides_another(workflow):
    drawing = _laid_out(workflow)
    rects = [*drawing.boxes.values(), *(edge.label for edge in drawing.edges)]

    hidden = [pair for pair in itertools.combinations(rects, 2) if pair[0].hidden_by(pair[1], 0)]

    assert hidden == []


def test_everything_lies_inside(workflow):
    drawing = _laid_out(workflow)

    for rect in [*drawing.boxes.values(), *(edge.label for edge in drawing.edges)]:
        assert rect.left >= 0
        assert rect.right <= drawing.width
        assert rect.top >= 0
        assert rect.bottom <= drawing.height


def test_the_editorial_states_stand_in_three_columns():
    assert columns_of(_site("editorial")) == {"draft": 0, "in_review": 1, "published": 2}


def test_steps_are_forward_back_or_take_from_the_readers():
    workflow = _site("editorial")
    steps = workflow.transitions

    assert kind_of(workflow, steps["submit"], "draft") == "forward"
    assert kind_of(workflow, steps["reject"], "in_review") == "back"
    assert kind_of(workflow, steps["retract"], "published") == "bad"
    hold = _site("hold")
    assert kind_of(hold, hold.transitions["cancel"], "ready") == "bad"


def test_the_svg_says_in_words_what_it_shows(workflow):
    svg = etree.fromstring(draw(workflow, words))

    title, description = svg.find(f"{SVG}title"), svg.find(f"{SVG}desc")
    assert svg.get("aria-labelledby").split() == [title.get("id"), description.get("id")]
    for state in workflow.states.values():
        assert words(state.title) in description.text
    assert svg.get("role") == "img"


def test_colour_comes_by_class_only(workflow):
    svg = draw(workflow, words)

    assert "<style" not in svg
    assert "style=" not in svg
    assert not re.search(r'(fill|stroke)="', svg)


def test_a_copy_to_take_away_carries_its_own_sheet(workflow):
    assert "<style>" in draw(workflow, words, alone=True)


def test_under_arabic_the_drawing_runs_from_right_to_left():
    left = etree.fromstring(draw(_site("hold"), words))
    right = etree.fromstring(draw(_site("hold"), words, right_to_left=True))
    width = float(left.get("viewBox").split()[2])

    def places(svg):
        return [float(text.get("x")) for text in svg.iter(f"{SVG}text")]

    assert right.get("direction") == "rtl"
    for there, mirrored in zip(places(left), places(right), strict=True):
        assert abs(there + mirrored - width) < 0.2


def test_titles_are_escaped():
    workflow = Workflow(
        name="x",
        title="<X> & Y",
        initial="a",
        states={"a": State("a", "<b>", {}), "c": State("c", '"', {}, final=True, mark=Mark.DONE)},
        transitions={"go": Transition("go", "R&D", ("a",), "c", "edit", guards=("g",))},
    )

    svg = etree.fromstring(draw(workflow, words))

    assert "<X> & Y" in svg.find(f"{SVG}title").text
    assert svg.findall(f".//{SVG}path[@class='s-f-guard']")


def test_a_final_state_has_a_double_edge():
    hold = _site("hold")
    svg = etree.fromstring(draw(hold, words))

    final = [state for state in hold.states.values() if state.final]
    assert len(svg.findall(f".//{SVG}rect[@class='s-f-inner']")) == len(final) > 0


@st.composite
def workflows(draw_):
    names = [f"s{number}" for number in range(draw_(st.integers(1, 6)))]
    some = st.sampled_from(names)
    steps = {
        f"t{number}": Transition(
            f"t{number}",
            "Step " * draw_(st.integers(1, 4)),
            tuple(draw_(st.sets(some, min_size=1, max_size=3))),
            draw_(some),
            "edit",
            guards=("g",) if draw_(st.booleans()) else (),
            live=draw_(st.sampled_from([None, *Live])),
        )
        for number in range(draw_(st.integers(0, 8)))
    }
    states = {
        name: State(name, name * 4, {}, mark=draw_(st.sampled_from(list(Mark)))) for name in names
    }
    workflow = Workflow("any", "Any", "s0", states, steps)
    reached = distances(workflow)
    return Workflow(
        "any",
        "Any",
        "s0",
        {name: state for name, state in states.items() if name in reached},
        {
            step.name: Transition(
                step.name,
                step.title,
                tuple(one for one in step.from_states if one in reached),
                step.to,
                "edit",
                step.guards,
                live=step.live,
            )
            for step in steps.values()
            if any(one in reached for one in step.from_states)
        },
    )


@settings(deadline=None, max_examples=60)
@given(workflows())
def test_any_workflow_can_be_drawn(workflow):
    drawing = _laid_out(workflow)

    boxes = list(drawing.boxes.values())
    assert not any(a.hidden_by(b, 0) for a, b in itertools.combinations(boxes, 2))
    etree.fromstring(draw(workflow, words, right_to_left=True))
