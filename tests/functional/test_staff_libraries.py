"""Staff keep the tree of organisations: description, hours, closures; each where they may."""

import pytest
from fixtures.desk import form_to
from fixtures.lending import City

from bibliopolis.libraries.models import HoursException
from bibliopolis.libraries.services import Libraries


@pytest.fixture
def city(db, clock):
    return City(db, clock, None)


@pytest.fixture
def here(city):
    return city.library("Fontanka", settings={"opening_hours": "Mo-Su 10:00-20:00"})


@pytest.fixture
def there(city):
    return city.library("Okhta")


@pytest.fixture
def managed(sign_in, make_person, here):
    """The browser of somebody who manages the first library."""
    make_person("maria", manager=f"library:{here.id}")
    return sign_in("maria")


@pytest.fixture
def administrator(sign_in, make_person):
    make_person("vera", administrator="")
    return sign_in("vera")


def page_of(library, name=""):
    return f"/en/staff/libraries/{library.code}{name}"


def main_form(page):
    return next(form for form in page.forms.values() if "version" in form.fields)


def test_the_tree_shows_who_is_open_and_leads_only_where_one_works(managed, here, there):
    page = managed.get("/en/staff/libraries")

    assert page.html.find("a", string=here.name["en"])["href"] == page_of(here)
    assert there.name["en"] in page.text
    assert page.html.find("a", string=there.name["en"]) is None
    assert "open until 20:00" in page.text


def test_the_tree_is_paged_and_narrowed(administrator, city):
    libraries = [city.library("Branch") for _n in range(60)]

    first = administrator.get("/en/staff/libraries")
    narrowed = administrator.get("/en/staff/libraries", {"q": libraries[57].name["en"]})

    assert len(first.html.select("tbody tr")) == 50
    assert [row.th.a.text for row in narrowed.html.select("tbody tr")] == [libraries[57].name["en"]]


def test_a_manager_describes_their_library(managed, here):
    form = main_form(managed.get(page_of(here)))
    form["name_ru"] = "Библиотека у моста"
    form["phone"] = "+7 812 555-01-10"
    form["latitude"], form["longitude"] = "59,9252", "30.3178"
    form["set_opening_hours"] = "Mo-Fr 11:00-19:00"
    form.get("access", index=0).checked = True

    page = form.submit(status=303).follow()

    assert "Saved." in page.text
    assert here.name["ru"] == "Библиотека у моста"
    assert (here.latitude, here.longitude) == (59.9252, 30.3178)
    assert (here.contacts, here.access) == ({"phone": "+7 812 555-01-10"}, ["step_free"])
    assert here.settings == {"opening_hours": "Mo-Fr 11:00-19:00"}
    happened = managed.get(page_of(here, "/history"))
    assert "Changed" in happened.text
    assert "Maria" in happened.text


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("set_opening_hours", "every day", "cannot be read from character"),
        ("set_time_zone", "Mars/Olympus", "no such time zone"),
        ("latitude", "north", "between −90 and 90"),
        ("latitude", "nan", "between −90 and 90"),
        ("latitude", "59.9", "Give both coordinates"),
        ("email", "nobody", "a full address"),
        ("web", "javascript:alert(1)", "begins with https://"),
        ("phone", "call me", "with digits"),
        ("name_en", "x" * 201, "at most 200 characters"),
    ],
)
def test_what_cannot_be_used_is_told_and_nothing_is_lost(managed, here, field, typed, said):
    form = main_form(managed.get(page_of(here)))
    form["address_ru"] = "Новый адрес, 1"
    form[field] = typed

    page = form.submit(status=400)

    assert said in page.text
    assert main_form(page)["address_ru"].value == "Новый адрес, 1"
    assert main_form(page)[field].value == typed
    assert "Новый адрес, 1" not in here.address.values()


def test_a_library_needs_a_name(managed, here):
    form = main_form(managed.get(page_of(here)))
    for tag in ("ru", "en", "ar"):
        form[f"name_{tag}"] = " "

    assert "Give it a name" in form.submit(status=400).text


def test_hours_can_be_tried_before_they_are_saved(managed, here):
    form = main_form(managed.get(page_of(here)))
    form["set_opening_hours"] = "Mo-Su 12:00-13:00"

    page = form.submit("preview")

    assert "Nothing is saved yet" in page.text
    assert "12:00–13:00" in page.text
    assert here.settings == {"opening_hours": "Mo-Su 10:00-20:00"}


def test_it_is_shown_where_a_setting_comes_from(administrator, here, there, db):
    there.kind, there.settings = "system", {"time_zone": "Asia/Omsk"}
    here.parent_id = there.id
    db.flush()

    page = administrator.get(page_of(here))

    said = page.html.find(id="from_time_zone").text
    assert "Asia/Omsk" in said
    assert f"comes from {there.name['en']}" in " ".join(said.split())


def test_who_saves_an_old_form_undoes_nobodys_work(managed, here):
    form = main_form(managed.get(page_of(here)))
    other = main_form(managed.get(page_of(here)))
    other["phone"] = "555-01-31"
    other.submit(status=303)
    form["phone"] = "555-99-99"

    page = form.submit(status=303).follow()

    assert "Somebody has saved it meanwhile" in page.text
    assert here.contacts == {"phone": "555-01-31"}


def test_a_closure_is_added_seen_and_removed(managed, here, db):
    form = form_to(managed.get(page_of(here, "/closures")), "/closures")
    form["first"], form["last"] = "2026-11-21", "2026-11-22"
    form["reason_en"] = "Pipes are mended"

    page = form.submit(status=303).follow()

    assert "Pipes are mended" in page.text
    assert "closed, opens" in page.text

    page = form_to(page, "/remove-closure").submit(status=303).follow()

    assert "The usual hours hold again" in page.text
    assert db.query(HoursException).count() == 0


