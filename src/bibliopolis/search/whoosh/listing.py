"""One page of the values of a facet, by the alphabet, as far as a visitor may see them."""

from __future__ import annotations

import numpy as np

from bibliopolis.search.analysis import sort_key
from bibliopolis.search.documents import MAX_PAGE_SIZE, Listed, Listing
from bibliopolis.search.whoosh.snapshot import Snapshot


def list_values(listing: Listing, snapshot: Snapshot) -> Listed:
    """Return the values that documents of the snapshot have and this visitor may see."""
    counts = snapshot.counts(listing.facet, listing.visibility, listing.resource)
    vocabulary = snapshot.vocabularies.get(listing.facet)
    if vocabulary is None:
        return Listed()
    alphabet = vocabulary.alphabet
    # Another search may have met new values since they were counted.
    ordered = np.zeros(len(alphabet.numbers), np.int64)
    inside = alphabet.numbers < len(counts)
    ordered[inside] = counts[alphabet.numbers[inside]]
    first, last = alphabet.span(sort_key(listing.starts))
    present = np.flatnonzero(ordered[first:last]) + first
    offset = max(0, listing.offset)
    page = present[offset : offset + max(0, min(listing.limit, MAX_PAGE_SIZE))]
    return Listed(
        total=len(present),
        values=tuple(
            (vocabulary.values[int(alphabet.numbers[place])], int(ordered[place])) for place in page
        ),
        initials=tuple(
            (letter, number)
            for letter, (begin, end) in alphabet.initials.items()
            if letter and (number := int(np.count_nonzero(ordered[begin:end])))
        ),
    )
