"""Words of the index that are spelled much like a word that was not found."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bibliopolis.search.analysis import plain_word
from bibliopolis.search.fields import Field
from bibliopolis.search.whoosh.segments import Segment

LONGEST = 24
SHORTEST = 4
MOST_WORDS = 1_000_000
"""Words of a segment that are looked at: 48 bytes each, and some milliseconds for all."""

MOST_CANDIDATES = 12
BITS = 64
LAST_OF_TWO_BYTES = "\uffff"


def allowed_slips(word: str) -> int:
    """Return how many letters may differ: one in a short word, two in a long one."""
    if len(word) < SHORTEST:
        return 0
    return 1 if len(word) < 7 else 2


class Speller:
    """The words of one segment as a matrix of letters, so that distances are counted at once."""

    def __init__(self, segment: Segment) -> None:
        words = {
            folded: word
            for word in segment.lexicon(Field.WORDS)[:MOST_WORDS]
            if word.isalpha()
            and max(word) <= LAST_OF_TWO_BYTES
            and SHORTEST <= len(folded := plain_word(word)) <= LONGEST
        }
        self._words = list(words.values())
        folded_words = list(words)
        self._lengths = np.array([len(word) for word in folded_words], np.int16)
        joined = "".join(word.ljust(LONGEST, "\0") for word in folded_words)
        letters = np.frombuffer(joined.encode("utf-16-le"), np.uint16)
        self._letters = letters.reshape(len(folded_words), LONGEST)
        self._occurring = _occurring(self._letters)

    def near(self, folded: str) -> list[tuple[int, str]]:
        """Return (distance, word) of the words within the slips that are allowed."""
        slips = allowed_slips(folded)
        if not slips or len(folded) > LONGEST:
            return []
        rows = np.flatnonzero(np.abs(self._lengths - len(folded)) <= slips)
        # A slip adds one letter at most and takes one away: few words are left to compare.
        own = np.uint64(sum({1 << (ord(letter) % BITS) for letter in folded}))
        occurring = self._occurring[rows]
        missing = np.bitwise_count(own & ~occurring)
        foreign = np.bitwise_count(occurring & ~own)
        rows = rows[(missing <= slips) & (foreign <= slips)]
        if not len(rows):
            return []
        distances = _distances(folded, self._letters[rows], self._lengths[rows])
        close = np.flatnonzero(distances <= slips)
        return [(int(distances[index]), self._words[rows[index]]) for index in close]


def _occurring(letters: NDArray[np.uint16]) -> NDArray[np.uint64]:
    """Return for each word which letters occur in it, a bit for each; some letters share one."""
    bits = np.left_shift(np.uint64(1), (letters % BITS).astype(np.uint64))
    bits[letters == 0] = 0
    return np.bitwise_or.reduce(bits, axis=1)


def _distances(
    word: str, letters: NDArray[np.uint16], lengths: NDArray[np.int16]
) -> NDArray[np.int16]:
    """Return the edit distances (with swaps of neighbours) from a word to all others."""
    columns = int(lengths.max())
    count = len(letters)
    codes = [ord(letter) for letter in word]
    before: NDArray[np.int16] | None = None
    last = np.broadcast_to(np.arange(columns + 1, dtype=np.int16)[:, None], (columns + 1, count))
    # One row for each letter of the word: the candidates lie along the second axis.
    for i, code in enumerate(codes, 1):
        row = np.empty((columns + 1, count), np.int16)
        row[0] = i
        for j in range(1, columns + 1):
            same = letters[:, j - 1] == code
            row[j] = np.minimum(np.minimum(last[j], row[j - 1]) + 1, last[j - 1] + ~same)
            if before is not None and j > 1:
                swapped = (letters[:, j - 2] == code) & (letters[:, j - 1] == codes[i - 2])
                row[j][swapped] = np.minimum(row[j], before[j - 2] + 1)[swapped]
        before, last = last, row
    return last[lengths, np.arange(count)]
