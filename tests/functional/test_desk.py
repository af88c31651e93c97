"""The librarian's way: find the copy, take it in, hand it out, take it back."""

from datetime import timedelta

import pytest
from fixtures.desk import form_to, outcome
from sqlalchemy import select

from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.circulation.models import Hold, HoldState, Loan


@pytest.fixture
def hold(town, web, sign_in, db):
    """Elena's hold, to be collected at Vera's library; the browser is then empty."""
    browser = sign_in("elena")
    page = browser.get(f"/en/catalogue/{town.record.id}")
    form_to(page, "/account/holds").submit(status=303)
    web.reset()
    return db.scalars(select(Hold)).one()


def desk(town):
    return f"/en/desk/{town.here.code}"


def scan(page, code, mode="auto"):
    form = page.forms["scan-form"]
    form["code"], form["mode"] = code, mode
    return form.submit(status=303).follow()


def test_a_librarian_of_one_library_is_led_to_its_desk(town, sign_in):
    page = sign_in("vera").get("/en/desk", status=303).follow()

    assert page.request.path == desk(town)
    assert page.html.find(id="scan").has_attr("autofocus")


def test_a_librarian_of_the_whole_city_chooses(town, sign_in, make_person):
    make_person("zoya", librarian="")

    page = sign_in("zoya").get("/en/desk")

    assert page.html.find("a", href=desk(town))
    assert page.html.find("a", href=f"/en/desk/{town.there.code}")


def test_the_overview_of_staff_leads_to_the_desk(town, hold, sign_in):
    page = sign_in("vera").get("/en/staff")

    assert "To find on the shelves: 1" in " ".join(page.text.split()).replace("</a>", "")
    assert page.click("Open the desk").request.path == desk(town)


def test_librarians_work_at_their_own_libraries_only(town, sign_in):
    web = sign_in("vera")

    for page in ("", "/pull", "/shelf", "/transits", "/waiting", "/pull.csv"):
        web.get(f"/en/desk/{town.there.code}{page}", status=403)


@pytest.mark.parametrize("page", ["", "/pull", "/shelf", "/transits", "/waiting", "/pull.csv"])
def test_readers_and_visitors_do_not_enter(town, web, sign_in, page):
    assert "/account/sign-in" in web.get(f"{desk(town)}{page}", status=303).location

    sign_in("elena").get(f"{desk(town)}{page}", status=403)


def test_reader_and_desk_are_told_that_the_copy_is_damaged(town, hold, web, sign_in, db):
    town.city.rule("hold_damaged", True, town.here)
    town.near.status = ItemStatus.DAMAGED
    db.flush()

    page = scan(sign_in("vera").get(desk(town)), town.near.barcode)

    assert outcome(page) == "Put it on the hold shelf"
    assert "it is lent all the same, only to who waits" in page.text
    web.reset()
    page = sign_in("elena").get(f"/en/account/holds/{hold.uid}")
    assert "The copy for you is damaged." in page.text
    web.reset()
    page = sign_in("vera").get(f"{desk(town)}?reader={town.elena.uid}")
    page = scan(page, town.near.barcode, "out")
    assert outcome(page) == "Lent: give it to the reader"
    assert "look through it together with the reader" in page.text


def test_a_book_is_found_taken_in_handed_out_and_taken_back(town, hold, sign_in, db):
    web = sign_in("vera")
    page = web.get(f"{desk(town)}/pull")
    assert town.near.shelf_mark in page.text

    page = form_to(page, "/found").submit(status=303).follow()
    page = form_to(page, "/check-in-found").submit(status=303).follow()
    assert outcome(page) == "Put it on the hold shelf"
    assert hold.state == HoldState.READY
    assert "White Nights" in web.get(f"{desk(town)}/shelf").text

    page = scan(web.get(desk(town)), town.elena.card.number)
    assert page.html.select_one(".s-reader h2").text == town.elena.name
    page = scan(page, town.near.barcode)
    assert outcome(page) == "Lent: give it to the reader"
    assert hold.state == HoldState.FULFILLED

    page = scan(web.get(desk(town)), town.near.barcode)
    assert outcome(page).startswith("Put it back")
    assert db.scalars(select(Loan.reader_id)).one() is None


