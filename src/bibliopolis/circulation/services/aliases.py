"""What stands on a slip instead of the reader's name: two letters and three digits."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Any

from bibliopolis.secret import site_secret

LETTERS = "ABCEHKMPTXY"
"""Capitals that look the same in Latin and in Cyrillic; without O, which looks like a zero."""

_SAME_IN_CYRILLIC = str.maketrans("АВСЕНКМРТХУ", LETTERS)
_WRITTEN = re.compile(rf"([{LETTERS}]{{2}})(\d{{3}})([{LETTERS}]{{0,4}})")
_PAIRS, _NUMBERS = len(LETTERS) ** 2, 1000
_SERIES = _PAIRS * _NUMBERS
_ROUNDS = 8


class Aliases:
    """Turn the number of a hold into its alias with the secret of the site, and back.

    One hold has one alias and the other way round, so that two never lie on a shelf under the
    same. Within a series of 121 000 holds the order is shuffled, by a Feistel network between the
    letters and the digits whose rounds are keyed with the secret (NIST SP 800-38G describes the
    method): no alias tells who, when or which hold. From the second series on a letter follows.
    """

    def __init__(self, secret: str) -> None:
        self.secret = secret.encode()

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Aliases:
        """Make it for a request."""
        return cls(site_secret(request.registry["bibliopolis.settings"]))

    def of(self, hold_id: int) -> str:
        """Return the alias of a hold, such as ``KT 477``."""
        series, place = divmod(hold_id, _SERIES)
        pair, number = divmod(place, _NUMBERS)
        for step in range(_ROUNDS):
            if step % 2:
                number = (number + self._key(series, step, pair)) % _NUMBERS
            else:
                pair = (pair + self._key(series, step, number)) % _PAIRS
        first, second = divmod(pair, len(LETTERS))
        said = f"{LETTERS[first]}{LETTERS[second]} {number:03}"
        return f"{said} {_letters(series)}" if series else said

    def hold_id(self, typed: str) -> int | None:
        """Return which hold an alias is of, however it is typed; None if it is no alias.

        Small letters, Cyrillic ones, and without spaces or with hyphens are all the same.
        """
        plain = re.sub(r"[\s-]", "", typed).upper().translate(_SAME_IN_CYRILLIC)
        read = _WRITTEN.fullmatch(plain)
        if read is None:
            return None
        first, second = (LETTERS.index(letter) for letter in read[1])
        pair, number, series = first * len(LETTERS) + second, int(read[2]), _series(read[3])
        for step in reversed(range(_ROUNDS)):
            if step % 2:
                number = (number - self._key(series, step, pair)) % _NUMBERS
            else:
                pair = (pair - self._key(series, step, number)) % _PAIRS
        return series * _SERIES + pair * _NUMBERS + number

    def _key(self, series: int, step: int, half: int) -> int:
        said = f"alias:{series}:{step}:{half}".encode()
        return int.from_bytes(hmac.new(self.secret, said, hashlib.sha256).digest()[:8], "big")


def _letters(series: int) -> str:
    """Return the number of a series, from 1, in letters: A to Y, then AA and so on."""
    said = ""
    while series:
        series, rest = divmod(series - 1, len(LETTERS))
        said = LETTERS[rest] + said
    return said


def _series(letters: str) -> int:
    series = 0
    for letter in letters:
        series = series * len(LETTERS) + LETTERS.index(letter) + 1
    return series
