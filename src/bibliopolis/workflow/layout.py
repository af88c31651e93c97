"""Where the parts of a workflow's drawing lie: states in columns, steps as paths with labels.

States stand in columns by their distance from the initial one, the longest way that leads only
forward; ends nobody wished for stand below what they end. A step to the next state on the same
row is a straight line; one that leaps over a column goes in an arc above; one that leads back goes
in an arc below. Labels are moved along their path until they hide nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .geometry import Curve, Point, Rect
from .loader import distances
from .model import Live, Mark, State, Transition, Workflow

BOX = 52
ROW = 118
LANE = 36
PILL = 22
MARGIN = 14
START = 58
LETTER, NAME_LETTER = 7.7, 9.4


@dataclass(frozen=True)
class Edge:
    """A step from one state to another, as drawn."""

    transition: Transition
    source: str
    title: str
    kind: str
    curve: Curve
    label: Rect


@dataclass(frozen=True)
class Drawing:
    """Everything that is drawn, and how large it is."""

    width: float
    height: float
    boxes: dict[str, Rect]
    edges: tuple[Edge, ...]


@dataclass
class _Plan:
    """The steps by the way they go, before they get a path."""

    edges: list[tuple[Transition, str]] = field(default_factory=list)
    above: list[tuple[Transition, str]] = field(default_factory=list)
    below: list[tuple[Transition, str]] = field(default_factory=list)
    plain: list[tuple[Transition, str]] = field(default_factory=list)


def lay_out(workflow: Workflow, titles: dict[str, str], names: dict[str, str]) -> Drawing:
    """Return the drawing; ``titles`` are those of the steps, ``names`` those of the states."""
    return _Layout(workflow, titles, names).drawing()


def label_width(title: str, guarded: bool) -> float:
    """Return how wide the pill of a label is."""
    return round(len(title) * LETTER + 16 + (18 if guarded else 0), 1)


def kind_of(workflow: Workflow, transition: Transition, source: str) -> str:
    """Say whether a step leads forward, back, or takes something from the readers."""
    if transition.live is Live.CLEAR or workflow.states[transition.to].mark is Mark.ENDED:
        return "bad"
    return "forward" if _ahead(workflow, source, transition.to) else "back"


def _ahead(workflow: Workflow, source: str, to: str) -> bool:
    """Say whether one state lies further on than another, by distance, then as declared."""
    far = distances(workflow)
    order = list(workflow.states)
    return (far[to], order.index(to)) > (far[source], order.index(source))


def columns_of(workflow: Workflow) -> dict[str, int]:
    """Return the column of each state."""
    living = [one.name for one in workflow.states.values() if one.mark is not Mark.ENDED]
    far = distances(workflow)
    found: dict[str, int] = {}
    for name in sorted(living, key=lambda one: (far[one], list(workflow.states).index(one))):
        before = [
            found[source]
            for step in workflow.transitions.values()
            for source in step.from_states
            if step.to == name and source in found and _ahead(workflow, source, name)
        ]
        found[name] = max(before, default=-1) + 1
    for name in workflow.states:
        if name not in found:
            sources = sorted(
                found[source]
                for step in workflow.transitions.values()
                for source in step.from_states
                if step.to == name and source in living
            )
            found[name] = sources[len(sources) // 2] if sources else 0
    return found


class _Layout:
    def __init__(self, workflow: Workflow, titles: dict[str, str], names: dict[str, str]) -> None:
        self.workflow = workflow
        self.titles = titles
        self.names = names
        self.column = columns_of(workflow)
        self.columns, self.row = self._columns_and_rows()
        self.plan = self._plan()
        self.boxes: dict[str, Rect] = {}
        self.edges: list[Edge] = []

    def drawing(self) -> Drawing:
        """Return boxes, paths and labels, moved so that nothing lies outside."""
        self._place_boxes()
        curves = [*self._straight_and_slanted(), *self._arcs()]
        self._label(curves)
        rects = [*self.boxes.values(), *(edge.label for edge in self.edges)]
        points = [curve.at(t / 10) for _step, _source, curve in curves for t in range(11)]
        top = min([one.top for one in rects] + [y for _x, y in points]) - MARGIN
        low = max([one.bottom for one in rects] + [y for _x, y in points]) + MARGIN
        right = max([one.right for one in rects] + [x for x, _y in points]) + MARGIN
        return _moved(self.boxes, self.edges, -top, right, low - top)

    def _columns_and_rows(self) -> tuple[list[list[str]], dict[str, int]]:
        """Return the states of each column, and their rows: ends stand below all the others."""
        columns: list[list[str]] = [[] for _column in range(max(self.column.values()) + 1)]
        ended = []
        for state in self.workflow.states.values():
            if state.mark is Mark.ENDED:
                ended.append(state.name)
            else:
                columns[self.column[state.name]].append(state.name)
        row = {name: row for column in columns for row, name in enumerate(column)}
        lowest = max(row.values(), default=-1) + 1
        used: dict[int, int] = {}
        for name in ended:
            column = self.column[name]
            row[name] = lowest + used.get(column, 0)
            used[column] = used.get(column, 0) + 1
            columns[column].append(name)
        return columns, row

    def _plan(self) -> _Plan:
        plan = _Plan()
        taken: set[tuple[str, str]] = set()
        for transition in self.workflow.transitions.values():
            for source in transition.from_states:
                plan.edges.append((transition, source))
                self._way(plan, transition, source, taken).append((transition, source))
        return plan

    def _way(
        self, plan: _Plan, transition: Transition, source: str, taken: set[tuple[str, str]]
    ) -> list[tuple[Transition, str]]:
        """Say which way a step goes: plainly, in an arc above, or in an arc below."""
        ends = (source, transition.to)
        leap = self.column[transition.to] - self.column[source]
        same_row = self.row[transition.to] == self.row[source]
        if source == transition.to or ends in taken:
            return plan.below
        taken.add(ends)
        if self.workflow.states[transition.to].mark is Mark.ENDED:
            return plan.plain
        if leap > 1 and self.row[source] == self.row[transition.to] == 0:
            return plan.above
        if leap < -1 or (leap < 0 and kind_of(self.workflow, transition, source) == "bad"):
            return plan.below
        if leap == -1 and not same_row:
            return plan.below
        return plan.plain

    def _place_boxes(self) -> None:
        x = float(MARGIN + START)
        for number, column in enumerate(self.columns):
            width = max(_box_width(self.workflow.states[name], self.names) for name in column)
            for name in column:
                y = self.row[name] * ROW + BOX / 2
                self.boxes[name] = Rect(x + width / 2, y, width, BOX)
            x += width + self._gap(number)

    def _gap(self, column: int) -> float:
        """Return the space after a column: its widest label fits into it."""
        widest = 60.0
        for transition, source in self.plan.plain:
            if self.row[source] != self.row[transition.to] and self._falls(transition):
                continue
            if {self.column[source], self.column[transition.to]} == {column, column + 1} or (
                self.column[source] == self.column[transition.to] == column
                and abs(self.row[source] - self.row[transition.to]) > 1
            ):
                title = self.titles[transition.name]
                widest = max(widest, label_width(title, bool(transition.guards)))
        return widest + 64

    def _straight_and_slanted(self) -> Iterator[tuple[Transition, str, Curve]]:
        pairs = {(source, step.to) for step, source in self.plan.plain}
        for step, source in self.plan.plain:
            here, there = self.boxes[source], self.boxes[step.to]
            both = (step.to, source) in pairs
            if self._falls(step):
                yield step, source, self._fall(step, source)
                continue
            if self.column[source] == self.column[step.to]:
                yield step, source, _upright(here, there, both)
                continue
            forward = there.x > here.x
            lift = (-13 if forward else 13) if both else 0
            start = (here.right if forward else here.left, here.y + lift)
            end = (there.left - 4 if forward else there.right + 4, there.y + lift)
            if here.y == there.y:
                yield step, source, Curve.line(start, end)
            else:
                bend = (end[0] - start[0]) * 0.5
                yield (
                    step,
                    source,
                    Curve(start, (start[0] + bend, start[1]), (end[0] - bend, end[1]), end),
                )

    def _falls(self, step: Transition) -> bool:
        """Say whether a step leads to an end below."""
        return self.workflow.states[step.to].mark is Mark.ENDED

    def _fall(self, step: Transition, source: str) -> Curve:
        """Return the way down: from the lower edge of a state to the upper one of its end."""
        here, there = self.boxes[source], self.boxes[step.to]
        across = there.x - here.x
        start = (here.x + _sign(across) * here.width / 4, here.bottom)
        end = (there.x - _sign(across) * there.width / 4, there.top - 4)
        bend = (end[1] - start[1]) * 0.6
        return Curve(start, (start[0], start[1] + bend), (end[0], end[1] - bend), end)

    def _arcs(self) -> Iterator[tuple[Transition, str, Curve]]:
        top = min(box.top for box in self.boxes.values())
        low = max(box.bottom for box in self.boxes.values())
        for side, edge_of_all, steps in ((-1, top, self.plan.above), (1, low, self.plan.below)):
            lane = edge_of_all + side * (LANE - 6)
            order = sorted(steps, key=lambda one: abs(self.column[one[0].to] - self.column[one[1]]))
            ports = _ports(order, self.boxes)
            for step, source in order:
                lane += side * 12 if source == step.to else 0
                yield step, source, self._arc(step, source, side, lane, ports)
                lane += side * LANE

    def _arc(
        self,
        step: Transition,
        source: str,
        side: int,
        lane: float,
        ports: dict[tuple[str, str, str], float],
    ) -> Curve:
        """Return a bow that leaves a box, touches its lane, and comes to the other box."""
        here, there = self.boxes[source], self.boxes[step.to]
        start = (
            ports[step.name, source, "from"],
            here.bottom if side > 0 else here.top,
        )
        end = (
            ports[step.name, source, "to"],
            there.bottom + 4 if side > 0 else there.top - 4,
        )
        middle = (start[1] + end[1]) / 2
        pull = (lane - 0.25 * middle) / 0.75
        return Curve(start, (start[0], pull), (end[0], pull), end)

    def _label(self, curves: Iterable[tuple[Transition, str, Curve]]) -> None:
        taken = list(self.boxes.values())
        for step, source, curve in curves:
            title = self.titles[step.name]
            width = label_width(title, bool(step.guards))
            tries = [
                Rect(*curve.at(t), width, PILL)
                for t in (0.5, 0.44, 0.56, 0.38, 0.62, 0.32, 0.68, 0.25, 0.75, 0.18, 0.82)
            ]
            label = min(tries, key=lambda one: round(sum(one.hidden_by(other) for other in taken)))
            taken.append(label)
            kind = kind_of(self.workflow, step, source)
            self.edges.append(Edge(step, source, title, kind, curve, label))


def _sign(number: float) -> int:
    return (number > 0) - (number < 0)


def _box_width(state: State, names: dict[str, str]) -> float:
    return round(max(128, len(names[state.name]) * NAME_LETTER + 40), 1)


def _upright(here: Rect, there: Rect, both: bool) -> Curve:
    """Return the way between two states of one column: down, or round what stands between."""
    down = there.y > here.y
    if abs(there.y - here.y) <= ROW:
        shift = (-here.width / 4 if down else here.width / 4) if both else 0
        start = (here.x + shift, here.bottom if down else here.top)
        return Curve.line(start, (there.x + shift, there.top - 4 if down else there.bottom + 4))
    reach = here.right + 40 + abs(there.y - here.y) / 8
    lift = 14 if down else -14
    return Curve(
        (here.right, here.y + lift),
        (reach, here.y + lift),
        (reach, there.y - lift),
        (there.right + 4, there.y - lift),
    )


def _ports(
    steps: list[tuple[Transition, str]], boxes: dict[str, Rect]
) -> dict[tuple[str, str, str], float]:
    """Return where arcs begin and end on the edges of their boxes, so that none crosses another.

    Seen from a box, the arc of the innermost lane is nearest to where it goes; a loop takes the
    place that is left.
    """
    ends: dict[str, list[tuple[float, int, tuple[str, str, str]]]] = {}
    for lane, (step, source) in enumerate(steps):
        for name, other, which in ((source, step.to, "from"), (step.to, source, "to")):
            across = _sign(boxes[other].x - boxes[name].x)
            loop = (0.5 if which == "from" else 0.4) if name == other else 0
            rank = across * (len(steps) - lane) + loop - (0.5 if name == other else 0)
            ends.setdefault(name, []).append((rank, lane, (step.name, source, which)))
    found: dict[tuple[str, str, str], float] = {}
    for name, those in ends.items():
        box = boxes[name]
        space = min(26, (box.width - 24) / max(len(those) - 1, 1))
        for place, (_rank, _lane, key) in enumerate(sorted(those)):
            found[key] = box.x + (place - (len(those) - 1) / 2) * space
    return found


def _moved(
    boxes: dict[str, Rect], edges: list[Edge], down: float, width: float, height: float
) -> Drawing:
    def rect(one: Rect) -> Rect:
        return Rect(one.x, one.y + down, one.width, one.height)

    def point(one: Point) -> Point:
        return one[0], one[1] + down

    return Drawing(
        width=round(width),
        height=round(height),
        boxes={name: rect(box) for name, box in boxes.items()},
        edges=tuple(
            Edge(
                edge.transition,
                edge.source,
                edge.title,
                edge.kind,
                Curve(
                    point(edge.curve.start),
                    point(edge.curve.first),
                    point(edge.curve.second),
                    point(edge.curve.end),
                ),
                rect(edge.label),
            )
            for edge in edges
        ),
    )
