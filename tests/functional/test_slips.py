"""A slip in a copy: the desk finds the hold by it, and nobody reads from it who the reader is."""

import re

import pytest
from fixtures.desk import form_to, outcome
from fixtures.lending import City, hold_workflows
from fixtures.sites import SITE


@pytest.fixture
def hold(town, db, clock):
    """Elena's hold, to be collected at Vera's library."""
    return place(town, db, clock, town.here)


def place(town, db, clock, library):
    holds = City(db, clock, hold_workflows(SITE)).desk().holds
    return holds.place(town.record.id, town.elena.id, library.id)


def desk(library):
    return f"/en/desk/{library.code}"


def scan(web, library, code):
    form = web.get(desk(library)).forms["scan-form"]
    form["code"] = code
    return form.submit(status=303).follow()


def slip_of(page):
    """Return the page of the slip that the outcome leads to, and its alias."""
    page = page.click("Slip to print")
    return page, page.html.select_one(".s-slip-alias bdi").text


def facts(page):
    rows = page.html.select(".s-slip dl > div")
    return {row.dt.get_text(strip=True): row.dd.get_text(strip=True) for row in rows}


def test_the_slip_of_a_ready_copy_names_everything_but_the_reader(town, hold, sign_in):
    page, alias = slip_of(scan(sign_in("vera"), town.here, town.near.barcode))

    told = facts(page)
    assert town.record.title in page.html.select_one(".s-slip").text
    assert (told["Barcode"], told["Waits at"]) == (town.near.barcode, town.here.name_in("en"))
    assert str(hold.collect_by.day) in told["Collect until"]
    for secret in (town.elena.name, town.elena.card.number, town.elena.card.number[-4:]):
        assert secret not in page.html.select_one("main").text
    assert len(alias) == 6


def test_the_desk_finds_by_the_slip_who_it_is_for(town, hold, sign_in):
    web = sign_in("vera")
    _page, alias = slip_of(scan(web, town.here, town.near.barcode))

    page = scan(web, town.here, alias.lower().replace(" ", ""))

    assert page.request.path == f"{desk(town.here)}/shelf"
    assert town.elena.name in page.text
    assert alias in page.html.select_one("#ready-h").find_parent("section").text


def test_the_shelf_is_searched_by_the_slip(town, hold, sign_in):
    web = sign_in("vera")
    _page, alias = slip_of(scan(web, town.here, town.near.barcode))

    assert town.near.barcode in web.get(f"{desk(town.here)}/shelf?alias={alias}").text
    other = web.get(f"{desk(town.here)}/shelf?alias=<b>AA 000</b>")
    assert "Nothing on this shelf has the slip" in other.text
    assert "<b>AA" not in other.text
    assert town.near.barcode not in other.text


def test_a_copy_on_its_way_has_the_same_slip_at_both_ends(town, hold, sign_in, make_person, web):
    make_person("okhta", librarian=f"library:{town.there.id}")
    page, alias = slip_of(scan(sign_in("okhta"), town.there, town.far.barcode))
    told = facts(page)
    assert told["From"] == town.there.name_in("en")
    assert told["Where to"] == town.here.name_in("en")
    web.reset()

    vera = sign_in("vera")
    on_the_way = scan(vera, town.here, alias)
    assert on_the_way.request.path == f"{desk(town.here)}/slip"
    _page, again = slip_of(scan(vera, town.here, town.far.barcode))
    assert again == alias


def test_programs_of_the_desk_read_the_same_alias_in_every_list(town, hold, sign_in):
    web = sign_in("vera")

    def told(page):
        return web.get(f"{desk(town.here)}/{page}", headers={"Accept": "application/json"}).json

    (sought,) = told("pull")["items"]
    page, alias = slip_of(scan(web, town.here, town.near.barcode))
    slip, shelf = told(f"slip?{page.request.query_string}"), told(f"shelf?alias={alias}")

    assert {sought["alias"], slip["alias"], shelf["items"][0]["alias"]} == {alias}
    assert slip["pickup_library"] == town.here.name_in("en")
    assert slip["collect_by"] == shelf["items"][0]["collect_by"] == hold.collect_by.isoformat()
    assert town.elena.name not in str((sought, slip))
    assert told("shelf?alias=AA000")["items_total"] == 0
    missing = {"Accept": "application/json"}
    web.get(f"{desk(town.here)}/slip?item={town.far.id}", headers=missing, status=404)
    web.get(f"{desk(town.here)}/slip?item=x", headers=missing, status=400)