def test_reader_desk_and_catalogue_say_until_when_a_book_is_lent(town, sign_in, web, db, clock):
    browser = sign_in("vera")
    page = scan(browser.get(desk(town)), town.elena.card.number)
    page = scan(page, town.near.barcode)
    loan = db.scalars(select(Loan)).one()
    day = f"{loan.due.day} {loan.due:%B}"
    assert day in page.html.select_one(".s-outcome").text
    web.reset()

    browser = sign_in("elena")
    assert f"Return by {day}" in browser.get("/en/account").html.select_one("#loans").text
    catalogue = browser.get(f"/en/catalogue/{town.record.id}")
    assert "on loan until" in catalogue.html.select_one("#copies").text
    nina, now = town.city.reader(town.here, "Nina"), clock.now()
    db.add(
        Hold(
            reader_id=nina.id,
            record_id=town.record.id,
            pickup_library_id=town.here.id,
            placed=now,
            changed=now,
        )
    )
    db.flush()
    catalogue = browser.get(f"/en/catalogue/{town.record.id}")
    assert f"on loan until {day}, 1 reader is waiting" in catalogue.html.select_one("#copies").text

    clock.advance(loan.due - clock.today() + timedelta(days=1))
    assert "Overdue" in browser.get("/en/account").html.select_one("#loans").text
    catalogue = browser.get(f"/en/catalogue/{town.record.id}")
    assert "on loan, overdue" in catalogue.html.select_one("#copies").text


def test_what_is_ready_is_handed_out_by_one_button(town, hold, sign_in, db):
    web = sign_in("vera")
    scan(web.get(desk(town)), town.near.barcode)
    page = scan(web.get(desk(town)), town.elena.card.number)

    form = next(form for form in page.forms.values() if form.fields.get("item"))
    page = form.submit(status=303).follow()

    assert outcome(page) == "Lent: give it to the reader"
    assert page.html.select_one(".s-reader h2").text == town.elena.name


def test_a_book_for_another_library_is_sent_and_received(town, hold, sign_in, make_person, db):
    make_person("okhta", librarian=f"library:{town.there.id}")
    web = sign_in("okhta")
    page = scan(web.get(f"/en/desk/{town.there.code}"), town.far.barcode)
    # The near copy is the one looked for, so that this one goes to whom waits next: the same.
    assert outcome(page) == f"Send it to {town.here.name['en']}"
    web.reset()

    web = sign_in("vera")
    page = web.get(f"{desk(town)}/transits")
    assert "For a reader" in page.text
    page = form_to(page, "/scan").submit(status=303).follow()

    assert outcome(page) == "Put it on the hold shelf"
    assert hold.state == HoldState.READY


def test_what_was_not_in_its_place_is_sought_elsewhere(town, hold, sign_in):
    web = sign_in("vera")

    page = form_to(web.get(f"{desk(town)}/pull"), "/not-found").submit(status=303).follow()

    assert "Another copy is looked for" in page.text
    assert "There is nothing to look for." in page.text


def test_who_marks_a_copy_comes_back_to_its_row_in_the_same_list(town, hold, sign_in):
    web = sign_in("vera")

    marked = form_to(web.get(f"{desk(town)}/pull?way=here"), "/found?way=here").submit(status=303)
    assert marked.location.endswith(f"/pull?way=here#hold-{hold.id}")
    page = web.get(f"{desk(town)}/pull?way=here&hide=1")
    assert page.html.find(id=f"hold-{hold.id}") is None
    undone = form_to(web.get(f"{desk(town)}/pull"), "/found").submit(status=303)
    assert undone.location.endswith(f"/pull#hold-{hold.id}")
    page = web.get(f"{desk(town)}/pull?hide=1")
    assert form_to(page, "/found?hide=1").submit(status=303).location.endswith("/pull?hide=1#main")


def test_a_second_mark_on_an_old_page_is_harmless(town, hold, sign_in):
    web = sign_in("vera")
    page = web.get(f"{desk(town)}/pull")
    form_to(page, "/not-found").submit(status=303)

    page = form_to(page, "/not-found").submit(status=303).follow()

    assert "no longer on the pull list" in page.text