def test_a_closure_that_ends_before_it_begins_is_refused(managed, here):
    form = form_to(managed.get(page_of(here, "/closures")), "/closures")
    form["first"], form["last"] = "2026-11-22", "2026-11-21"

    page = form.submit(status=400)

    assert "The last day is before the first." in page.text
    assert form_to(page, "/closures")["last"].value == "2026-11-21"


@pytest.mark.parametrize("day", ["", "yesterday", "2026-02-30"])
def test_a_day_that_is_none_is_refused(managed, here, day):
    page = managed.get(page_of(here, "/closures"))
    form = form_to(page, "/closures")
    sent = {"csrf_token": form["csrf_token"].value, "kind": "closed", "first": day}

    assert "Choose a day." in managed.post(page_of(here, "/closures"), sent, status=400).text


def test_a_manager_changes_no_other_library(managed, here, there):
    token = main_form(managed.get(page_of(here)))["csrf_token"].value

    managed.get(page_of(there), status=403)
    for name in ("", "/closures", "/remove-closure", "/withdraw"):
        managed.post(page_of(there, name), {"csrf_token": token}, status=403)
    managed.post(page_of(here, "/withdraw"), {"csrf_token": token}, status=403)
    managed.get("/en/staff/libraries/+new", status=403)


def test_a_librarian_sees_but_does_not_change(sign_in, make_person, here):
    make_person("olga", librarian=f"library:{here.id}")
    web = sign_in("olga")
    page = web.get(page_of(here))

    assert "those who manage it may change it" in page.text
    token = main_form(page)["csrf_token"].value
    web.post(page_of(here), {"csrf_token": token}, status=403)


def test_a_manager_of_a_system_manages_its_libraries(sign_in, make_person, here, there, db):
    there.kind, here.parent_id = "system", there.id
    db.flush()
    make_person("boss", manager=f"library:{there.id}")

    page = sign_in("boss").get(page_of(here))

    assert "Try the hours" in page.text


def test_the_path_of_a_library_leads_only_where_one_works(managed, here, there, db):
    there.kind, here.parent_id = "system", there.id
    db.flush()

    path = managed.get(page_of(here)).html.select_one(".s-crumbs")

    assert there.name["en"] in path.text
    ways = [link["href"] for link in path.select("a")]
    assert ways == ["/en/staff/libraries"]


def test_an_administrator_founds_and_withdraws(administrator, here, db, clock):
    form = next(
        f
        for f in administrator.get("/en/staff/libraries/+new").forms.values()
        if "code" in f.fields
    )
    form["kind"], form["parent"], form["code"] = "pickup_point", here.code, "locker-1"
    form["name_en"] = "Locker at the bridge"

    page = form.submit(status=303).follow()
    locker = Libraries(db, clock).organisation("locker-1")
    assert (locker.parent_id, locker.is_pickup_point) == (here.id, True)

    page = form_to(page, "/withdraw").submit(status=303).follow()
    assert "Readers no longer see it." in page.text
    assert locker.withdrawn

    form_to(page, "/withdraw").submit(status=303)
    assert not locker.withdrawn


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("code", "Main Street", "small Latin letters"),
        ("code", "okhta", "There is a library “okhta” already."),
        ("kind", "network", "cannot stand there"),
        ("name_en", "", "Give it a name"),
    ],
)
def test_what_cannot_be_founded_is_told(administrator, here, field, value, said, db, clock):
    Libraries(db, clock).add("okhta", {"en": "Okhta"})
    form = next(
        f
        for f in administrator.get("/en/staff/libraries/+new").forms.values()
        if "code" in f.fields
    )
    form["kind"], form["parent"], form["code"] = "pickup_point", here.code, "locker-1"
    form["name_en"] = "Locker"
    form[field] = value

    assert said in form.submit(status=400).text


def test_what_was_to_stand_below_something_is_not_founded_beside_it(administrator, here, db, clock):
    form = next(
        f
        for f in administrator.get("/en/staff/libraries/+new").forms.values()
        if "code" in f.fields
    )
    form["kind"], form["code"], form["name_en"] = "library", "branch", "Branch"
    form["parent"].force_value("gone")

    assert "Choose one of the list." in form.submit(status=400).text
    assert Libraries(db, clock).organisation("branch") is None


def test_a_locker_is_filled_and_emptied_at_the_desk_of_its_library(
    web, sign_in, make_person, city, here
):
    locker, record = city.locker(here, cells=1), city.record(here)
    first, second = city.item(record, here), city.item(record, here)
    make_person("olga", librarian=f"library:{here.id}")
    desk = f"/en/desk/{here.code}"
    for name in ("elena", "boris"):
        city.reader(here, name, make_person(name))
        web.reset()
        sign_in(name)
        form = form_to(web.get(f"/en/catalogue/{record.id}"), "/account/holds")
        form["pickup"] = locker.code
        assert locker.name["en"] in form.submit(status=303).follow().text
    web.reset()
    sign_in("olga")

    def scan(item):
        form = form_to(web.get(desk), "/scan")
        form["code"] = item.barcode
        return form.submit(status=303).follow().text

    assert f"Put it into cell 1: {locker.name['en']}" in scan(first)
    assert f"{locker.name['en']} is full" in scan(second)

    page = web.get(f"{desk}/shelf")
    page = form_to(page, "/collected").submit(status=303).follow()

    assert "Lent to the reader who waited for it." in page.text
    assert f"Put it into cell 1: {locker.name['en']}" in scan(second)
