"""Scenes of the city: houses that are books, the river and its bridges."""

from __future__ import annotations

from random import Random

from bibliopolis.demo.canvas import HEIGHT, WIDTH, Board


def _houses(board: Board, chance: Random, foot: float, lowest: float, highest: float) -> None:
    """Put spines of books side by side as a row of houses, some windows of which are lit."""
    colours = board.colours
    tones = (colours.near, colours.far, colours.accent, colours.ground, colours.near)
    x, before = -2.0, ""
    while x < WIDTH:
        width, height = chance.uniform(5, 10), chance.uniform(lowest, highest)
        tone = chance.choice([one for one in tones if one != before])
        before = tone
        board.box(x, foot - height, width, height, tone)
        paint = colours.light if tone != colours.light else colours.near
        if chance.random() < 0.45:
            board.box(x, foot - height + 2.4, width, 0.7, paint)
            board.box(x, foot - 3.4, width, 0.7, paint)
        else:
            _windows(board, chance, x, foot - height, width, height)
        x += width + 0.25


def _windows(
    board: Board, chance: Random, x: float, top: float, width: float, height: float
) -> None:
    columns = max(2, int(width // 2.6))
    step = width / columns
    for row in range(int((height - 4) // 4)):
        for column in range(columns):
            lit = chance.random() < 0.4
            colour = board.colours.light if lit else board.colours.sky
            left = x + column * step + step * 0.28
            board.box(left, top + 3 + row * 4, step * 0.44, 2.1, colour)


def _river(board: Board, top: float) -> None:
    """Lay the river along the foot of a scene, with the light of the sky on it."""
    colours = board.colours
    board.box(0, top - 1.2, WIDTH, 1.2, colours.accent)
    board.box(0, top, WIDTH, HEIGHT - top, colours.ground)
    for number in range(5):
        board.wave(top + 4 + number * 3.4, 0.5, 20 + number, colours.near, shift=number * 7.0)
        board.wave(top + 4.9 + number * 3.4, 0.5, 20 + number, colours.ground, shift=number * 7.0)


def embankment(board: Board, chance: Random) -> None:
    """Draw the city seen across the river."""
    board.disc(118, 24, 9, board.colours.light)
    _houses(board, chance, 64, 16, 34)
    spire = board.colours.accent
    board.shape(
        [(46, 64), (46, 34), (49, 30), (50.2, 10), (51.4, 30), (54.4, 34), (54.4, 64)], spire
    )
    board.box(44, 44, 12.4, 20, spire)
    board.arch(48.2, 64, 4, 9, board.colours.ground)
    _river(board, 65)


def bridge(board: Board, chance: Random) -> None:
    """Draw a raised bridge that is an open book, with the sun between its halves."""
    colours = board.colours
    board.disc(80, 22, 8, colours.accent)
    _houses(board, chance, 62, 10, 20)
    board.box(48, 0, 64, 62, colours.sky)
    board.disc(80, 24, 8, colours.accent)
    for side in (-1, 1):
        foot = 80 + side * 30

        def at(x: float, y: float, foot: float = foot, side: int = side) -> tuple[float, float]:
            return foot - side * x, y

        board.shape([at(-4, 62), at(5, 62), at(25, 27), at(21, 24.6)], colours.near)
        board.shape([at(5, 62), at(7.4, 62), at(26.6, 28.4), at(25, 27)], colours.light)
        board.shape([at(7.4, 62), at(8.4, 62), at(27.2, 29), at(26.6, 28.4)], colours.accent)
        board.box(min(at(-12, 0)[0], at(2, 0)[0]), 54, 14, 12, colours.ground)
        board.box(min(at(-14, 0)[0], at(4, 0)[0]), 52, 18, 2, colours.accent)
    _river(board, 65)


def plan(board: Board, chance: Random) -> None:
    """Draw a plan of the city: blocks, canals, and pins where libraries are."""
    colours = board.colours
    for column in range(12):
        for row in range(7):
            if chance.random() < 0.12:
                continue
            tone = chance.choice((colours.light, colours.light, colours.far))
            board.box(3 + column * 13.2, 3 + row * 12.6, 11.4, 10.8, tone)
    board.line([(-4, 64), (36, 58), (70, 66), (104, 50), (134, 54), (166, 36)], 11, colours.near)
    board.line([(58, -4), (62, 30), (50, 62)], 4, colours.near)
    board.line([(118, 52), (112, 96)], 4, colours.near)
    for x, y in ((30, 30), (82, 24), (126, 26), (86, 78), (140, 76), (22, 80)):
        board.shape([(x - 3.6, y - 7), (x + 3.6, y - 7), (x, y)], colours.accent)
        board.disc(x, y - 8.6, 4, colours.accent)
        board.disc(x, y - 8.6, 1.7, colours.light)


def sky(board: Board, chance: Random) -> None:
    """Draw a telescope on a roof below orbits and stars."""
    colours = board.colours
    for _star in range(90):
        board.disc(
            chance.uniform(0, WIDTH), chance.uniform(0, 66), chance.uniform(0.2, 0.7), colours.light
        )
    for number in range(4):
        board.ring(104, 30, (16 + number * 12, 7 + number * 6), 0.4, colours.far)
    board.disc(104, 30, 7, colours.accent)
    for x, y, radius in ((122, 34, 2.2), (84, 40, 3), (134, 16, 1.7), (66, 20, 2.4)):
        board.disc(x, y, radius, colours.light)
    _houses(board, chance, HEIGHT, 8, 17)
    board.line([(38, 80), (44, 62), (50, 80)], 1.2, colours.ground)
    board.line([(44, 63), (44, 80)], 1.2, colours.ground)
    board.line([(36, 70), (57, 51)], 4.4, colours.accent)
    board.line([(54, 54), (60, 48.4)], 5.6, colours.ground)