def test_a_hold_not_collected_is_cleared(town, hold, sign_in):
    web = sign_in("vera")
    scan(web.get(desk(town)), town.near.barcode)

    page = form_to(web.get(f"{desk(town)}/shelf"), "/clear").submit(status=303).follow()

    assert outcome(page).startswith("Put it back")
    assert hold.state == HoldState.NOT_COLLECTED


def test_a_cancelled_hold_is_taken_off_the_shelf(town, hold, sign_in, web):
    browser = sign_in("vera")
    scan(browser.get(desk(town)), town.near.barcode)
    web.reset()
    form_to(sign_in("elena").get("/en/account"), "/cancel").submit(status=303)
    web.reset()

    browser = sign_in("vera")
    page = browser.get(f"{desk(town)}/shelf")
    assert "To take off the shelf" in page.text
    page = form_to(page, "/scan").submit(status=303).follow()

    assert outcome(page).startswith("Put it back")
    assert "To take off the shelf" not in browser.get(f"{desk(town)}/shelf").text


def test_a_refusal_is_said_in_big_letters(town, hold, sign_in):
    other = town.city.reader(town.here)
    web = sign_in("vera")
    scan(web.get(desk(town)), town.near.barcode)

    page = scan(scan(web.get(desk(town)), other.card.number), town.near.barcode)

    assert outcome(page) == "Not done: Another reader is waiting for this copy."
    assert hold.state == HoldState.READY


def test_handing_out_without_a_card_asks_for_it(town, sign_in):
    page = scan(sign_in("vera").get(desk(town)), town.near.barcode, mode="out")

    assert outcome(page) == "Not done: Scan the reader's card first."


def test_a_number_nobody_knows_is_said(town, sign_in):
    page = scan(sign_in("vera").get(desk(town)), "<b>no such</b>")

    assert outcome(page) == "No card and no copy has the number <b>no such</b>"
    assert "Scan it once more." in page.html.select_one("[data-outcome]").text


def test_one_barcode_in_two_libraries_asks_which(town, sign_in):
    twin = town.city.item(town.record, town.there)
    twin.barcode = town.near.barcode
    page = scan(sign_in("vera").get(desk(town)), town.near.barcode)

    assert "Several copies have this number" in page.text
    form = next(form for form in page.forms.values() if form.fields.get("item"))
    assert outcome(form.submit(status=303).follow()).startswith("Put it back")


def test_holds_nobody_can_fill_are_listed_and_given_up(town, hold, sign_in):
    web = sign_in("vera")
    form_to(web.get(f"{desk(town)}/pull"), "/not-found").submit(status=303)
    page = web.get(f"{desk(town)}/waiting")
    assert "Every hold has a copy to look for." in page.text

    town.far.status = "lost"
    page = scan(web.get(desk(town)), town.far.barcode)
    assert outcome(page) == "Set it aside and check: it is marked as lost"
    page = web.get(f"{desk(town)}/waiting").click(href="/account/holds/")
    page = form_to(page, "/give-up").submit(status=303).follow()

    assert "The hold is closed." in page.text
    assert hold.state == HoldState.UNFILLED


def test_the_pull_list_for_programs_and_spreadsheets_names_no_reader(town, hold, sign_in):
    web = sign_in("vera")

    found = web.get(f"{desk(town)}/pull", headers={"Accept": "application/json"})
    sheet = web.get(f"{desk(town)}/pull.csv")

    assert found.json["items"][0]["barcode"] == town.near.barcode
    assert town.near.barcode in sheet.text
    for answer in (found.text, sheet.text):
        assert town.elena.name not in answer
        assert town.elena.card.number not in answer


def test_a_program_scans(town, hold, sign_in):
    web = sign_in("vera")
    headers = {"Accept": "application/json", "X-CSRF-Token": web.cookies["csrf_token"]}

    def send(**body):
        return web.post_json(f"{desk(town)}/scan", body, headers=headers).json["outcome"]

    assert send(code=town.near.barcode) == "shelf"
    assert send(code=town.near.barcode, card="no such card", mode="out") == "refused"
    assert send(code=town.near.barcode, card=town.elena.card.number) == "lent"
    assert send(code="no such copy") == "unknown"
    # The keyboard is set to Russian: the key of B types И.
    assert send(code=town.near.barcode.replace("B", "И")) != "unknown"
    # Read twice before the page had changed.
    assert send(code=town.near.barcode * 2) != "unknown"
    nothing = web.post_json(f"{desk(town)}/scan", {}, headers=headers, status=400)
    assert nothing.json["errors"][0]["field"] == "code"


