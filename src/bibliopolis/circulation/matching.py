"""Give copies to holds where not every copy may fill every hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

H = TypeVar("H")
C = TypeVar("C")


def match(
    queue: Sequence[H],
    copies: Sequence[C],
    fits: Callable[[H, C], bool],
    worth: Callable[[H, C], Any],
) -> list[tuple[H, C]]:
    """Return pairs of holds and copies that fit, each at most once.

    Whoever is earlier in the queue is served before those after, and as many are served as can be:
    for a later hold an earlier one takes another copy that fits it, too, but never none. ``worth``
    orders the copies for a hold, the best first.
    """
    wanted = {
        n: sorted(
            (c for c, copy in enumerate(copies) if fits(hold, copy)),
            key=lambda c, hold=hold: (worth(hold, copies[c]), c),  # type: ignore[misc]
        )
        for n, hold in enumerate(queue)
    }
    given: dict[int, int] = {}

    def take(n: int, tried: set[int]) -> bool:
        """Find a copy for a hold: a free one, else one whose holder takes another."""
        for c in wanted[n]:
            if c not in given:
                given[c] = n
                return True
        for c in wanted[n]:
            if c in tried:
                continue
            tried.add(c)
            if take(given[c], tried):
                given[c] = n
                return True
        return False

    for n in range(len(queue)):
        if len(given) == len(copies):
            break
        take(n, set())
    return [(queue[n], copies[c]) for c, n in sorted(given.items(), key=lambda pair: pair[1])]
