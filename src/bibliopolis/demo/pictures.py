"""The pictures of the demo's pages: scenes of a city made of books, drawn when the demo is loaded.

Nothing is taken from anywhere. The same name gives the same picture on every machine.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from bibliopolis.demo.canvas import COLOURS, Board
from bibliopolis.demo.scenes import indoors, nature, town

Scene = Callable[[Board, Random], None]

SCENES: dict[str, Scene] = {
    "arrival": indoors.arrival,
    "boats": nature.boats,
    "bridge": town.bridge,
    "embankment": town.embankment,
    "leaves": nature.leaves,
    "music": indoors.music,
    "plan": town.plan,
    "shelf": indoors.shelf,
    "sky": town.sky,
    "steppe": nature.steppe,
    "windows": indoors.windows,
    "winter": nature.winter,
}


def draw(name: str, scene: str, colours: str) -> bytes:
    """Return the picture of a scene in some colours; its chances follow from its name."""
    board = Board(COLOURS[colours])
    SCENES[scene](board, Random(name))
    return board.png()
