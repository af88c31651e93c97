"""What is kept of a live facet equals a count by hand, however it came about."""

from dataclasses import dataclass, field
from itertools import count

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bibliopolis.search.whoosh import live as module
from bibliopolis.search.whoosh.live import LiveColumn

NUMBERS = count(1)
RESOURCES = st.integers(1, 30)
VALUES = st.frozensets(st.sampled_from(["north", "south", "east"]))
CHANGES = st.dictionaries(RESOURCES, VALUES, max_size=8)
STEPS = st.lists(st.tuples(CHANGES, VALUES), min_size=1, max_size=6)


@dataclass
class Segment:
    """The documents of resources, in the order in which they lie in a segment."""

    resources: list
    number: int = field(default_factory=lambda: next(NUMBERS))

    def resource_ids(self, _type_name):
        return np.arange(len(self.resources), dtype=np.uint32), np.array(self.resources, np.int64)


SEGMENTS = st.lists(st.lists(RESOURCES, max_size=12).map(Segment), min_size=1, max_size=2)


def documents_by_hand(segment, held, value, hidden):
    """Return the documents of a segment whose resources have a value that is not hidden."""

    def counts(resource):
        shown = held.get(resource, frozenset()) - hidden
        return bool(shown) if value == "city" else value in shown

    return {place for place, resource in enumerate(segment.resources) if counts(resource)}


@given(segments=SEGMENTS, loaded=CHANGES, steps=STEPS, few=st.sampled_from([0, 3, 2000]))
def test_a_column_tells_what_was_told_last(segments, loaded, steps, few):
    column = LiveColumn("record", anywhere="city")
    values = {}
    for resource, having in loaded.items():
        for value in having:
            values.setdefault(value, module.BitMap()).add(resource)
    column.load(0, values)
    held, kept = dict(loaded), module.FEW
    module.FEW = few  # few are looked up, many are looked through: both must find the same
    try:
        for number, (changes, hidden) in enumerate(steps, 1):
            column.apply(number, changes, hidden)
            held |= changes
            for segment in segments:
                for value in ("city", "north", "south", "east"):
                    found = set(column.bitmap(segment, value))
                    assert found == documents_by_hand(segment, held, value, hidden)
    finally:
        module.FEW = kept
