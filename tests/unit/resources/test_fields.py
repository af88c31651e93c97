"""Every field type reads what forms and clients send, and stores plain JSON."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, date, datetime
from io import BytesIO
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import colander
import pytest
from hypothesis import given
from hypothesis import strategies as st
from zope.interface import implementer
from zope.interface.verify import verifyObject

from bibliopolis.errors import InvalidInput, NotFoundHere
from bibliopolis.resources.context import FieldContext
from bibliopolis.resources.fields import BUILT_IN, Contribution
from bibliopolis.resources.fields.texts import clean_markup, clean_text, plain_words
from bibliopolis.resources.interfaces import IFieldType, IMediaStore, IReferenceSource
from bibliopolis.resources.types import Field, ResourceTypes, Search, Term, Vocabulary

MOSCOW = ZoneInfo("Europe/Moscow")


@implementer(IMediaStore)
class MemoryStore:
    """Keeps nothing but the facts."""

    def __init__(self):
        self.files = {}

    def keep(self, stream, filename, kind):
        content = stream.read()
        if content == b"virus":
            raise InvalidInput("This is not a picture.")
        uid = f"u{len(self.files)}"
        self.files[uid] = {"uid": uid, "filename": filename, "size": len(content), "odd": 1}
        return self.files[uid]

    def knows(self, uid):
        return uid in self.files

    def describe(self, uid):
        if uid not in self.files:
            raise NotFoundHere("no such file")
        return self.files[uid]

    def url(self, uid, scale=None):
        return f"/media/{uid}/{scale or ''}"


@implementer(IReferenceSource)
class Libraries:
    """Two libraries; ``few`` says whether they fit into a list."""

    few = True

    def options(self, language):
        return [(1, "Sea"), (2, "Garden")] if self.few else None

    def titles(self, ids, language):
        return {key: title for key, title in ((1, "Sea"), (2, "Garden")) if key in ids}

    def url(self, id, language):
        return f"/{language}/libraries/{id}"


@pytest.fixture
def libraries():
    return Libraries()


@pytest.fixture
def context(libraries):
    types = ResourceTypes()
    types.field_types.update({kind.name: kind for kind in BUILT_IN})
    colours = (Term("red", "Red"), Term("green", "Green"), Term("blue", "Blue"))
    types.vocabularies["colours"] = Vocabulary("colours", "Colours", colours)
    media = MemoryStore()

    def find_service(wanted, name=""):
        return {IMediaStore: media, IReferenceSource: libraries}[wanted]

    return FieldContext(types, "ru", MOSCOW, find_service)


def _field(kind, **keys):
    return Field(name="it", kind=kind, title="It", **keys)


def _read(context, kind, value, **keys):
    field = _field(kind, **keys)
    return context.kind(field).node(field, context).deserialize(value)


def _shown(context, kind, value, **keys):
    field = _field(kind, **keys)
    return context.kind(field).node(field, context).serialize(value)


def _refused(context, kind, value, **keys):
    with pytest.raises(colander.Invalid) as refusal:
        _read(context, kind, value, **keys)
    return refusal.value.messages()[0].interpolate()


@pytest.mark.parametrize("kind", BUILT_IN, ids=lambda kind: kind.name)
def test_every_field_type_keeps_the_contract(kind):
    verifyObject(IFieldType, kind)


def test_a_package_gets_all_the_kinds_that_are_promised():
    assert {kind.name for kind in BUILT_IN} == {
        "text",
        "rich_text",
        "integer",
        "boolean",
        "choice",
        "date",
        "datetime",
        "image",
        "file",
        "reference",
        "url",
        "tags",
    }


COLOURS = {"vocabulary": "colours"}
LIBRARY = {"to": "library"}
READ = [
    ("text", "  Ё\u0435\u0308 \x00\r\nтекст ", {}, "Ёё \nтекст"),
    ("text", " one\n line ", {"options": {"max_length": 20}}, "one line"),
    ("rich_text", "One\n\nTwo & <3", {}, "<p>One</p>\n<p>Two &amp; &lt;3</p>"),
    ("rich_text", "<p onclick=x>A<script>b</script></p>", {}, "<p>A</p>"),
    ("integer", "−5", {}, -5),
    ("integer", "٤٢", {}, 42),
    ("integer", 7, {"options": {"min": 7, "max": 7}}, 7),
    ("boolean", "true", {}, True),
    ("boolean", False, {}, False),
    ("choice", "red", {"options": COLOURS}, "red"),
    ("choice", ["blue", "red"], {"options": COLOURS, "many": True}, ["red", "blue"]),
    ("date", "2026-05-31", {}, "2026-05-31"),
    ("datetime", "2026-05-31T18:30", {}, "2026-05-31T15:30:00+00:00"),
    ("datetime", "2026-05-31T18:30:00+05:00", {}, "2026-05-31T13:30:00+00:00"),
    ("datetime", "2026-05-31T18:30:00Z", {}, "2026-05-31T18:30:00+00:00"),
    ("reference", "2", {"options": LIBRARY}, 2),
    ("reference", ["2", 1, "2"], {"options": LIBRARY, "many": True}, [2, 1]),
    ("url", " https://example.org/Ж?a=1 ", {}, "https://example.org/Ж?a=1"),
    ("url", "/ru/news", {}, "/ru/news"),
    ("tags", "Сказки, сказки\n\nПушкин", {}, ["Сказки", "Пушкин"]),
    ("tags", ["a ", "b"], {}, ["a", "b"]),
    ("tags", "قصص، شعر", {}, ["قصص", "شعر"]),
]


@pytest.mark.parametrize(("kind", "sent", "keys", "stored"), READ)
def test_what_is_sent_becomes_what_is_stored(context, kind, sent, keys, stored):
    value = _read(context, kind, sent, **keys)

    assert value == stored
    assert json.loads(json.dumps(value)) == value


@pytest.mark.parametrize(("kind", "sent", "keys", "stored"), READ)
def test_a_form_shows_what_is_stored_so_that_it_comes_back_the_same(
    context, kind, sent, keys, stored
):
    shown = _shown(context, kind, stored, **keys)

    assert _read(context, kind, shown, **keys) == stored


REFUSED = [
    ("text", 5, {}, "This must be text."),
    ("text", "abcdef", {"options": {"max_length": 5}}, "6 characters long; at most 5 fit"),
    ("integer", "5.5", {}, "Write a whole number."),
    ("integer", True, {}, "Write a whole number."),
    ("integer", "9" * 12, {}, "This must be at most 2147483647."),
    ("integer", "0", {"options": {"min": 1}}, "This must be at least 1."),
    ("integer", "11", {"options": {"max": 10}}, "This must be at most 10."),
    ("boolean", "maybe", {}, "Say yes or no."),
    ("choice", "pink", {"options": COLOURS}, "“pink” cannot be chosen here."),
    ("choice", ["red", ["x"]], {"options": COLOURS, "many": True}, "cannot be chosen here."),
    ("choice", "red", {"options": COLOURS, "many": True}, "This must be a list."),
    ("date", "31.05.2026", {}, "Write a day as"),
    ("date", "2026-02-30", {}, "Write a day as"),
    ("datetime", "2026-05-31 at six", {}, "Write a day and a time"),
    ("datetime", "0001-01-01T00:00:00+05:00", {}, "Write a day and a time"),
    ("reference", "3", {"options": LIBRARY}, "There is nothing with the number 3."),
    ("reference", "x", {"options": LIBRARY}, "Write the number"),
    ("reference", ["1", "2"], {"options": LIBRARY}, "Choose one."),
    ("reference", True, {"options": LIBRARY}, "Write the number"),
    ("url", "javascript:alert(1)", {}, "Write a full address"),
    ("url", "//evil.example", {}, "Write a full address"),
    ("url", "/\\evil.example", {}, "Write a full address"),
    ("url", "https://[bad", {}, "Write a full address"),
    ("url", "https:///path", {}, "Write a full address"),
    ("tags", ["x" * 101], {}, "is too long."),
    ("tags", [str(n) for n in range(51)], {}, "At most 50 tags fit."),
    ("tags", [1], {}, "This must be a list of texts."),
    ("image", {"uid": "gone"}, {}, "This file is not here any more; send it again."),
    ("image", "x", {}, "This must be a file."),
    ("image", {"data": "§"}, {}, "in base64"),
]


@pytest.mark.parametrize(("kind", "sent", "keys", "message"), REFUSED)
def test_what_does_not_fit_is_refused_with_words(context, kind, sent, keys, message):
    assert message in _refused(context, kind, sent, **keys)


@pytest.mark.parametrize("kind", [kind.name for kind in BUILT_IN if kind.name != "boolean"])
@pytest.mark.parametrize("nothing", [colander.null, "", None, []])
def test_nothing_is_no_value_unless_it_is_required(context, kind, nothing):
    options = {**COLOURS, **LIBRARY}
    field = {
        "options": {
            key: options[key] for key in context.types.field_types[kind].options if key in options
        }
    }

    assert _read(context, kind, nothing, **field) is colander.drop
    assert _refused(context, kind, nothing, required=True, **field) == "This must be filled in."


def test_blanks_are_no_text(context):
    assert _refused(context, "text", " \n ", required=True) == "This must be filled in."


def test_a_draft_may_lack_what_is_required(context):
    draft = FieldContext(context.types, draft=True)

    assert _read(draft, "text", "", required=True) is colander.drop


def test_a_day_on_a_page_is_a_day(context):
    field = _field("date")

    assert context.kind(field).display(field, "2026-05-31", context) == date(2026, 5, 31)


def test_an_instant_on_a_page_is_in_the_time_of_the_city(context):
    field = _field("datetime")

    shown = context.kind(field).display(field, "2026-05-31T15:30:00+00:00", context)

    assert shown == datetime(2026, 5, 31, 18, 30, tzinfo=MOSCOW)
    assert shown.utcoffset().total_seconds() == 3 * 3600


def test_an_upload_is_kept_at_once_and_known_by_its_uid(context):
    field = _field("image")
    node = context.kind(field).node(field, context)
    upload = SimpleNamespace(filename="a.png", file=BytesIO(b"bytes"))

    stored = node.widget.deserialize(SimpleNamespace(schema=node), {"upload": upload})

    assert stored == {"uid": "u0", "filename": "a.png", "size": 5}
    assert node.deserialize(stored) == stored
    assert node.widget.deserialize(None, {"uid": "u0", "upload": b""}) == {"uid": "u0"}
    assert node.widget.deserialize(None, {"uid": "u0", "remove": "on"}) is colander.null


def test_what_the_media_store_refuses_is_wrong_with_the_field(context):
    field = _field("image")
    node = context.kind(field).node(field, context)
    upload = SimpleNamespace(filename="a.png", file=BytesIO(b"virus"))

    with pytest.raises(colander.Invalid, match="This is not a picture"):
        node.widget.deserialize(SimpleNamespace(schema=node), {"upload": upload})


def test_a_client_sends_a_picture_inside_its_json(context):
    sent = {"data": b64encode(b"bytes").decode(), "filename": "b.png"}

    assert _read(context, "image", sent)["filename"] == "b.png"


def test_a_picture_is_shown_with_its_scales(context):
    field = _field("image")
    shown = context.kind(field).represent(field, {"uid": "u0", "media_type": "image/png"}, context)

    assert shown["content-type"] == "image/png"
    assert shown["scales"]["thumb"] == {"download": "/media/u0/thumb"}


def test_a_reference_is_shown_by_title_and_forgotten_when_it_is_gone(context):
    field = _field("reference", options=LIBRARY, many=True)
    shown = context.kind(field).represent(field, [2, 9], context)

    assert shown == [
        {"@id": "/ru/libraries/2", "@type": "library", "id": 2, "title": "Garden"},
    ]


def test_too_many_to_choose_from_are_written_by_number(context, libraries):
    libraries.few = False
    field = _field("reference", options=LIBRARY)

    assert context.kind(field).node(field, context).widget.template == "textinput"


def test_choices_carry_their_titles(context):
    field = _field("choice", options=COLOURS)
    kind = context.kind(field)

    assert kind.json_schema(field, context)["enumNames"] == ["Red", "Green", "Blue"]
    assert kind.display(field, "red", context) == ["Red"]
    assert kind.display(field, "mauve", context) == ["mauve"]
    assert kind.node(field, context).widget.values[0] == ("", "not chosen")


def test_a_vocabulary_can_ask_a_service():
    vocabulary = Vocabulary("x", "X", lambda find: [Term(find("y"), "Y")])

    assert vocabulary.terms(lambda name: name) == (Term("y", "Y"),)


def test_fields_contribute_text_by_weight_facets_and_sorting(context):
    title = _field("text", search=Search(weight=3))
    day = _field("datetime", search=Search(sort=True, facet="date"))
    tags = _field("tags", search=Search(weight=2, facet="value"))
    silent = _field("text")
    give = lambda field, value: context.kind(field).contribution(field, value)  # noqa: E731

    total = (
        give(title, "Poetry")
        + give(day, "2026-05-31T15:30:00+00:00")
        + give(tags, ["a", "b"])
        + give(silent, "secret")
        + Contribution()
    )

    assert total.text() == "Poetry\na\nb"
    assert total.text(lightest=3) == "Poetry"
    assert total.facets == {"it": ("2026-05-31", "a", "b")}
    assert total.sort == {"it": "2026-05-31T15:30:00+00:00"}


def test_markup_is_cleaned_whoever_sent_it():
    assert clean_markup('<a href="javascript:x()">y</a>') == '<a rel="noopener">y</a>'
    assert clean_markup("<iframe src=x></iframe><p lang=ar dir=rtl>م</p>") == (
        '<p lang="ar" dir="rtl">م</p>'
    )
    assert plain_words("<p>One</p><p>Two &amp; three</p>") == "One Two & three"


@given(st.text())
def test_cleaned_text_stays_as_it_is(text):
    once = clean_text(text)

    assert clean_text(once) == once
    assert "\x00" not in once
    once.encode("utf-8")


@given(st.text(alphabet="<>&ab /=\"'pscrit\n:", max_size=60))
def test_cleaned_markup_stays_as_it_is_and_holds_no_script(text):
    once = clean_markup(text)

    assert clean_markup(once) == once
    assert "<script" not in once


@given(st.datetimes(datetime(1980, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))
def test_an_instant_survives_the_form_to_the_minute(instant):
    types = ResourceTypes()
    types.field_types.update({kind.name: kind for kind in BUILT_IN})
    context = FieldContext(types, zone=ZoneInfo("Asia/Tashkent"))
    stored = instant.replace(second=0, microsecond=0).isoformat()

    assert _read(context, "datetime", _shown(context, "datetime", stored)) == stored


@given(st.lists(st.text(max_size=30), max_size=60))
def test_tags_are_few_short_and_different(sent):
    types = ResourceTypes()
    types.field_types.update({kind.name: kind for kind in BUILT_IN})
    context = FieldContext(types)
    try:
        tags = _read(context, "tags", sent)
    except colander.Invalid:
        return

    if tags is not colander.drop:
        assert len({tag.casefold() for tag in tags}) == len(tags) <= 50
        assert all(tag == tag.strip() for tag in tags)
