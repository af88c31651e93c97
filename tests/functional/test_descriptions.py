"""Staff see what each library says of a record, and take it apart or join it; readers do not."""

import pytest
from fixtures.lending import City
from sqlalchemy import event, select

from bibliopolis.catalogue.importing import Importer
from bibliopolis.catalogue.marc import Place, Reading
from bibliopolis.catalogue.models import Record, SourceRecord
from bibliopolis.catalogue.record_data import Contributor, ItemData, RecordData

BOOK = {
    "title": "Тихий Дон",
    "title_statement": "Тихий Дон /",
    "contributors": (Contributor("Шолохов, Михаил"),),
    "publisher": "Художественная литература",
    "year": 1975,
    "languages": ("ru",),
    "extent": "512 с.",
}
JSON = {"Accept": "application/json"}


@pytest.fixture
def city(db, clock):
    return City(db, clock, None)


@pytest.fixture
def libraries(city):
    return [city.library("Fontanka"), city.library("Okhta")]


@pytest.fixture
def describe(inside, libraries):
    """Let a library describe a book; return the id of its record."""

    def described(number, which, **more):
        library = libraries[which]
        data = RecordData(
            control_number=f"n{number}",
            **{**BOOK, "items": (ItemData(barcode=f"B{number}", home=library.code),), **more},
        )
        codes = {one.code: one.id for one in libraries}
        importer = Importer.for_library(inside, library.id, codes)
        importer.take([Reading(Place("file", number, 0), data, b"")])
        return inside.db.scalar(
            select(SourceRecord.record_id).where(SourceRecord.control_number == f"n{number}")
        )

    return described


@pytest.fixture
def record_id(describe):
    describe(1, 0, subjects=("Казачество",))
    return describe(2, 1, publisher="Худож. лит.", summary="О казаках.")


@pytest.fixture
def librarian(sign_in, make_person, libraries):
    make_person("anna", librarian=f"library:{libraries[0].id}")
    return sign_in("anna")


def address(record_id, name="descriptions"):
    return f"/en/catalogue/{record_id}/@@{name}"


def sources_form(page):
    return next(form for form in page.forms.values() if "source" in form.fields)


def test_readers_see_nothing_of_it(web, sign_in, make_person, record_id):
    assert "Descriptions of the libraries" not in web.get(f"/en/catalogue/{record_id}").text
    told = web.get(f"/en/catalogue/{record_id}", headers=JSON).json
    assert not {"sources", "field_sources", "descriptions"} & told.keys()
    make_person("maria")
    browser = sign_in("maria")
    browser.get(address(record_id), status=403)


def test_a_librarian_sees_who_says_what(librarian, record_id, libraries):
    page = librarian.get(f"/en/catalogue/{record_id}").click("Descriptions of the libraries")

    assert [cell.text for cell in page.html.select("table tbody th")][:2] == ["Title", "People"]
    line = page.html.find("th", string="Publisher").parent
    assert "Художественная литература" in line.text
    assert "1 variant" in line.text
    assert "Худож. лит." in line.text
    assert len(line.select(".s-srcs a")) == 1
    title = page.html.find("th", string="Title").parent
    assert len(title.select(".s-srcs a")) == 2
    for library in libraries:
        assert library.name["en"] in page.html.select_one(".s-sources").text
    assert "2 descriptions · 2 copies" in page.html.select_one(".s-lead").text


def test_programs_of_staff_get_the_source_of_every_field(librarian, record_id, libraries):
    told = librarian.get(f"/en/catalogue/{record_id}", headers=JSON).json

    first, second = told["sources"]
    assert first["library"]["token"] == libraries[0].code
    assert (first["control_number"], first["pinned"], first["copies"]) == ("n1", False, 1)
    assert told["field_sources"]["subjects"] == [first["id"]]
    assert told["field_sources"]["summary"] == [second["id"]]


