"""Uploads are looked at, not believed."""

from io import BytesIO

import pytest
from fixtures.pictures import bomb, picture
from PIL import Image

from bibliopolis.content.media import MediaStore
from bibliopolis.errors import InvalidInput


@pytest.fixture
def store(db, clock, tmp_path, as_role):
    person = as_role("editor").person
    return MediaStore(db, clock, tmp_path, limit=1_000_000, owner_id=person.id, base="")


def _keep(store, content, name, kind="image"):
    return store.keep(BytesIO(content), name, kind)


@pytest.mark.parametrize(
    ("form", "name"),
    [("PNG", "a.png"), ("JPEG", "b.JPG"), ("WEBP", "c.webp"), ("GIF", "d.gif")],
)
def test_a_picture_is_kept(store, form, name):
    kept = _keep(store, picture(form), name)

    assert (kept["width"], kept["height"]) == (60, 40)
    assert kept["filename"] == name
    assert store.knows(kept["uid"])
    assert store.url(kept["uid"], "thumb") == f"/media/{kept['uid']}/thumb"


def test_the_same_picture_of_one_person_is_kept_once(store):
    assert _keep(store, picture(), "a.png") == _keep(store, picture(), "a.png")


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "empty.png"),
        (SVG, "drawing.svg"),
        (SVG, "drawing.png"),
        (b'<?xml version="1.0"?>' + SVG, "drawing.png"),
        (b"<html><script>alert(1)</script></html>", "page.png"),
        (b"GIF89a" + b"<script>alert(1)</script>" * 20, "polyglot.gif"),
        (picture()[:60], "cut.png"),
        (picture("JPEG"), "photo.png"),
        (picture(), "program.exe"),
        (picture(), "page.html"),
        (bomb(), "bomb.png"),
        (b"%PDF-1.7 nothing", "document.pdf"),
        (b"x" * 1_000_001, "large.png"),
    ],
)
def test_what_is_no_picture_is_refused_with_a_reason(store, content, name):
    with pytest.raises(InvalidInput) as refusal:
        _keep(store, content, name)

    assert refusal.value.reason


def test_what_visitors_get_is_made_anew(store):
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    hidden = picture("JPEG", exif=exif) + b"PK\x03\x04 a second file"
    kept = _keep(store, hidden, "photo.jpg")

    path = store.picture(store.find(kept["uid"]), "card")

    made = path.read_bytes()
    assert b"second file" not in made
    assert b"taken at home" not in made
    with Image.open(path) as opened:
        assert opened.format == "WEBP"


def test_a_large_picture_is_made_smaller(store):
    kept = _keep(store, picture(size=(1000, 500)), "wide.png")

    with Image.open(store.picture(store.find(kept["uid"]), "thumb")) as thumb:
        assert thumb.size == (240, 120)


def test_a_file_must_be_what_its_name_says(store):
    assert _keep(store, b"%PDF-1.7 ...", "rules.pdf", "file")["media_type"] == "application/pdf"
    for content, name in ((b"MZ program", "rules.pdf"), (b"%PDF-1.7", "rules.exe")):
        with pytest.raises(InvalidInput):
            _keep(store, content, name, "file")


def test_names_hold_no_path(store):
    assert _keep(store, picture(), "..\\..\\etc/pass\x00wd.png")["filename"] == "passwd.png"


def test_a_poster_is_public_only_while_some_language_is(store, publish, clock):
    chief = publish.chief
    kept = _keep(store, picture(), "poster.png")
    media = store.find(kept["uid"])
    section = publish(chief.tree.root(), "section", "city")
    shared = {"starts": clock.now().isoformat(), "picture": kept}
    event = publish(section, "event", "walk", shared=shared, picture_alt="A bridge")
    assert store.is_public(media)

    chief.editing.take(event, "ru", "retract")

    assert not store.is_public(media)
    assert [node.id for node, _translation in store.pages_that_show(media)] == [event.id]
