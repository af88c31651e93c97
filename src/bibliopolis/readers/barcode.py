"""Code 128: a card number as bars, for the scanner at the desk (ISO/IEC 15417)."""

from __future__ import annotations

from dataclasses import dataclass

# The widths of bars and spaces, by the value of the symbol; the last one ends the code.
WIDTHS = """
212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232
122132 122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122
321221 312212 322112 322211 212123 212321 232121 111323 131123 131321 112313 132113 132311
211313 231113 231311 112133 112331 132131 113123 113321 133121 313121 211331 231131 213113
213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 111422
121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111
241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121
412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412
211214 211232 2331112
""".split()  # noqa: SIM905
SWITCH_TO_C, SWITCH_TO_B, START_B, START_C, STOP = 99, 100, 104, 105, 106
QUIET = 10
"""So many modules beside the bars stay white, or scanners do not see where they begin."""


@dataclass(frozen=True)
class Barcode:
    """Bars as the path of an SVG whose view is ``width`` by one."""

    path: str
    width: int


def barcode(text: str) -> Barcode | None:
    """Return a text as bars, or None where it has letters that Code 128 has not."""
    if not text or any(not " " <= letter <= "~" for letter in text):
        return None
    position, bars = QUIET, []
    for symbol in symbols(text):
        for index, letter in enumerate(WIDTHS[symbol]):
            if index % 2 == 0:
                bars.append(f"M{position} 0h{letter}v1h-{letter}z")
            position += int(letter)
    return Barcode("".join(bars), position + QUIET)


def symbols(text: str) -> list[int]:
    """Return the values of the symbols: digits in pairs where that is shorter, and the check."""
    values: list[int] = []
    in_pairs = False
    while text:
        digits = len(text) - len(text.lstrip("0123456789"))
        pairs = digits >= (2 if in_pairs else 4) and (in_pairs or digits % 2 == 0)
        if not values:
            values.append(START_C if pairs else START_B)
        elif pairs != in_pairs:
            values.append(SWITCH_TO_C if pairs else SWITCH_TO_B)
        in_pairs = pairs
        taken, text = (text[:2], text[2:]) if pairs else (text[:1], text[1:])
        values.append(int(taken) if pairs else ord(taken) - 32)
    check = values[0] + sum(place * value for place, value in enumerate(values[1:], 1))
    return [*values, check % 103, STOP]
