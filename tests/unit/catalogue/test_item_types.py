"""Types of copies: the kinds of records, and what a site adds."""

import pytest
from fixtures.sites import SITE

from bibliopolis.catalogue.item_types import load_item_types
from bibliopolis.catalogue.record_data import ItemData, RecordData
from bibliopolis.catalogue.rows import item_row
from bibliopolis.errors import ConfigurationError


def write(site, text):
    (site / "policies").mkdir()
    (site / "policies" / "item_types.yaml").write_text(text, "utf-8")
    return site


def test_a_site_adds_types_to_the_kinds_of_records(tmp_path):
    types = load_item_types(write(tmp_path, "types: {toy: {title: Toy}}"))

    assert (str(types["toy"]), str(types["film"])) == ("Toy", "Film")
    assert "game" in load_item_types(SITE)


def test_without_a_file_there_are_the_kinds(tmp_path):
    assert "book" in load_item_types(tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("types: {film: {title: Films}}", "kind of records already"),
        (f"types: {{{'x' * 41}: {{title: Long}}}}", "at most 40 letters"),
        ("types: {toy: {}}", "the key “title” is missing"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path, text, said):
    with pytest.raises(ConfigurationError, match=f"item_types.yaml:1: .*{said}"):
        load_item_types(write(tmp_path, text))


def test_a_copy_without_a_type_keeps_the_fingerprint_it_had_before_there_were_types():
    # What was stored by the release before: the next import is to find nothing changed.
    copy = ItemData("B1", home="okhta", shelf_mark="84 Д")

    assert item_row(copy, 1, 1)["content_hash"].startswith("bc24e3e9f9e610bc")
    record = RecordData("1", "Title", "Title", items=(copy,))
    assert record.content_hash().startswith("efe9b2ae7985fb5b")


def test_a_copy_that_gets_a_type_has_changed():
    plain, typed = ItemData("B1"), ItemData("B1", item_type="game")

    assert item_row(plain, 1, 1)["content_hash"] != item_row(typed, 1, 1)["content_hash"]
    assert item_row(typed, 1, 1)["item_type"] == "game"
