"""Every kind of field in one form: drawn without scripts, filled in, sent, drawn again."""

from __future__ import annotations

from io import BytesIO

import pytest
from bs4 import BeautifulSoup
from fixtures.people import PASSWORDS
from pyramid.scripting import prepare
from zope.interface import implementer

from bibliopolis import configure
from bibliopolis.resources.context import FieldContext
from bibliopolis.resources.forms import form_of, schema_of
from bibliopolis.resources.interfaces import IMediaStore, IReferenceSource
from bibliopolis.search.ram import RamIndex

KITCHEN = """\
name: kitchen
title: Everything
permissions: {view: [everyone]}
fields:
  line: {type: text, title: Line, required: true, max_length: 100}
  area: {type: text, title: Area}
  markup: {type: rich_text, title: Markup}
  number: {type: integer, title: Number}
  tick: {type: boolean, title: Tick}
  one: {type: choice, title: One, vocabulary: audiences}
  several: {type: choice, title: Several, vocabulary: audiences, many: true}
  day: {type: date, title: Day}
  moment: {type: datetime, title: Moment}
  picture: {type: image, title: Picture}
  paper: {type: file, title: Paper}
  place: {type: reference, title: Place, to: kitchen}
  places: {type: reference, title: Places, to: kitchen, many: true}
  link: {type: url, title: Link}
  words: {type: tags, title: Words}
"""


@implementer(IMediaStore)
class Shelf:
    """Knows one picture."""

    def keep(self, stream, filename, kind):
        return {"uid": "u1", "filename": filename, "width": 3, "height": len(stream.read())}

    def knows(self, uid):
        return uid == "u1"

    def describe(self, uid):
        return {"uid": uid, "filename": "a.png", "width": 3, "height": 5}

    def url(self, uid, scale=None):
        return f"/media/{uid}/{scale}"


@implementer(IReferenceSource)
class Kitchens:
    """Two of them."""

    def options(self, language):
        return [(1, "Big"), (2, "Small")]

    def titles(self, ids, language):
        return {key: title for key, title in self.options(language) if key in ids}

    def url(self, id, language):
        return f"/kitchens/{id}"


@pytest.fixture
def request_(ini, engine, clock, tmp_path):
    file = tmp_path / "kitchen.yaml"
    file.write_text(KITCHEN, "utf-8")
    registered = {
        "bibliopolis.engine": engine,
        "bibliopolis.clock": clock,
        "bibliopolis.passwords": PASSWORDS,
        "bibliopolis.search_index": RamIndex(),
    }
    config = configure(ini, registered)
    config.add_resource_type(file)
    config.register_service(Shelf(), IMediaStore)
    config.register_service(Kitchens(), IReferenceSource, name="kitchen")
    config.commit()
    with prepare(registry=config.registry) as environment:
        request = environment["request"]
        request.language = "en"
        yield request


@pytest.fixture
def form(request_):
    context = FieldContext.from_request(request_)
    schema = schema_of(context.types["kitchen"], ["*"], context)
    return form_of(schema, request_.form_renderer, ("save",))


STORED = {
    "line": "A line",
    "area": "Two\nlines",
    "markup": "<p>A <strong>bold</strong> one</p>",
    "number": 42,
    "tick": True,
    "one": "children",
    "several": ["children", "adults"],
    "day": "2026-05-31",
    "moment": "2026-05-31T15:30:00+00:00",
    "picture": {"uid": "u1", "filename": "a.png", "width": 3, "height": 5},
    "place": 2,
    "places": [1, 2],
    "link": "https://example.org/",
    "words": ["one", "two"],
}


def _sent(html):
    """Return what a browser would send of the form, unchanged."""
    pairs = []
    for control in (
        BeautifulSoup(html, "html.parser").find("form").find_all(["input", "textarea", "select"])
    ):
        name, kind = control.get("name"), control.get("type")
        if not name or kind in ("submit", "file"):
            pairs += [(name, b"")] if kind == "file" else []
        elif kind in ("checkbox", "radio"):
            pairs += [(name, control["value"])] if control.has_attr("checked") else []
        elif control.name == "select":
            chosen = [one for one in control.find_all("option") if one.has_attr("selected")]
            pairs += [(name, one["value"]) for one in chosen or control.find_all("option")[:1]]
        elif control.name == "textarea":
            pairs.append((name, control.text.removeprefix("\n")))
        else:
            pairs.append((name, control.get("value", "")))
    return pairs


def test_a_form_sent_back_unchanged_changes_nothing(form):
    html = form.render(STORED)

    assert form.validate(_sent(html)) == STORED


def test_an_empty_form_is_told_only_what_is_required(form):
    import deform

    with pytest.raises(deform.ValidationFailure) as failure:
        form.validate(_sent(form.render()))

    assert list(failure.value.error.asdict()) == ["line"]
    assert "This must be filled in." in failure.value.render()


def test_controls_are_the_browser_s_own(form):
    page = BeautifulSoup(form.render(STORED), "html.parser")

    assert page.find("input", attrs={"name": "day"})["type"] == "date"
    moment = page.find("input", attrs={"name": "moment"})
    assert (moment["type"], moment["value"]) == ("datetime-local", "2026-05-31T18:30")
    assert not page.find("script")
    assert not page.find(style=True)


def test_every_control_has_a_name_to_read(form):
    page = BeautifulSoup(form.render(STORED), "html.parser")

    for control in page.find_all(["input", "textarea", "select"]):
        if control.get("type") in ("hidden", "submit"):
            continue
        labelled = page.find("label", attrs={"for": control.get("id")})
        assert labelled or control.get("aria-label") or control.get("aria-labelledby"), control


def test_a_new_picture_is_kept_though_another_field_needs_mending(form):
    import deform

    class Upload:
        filename = "b.png"
        file = BytesIO(b"bytes")

    pairs = [
        (name, Upload() if value == b"" and index == _picture_at(form) else value)
        for index, (name, value) in enumerate(_sent(form.render({**STORED, "line": ""})))
    ]
    with pytest.raises(deform.ValidationFailure) as failure:
        form.validate(pairs)

    page = BeautifulSoup(failure.value.render(), "html.parser")
    assert page.find("input", attrs={"name": "filename", "value": "b.png"})


@pytest.mark.parametrize("width", ["wide", "-1", "9" * 6000, "👩‍👩‍👧"])
def test_a_picture_of_an_unbelievable_width_is_shown_without_it(form, width):
    import deform

    changed = {"width": width, "line": ""}
    pairs = [(name, changed.get(name, value)) for name, value in _sent(form.render(STORED))]
    with pytest.raises(deform.ValidationFailure) as failure:
        form.validate(pairs)

    page = BeautifulSoup(failure.value.render(), "html.parser")
    assert page.find("input", attrs={"name": "uid", "value": "u1"}), "the picture itself stays"
    assert not page.find("input", attrs={"name": "width"})


def _picture_at(form):
    names = [name for name, _value in _sent(form.render({**STORED, "line": ""}))]
    return names.index("upload")