@pytest.mark.parametrize(("language", "sign"), [("ru", ";"), ("en", ","), ("ar", ",")])
def test_a_spreadsheet_parts_cells_as_its_language_does(town, hold, sign_in, language, sign):
    town.near.location, town.near.shelf_mark = "Hall 2", "84(2)"

    sheet = sign_in("vera").get(desk(town).replace("/en/", f"/{language}/") + "/pull.csv").text

    assert f"Hall 2{sign}84(2){sign}" in sheet


def test_formulas_stay_text_in_spreadsheets(town, hold, sign_in):
    town.near.location, town.near.shelf_mark = "=SUM(A1)", "84;=1+1;-"

    sheet = sign_in("vera").get(f"{desk(town)}/pull.csv").text

    assert "'=SUM(A1)" in sheet
    assert "84;'=1+1;'-" in sheet


@pytest.mark.parametrize("page", ["0", "x", "-1", "99999999999", "%D9%A3"])
def test_an_unreadable_page_number_is_harmless(town, sign_in, page):
    sign_in("vera").get(f"{desk(town)}/pull?page={page}", status=200)


@pytest.mark.parametrize("language", ["ru", "ar"])
def test_the_desk_speaks_every_language(town, hold, sign_in, language):
    web = sign_in("vera", language)
    for page in ("", "/pull", "/shelf", "/transits", "/waiting"):
        web.get(f"/{language}/desk/{town.here.code}{page}", status=200)


def test_a_card_that_counts_no_more_is_told_and_leads_to_its_reader(town, sign_in, db, clock):
    card = town.elena.cards[0]
    card.blocked, card.block_reason = clock.now(), "stolen"

    page = scan(sign_in("vera").get(desk(town)), card.number)

    assert "counts no more" in outcome(page)
    assert "Stolen" in page.html.select_one(".s-outcome").text
    page.click("Page of the reader").mustcontain(town.elena.name)


def test_where_two_readers_cards_share_a_number_the_desk_asks_whose_it_is(town, sign_in, db):
    anna = town.city.reader(town.here, "Anna")
    anna.cards[0].kind, anna.cards[0].number = "city", town.elena.card.number

    page = scan(sign_in("vera").get(desk(town)), town.elena.card.number)

    asked = page.html.find(id="whose-h").find_parent("section").text
    assert anna.name in asked
    assert town.elena.name in asked
    page.click(anna.name).mustcontain("Nothing on loan.")


def test_a_program_with_a_card_that_opens_nobody_takes_nothing_in(town, sign_in, db, clock):
    web = sign_in("vera")
    card = town.elena.cards[0]
    card.blocked, card.block_reason = clock.now(), "lost"
    headers = {"Accept": "application/json", "X-CSRF-Token": web.cookies["csrf_token"]}

    for number in (card.number, "no such card"):
        sent = {"code": town.near.barcode, "card": number}
        said = web.post_json(f"{desk(town)}/scan", sent, headers=headers).json

        assert said["outcome"] == "refused"
        assert number in said["title"]
    assert db.scalars(select(Loan)).all() == []


def test_a_hold_without_hope_is_listed_and_closed(town, sign_in, hold):
    vera = sign_in("vera")
    town.far.status = "lost"
    form_to(vera.get(f"{desk(town)}/pull"), "/not-found").submit(status=303)

    page = vera.get(f"{desk(town)}/waiting").click("Without hope")

    assert "No copy to hope for since 21 Nov 2026" in page.text
    form_to(page, "/give-up").submit(status=303)
    assert hold.state == "unfilled"


def test_staff_see_what_was_looked_for_in_vain(town, sign_in, hold):
    vera = sign_in("vera")
    form_to(vera.get(f"{desk(town)}/pull"), "/not-found").submit(status=303)

    page = vera.get(f"/en/account/holds/{hold.uid}")

    told = page.html.select_one("[aria-labelledby=looked-h]").text
    assert town.near.barcode in told
    assert "It was not in its place." in told
    vera.reset()
    own = sign_in("elena").get(f"/en/account/holds/{hold.uid}")
    assert town.near.barcode not in own.text
