"""Places and addresses: one consistent tree, whatever is done to it."""

import pytest
from sqlalchemy import select

from bibliopolis.content.models import Content
from bibliopolis.errors import Conflict, InvalidInput
from bibliopolis.outbox import OutboxRow
from bibliopolis.resources.history import HistoryEntry


@pytest.fixture
def tree(as_role):
    return as_role("editor").tree


@pytest.fixture
def section(tree):
    return tree.create(tree.root(), "section", "city")


def _keys(db):
    return set(db.scalars(select(OutboxRow.key).where(OutboxRow.topic == "index")))


def test_a_child_knows_its_path_and_everything_above_it(tree, section):
    child = tree.create(section, "page", "bridges")

    assert child.path == "city/bridges"
    assert child.ancestors == f"/{tree.root().id}/{section.id}/{child.id}/"


def test_two_children_cannot_have_one_address(tree, section):
    tree.create(section, "page", "bridges")

    with pytest.raises(InvalidInput) as refusal:
        tree.create(section, "page", "bridges")

    assert "slug" in refusal.value.errors


def test_a_page_cannot_hide_a_part_of_the_site(tree, section):
    with pytest.raises(InvalidInput):
        tree.create(tree.root(), "page", "home")

    assert tree.create(section, "page", "home").path == "city/home"


def test_a_type_is_added_only_where_it_belongs(tree, section):
    page = tree.create(section, "page", "bridges")

    with pytest.raises(Conflict):
        tree.create(page, "event", "walk")


def test_what_has_no_workflow_is_no_page(tree, section):
    with pytest.raises(InvalidInput):
        tree.create(section, "record", "book")


def test_moving_takes_everything_below_along(tree, section, db):
    page = tree.create(section, "page", "bridges")
    below = tree.create(page, "page", "raised")
    elsewhere = tree.create(tree.root(), "section", "walks")

    tree.move(page, elsewhere)

    assert (page.path, below.path) == ("walks/bridges", "walks/bridges/raised")
    assert below.ancestors == f"{elsewhere.ancestors}{page.id}/{below.id}/"
    assert _keys(db) >= {f"content:{page.id}", f"content:{below.id}"}


def test_nothing_moves_below_itself(tree, section):
    inner = tree.create(section, "section", "inner")

    with pytest.raises(Conflict):
        tree.move(section, inner)


def test_renaming_changes_the_addresses_below(tree, section):
    page = tree.create(section, "page", "bridges")

    tree.rename(section, "town")

    assert page.path == "town/bridges"


def test_renaming_leaves_neighbours_with_a_similar_address_alone(tree, section):
    similar = tree.create(tree.root(), "section", "city-two")
    below = tree.create(similar, "page", "bridges")

    tree.rename(section, "town")

    assert below.path == "city-two/bridges"


def test_children_change_places(tree, section, db):
    first, second = (tree.create(section, "page", slug) for slug in ("one", "two"))

    tree.shift(second, -1)

    order = db.scalars(
        select(Content.slug).where(Content.parent_id == section.id).order_by(Content.position)
    ).all()
    assert order == ["two", "one"]
    tree.shift(second, -1)  # already first: nothing happens
    assert second.position < first.position


def test_the_bin_takes_a_page_with_everything_below(tree, section, db):
    page = tree.create(section, "page", "bridges")
    below = tree.create(page, "page", "raised")

    assert tree.bin(page) == 2

    assert below.binned is not None
    assert tree.by_path("city/bridges") is None
    assert _keys(db) >= {f"content:{page.id}", f"content:{below.id}"}


def test_restoring_brings_back_what_went_together(tree, section, clock):
    from datetime import timedelta

    page = tree.create(section, "page", "bridges")
    before = tree.create(page, "page", "earlier")
    below = tree.create(page, "page", "raised")
    tree.bin(before)
    clock.advance(timedelta(minutes=1))
    tree.bin(page)

    tree.restore(page)

    assert page.binned is None
    assert below.binned is None
    assert before.binned is not None


def test_an_address_can_be_taken_while_its_page_is_in_the_bin(tree, section):
    page = tree.create(section, "page", "bridges")
    tree.bin(page)
    tree.create(section, "page", "bridges")

    with pytest.raises(InvalidInput):
        tree.restore(page)


def test_a_page_comes_back_at_the_new_address_of_its_section(tree, section):
    page = tree.create(section, "page", "bridges")
    tree.bin(page)
    tree.rename(section, "town")

    tree.restore(page)

    assert page.path == "town/bridges"


def test_a_free_slug_gets_a_number(tree, section):
    tree.create(section, "page", "bridges")

    assert tree.free_slug(section, "bridges") == "bridges-2"
    assert tree.free_slug(tree.root(), "home") == "home-2"


def test_the_front_page_stays_where_it_is(tree, section):
    for refused in (tree.bin, lambda root: tree.rename(root, "x")):
        with pytest.raises(Conflict):
            refused(tree.root())


def test_leaving_a_page_out_of_the_navigation_is_told_in_its_history(tree, section, db):
    tree.show_in_navigation(section, False)
    tree.show_in_navigation(section, False)

    assert not section.in_navigation
    told = db.scalars(select(HistoryEntry).where(HistoryEntry.action == "navigation")).one()
    assert told.data == {"shown": False}
