"""How much one search may ask for: combinations of filters are without number, and none is free."""

from __future__ import annotations

from pyramid.request import Request

from bibliopolis.errors import InvalidInput
from bibliopolis.i18n import _n
from bibliopolis.robots import is_robot, refuse_robots
from bibliopolis.search.asking import FACETS

MOST_FILTERS = 30
"""So many values may be chosen in all facets together; who needs more needs another question."""

FOR_ROBOTS = frozenset({"q", "scope"})
"""What a robot may ask: messengers look at an address that somebody sends to a friend."""


def demand_modest(request: Request) -> None:
    """Refuse a search that asks for too much, before it is begun."""
    chosen = sum(len(request.GET.getall(name)) for name in FACETS)
    if chosen > MOST_FILTERS:
        raise InvalidInput(
            _n(
                "Up to ${n} filter can be combined in one search: remove some of them.",
                "Up to ${n} filters can be combined in one search: remove some of them.",
                MOST_FILTERS,
            )
        )
    if not FOR_ROBOTS.issuperset(request.GET.keys()):
        refuse_robots(request)


def counts_facets(request: Request) -> bool:
    """Say whether facets are worth counting: robots may not follow them."""
    return not is_robot(request)
