"""Rectangles and curves: the little geometry a drawing needs."""

from __future__ import annotations

from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True)
class Rect:
    """A rectangle by its middle."""

    x: float
    y: float
    width: float
    height: float

    @property
    def left(self) -> float:
        """Return the left edge."""
        return self.x - self.width / 2

    @property
    def right(self) -> float:
        """Return the right edge."""
        return self.x + self.width / 2

    @property
    def top(self) -> float:
        """Return the upper edge."""
        return self.y - self.height / 2

    @property
    def bottom(self) -> float:
        """Return the lower edge."""
        return self.y + self.height / 2

    def hidden_by(self, other: Rect, space: float = 3) -> float:
        """Return the area the two share, with a little space round them."""
        across = min(self.right, other.right) - max(self.left, other.left) + space
        down = min(self.bottom, other.bottom) - max(self.top, other.top) + space
        return max(across, 0) * max(down, 0)


@dataclass(frozen=True)
class Curve:
    """A cubic curve; a straight line is one whose middle points lie on it."""

    start: Point
    first: Point
    second: Point
    end: Point

    @classmethod
    def line(cls, start: Point, end: Point) -> Curve:
        """Return a straight line."""
        third = ((end[0] - start[0]) / 3, (end[1] - start[1]) / 3)
        first = (start[0] + third[0], start[1] + third[1])
        return cls(start, first, (end[0] - third[0], end[1] - third[1]), end)

    def at(self, t: float) -> Point:
        """Return the point a part of the way along."""
        s = 1 - t
        parts = (s**3, 3 * s * s * t, 3 * s * t * t, t**3)
        points = (self.start, self.first, self.second, self.end)
        x = sum(part * point[0] for part, point in zip(parts, points, strict=True))
        y = sum(part * point[1] for part, point in zip(parts, points, strict=True))
        return x, y
