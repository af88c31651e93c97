"""Which editions are of one work: told by who wrote it and what it was first called.

The key is rough on purpose. Names and titles are compared by their skeletons, so that a translation
of "Prestuplenie i nakazanie" by Dostoyevsky meets «Преступление и наказание» of Достоевский.
"""

from __future__ import annotations

from bibliopolis.catalogue.naming import COMMA
from bibliopolis.catalogue.record_data import RecordData
from bibliopolis.search.analysis import sort_key
from bibliopolis.search.variants import skeleton

LONGEST = 120
SHORT = 3
"""Words up to this length are told apart by no skeleton: «и» and "i" are left out."""

COLLECTIVE = frozenset(
    (
        *("works", "novels", "stories", "poems", "plays", "essays", "selections", "poetry"),
        *("correspondence", "speeches", "сочинения", "произведения", "избранное"),
    )
)
"""What catalogues call a choice of somebody's works: such editions have little in common."""

OF_STATES = ("treaties", "laws etc")
"""What catalogues call every law and every treaty of a state."""


def work_key(data: RecordData) -> str | None:
    """Return what all editions of the work have in common; None where nobody wrote it."""
    if not data.contributors:
        return None
    title = data.uniform_title or " ".join(filter(None, (data.filing_title, data.part)))
    name, work = _rough(COMMA.split(data.contributors[0].name)[0]), _rough(title)
    called = sort_key(title)
    if not name or not work or called in COLLECTIVE or called.startswith(OF_STATES):
        return None
    return f"{name}|{work}"[:LONGEST]


def _rough(text: str) -> str:
    """Return the words as they sound, without the little ones where there are others."""
    words = sort_key(text).split()
    long = [word for word in words if len(word) > SHORT or word.isdigit()]
    return " ".join(skeleton(word) or word for word in long or words)
