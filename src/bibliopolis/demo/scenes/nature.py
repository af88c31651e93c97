"""Scenes of snow, steppe, sea and gardens."""

from __future__ import annotations

import math
from random import Random

from bibliopolis.demo.canvas import HEIGHT, WIDTH, Board


def winter(board: Board, chance: Random) -> None:
    """Draw a park in the snow, with a lit house behind the trees."""
    colours = board.colours
    board.disc(126, 20, 8, colours.light)
    board.wave(60, 5, 120, colours.far, shift=20)
    board.box(60, 42, 30, 22, colours.near)
    board.shape([(57, 43), (75, 29), (93, 43)], colours.accent)
    for x in (64, 72.5, 81):
        board.box(x, 48, 5, 7, colours.light)
    board.wave(66, 3, 90, colours.ground)
    for x in (8, 24, 40, 106, 122, 140, 154):
        height = chance.uniform(20, 34)
        foot = 70 + chance.uniform(-2, 6)
        board.box(x - 0.6, foot - 6, 1.2, 6, colours.near)
        for part in range(3):
            wide = (3 - part) * 2.4 + 1.6
            top = foot - 4 - (part + 1) * height / 3.4
            board.shape(
                [(x - wide, top + height / 2.6), (x, top), (x + wide, top + height / 2.6)],
                colours.near,
            )
            board.shape(
                [
                    (x - wide * 0.45, top + height / 5.6),
                    (x, top),
                    (x + wide * 0.45, top + height / 5.6),
                ],
                colours.light,
            )
    board.wave(78, 2, 70, colours.light, shift=30)
    for _flake in range(120):
        x, y = chance.uniform(0, WIDTH), chance.uniform(0, 78)
        board.disc(x, y, chance.uniform(0.25, 0.75), colours.light)


def steppe(board: Board, chance: Random) -> None:
    """Draw a caravan under a large sun, between mountains and dunes."""
    colours = board.colours
    board.disc(112, 34, 17, colours.light)
    peaks = [
        (0, 56.0),
        *((x, 30 + chance.uniform(0, 22)) for x in range(8, WIDTH, 13)),
        (WIDTH, 52.0),
    ]
    board.shape([*peaks, (WIDTH, HEIGHT), (0, HEIGHT)], colours.far)
    board.wave(60, 4, 110, colours.accent, shift=10)
    for number in range(4):
        _camel(board, 36 + number * 19, 63 + 1.8 * math.sin(number))
    board.wave(67, 3, 80, colours.near, shift=55)
    board.wave(78, 3, 100, colours.ground, shift=5)


def _camel(board: Board, x: float, foot: float) -> None:
    """Draw a camel that carries books; ``x`` is where its load is."""
    colour = board.colours.ground
    for leg in (-4, -2.6, 2.6, 4):
        board.box(x + leg - 0.45, foot - 6, 0.9, 9, colour)
    board.shape(
        [
            (x - 5, foot - 5),
            (x - 5, foot - 8),
            (x - 3, foot - 11),
            (x - 1, foot - 8.6),
            (x + 1, foot - 8.6),
            (x + 3, foot - 11),
            (x + 5, foot - 8),
            (x + 5, foot - 5),
        ],
        colour,
    )
    board.line([(x + 4.6, foot - 6.6), (x + 7.4, foot - 7.4), (x + 8.2, foot - 11.6)], 1.3, colour)
    board.shape(
        [
            (x + 7.6, foot - 12.8),
            (x + 10.8, foot - 11.8),
            (x + 10.4, foot - 10.8),
            (x + 7.6, foot - 11),
        ],
        colour,
    )
    for number, tone in enumerate((board.colours.light, board.colours.accent, board.colours.far)):
        board.box(x - 2.2, foot - 10.4 - number * 1.4, 4.4, 1.3, tone)


def leaves(board: Board, chance: Random) -> None:
    """Draw plants that grow out of an open book, and birds above them."""
    colours = board.colours
    board.disc(124, 22, 10, colours.light)
    for stem in range(9):
        x, top = 34 + stem * 11.5, chance.uniform(16, 42)
        lean = (stem - 4) * 1.6
        board.line([(x * 0.55 + 36, 74), (x, top)], 0.7, colours.near)
        for number in range(5):
            share = 0.25 + number * 0.16
            px, py = (x * 0.55 + 36) + (x - x * 0.55 - 36) * share, 74 + (top - 74) * share
            for side in (-1, 1):
                tip = (px + side * 5.4 + lean * 0.3, py - 4.4)
                tone = (
                    colours.accent
                    if (stem + number) % 5 == 0
                    else colours.near
                    if stem % 2
                    else colours.far
                )
                board.shape(
                    [(px, py), (px + side * 1.4, py - 3.6), tip, (px + side * 4, py - 0.6)], tone
                )
    for x, y in ((26, 18), (38, 12), (142, 40)):
        board.line(
            [(x - 4, y - 1.6), (x - 1.6, y - 2.4), (x, y), (x + 1.6, y - 2.4), (x + 4, y - 1.6)],
            0.4,
            colours.ground,
        )
    board.shape(
        [
            (34, 70),
            (57, 66),
            (80, 72),
            (103, 66),
            (126, 70),
            (126, 78),
            (103, 74),
            (80, 80),
            (57, 74),
            (34, 78),
        ],
        colours.light,
    )
    board.shape(
        [
            (34, 78),
            (57, 74),
            (80, 80),
            (103, 74),
            (126, 78),
            (126, 81),
            (103, 77),
            (80, 83),
            (57, 77),
            (34, 81),
        ],
        colours.accent,
    )
    board.line([(80, 72), (80, 80)], 0.5, colours.near)


def boats(board: Board, chance: Random) -> None:
    """Draw paper boats on the waves below a lighthouse."""
    colours = board.colours
    board.disc(36, 26, 11, colours.light)
    board.shape([(123, 62), (125.5, 22), (136.5, 22), (139, 62)], colours.light)
    for number in range(3):
        share = 6 + number * 13
        wide = share / 16
        board.shape(
            [
                (125.1 - wide, 26 + share),
                (136.9 + wide, 26 + share),
                (137.2 + wide, 32 + share),
                (124.8 - wide, 32 + share),
            ],
            colours.accent,
        )
    board.box(126.5, 14, 9, 8, colours.ground)
    board.shape([(125, 14), (131, 8.5), (137, 14)], colours.accent)
    board.shape([(126.5, 16), (126.5, 20), (84, 27), (84, 10)], colours.light)
    board.wave(58, 1.6, 26, colours.far)
    for x, foot, size in ((30, 66, 1.2), (66, 61, 0.8), (96, 70, 1.5)):
        sail = [
            (x, foot - 13 * size),
            (x - 6 * size, foot - 3 * size),
            (x + 6 * size, foot - 3 * size),
        ]
        board.shape(sail, colours.light)
        hull = [
            (x - 12 * size, foot - 5 * size),
            (x + 12 * size, foot - 5 * size),
            (x + 7 * size, foot + 2 * size),
            (x - 7 * size, foot + 2 * size),
        ]
        board.shape(hull, colours.accent)
    board.wave(68, 1.8, 30, colours.near, shift=9)
    board.wave(76, 1.8, 34, colours.ground, shift=20)
