"""Roles of people and of groups, and who manages the site when some are taken away."""

import pytest
from fixtures.people import PASSWORD

from bibliopolis.accounts.roles import parse_scope
from bibliopolis.errors import Conflict, InvalidInput
from bibliopolis.resources.access import Grant


@pytest.fixture
def make(people):
    def make(name):
        return people.create(
            name=name, email=f"{name}@example.org", password=PASSWORD, language="ru"
        )

    return make


def held_by(sign_in, person):
    return sign_in.visitor(sign_in.open_session(person).token).grants


def test_a_role_is_granted_once(roles, elena):
    roles.grant(elena, "editor", "lang:ru+node:5")
    roles.grant(elena, "editor", "node:5+lang:ru")

    assert [(held.role, held.scope) for held in elena.grants] == [("editor", "lang:ru+node:5")]


@pytest.mark.parametrize("role", ["owner", "everyone", "reader", "king"])
def test_derived_and_unknown_roles_are_never_granted(roles, groups, elena, role):
    for holder in (elena, groups.add("Editors")):
        with pytest.raises(InvalidInput):
            roles.grant(holder, role)


@pytest.mark.parametrize(
    ("given", "kept"),
    [("", ""), (" lang:ar ", "lang:ar"), ("node:5+lang:ar", "lang:ar+node:5")],
)
def test_a_scope_is_kept_in_one_form(given, kept):
    assert parse_scope(given) == kept


@pytest.mark.parametrize("scope", ["site", "node:", "node:05", "lang:ru+lang:ar", "node:5;", "+x"])
def test_a_scope_that_means_nothing_is_refused(scope):
    with pytest.raises(InvalidInput):
        parse_scope(scope)


def test_a_member_holds_the_roles_of_all_their_groups_and_their_own(
    roles, groups, elena, sign_in, make
):
    arabic, desk = groups.add("Arabic"), groups.add("Desk")
    roles.grant(arabic, "translator", "lang:ar")
    roles.grant(desk, "librarian", "library:17")
    roles.grant(elena, "editor")
    for group in (arabic, desk):
        groups.join(group, elena)

    assert held_by(sign_in, elena) == {
        Grant.parse("editor", ""),
        Grant.parse("translator", "lang:ar"),
        Grant.parse("librarian", "library:17"),
    }
    assert held_by(sign_in, make("boris")) == frozenset()


def test_who_leaves_a_group_holds_its_roles_no_more(roles, groups, elena, sign_in):
    group = groups.add("Arabic")
    roles.grant(group, "translator", "lang:ar")
    groups.join(group, elena)

    groups.leave(group, elena)

    assert held_by(sign_in, elena) == frozenset()


def test_a_role_taken_from_a_group_is_taken_from_its_members(roles, groups, elena, sign_in):
    group = groups.add("Arabic")
    roles.grant(group, "translator", "lang:ar")
    roles.grant(group, "editor")
    groups.join(group, elena)
    translator = next(held for held in group.grants if held.role == "translator")
    roles.db.flush()

    roles.revoke(group, translator.id)

    assert held_by(sign_in, elena) == {Grant.parse("editor", "")}


def test_the_last_administrator_stays(people, roles, make):
    anna, boris = make("anna"), make("boris")
    roles.grant(anna, "administrator")
    roles.grant(boris, "administrator", "lang:ru")
    roles.db.flush()

    with pytest.raises(Conflict):
        roles.revoke(anna, anna.grants[0].id)
    with pytest.raises(Conflict):
        people.set_disabled(anna, True)
    assert not anna.disabled

    roles.grant(boris, "administrator")
    roles.revoke(anna, anna.grants[0].id)
    assert anna.grants == []


def test_the_last_administrator_by_a_group_stays_as_well(people, roles, groups, make):
    anna = make("anna")
    group = groups.add("Administrators")
    roles.grant(group, "administrator")
    groups.join(group, anna)

    for attempt in (
        lambda: roles.revoke(group, group.grants[0].id),
        lambda: groups.leave(group, anna),
        lambda: groups.delete(group),
        lambda: people.set_disabled(anna, True),
    ):
        with pytest.raises(Conflict):
            attempt()

    groups.join(group, make("boris"))
    groups.leave(group, anna)
    assert groups.members(group)[0] == 1


def test_a_group_of_nobody_manages_nothing(roles, groups, make):
    anna = make("anna")
    roles.grant(anna, "administrator")
    roles.grant(groups.add("Administrators"), "administrator")
    roles.db.flush()

    with pytest.raises(Conflict):
        roles.revoke(anna, anna.grants[0].id)


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "editors", "EDITORS"])
def test_a_group_needs_a_name_of_its_own(groups, name):
    groups.add("Editors")
    other = groups.add("Other")

    with pytest.raises(InvalidInput):
        groups.add(name)
    with pytest.raises(InvalidInput):
        groups.rename(other, name)
    assert other.name == "Other"


def test_people_are_found_by_a_role_however_they_hold_it(people, roles, groups, make):
    anna, boris, _vera = make("anna"), make("boris"), make("vera")
    group = groups.add("Editors")
    roles.grant(group, "editor", "lang:ar")
    groups.join(group, boris)
    roles.grant(anna, "editor")

    assert {person.name for person in people.page(role="editor")[1]} == {"anna", "boris"}
    assert {person.name for person in people.page(group_id=group.id)[1]} == {"boris"}
    assert people.page("vera", role="editor")[0] == 0
