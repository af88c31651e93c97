"""The tree of organisations: what may stand where, who is above, where holds are collected."""

import pytest

from bibliopolis.errors import Conflict, InvalidInput, NotFoundHere
from bibliopolis.libraries.finding import distance
from bibliopolis.libraries.models import OrganisationKind


@pytest.mark.parametrize(
    ("kind", "above"),
    [
        (OrganisationKind.NETWORK, "library"),
        (OrganisationKind.SYSTEM, "library"),
        (OrganisationKind.LIBRARY, "locker"),
        (OrganisationKind.PICKUP_POINT, "network"),
        (OrganisationKind.PICKUP_POINT, None),
    ],
)
def test_an_organisation_stands_only_where_its_kind_may(services, tree, kind, above):
    parent = getattr(tree, above) if above else None

    with pytest.raises(Conflict, match="cannot stand there"):
        services.libraries.add("new", {"en": "New"}, kind=kind, parent=parent)


def test_a_code_is_used_once(services, tree):
    with pytest.raises(InvalidInput, match="already"):
        services.libraries.add("fontanka", {"en": "Another"})


def test_the_organisations_above_are_told_nearest_first(services, tree):
    assert services.libraries.lineage(tree.locker) == [
        tree.locker,
        tree.library,
        tree.system,
        tree.network,
    ]


def test_only_libraries_are_listed_as_libraries(services, tree):
    assert services.libraries.all() == (tree.library, tree.other)


def test_holds_are_collected_at_libraries_and_lockers(services, tree):
    assert services.libraries.pickup_points() == (tree.library, tree.locker, tree.other)


def test_a_place_that_is_switched_off_is_not_offered(services, tree):
    tree.locker.is_pickup_point = False

    assert tree.locker not in services.libraries.pickup_points()


def test_what_is_below_something_withdrawn_is_not_offered_but_keeps_its_name(services, tree):
    tree.system.withdrawn = True

    assert services.libraries.all() == (tree.other,)
    assert services.libraries.pickup_points() == (tree.other,)
    assert services.libraries.find("fontanka") is tree.library


def test_a_locker_is_served_by_the_desk_of_its_library(services, tree):
    assert services.libraries.desk_of(tree.locker.id) == tree.library.id
    assert services.libraries.desk_of(tree.library.id) == tree.library.id


def test_a_role_held_at_a_system_holds_in_its_libraries_and_not_beside_it(services, tree):
    here = services.libraries.scopes([tree.library.id])
    beside = services.libraries.scopes([tree.other.id])

    assert f"library:{tree.system.id}" in here
    assert f"library:{tree.system.id}" not in beside


def test_an_organisation_that_does_not_exist_is_not_found(services, tree):
    with pytest.raises(NotFoundHere):
        services.libraries.get(0)


def test_the_way_is_known_to_the_other_end_of_the_world(tree):
    tree.library.latitude, tree.library.longitude = 84.949, 96.573

    assert round(distance((-84.949, -83.427), tree.library)) == 20015
