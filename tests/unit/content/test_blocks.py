"""Lists of blocks: changed by buttons, cleaned, shown."""

import pytest
from webob.multidict import MultiDict

from bibliopolis.content.blocks.base import BlockContext
from bibliopolis.content.body import Body
from bibliopolis.content.cards import Card, CardSource, reference_of, split_reference


@pytest.fixture
def body(app):
    return Body(app.registry["bibliopolis.types"])


def _text(block_id, markup="x"):
    return {"id": block_id, "type": "text", "markup": markup}


def _ids(blocks):
    return [one["id"] for one in blocks]


BLOCKS = [_text("a"), _text("b"), _text("c")]


@pytest.mark.parametrize(
    ("command", "order"),
    [
        ("up:b", ["b", "a", "c"]),
        ("down:b", ["a", "c", "b"]),
        ("up:a", ["a", "b", "c"]),
        ("down:c", ["a", "b", "c"]),
        ("remove:b", ["a", "c"]),
        ("remove:nobody", ["a", "b", "c"]),
        ("nonsense", ["a", "b", "c"]),
        ("add:unknown:0", ["a", "b", "c"]),
    ],
)
def test_buttons_change_the_order(body, command, order):
    assert _ids(body.apply(BLOCKS, command)) == order


def test_a_block_is_added_where_the_button_stands(body):
    blocks = body.apply(BLOCKS, "add:quote:1")

    assert [one["type"] for one in blocks] == ["text", "quote", "text", "text"]


def test_a_copy_has_an_id_of_its_own(body):
    blocks = body.apply(BLOCKS, "copy:a")

    assert len(set(_ids(blocks))) == 4
    assert blocks[1]["markup"] == blocks[0]["markup"]


def test_cleaning_leaves_nothing_unknown(body):
    sent = [
        {**_text("a"), "onclick": "x"},
        {"id": "b", "type": "unknown"},
        {"id": "../c", "type": "text"},
        "text",
    ]

    assert body.clean(sent) == [{"id": "a", "type": "text", "markup": "x"}]
    assert body.clean({"a": 1}) == []


def test_items_of_a_list_move_and_go(body):
    items = [{"id": one, "ref": f"record:{n}", "note": ""} for n, one in enumerate("xyz")]
    blocks = [{"id": "a", "type": "resources", "heading": "", "items": items}]

    moved = body.apply(blocks, "item-up:a:y")
    removed = body.apply(moved, "item-remove:a:x")

    assert [one["id"] for one in moved[0]["items"]] == ["y", "x", "z"]
    assert [one["id"] for one in removed[0]["items"]] == ["y", "z"]


def test_all_resources_of_a_page_are_fetched_at_once(body):
    asked = []

    def cards(references):
        asked.append(list(references))
        return {"record:1": Card("One", "/1")}

    items = [{"id": "x", "ref": "record:1", "note": "*Read*"}, {"id": "y", "ref": "record:2"}]
    blocks = [{"id": one, "type": "resources", "heading": "H", "items": items} for one in "ab"]
    shown = body.show(blocks, BlockContext(None, lambda _text: None, cards))

    assert len(asked) == 1
    assert [len(one.content["items"]) for one in shown] == [1, 1]
    assert "<em>Read</em>" in shown[0].content["items"][0]["note"]


def test_a_translator_finds_the_blocks_without_words(body):
    picture = {"id": "p", "type": "picture", "media": "m", "alt": "a", "caption": "c"}
    blocks = body.for_translator([_text("a", "words"), picture])

    assert blocks[0] == {"id": "a", "type": "text", "markup": ""}
    assert (blocks[1]["media"], blocks[1]["alt"]) == ("m", "")


def test_words_for_the_search_have_no_markup(body):
    assert body.words([_text("a", "**bold** [link](http://x)")]) == "bold link"


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("record:12", "record:12"),
        ("/ru/catalogue/12", "record:12"),
        ("http://city.example/en/catalogue/12?x=1", "record:12"),
        ("/ru/catalogue/x", None),
        ("events/walk", "content:7"),
        ("/ru/events/walk", "content:7"),
        ("/ru/nothing", None),
        ("hold:3", None),
        ("http://[", None),
        ("", None),
    ],
)
def test_what_editors_type_leads_to_a_resource(text, reference):
    sources = {
        "record": CardSource("record", lambda _r, _i: {}, "catalogue"),
        "content": CardSource("content", lambda _r, _i: {}, None),
    }

    assert reference_of(text, sources, {"events/walk": 7}.get) == reference


def test_references_are_a_name_and_a_number():
    assert split_reference("record:12") == ("record", 12)
    assert split_reference("record:x") is None
    assert split_reference("record:99999999999") is None


def test_a_text_that_is_too_long_is_a_problem_and_stays_whole(body):
    sent = MultiDict({"block": "a:text", "block-a-markup": "x" * 20_001})
    context = BlockContext(None, lambda _text: None)

    blocks = body.read(sent, context)

    assert [(one.block, one.key) for one in context.problems] == [("a", "markup")]
    assert len(blocks[0]["markup"]) == 20_001


def test_a_form_cannot_name_one_block_twice_or_an_unknown_one(body):
    sent = MultiDict(
        [("block", "a:text"), ("block", "a:quote"), ("block", "b:evil"), ("block", "")]
    )

    assert _ids(body.read(sent, BlockContext(None, lambda _text: None))) == ["a"]
