"""Draw a workflow as SVG, from its declaration alone.

Geometry is in attributes and colour in classes, so that the sheet of the site serves light, dark
and print; a copy to take away carries a small sheet of its own. Under a right-to-left page the
drawing runs from right to left.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from bibliopolis.i18n import _

from .geometry import Curve, Rect
from .layout import BOX, MARGIN, START, Drawing, Edge, lay_out
from .model import Mark, State, Workflow

CLASSES = {
    Mark.DRAFT: "is-draft",
    Mark.REVIEW: "is-review",
    Mark.LIVE: "is-pub",
    Mark.TRANSIT: "is-tr",
    Mark.DONE: "is-end",
    Mark.ENDED: "is-end",
}
EDGES = {"forward": "s-f-edge", "back": "s-f-edge is-back", "bad": "s-f-edge is-bad"}

# Wider drawings would have letters too small to read: they keep their size and scroll.
WIDE = 1120

SHEET = """
svg { font-family: Golos Text, system-ui, sans-serif; background: #fff; }
.s-f-edge { fill: none; stroke: #4a5068; stroke-width: 1.75; }
.s-f-edge.is-back { stroke-dasharray: 6 4; } .s-f-edge.is-bad { stroke: #9c3f2b; }
.s-f-edge.is-start { stroke-width: 2.5; } .s-f-head { fill: context-stroke; }
.s-f-state rect { fill: #fff; stroke: #4a5068; stroke-width: 2; }
.s-f-state.is-review rect { stroke: #8a6a1c; fill: #f1ece1; }
.s-f-state.is-pub rect { stroke: #2c6e4f; fill: #e4f1ea; }
.s-f-state.is-tr rect { stroke: #9c3f2b; fill: #f8e9e4; }
.s-f-state.is-end .s-f-inner { fill: none; stroke-width: 1; }
.s-f-name { font-size: 16px; font-weight: 600; text-anchor: middle; }
.s-f-sub { font-size: 12px; text-anchor: middle; fill: #4a5068; }
.s-f-lab rect { fill: #fff; stroke: #a9a59b; }
.s-f-lab text { font-size: 13px; text-anchor: middle; } .s-f-guard { fill: #8a6a1c; }
"""

Translate = Callable[[Any], str]


def draw(
    workflow: Workflow,
    translate: Translate,
    *,
    right_to_left: bool = False,
    alone: bool = False,
) -> str:
    """Return the SVG of a workflow; ``alone`` makes a file that needs no sheet of the site."""
    titles = {step.name: translate(step.title) for step in workflow.transitions.values()}
    names = {state.name: translate(state.title) for state in workflow.states.values()}
    drawing = lay_out(workflow, titles, names)
    return _Pen(workflow, drawing, names, translate, right_to_left, alone).svg()


class _Pen:
    def __init__(
        self,
        workflow: Workflow,
        drawing: Drawing,
        names: dict[str, str],
        translate: Translate,
        right_to_left: bool,
        alone: bool,
    ) -> None:
        self.workflow = workflow
        self.drawing = drawing
        self.names = names
        self.translate = translate
        self.mirrored = right_to_left
        self.alone = alone
        self.id = f"wf-{workflow.name}"

    def svg(self) -> str:
        """Return the whole drawing: lines first, then states, then labels on top."""
        width, height = _n(self.drawing.width), _n(self.drawing.height)
        size = f'width="{width}" height="{height}" ' if self.alone else ""
        css = "s-flow is-wide" if self.drawing.width > WIDE else "s-flow"
        head = (
            f'<svg class="{css}" xmlns="http://www.w3.org/2000/svg" '
            f'viewBox="0 0 {width} {height}" {size}'
            f'direction="{"rtl" if self.mirrored else "ltr"}" '
            f'role="img" aria-labelledby="{self.id}-t {self.id}-d">'
        )
        sheet = f"<style>{SHEET}</style>" if self.alone else ""
        parts = [
            head,
            self._words(),
            sheet,
            self._arrow(),
            self._start(),
            *(self._edge(edge) for edge in self.drawing.edges),
            *(self._state(state) for state in self.workflow.states.values()),
            *(self._label(edge) for edge in self.drawing.edges),
            "</svg>",
        ]
        return "".join(parts)

    def _words(self) -> str:
        """Return title and description: what the drawing says, for those who cannot see it."""
        title = self.translate(
            _("Workflow “${title}”", mapping={"title": self.translate(self.workflow.title)})
        )
        steps = "; ".join(
            self.translate(
                _(
                    "${step}: from “${source}” to “${target}”",
                    mapping={
                        "step": edge.title,
                        "source": self.names[edge.source],
                        "target": self.names[edge.transition.to],
                    },
                )
            )
            for edge in self.drawing.edges
        )
        return (
            f'<title id="{self.id}-t">{escape(title)}</title>'
            f'<desc id="{self.id}-d">{escape(steps)}</desc>'
        )

    def _arrow(self) -> str:
        return (
            f'<defs><marker id="{self.id}-a" viewBox="0 0 10 10" refX="9" refY="5" '
            'markerUnits="userSpaceOnUse" markerWidth="12" markerHeight="12" orient="auto">'
            '<path class="s-f-head" d="M0 0 10 5 0 10z"/></marker></defs>'
        )

    def _start(self) -> str:
        box = self.drawing.boxes[self.workflow.initial]
        curve = Curve.line((box.left - START + MARGIN, box.y), (box.left - 4, box.y))
        return self._path("s-f-edge is-start", curve)

    def _edge(self, edge: Edge) -> str:
        return self._path(EDGES[edge.kind], edge.curve)

    def _path(self, css: str, curve: Curve) -> str:
        start, first, second, end = (
            f"{_n(self._x(x))} {_n(y)}"
            for x, y in (curve.start, curve.first, curve.second, curve.end)
        )
        return (
            f'<path class="{css}" d="M{start}C{first} {second} {end}" '
            f'marker-end="url(#{self.id}-a)"/>'
        )

    def _state(self, state: State) -> str:
        box = self.drawing.boxes[state.name]
        round_ = BOX / 2 if state.final else 9
        inner = ""
        if state.final:
            inside = Rect(box.x, box.y, box.width - 8, box.height - 8)
            inner = self._rect(inside, round_ - 4, "s-f-inner")
        first = state.name == self.workflow.initial
        name = f'<text class="s-f-name" {self._at(box.x, box.y + (0 if first else 6))}>'
        below = ""
        if first:
            word = escape(self.translate(_("beginning")))
            below = f'<text class="s-f-sub" {self._at(box.x, box.y + 16)}>{word}</text>'
        return (
            f'<g class="s-f-state {CLASSES[state.mark]}">{self._rect(box, round_)}{inner}'
            f"{name}{escape(self.names[state.name])}</text>{below}</g>"
        )

    def _label(self, edge: Edge) -> str:
        label = edge.label
        guarded = bool(edge.transition.guards)
        text_x = label.x - (9 if guarded else 0)
        shield = ""
        if guarded:
            x = self._x(label.right - 14) - 5
            shield = (
                f'<path class="s-f-guard" d="M{_n(x)} {_n(label.y - 6)}'
                'h10v4c0 4-3 6-5 7-2-1-5-3-5-7z"/>'
            )
        return (
            f'<g class="s-f-lab">{self._rect(label, 11)}'
            f"<text {self._at(text_x, label.y + 4.5)}>{escape(edge.title)}</text>{shield}</g>"
        )

    def _rect(self, box: Rect, round_: float, css: str = "") -> str:
        left = self._x(box.x) - box.width / 2
        return (
            f"<rect {f'class={quoteattr(css)} ' if css else ''}"
            f'x="{_n(left)}" y="{_n(box.top)}" width="{_n(box.width)}" '
            f'height="{_n(box.height)}" rx="{_n(round_)}"/>'
        )

    def _at(self, x: float, y: float) -> str:
        return f'x="{_n(self._x(x))}" y="{_n(y)}"'

    def _x(self, x: float) -> float:
        return self.drawing.width - x if self.mirrored else x


def _n(number: float) -> str:
    """Return a number as SVG likes it: short, without a useless fraction."""
    return f"{number:.1f}".removesuffix(".0")
