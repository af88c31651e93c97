from collections.abc import Mapping
from dataclasses import dataclass

from bibliopolis.resources.access import (
    Grant,
    Principals,
    index_access,
    permission_map,
    visible_to,
)


@dataclass(frozen=True)
class AccessMap:
    """A permission map with the scopes of what it guards: such as a context has."""

    permissions: Mapping[str, frozenset[str]]
    scopes: frozenset[str] = frozenset()
    owner_id: int | None = None

    def allowed_roles(self, permission: str) -> frozenset[str]:
        """Return the roles the map names."""
        return self.permissions.get(permission, frozenset())


PAGE = AccessMap(
    permission_map(view=["owner", "editor", "translator"], publish=["reviewer"]),
    scopes=frozenset({"node:1", "node:5", "lang:ar"}),
    owner_id=7,
)


def person(*grants, person_id=1):
    return Principals(person_id, grants=frozenset(Grant.parse(*grant) for grant in grants))


def test_a_role_held_at_the_site_counts_everywhere():
    assert person(("editor", "")).may("view", PAGE)


def test_a_role_held_at_a_node_counts_below_it():
    assert person(("editor", "node:1")).may("view", PAGE)
    assert not person(("editor", "node:2")).may("view", PAGE)


def test_a_role_with_two_scopes_needs_both():
    assert person(("translator", "node:5+lang:ar")).may("view", PAGE)
    assert not person(("translator", "node:5+lang:en")).may("view", PAGE)


def test_the_owner_may_what_the_list_says_of_owners():
    assert person(person_id=7).may("view", PAGE)
    assert not person(person_id=8).may("view", PAGE)


def test_nobody_inherits_a_permission():
    assert not person(("manager", "")).may("publish", PAGE)


def test_what_may_be_seen_in_the_index_is_what_may_be_seen_on_the_page():
    allowed, scopes = index_access(PAGE)
    for principals in (
        person(("editor", "")),
        person(("editor", "node:2")),
        person(("translator", "lang:ar")),
        person(person_id=7),
        Principals(),
    ):
        assert visible_to(principals).admits(allowed, scopes) == principals.may("view", PAGE)
