"""What is made of a text when it is saved, and used whenever it is read."""

import pytest

from bibliopolis.content import markup
from bibliopolis.content.blocks.base import BlockContext
from bibliopolis.content.body import Body

BLOCKS = [
    {"id": "a1b2c3d4", "type": "text", "markup": "Come *in*.\n\n- quiet\n- warm"},
    {"id": "e5f6a7b8", "type": "quote", "text": "Books", "source": ""},
]


@pytest.fixture
def body(started_app):
    return Body(started_app.registry["bibliopolis.types"])


def shown(body, compiled):
    context = BlockContext(media=None, reference_of=lambda _text: None)
    return body.show(BLOCKS, context, compiled)


def test_a_page_looks_the_same_with_and_without_what_was_kept(body):
    assert shown(body, body.compiled(BLOCKS)) == shown(body, None)


def test_what_was_kept_is_used(body):
    kept = body.compiled(BLOCKS)
    kept["blocks"]["a1b2c3d4"] = "<p>kept</p>"

    assert shown(body, kept)[0].content["html"] == "<p>kept</p>"


def test_what_older_rules_made_is_made_anew(body):
    kept = body.compiled(BLOCKS)
    kept["blocks"]["a1b2c3d4"] = "<p>kept</p>"
    kept["version"] = markup.VERSION - 1

    assert "<em>in</em>" in shown(body, kept)[0].content["html"]


def test_blocks_that_are_drawn_as_they_are_keep_nothing(body):
    assert body.compiled(BLOCKS[1:]) == {}
    assert body.compiled(None) == {}
