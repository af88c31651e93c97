"""A small drawing board: flat shapes in the portal's colours, made without any picture file.

Coordinates are those of a sheet 160 wide and 90 high, so that a scene can be read as one reads a
drawing on squared paper.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import NamedTuple

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 160, 90
DOTS = 8
"""Dots to a unit of the finished picture: 1280 × 720."""
FINER = 2
"""The board is so many times finer than the picture; that makes edges smooth."""

Point = tuple[float, float]


class Colours(NamedTuple):
    """The colours of a scene, from the sky to the strongest accent."""

    sky: str
    far: str
    near: str
    ground: str
    light: str
    accent: str


COLOURS = {
    "dusk": Colours("#2b3a5e", "#475a86", "#1c2641", "#131b30", "#f1c76f", "#df9a6f"),
    "noon": Colours("#bfd6de", "#8fb3c1", "#1f5069", "#153d52", "#fbf6ea", "#dba648"),
    "brick": Colours("#f2d9b6", "#df9a6f", "#9c3f28", "#6f2a1a", "#fdf3e4", "#1b4d66"),
    "moss": Colours("#dfe8d2", "#8fb592", "#2d5946", "#1d3f31", "#fdf1d6", "#c4633f"),
    "ochre": Colours("#f6dfae", "#dba648", "#8c4a1e", "#5f3012", "#fdf6e6", "#9c3f28"),
    "plum": Colours("#e9cfd3", "#c088a5", "#53304f", "#3a1f38", "#fbf0ea", "#dba648"),
    "frost": Colours("#dbe6ea", "#b9ccd4", "#5f7f92", "#f7f8f6", "#fbf6ea", "#c8616a"),
    "river": Colours("#f2e7d2", "#a9c3c9", "#1b4d66", "#12384c", "#f3dfb4", "#a9482e"),
}


class Board:
    """What scenes draw on."""

    def __init__(self, colours: Colours) -> None:
        self.colours = colours
        self._unit = DOTS * FINER
        size = (WIDTH * self._unit, HEIGHT * self._unit)
        self._image = Image.new("RGB", size, colours.sky)
        self._draw = ImageDraw.Draw(self._image)

    def _dots(self, points: Iterable[Point]) -> list[Point]:
        return [(x * self._unit, y * self._unit) for x, y in points]

    def box(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """Fill a rectangle given by its upper corner and its size."""
        self.shape([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], colour)

    def shape(self, points: Sequence[Point], colour: str) -> None:
        """Fill a polygon."""
        self._draw.polygon(self._dots(points), fill=colour)

    def disc(self, x: float, y: float, radius: float, colour: str) -> None:
        """Fill a circle."""
        corners = self._dots([(x - radius, y - radius), (x + radius, y + radius)])
        self._draw.ellipse(corners, fill=colour)

    def ring(self, x: float, y: float, across: Point, width: float, colour: str) -> None:
        """Draw an ellipse; ``across`` are its two radii."""
        corners = self._dots([(x - across[0], y - across[1]), (x + across[0], y + across[1])])
        self._draw.ellipse(corners, outline=colour, width=round(width * self._unit))

    def line(self, points: Sequence[Point], width: float, colour: str) -> None:
        """Draw a line through the points, with round joints."""
        thick = round(width * self._unit)
        self._draw.line(self._dots(points), fill=colour, width=thick, joint="curve")

    def wave(self, y: float, swing: float, length: float, colour: str, shift: float = 0.0) -> None:
        """Fill everything below a wavy line."""
        line = [
            (x / 2, y + swing * math.sin((x / 2 + shift) * math.tau / length))
            for x in range(-2, WIDTH * 2 + 3)
        ]
        self.shape([*line, (WIDTH + 1, HEIGHT), (-1, HEIGHT)], colour)

    def arch(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """Fill an opening with a round top; ``y`` is its foot."""
        radius = width / 2
        self.box(x, y - height + radius, width, height - radius, colour)
        self.disc(x + radius, y - height + radius, radius, colour)

    def png(self) -> bytes:
        """Return the picture, smoothed."""
        out = BytesIO()
        self._image.reduce(FINER).save(out, "PNG")
        return out.getvalue()