def test_a_description_is_taken_out_and_put_back(librarian, db, record_id):
    form = sources_form(librarian.get(address(record_id)))
    form["source"] = [form.fields["source"][1]._value]

    page = form.submit(index=0).follow()

    assert "1 description is a record of its own now" in page.text
    [new_id] = db.scalars(select(Record.id).where(Record.id != record_id, ~Record.withdrawn))
    assert f"/en/catalogue/{new_id}" in page.html.select_one(".s-history").text or page.html.find(
        "a", href=f"/en/catalogue/{new_id}"
    )
    undo = next(form for form in page.forms.values() if "decision" in form.fields)
    page = undo.submit().follow()
    assert "It is as it was before." in page.text
    assert "Undone" in page.html.select_one(".s-history").text
    librarian.get(f"/en/catalogue/{new_id}", status=301)


def test_a_record_is_looked_at_before_it_is_joined(librarian, db, record_id, describe):
    other_id = describe(3, 0, year=1980)
    form = librarian.get(address(record_id)).forms
    look = next(one for one in form.values() if "join" in one.fields)
    look["join"] = f"http://localhost/en/catalogue/{other_id}?copies=all"

    page = look.submit()
    assert "1980" in page.html.select_one(".s-conseq").text
    assert "1 copy comes here." in page.text
    join = next(one for one in page.forms.values() if "record" in one.fields)
    page = join.submit().follow()

    assert "Joined. Its address leads here now." in page.text
    assert "3 descriptions" in page.text
    assert page.html.select_one(".s-sources .s-tag").text == "kept here"
    answer = librarian.get(f"/en/catalogue/{other_id}", status=301)
    assert answer.location.endswith(f"/en/catalogue/{record_id}")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("x", "There is no record with this number."),
        ("999999", "There is no record with this number."),
        ("9" * 40, "There is no record with this number."),
        ("self", "This is the same record."),
    ],
)
def test_what_cannot_be_joined_is_said(librarian, record_id, asked, said):
    asked = str(record_id) if asked == "self" else asked

    page = librarian.get(address(record_id), {"join": asked})

    assert page.html.select_one("#join-error").text == said


def test_a_record_of_another_library_is_not_joined_by_who_may_not_change_it(
    librarian, record_id, describe
):
    other_id = describe(3, 1, year=1980)

    page = librarian.get(address(record_id), {"join": str(other_id)})

    assert page.html.select_one("#join-error").text == "You may not change the other record."
    token = sources_form(page)["csrf_token"].value
    fields = {"record": str(other_id), "csrf_token": token}
    librarian.post(address(record_id, "join-record"), fields, status=400)


def test_nothing_chosen_or_everything_is_refused(librarian, record_id):
    form = sources_form(librarian.get(address(record_id)))
    assert "Choose a description first." in form.submit(index=0, status=409).text

    form = sources_form(librarian.get(address(record_id)))
    form["source"] = [field._value for field in form.fields["source"]]
    assert "One description has to stay." in form.submit(index=0, status=409).text


def test_a_description_is_kept_and_released(librarian, record_id):
    form = sources_form(librarian.get(address(record_id)))
    form["source"] = [form.fields["source"][0]._value]
    fields = [*form.submit_fields(), ("pinned", "yes")]
    page = librarian.post(address(record_id, "pin-descriptions"), fields).follow()

    assert "They stay here, whatever comes." in page.text
    assert page.html.select_one(".s-sources .s-tag").text == "kept here"


def test_the_page_asks_as_many_questions_for_two_descriptions_as_for_ten(
    librarian, db, engine, describe, city, libraries
):
    record_id = describe(1, 0)
    asked = []

    def listener(*args):
        asked.append(args[2])

    def queries():
        asked.clear()
        event.listen(engine, "before_cursor_execute", listener)
        librarian.get(address(record_id))
        event.remove(engine, "before_cursor_execute", listener)
        return len(asked)

    describe(2, 1)
    queries()
    few = queries()
    for number in range(2, 10):
        libraries.append(city.library("Branch"))
        describe(number + 10, number)
    assert db.scalar(select(Record.library_ids).where(Record.id == record_id)) is not None
    many = queries()
    assert few == many


def test_other_editions_are_records_not_descriptions(web, record_id, describe):
    describe(3, 0, year=1980)
    describe(4, 1, year=1980)

    told = web.get(f"/en/catalogue/{record_id}/@@editions", headers=JSON).json

    assert told["items_total"] == 1
    page = web.get(f"/en/catalogue/{record_id}")
    assert len(page.html.select(".editions li")) == 1
