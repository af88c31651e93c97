"""Scenes in houses: shelves, windows and the door that is open."""

from __future__ import annotations

import math
from random import Random

from bibliopolis.demo.canvas import HEIGHT, WIDTH, Board


def windows(board: Board, chance: Random) -> None:
    """Draw the front of a house in the evening: in each window somebody reads."""
    colours = board.colours
    board.box(0, 0, WIDTH, HEIGHT, colours.near)
    for row, top in enumerate((6, 34, 62)):
        board.box(0, top + 24.4, WIDTH, 1.4, colours.ground)
        for column in range(7):
            left = 5 + column * 22
            lit = (row * 7 + column * 3) % 5 != 0
            board.arch(left - 1.2, top + 23.2, 15.4, 23.2, colours.ground)
            board.arch(left, top + 22, 13, 21, colours.light if lit else colours.far)
            if lit:
                _in_window(board, chance, left, top + 22)
            board.box(left + 6.2, top + 1, 0.6, 21, colours.ground)
            board.box(left, top + 10, 13, 0.6, colours.ground)


def _in_window(board: Board, chance: Random, left: float, foot: float) -> None:
    colours = board.colours
    what = chance.randrange(4)
    if what == 0:  # somebody with a book
        board.disc(left + 4, foot - 8, 2, colours.near)
        board.shape(
            [(left + 1, foot), (left + 2, foot - 6), (left + 6, foot - 6), (left + 7, foot)],
            colours.accent,
        )
        board.shape(
            [
                (left + 6, foot - 4),
                (left + 9, foot - 5),
                (left + 12, foot - 4),
                (left + 9, foot - 3),
            ],
            colours.far,
        )
    elif what == 1:  # a cat
        board.disc(left + 8, foot - 2.2, 2.4, colours.near)
        board.disc(left + 10, foot - 4.6, 1.5, colours.near)
        board.line(
            [(left + 6, foot - 0.8), (left + 3, foot - 0.8), (left + 2.4, foot - 3)],
            0.7,
            colours.near,
        )
    elif what == 2:  # a flower in a pot
        board.shape(
            [(left + 7.5, foot), (left + 7, foot - 3), (left + 11, foot - 3), (left + 10.5, foot)],
            colours.accent,
        )
        for x, y in ((7.4, 6), (9, 8), (10.6, 6)):
            board.line([(left + 9, foot - 3), (left + x, foot - y)], 0.4, colours.near)
            board.disc(left + x, foot - y, 1.1, colours.near)
    else:  # books on the sill
        x = left + 2.0
        while x < left + 11:
            width, height = chance.uniform(0.9, 1.7), chance.uniform(4, 7)
            board.box(
                x,
                foot - height,
                width,
                height,
                chance.choice((colours.near, colours.accent, colours.far)),
            )
            x += width + 0.15


def shelf(board: Board, chance: Random) -> None:
    """Draw two shelves of books, with a lamp and a sleeping cat between them."""
    colours = board.colours
    tones = (colours.near, colours.far, colours.accent, colours.ground, colours.light)
    for foot in (42, 84):
        x = 6.0
        gap = 96 if foot == 42 else 26
        while x < WIDTH - 8:
            if gap <= x < gap + 30:
                x = gap + 30.0
            width, height = chance.uniform(3.4, 7.5), chance.uniform(22, 33)
            tone = chance.choice(tones)
            paint = (
                colours.light
                if tone in (colours.near, colours.ground, colours.accent)
                else colours.near
            )
            board.box(x, foot - height, width, height, tone)
            board.box(x, foot - height + 2.5, width, 0.6, paint)
            board.box(x, foot - 3.5, width, 0.6, paint)
            if chance.random() < 0.5:
                board.box(x + width / 2 - 0.4, foot - height + 6, 0.8, height - 14, paint)
            x += width + 0.25
        board.box(0, foot, WIDTH, 2.4, colours.accent)
    board.box(110.4, 22, 1.2, 20, colours.ground)
    board.box(105, 40.6, 12, 1.4, colours.ground)
    board.shape([(104, 24), (107.5, 13), (114.5, 13), (118, 24)], colours.light)
    board.disc(41, 79, 7, colours.ground)
    board.box(34, 79, 14, 5, colours.ground)
    board.disc(49.5, 78.8, 3.8, colours.ground)
    board.shape([(46.8, 76.4), (47.4, 72.6), (49.6, 75.4)], colours.ground)
    board.shape([(50, 75.2), (52.4, 72.8), (52.8, 76.8)], colours.ground)
    board.line([(48.2, 79.4), (49.2, 80), (50.2, 79.4)], 0.4, colours.light)


def arrival(board: Board, chance: Random) -> None:
    """Draw a door open to the evening street, and the way in laid out as steps of books."""
    colours = board.colours
    board.box(0, 0, WIDTH, HEIGHT, colours.near)
    for x in (10, 118):
        board.arch(x, 58, 32, 46, colours.ground)
        board.arch(x + 2, 58, 28, 43, colours.far)
        left = x + 3.5
        while left < x + 27:
            width, height = chance.uniform(2, 3.4), chance.uniform(12, 24)
            board.box(
                left,
                58 - height,
                width,
                height,
                chance.choice((colours.accent, colours.light, colours.near)),
            )
            left += width + 0.3
        board.box(x - 1, 58, 34, 2, colours.accent)
    board.arch(54, 74, 52, 70, colours.ground)
    board.arch(57, 74, 46, 66, colours.light)
    board.shape([(57, 74), (103, 74), (122, HEIGHT), (38, HEIGHT)], colours.light)
    for number, tone in enumerate((colours.accent, colours.far, colours.near)):
        board.box(60 - number * 3, 71 + number * 5, 40 + number * 6, 3.6, tone)
        board.box(62 - number * 3, 71.8 + number * 5, 3, 2, colours.light)
    for x, size, tone in (
        (72, 1.0, colours.accent),
        (82, 1.15, colours.near),
        (90, 0.7, colours.far),
    ):
        foot = 70
        board.disc(x, foot - 19 * size, 2.6 * size, colours.ground)
        board.shape(
            [
                (x - 3.4 * size, foot),
                (x - 2.6 * size, foot - 16 * size),
                (x + 2.6 * size, foot - 16 * size),
                (x + 3.4 * size, foot),
            ],
            tone,
        )


def music(board: Board, chance: Random) -> None:
    """Draw a record with its grooves, and sound rising beside it."""
    colours = board.colours
    board.disc(56, 47, 36, colours.ground)
    for radius in range(14, 35, 3):
        board.ring(56, 47, (radius, radius), 0.25, colours.near)
    board.disc(56, 47, 12, colours.accent)
    board.disc(56, 47, 8, colours.light)
    board.disc(56, 47, 1.4, colours.ground)
    board.line([(98, 12), (98, 30), (78, 52)], 1.6, colours.near)
    board.disc(98, 12, 3.4, colours.near)
    board.line([(79, 49), (75, 56)], 3.4, colours.near)
    for number in range(11):
        height = 10 + 24 * abs(math.sin(number * 0.9)) + chance.uniform(0, 10)
        tone = colours.accent if number % 3 == 1 else colours.near
        board.box(108 + number * 4.4, 62 - height, 2.6, height * 1.3, tone)
