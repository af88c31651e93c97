"""What is beside a record: editions of its work, works like it, how far its libraries are."""

import pytest
from fixtures.records import make_book
from sqlalchemy import event

from bibliopolis.catalogue.models import Item
from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.libraries.services import Libraries

JSON = {"Accept": "application/json"}
KEY = "dostoevski|prestuplenie nakazanie"


@pytest.fixture
def libraries(db, clock):
    service = Libraries(db, clock)
    hours = {"opening_hours": "Mo-Su 08:00-20:00", "time_zone": "UTC"}
    places = {"fontanka": (59.93, 30.34), "harbour": (59.93, 30.20), "okhta": (59.95, 30.41)}
    return {
        code: service.add(
            code,
            {"en": f"Library {code}"},
            latitude=latitude,
            longitude=longitude,
            settings=hours,
        )
        for code, (latitude, longitude) in places.items()
    }


@pytest.fixture
def book(db, clock, libraries):
    return make_book(db, clock, libraries["fontanka"], work_key=KEY, contents="One -- Two. — Three")


@pytest.fixture
def make(db, clock, book, libraries):
    """Make another record, of the same work unless something else is said."""
    numbers = iter(range(1000))

    def make(**more):
        return make_book(
            db,
            clock,
            libraries["fontanka"],
            **{"control_number": f"other-{next(numbers)}", "work_key": KEY, **more},
        )

    return make


@pytest.fixture
def copies(db, clock, book, libraries):
    for code, library in libraries.items():
        db.add(
            Item(
                record_id=book.id,
                library_id=library.id,
                holding_library_id=library.id,
                barcode=f"I-{code}",
                status=ItemStatus.LENDABLE,
                created=clock.now(),
                changed=clock.now(),
            )
        )
    db.flush()


@pytest.fixture
def count(engine):
    """Return how many queries something needs."""

    def count(act):
        said = []

        def listen(*arguments):
            said.append(arguments[2])

        event.listen(engine, "before_cursor_execute", listen)
        act()
        event.remove(engine, "before_cursor_execute", listen)
        return len([one for one in said if not one.startswith("SAVEPOINT")])

    return count


def address(book, view="", language="en"):
    return f"/{language}/catalogue/{book.id}{view}"


def places(page):
    return [
        " ".join(one.get_text(" ", strip=True).split())
        for one in page.html.select(".avail th[scope=row]")
    ]


def test_editions_of_the_work_stand_on_the_page_in_every_language(web, book, make):
    make(title="Crime and punishment", author="Dostoyevsky, Fyodor", languages=["en"], year=1993)
    make(publisher="Азбука", place="СПб.", year=2020, kind="audiobook")
    make(title="Идиот", work_key="dostoevski|idiot")
    make(withdrawn=True)

    page = web.get(address(book))

    shown = [
        " ".join(one.get_text(" ", strip=True).split())
        for one in page.html.select(".editions li div")
    ]
    assert len(shown) == 2
    assert "СПб. : Азбука, 2020 Russian · Audiobook" in shown[0]
    assert shown[1].startswith("Crime and punishment")
    assert "1993 English" in shown[1]


def test_many_editions_have_a_page_of_their_own(web, book, make):
    for year in range(1950, 1980):
        make(year=year, title=f"Edition of {year}")

    page = web.get(address(book))
    assert len(page.html.select(".editions li")) == 6
    first = page.click(href="@@editions")
    second = first.click("^2$", href="page=2")

    titles = [one.text for one in first.html.select(".results h2 a")]
    assert titles[0] == "Edition of 1979: роман"
    assert (len(titles), len(second.html.select(".results h2 a"))) == (20, 10)
    assert "30 editions" in first.text


def test_few_editions_need_no_page(web, book, make):
    make()

    assert not web.get(address(book)).html.find("a", href=lambda to: to and "@@editions" in to)


def test_programs_get_the_editions_batch_by_batch(web, book, make):
    for year in range(1950, 1980):
        make(year=year)

    first = web.get(address(book, "/@@editions"), headers=JSON).json
    rest = web.get(first["batching"]["next"], headers=JSON).json

    assert (first["items_total"], len(first["items"]), len(rest["items"])) == (30, 25, 5)
    assert first["items"][0]["year"] == 1979


def test_a_record_of_no_known_work_has_no_editions(web, db, book, make):
    book.work_key = None
    make(work_key=None)
    db.flush()

    assert not web.get(address(book)).html.select(".editions")
    assert "Nothing of the kind" in web.get(address(book, "/@@editions")).text


def test_editions_cost_no_query_and_are_not_counted_one_by_one(web, db, book, make, count):
    make()
    web.get(address(book))
    db.expire_all()
    few = count(lambda: web.get(address(book)))
    few_listed = count(lambda: web.get(address(book, "/@@editions")))
    for year in range(1900, 1930):
        make(year=year)
    db.expire_all()

    assert count(lambda: web.get(address(book))) == few
    assert count(lambda: web.get(address(book, "/@@editions"))) <= few_listed


