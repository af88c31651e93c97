"""A record at its address: for people, for programs, and for those who guess addresses."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import event

from bibliopolis.catalogue.models import Item, Record
from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.libraries.models import ExceptionKind, HoursException, Library

JSON = {"Accept": "application/json"}


def add(db, row):
    db.add(row)
    db.flush()
    return row


def make_library(db, clock, code):
    return add(
        db,
        Library(
            code=code,
            name={"en": f"Library {code}", "ru": f"Библиотека {code}"},
            sort_key=code,
            created=clock.now(),
            changed=clock.now(),
        ),
    )


def make_items(db, clock, record, library, *statuses, shelf_mark="84Р1 Д70"):
    start = db.query(Item).count()
    rows = [
        Item(
            record_id=record.id,
            library_id=library.id,
            holding_library_id=library.id,
            barcode=f"I{start + number}",
            shelf_mark=shelf_mark,
            location="Floor 2",
            status=status,
            created=clock.now(),
            changed=clock.now(),
        )
        for number, status in enumerate(statuses)
    ]
    db.add_all(rows)
    db.flush()
    return rows


@pytest.fixture
def libraries(db, clock):
    return [make_library(db, clock, code) for code in ("fontanka", "harbour")]


@pytest.fixture
def book(db, clock, libraries):
    return add(
        db,
        Record(
            library_id=libraries[0].id,
            control_number="page-1",
            title="Преступление и наказание",
            subtitle="роман",
            author="Достоевский, Федор Михайлович",
            contributors=[
                {"name": "Достоевский, Федор Михайлович", "role": "author", "dates": "1821-1881"},
                {"name": "Garnett, Constance", "role": "translator"},
            ],
            publisher="Наука",
            place="Москва",
            year=1970,
            kind="book",
            language="ru",
            languages=["ru"],
            isbns=["9780851705774"],
            subjects=["Совесть — В литературе"],
            summary="Июль, жара, <script>alert(1)</script> Петербург.",
            links=[
                {"url": "https://example.org/text", "title": "Text"},
                {"url": "javascript:alert(1)", "title": "Trap"},
            ],
            age=16,
            sort_key="преступление и наказание",
            created=clock.now(),
            changed=clock.now(),
        ),
    )


def page_of(web, record, language="en", **options):
    return web.get(f"/{language}/catalogue/{record.id}", **options)


def table(page):
    return [
        [" ".join(cell.get_text(" ", strip=True).split()) for cell in row.find_all(["th", "td"])]
        for row in page.html.select("table.avail tbody tr")
    ]


def test_the_page_says_what_the_book_is(web, book):
    page = page_of(web, book)

    heading = page.html.find("h1")
    assert heading.text == "Преступление и наказание"
    assert heading.bdi["lang"] == "ru"
    assert page.html.select_one(".eyebrow").text == "Book · 1970"
    assert "Наука, Москва, 1970" in page.html.select_one(".facts").text
    assert "Russian" in page.html.select_one(".facts").text
    assert "16+" in page.text
    assert "ISBN 9780851705774" in page.html.select_one(".cite").text


def test_people_and_subjects_lead_to_searches(web, book):
    page = page_of(web, book)

    links = {link.text: link["href"] for link in page.html.select(".record a")}
    assert links["Федор Михайлович Достоевский"].startswith("/en/catalogue?q=%D0%A4")
    assert links["Constance Garnett"] == "/en/catalogue?q=Constance+Garnett"
    assert links["Совесть — В литературе"].startswith("/en/catalogue?subj=")
    assert "В литературе" not in links["Совесть — В литературе"]


def test_what_a_catalogue_says_is_never_markup_nor_script(web, book):
    page = page_of(web, book)

    assert "<script>alert" not in page.text
    assert "javascript:" not in page.text
    assert "Trap" in page.text


def test_copies_are_told_by_library_with_their_state(web, db, clock, book, libraries):
    lendable, reading = ItemStatus.LENDABLE, ItemStatus.READING_ROOM
    make_items(db, clock, book, libraries[1], lendable, lendable, reading)
    make_items(db, clock, book, libraries[0], ItemStatus.LOST)

    page = page_of(web, book)

    assert table(page) == [
        ["Library harbour", "on the shelf 2 copies", "Floor 2 · 84Р1 Д70"],
        ["Library fontanka", "lost 1 copy", "Floor 2 · 84Р1 Д70"],
        ["Library harbour", "reading room only 1 copy", "Floor 2 · 84Р1 Д70"],
    ]


def test_a_copy_in_a_closed_library_says_so(web, db, clock, book, libraries):
    make_items(db, clock, book, libraries[1], ItemStatus.LENDABLE)
    make_items(db, clock, book, libraries[0], ItemStatus.LENDABLE)
    today = clock.today()
    db.add(
        HoursException(
            library_id=libraries[1].id,
            kind=ExceptionKind.CLOSED,
            first=today,
            last=today + timedelta(days=2),
            reason={},
        )
    )
    db.flush()

    page = page_of(web, book)

    opens = today + timedelta(days=3)
    assert [row[:2] for row in table(page)] == [
        ["Library fontanka", "on the shelf 1 copy"],
        [
            "Library harbour",
            f"on the shelf; the library is closed until {opens.day} {opens:%B} 1 copy",
        ],
    ]


def test_the_chosen_library_comes_first(web, db, clock, book, libraries):
    make_items(db, clock, book, libraries[1], ItemStatus.LENDABLE)
    make_items(db, clock, book, libraries[0], ItemStatus.LOST)
    web.set_cookie("my_library", "fontanka")

    page = page_of(web, book)

    assert table(page)[0][0] == "Library fontanka my library"


def test_a_journal_shows_a_few_places_and_hides_no_other(web, db, clock, book, libraries):
    for number in range(8):
        make_items(db, clock, book, libraries[0], ItemStatus.LENDABLE, shelf_mark=f"v. {number}")

    cell = page_of(web, book).html.select("table.avail tbody td")[-1]

    assert cell.summary.text == "and 5 more places"
    assert len(cell.select("bdi")) == 8


def test_a_book_nobody_has_says_so(web, book):
    assert "No library has a copy of this now." in page_of(web, book).text


@pytest.mark.parametrize(("language", "word"), [("ru", "Библиотека fontanka"), ("ar", "fontanka")])
def test_libraries_are_named_in_the_language_of_the_page(
    web, db, clock, book, libraries, language, word
):
    make_items(db, clock, book, libraries[0], ItemStatus.LENDABLE)

    assert word in table(page_of(web, book, language))[0][0]


def test_many_copies_cost_no_more_queries_than_one(web, db, engine, clock, book, libraries):
    said = []

    def listen(*arguments):
        said.append(arguments[2])

    def queries():
        said.clear()
        page_of(web, book)
        return len([one for one in said if not one.startswith("SAVEPOINT")])

    make_items(db, clock, book, libraries[0], ItemStatus.LENDABLE)
    page_of(web, book)
    event.listen(engine, "before_cursor_execute", listen)
    db.expire_all()
    few = queries()
    for number in range(60):
        library = make_library(db, clock, f"branch{number}")
        make_items(db, clock, book, library, *[ItemStatus.LENDABLE] * 8)
    db.expire_all()
    many = queries()
    event.remove(engine, "before_cursor_execute", listen)

    assert many == few <= 16


def test_a_long_table_is_cut_until_all_of_it_is_asked_for(web, db, clock, book):
    for number in range(20):
        library = make_library(db, clock, f"branch{number:02}")
        make_items(db, clock, book, library, ItemStatus.LENDABLE)

    page = page_of(web, book)
    whole = page.click(href="copies=all")

    assert (len(table(page)), len(table(whole))) == (12, 20)
    assert "In 20 libraries" in whole.text


def test_programs_get_the_record_with_a_batch_of_copies(web, db, clock, book, libraries):
    make_items(db, clock, book, libraries[0], *[ItemStatus.LENDABLE] * 30)

    first = page_of(web, book, headers=JSON).json
    second = web.get(first["batching"]["next"], headers=JSON).json

    assert first["@id"] == f"http://localhost/en/catalogue/{book.id}"
    assert (first["@type"], first["title"], first["year"]) == ("record", book.title, 1970)
    assert (len(first["items"]), len(second["items"]), first["items_total"]) == (25, 5, 30)
    assert first["items"][0] == {
        "@type": "copy",
        "id": book.items[0].id,
        "library": {"token": "fontanka", "title": "Library fontanka"},
        "shelf_mark": "84Р1 Д70",
        "location": "Floor 2",
        "status": {"token": "on_shelf", "title": "on the shelf"},
        "available": True,
    }
    assert first["copies_available"] == 30


@pytest.mark.parametrize("start", ["-1", "x", "9" * 40, "", "%D9%A1", "1.5"])
def test_a_foolish_batch_is_answered_all_the_same(web, book, start):
    web.get(f"/en/catalogue/{book.id}?b_start={start}&b_size={start}", headers=JSON)


@pytest.mark.parametrize(
    "name",
    ["0", "-1", "x", "1e3", "2147483648", "9" * 30, "%D9%A1", "1%0A", "1 ", "01", "'--"],
)
def test_guessed_addresses_are_not_found(web, book, name):
    web.get(f"/en/catalogue/{name}", status=404)
    web.get(f"/en/catalogue/{name}", headers=JSON, status=404)


def test_a_record_that_was_taken_away_is_gone(web, db, book):
    book.withdrawn = True
    db.flush()

    assert "no longer have this" in page_of(web, book, status=410).text
    assert page_of(web, book, headers=JSON, status=410).json["status"] == 410


def another(db, clock, book, number, title, author=None, **more):
    return add(
        db,
        Record(
            library_id=book.library_id,
            control_number=f"other-{number}",
            title=title,
            author=author or book.author,
            contributors=[{"name": author or book.author, "role": "author"}],
            kind="book",
            sort_key=title.casefold(),
            created=clock.now(),
            changed=clock.now(),
            **more,
        ),
    )


def test_other_works_of_the_author_stand_beside_it(web, db, clock, book, index_everything):
    idiot = another(db, clock, book, 1, "Идиот", year=1957)
    another(db, clock, book, 2, "Преступление и наказание")
    another(db, clock, book, 3, "О Достоевском", author="Бахтин, Михаил")
    another(db, clock, book, 4, "Бесы", withdrawn=True)
    index_everything()

    page = page_of(web, book)

    [link] = page.html.select(".book-grid .book-cap a")
    assert (link.text, link["href"]) == ("Идиот", f"/en/catalogue/{idiot.id}")


def test_a_transliterated_title_says_so(web, db, book):
    book.title, book.other_titles = "Sindrom Petrushki", ["Синдром Петрушки"]
    db.flush()

    page = page_of(web, book)

    assert page.html.find("h1").bdi["lang"] == "ru-Latn"
    assert "Синдром Петрушки" in page.text


def test_search_engines_learn_what_book_it_is(web, book):
    page = web.get(f"/ru/catalogue/{book.id}?copies=all").html
    scripts = page.find_all("script", type="application/ld+json")
    data = {one["@type"]: one for one in (json.loads(script.string) for script in scripts)}

    said = data["Book"]
    assert said["url"] == f"http://localhost/ru/catalogue/{book.id}"
    assert said["name"] == book.title
    assert said.get("isbn", []) == book.isbns
    assert {one["name"] for one in said["author"]}
    assert data["BreadcrumbList"]["itemListElement"][-1]["name"] == book.title
    assert page.find("link", rel="canonical")["href"] == said["url"]
