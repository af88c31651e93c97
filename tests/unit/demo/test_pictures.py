"""The drawn pictures: every scene that is asked for, the same each time, with words for it."""

from io import BytesIO

import pytest
from PIL import Image

from bibliopolis.demo.canvas import COLOURS
from bibliopolis.demo.data_files import read
from bibliopolis.demo.pictures import SCENES, draw

ASKED = [
    one["picture"]
    for name in ("pages", "news", "events", "collections")
    for one in read(name)[name]
    if "picture" in one
]


@pytest.mark.parametrize("scene", SCENES)
def test_every_scene_is_a_light_picture_of_several_colours(scene):
    drawn = draw("one", scene, "river")
    picture = Image.open(BytesIO(drawn))

    assert picture.size == (1280, 720)
    assert len(drawn) < 100_000
    assert len(picture.resize((64, 36)).getcolors(4000)) > 5


def test_a_name_gives_the_same_picture_and_another_name_another():
    assert draw("one", "embankment", "dusk") == draw("one", "embankment", "dusk")
    assert draw("one", "embankment", "dusk") != draw("two", "embankment", "dusk")


def test_what_pages_ask_for_can_be_drawn_and_is_described():
    told = read("pictures")["scenes"]

    assert {one["scene"] for one in ASKED} <= set(SCENES)
    assert {one["colours"] for one in ASKED} <= set(COLOURS)
    assert all({"ru", "en", "ar"} <= set(told[one["scene"]]) for one in ASKED)


def test_every_news_item_and_collection_has_a_picture():
    assert all("picture" in one for name in ("news", "collections") for one in read(name)[name])
