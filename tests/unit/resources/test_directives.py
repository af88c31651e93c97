"""Packages bring types, field types, blocks and vocabularies; conflicts name both places."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from pyramid.exceptions import ConfigurationConflictError
from zope.interface.exceptions import Invalid

from bibliopolis.errors import ConfigurationError
from bibliopolis.resources.fields.base import FieldType
from bibliopolis.resources.fields.texts import Text
from bibliopolis.resources.types import Term, Vocabulary

GAME = """\
name: game
title: Game
permissions: {view: [everyone]}
fields:
  title: {type: shout, title: Title}
  age: {type: choice, vocabulary: ages, title: Age}
"""


class Game:
    """A class outside."""


class Shout(Text):
    name = "shout"

    def display(self, one, value, context):
        return value.upper()


def _write(folder, name="game", text=GAME):
    folder.mkdir(exist_ok=True)
    file = folder / f"{name}.yaml"
    file.write_text(text, "utf-8")
    return file


def test_a_package_brings_a_type_with_its_own_field_type_and_vocabulary(kernel, types_of, tmp_path):
    config = kernel()
    config.add_resource_type(_write(tmp_path), factory=Game)
    config.add_field_type(Shout())
    config.add_vocabulary("ages", [Term("all", "All")], title="Ages")

    types = types_of(config)

    assert types["game"].factory is Game
    assert types.of(Game) is types["game"]
    assert types["game"].fields["title"].kind == "shout"
    with pytest.raises(KeyError):
        types.of(Shout)


def test_a_vocabulary_can_be_a_file_or_an_object(kernel, types_of, tmp_path):
    config = kernel()
    config.add_vocabulary(_write(tmp_path, "v", "name: v\ntitle: V\nterms: {a: A}\n"))
    config.add_vocabulary(Vocabulary("w", "W", (Term("b", "B"),)))
    config.add_vocabulary("x", lambda find_service: [Term("c", "C")])

    vocabularies = types_of(config).vocabularies

    assert [vocabularies[name].terms(None)[0].value for name in "vwx"] == ["a", "b", "c"]


def test_two_types_of_one_name_stop_the_start_with_both_places(kernel, tmp_path):
    config = kernel()
    config.include(lambda package: package.add_resource_type(_write(tmp_path, "page")))

    with pytest.raises(ConfigurationConflictError) as conflict:
        config.commit()

    assert "content_types/page.yaml:1" in str(conflict.value)
    assert "test_directives.py" in str(conflict.value)


def test_binding_a_type_twice_stops_the_start(kernel):
    config = kernel()
    config.bind_type("hold", Game)
    config.bind_type("hold", Shout)

    with pytest.raises(ConfigurationConflictError, match="bound type"):
        config.commit()


def test_binding_what_is_not_declared_is_told(kernel, types_of):
    config = kernel()
    config.bind_type("holt", Game)

    with pytest.raises(ConfigurationError, match=r"content_types/holt.yaml: .*“hold”"):
        types_of(config)


def test_what_is_no_field_type_is_refused_at_once(kernel):
    with pytest.raises(Invalid):
        kernel().add_field_type(SimpleNamespace(name="x"))


def test_block_types_are_kept_by_name(kernel, types_of):
    config = kernel()
    block = SimpleNamespace(name="hours")
    config.add_block_type(block)

    assert types_of(config).block_types == {"hours": block}


def test_what_was_registered_can_be_inspected(kernel):
    config = kernel()
    config.commit()
    introspector = config.registry.introspector

    named = {
        category: {one["introspectable"].title for one in introspector.get_category(category)}
        for category in (
            "bibliopolis resource types",
            "bibliopolis field types",
            "bibliopolis vocabularies",
        )
    }
    assert "page" in named["bibliopolis resource types"]
    assert "rich_text" in named["bibliopolis field types"]
    assert "audiences" in named["bibliopolis vocabularies"]


def test_a_field_type_that_lacks_a_part_is_told_at_once_not_at_the_first_form():
    class HalfDone(FieldType):
        name = "half_done"

    with pytest.raises(TypeError, match="widget"):
        HalfDone()