def test_a_program_hears_what_a_slip_is_about(town, hold, sign_in):
    web = sign_in("vera")
    _page, alias = slip_of(scan(web, town.here, town.near.barcode))

    form = web.get(desk(town.here)).forms["scan-form"]
    sent = {"code": alias, "csrf_token": form["csrf_token"].value}
    heard = web.post(f"{desk(town.here)}/scan", sent, headers={"Accept": "application/json"}).json

    assert (heard["outcome"], heard["barcode"]) == ("found", town.near.barcode)
    assert town.elena.name not in str(heard)


def test_the_reader_alone_sees_the_alias_on_the_page_of_the_hold(town, hold, sign_in, web):
    vera = sign_in("vera")
    address = f"/en/account/holds/{hold.uid}"
    _page, alias = slip_of(scan(vera, town.here, town.near.barcode))
    json_headers = {"Accept": "application/json"}
    assert alias not in vera.get(address).text
    assert vera.get(address, headers=json_headers).json["alias"] is None
    web.reset()

    elena = sign_in("elena")
    assert alias in elena.get(address).text
    assert elena.get(address, headers=json_headers).json["alias"] == alias


def test_other_desks_and_readers_learn_nothing(town, hold, sign_in, make_person, web):
    vera = sign_in("vera")
    page, alias = slip_of(scan(vera, town.here, town.near.barcode))
    query = page.request.query_string
    web.reset()

    make_person("okhta", librarian=f"library:{town.there.id}")
    okhta = sign_in("okhta")
    okhta.get(f"{desk(town.here)}/slip?{query}", status=403)
    told = okhta.get(f"{desk(town.there)}/slip?{query}", status=303).follow()
    assert "No slip is needed" in told.text
    assert "No card and no copy" in outcome(scan(okhta, town.there, alias))
    web.reset()
    sign_in("elena").get(f"{desk(town.here)}/slip?{query}", status=403)


def test_a_slip_ends_with_its_hold(town, hold, sign_in):
    web = sign_in("vera")
    page, alias = slip_of(scan(web, town.here, town.near.barcode))
    form_to(web.get(f"{desk(town.here)}/shelf"), "/clear").submit(status=303)

    assert "No slip is needed" in web.get(page.request.url, status=303).follow().text
    assert outcome(scan(web, town.here, alias)).startswith("No card and no copy")
    for odd in ("", "?item=", "?item=x", "?item=99999999999999999999"):
        web.get(f"{desk(town.here)}/slip{odd}", status=303)


@pytest.mark.parametrize(
    ("case", "said", "has_slip"),
    [
        ("shelf", "Put it on the hold shelf", True),
        ("away", "Send it to Okhta", True),
        ("cell", "Put it into cell 1: Locker", True),
        ("full", "Locker is full: keep it and take it in when a cell is free", True),
        ("courier", "Put it with what is brought home", True),
        ("nobody", "Put it back", False),
        ("aside", "Set it aside and check: it is marked as damaged", False),
    ],
)
def test_what_is_said_aloud_is_what_is_to_be_done(town, db, clock, sign_in, case, said, has_slip):
    """The live region has the sentence, and a slip is offered for what others will find lying."""
    place_it(town, db, clock, case)

    page = scan(sign_in("vera"), town.here, town.near.barcode)

    region = page.html.select_one("[role=status][aria-live]")
    # Libraries and lockers of the tests have numbers in their names.
    assert re.sub(r"(Okhta|Locker) \d+", r"\1", region.h2.get_text()).startswith(said)
    assert (
        page.html.find("a", href=lambda href: href and "/slip?" in href) is not None
    ) == has_slip


def place_it(town, db, clock, case):
    """Let Elena wait, or nobody, as the case says."""
    if case == "aside":
        town.near.status = "damaged"
    elif case == "away":
        place(town, db, clock, town.there)
    elif case in ("cell", "full"):
        locker = town.city.locker(town.here, cells=1)
        if case == "full":
            other = town.city.record(town.here, "Another")
            item = town.city.item(other, town.here)
            lies = City(db, clock, hold_workflows(SITE)).desk()
            nina = town.city.reader(town.here, "Nina")
            lies.holds.place(other.id, nina.id, locker.id)
            lies.loans.check_in(item.id, town.here.id)
        place(town, db, clock, locker)
    elif case != "nobody":
        hold = place(town, db, clock, town.here)
        hold.by_delivery = case == "courier"
    db.flush()