def test_like_it_is_what_shares_its_subjects_and_its_author(web, book, make, index_everything):
    book.subjects = ["Совесть", "Петербург — В литературе"]
    alike = make(title="Двойник", work_key="dostoevski|dvoinik", subjects=["Петербург", "Совесть"])
    less = make(title="Шинель", work_key="gogol|sinel", author="Гоголь", subjects=["Петербург"])
    make(title="Crime and punishment", subjects=["Петербург", "Совесть"])
    make(title="Алгебра", work_key="ivanov|algebra", author="Иванов, Иван", subjects=["Математика"])
    index_everything()

    page = web.get(address(book)).click("More like this")

    links = [one["href"] for one in page.html.select(".results h2 a")]
    assert links == [address(alike), address(less)]
    told = web.get(address(book, "/@@similar"), headers=JSON).json
    assert [one["title"] for one in told["items"]] == ["Двойник: роман", "Шинель: роман"]


def test_of_a_work_like_it_one_edition_is_enough(web, book, make, index_everything):
    book.subjects = ["Совесть"]
    for _number in range(3):
        make(title="Двойник", work_key="dostoevski|dvoinik", subjects=["Совесть"])
    index_everything()

    page = web.get(address(book, "/@@similar"))

    assert len(page.html.select(".results > li")) == 1


def test_many_like_it_cost_no_more_queries_than_one(web, db, book, make, count, index_everything):
    book.subjects = ["Совесть"]
    make(title="Первая", work_key="a|pervaia", subjects=["Совесть"])
    index_everything()
    web.get(address(book, "/@@similar"))
    few = count(lambda: web.get(address(book, "/@@similar")))
    for number in range(30):
        make(title=f"Книга {number}", work_key=f"a|{number}", subjects=["Совесть"])
    index_everything()

    assert count(lambda: web.get(address(book, "/@@similar"))) <= few


def test_a_record_like_nothing_says_so(web, db, book, index_everything):
    book.subjects, book.author = [], None
    db.flush()
    index_everything()

    assert "Nothing of the kind" in web.get(address(book, "/@@similar")).text


@pytest.mark.parametrize("view", ["editions", "similar"])
def test_beside_a_record_that_was_taken_away_is_nothing(web, db, book, view):
    book.withdrawn = True
    db.flush()

    web.get(address(book, f"/@@{view}"), status=410)
    web.get(address(book, f"/@@{view}"), headers=JSON, status=410)


def test_hours_are_told_to_who_asks_for_them(web, book, copies):
    page = web.get(address(book))
    assert "open until" not in page.text

    told = page.click("Opening hours today")

    assert places(told)[0] == "Library fontanka open until 20:00"


def test_who_has_a_library_sees_how_far_the_others_are_and_whether_they_are_open(web, book, copies):
    web.set_cookie("my_library", "okhta")

    page = web.get(address(book))

    assert places(page) == [
        "Library okhta open until 20:00 my library",
        "Library fontanka 4.5 km · open until 20:00",
        "Library harbour 12 km · open until 20:00",
    ]


def test_the_nearest_comes_first_for_who_says_where_they_are(web, book, copies):
    page = web.get(address(book, "?near=59.93,30.21"))

    assert [one.split()[1] for one in places(page)] == ["harbour", "fontanka", "okhta"]
    assert places(page)[0].startswith("Library harbour 550 m")
    assert "near=" not in page.click("nearest to me first").request.url


@pytest.mark.parametrize("near", ["", "x", "1", "1,2,3", "91,0", "nan,nan", "0,inf", "9" * 500])
def test_a_foolish_place_is_no_place(web, book, copies, near):
    page = web.get(address(book, f"?near={near}"))

    assert [one.split()[1] for one in places(page)] == ["fontanka", "harbour", "okhta"]


def test_a_place_stays_when_all_libraries_are_asked_for(web, db, clock, book, copies):
    service = Libraries(db, clock)
    for number in range(12):
        library = service.add(f"b{number}", {"en": f"Branch {number}"})
        db.add(
            Item(
                record_id=book.id,
                library_id=library.id,
                holding_library_id=library.id,
                barcode=f"B{number}",
                status=ItemStatus.LENDABLE,
                created=clock.now(),
                changed=clock.now(),
            )
        )
    db.flush()

    page = web.get(address(book, "?near=59.93,30.21")).click(href="copies=all")

    assert len(places(page)) == 15
    assert places(page)[0].startswith("Library harbour 550 m")


def test_hours_cost_two_queries_however_many_libraries(web, db, book, copies, count):
    web.get(address(book))
    db.expire_all()
    plain = count(lambda: web.get(address(book)))
    db.expire_all()

    assert count(lambda: web.get(address(book, "?hours=1"))) <= plain + 2


def test_what_is_in_a_book_is_told_part_by_part(web, book):
    page = web.get(address(book))

    [box] = [one for one in page.html.select("details") if "What is in it" in one.summary.text]
    assert [one.text for one in box.select("li")] == ["One", "Two", "Three"]
