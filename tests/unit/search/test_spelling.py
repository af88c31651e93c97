"""Words that are spelled much like another."""

from hypothesis import given
from hypothesis import strategies as st

from bibliopolis.search.whoosh.spelling import Speller, allowed_slips

LETTERS = "абвabcё"
WORDS = st.lists(st.text(LETTERS, min_size=4, max_size=10), min_size=1, max_size=30, unique=True)


class Words:
    """A segment that has these words."""

    def __init__(self, words):
        self.words = words

    def lexicon(self, field):
        return self.words


def distance(one, other):
    """Count slips as the definition says, without any shortcut."""
    rows = [[max(i, j) for j in range(len(other) + 1)] for i in range(len(one) + 1)]
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            change = one[i - 1] != other[j - 1]
            rows[i][j] = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + change)
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
    return rows[-1][-1]


@given(words=WORDS, typed=st.text("абвabc", min_size=4, max_size=10))
def test_exactly_the_words_within_the_slips_are_near(words, typed):
    folded = {word.replace("ё", "е"): word for word in words}

    near = Speller(Words(words)).near(typed)

    slips = allowed_slips(typed)
    distances = ((distance(typed, plain), word) for plain, word in folded.items())
    assert sorted(near) == sorted(one for one in distances if one[0] <= slips)
