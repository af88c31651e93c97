"""The way of a book from the search to the reader's hands and back, seen from both sides."""

import pytest
from fixtures.walking import fill_in_sign_in, search, sign_in
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

CARD = "2104418417"
KARAMAZOV = "Братья Карамазовы"
IDIOT = "Идиот"
OBLOMOV = "Обломов"
DOG = "Собачье сердце"
RESERVE = "Заповедник"
FIRST_SHOWN = 3


@pytest.fixture
def reader(visitors):
    """Elena, who reads in Russian and has not signed in yet."""
    return visitors.come(language="ru")


@pytest.fixture
def librarian(visitors):
    """Olga, who may work at every desk of the city, signed in."""
    page = visitors.come(language="en")
    sign_in(page, "librarian")
    return page


def hold(page, title, pickup):
    """Find a book, sign in on the way if needed, and place a hold; ends on the page of the hold."""
    page.goto("/ru")
    search(page, title)
    page.locator(".results h2 a", has_text=title).click()
    entrance = page.locator(".hold-panel a[href*='sign-in']")
    if entrance.count():
        entrance.click()
        fill_in_sign_in(page, "reader")
        assert "/catalogue/" in page.url
    choice = page.locator(f"input[name=pickup][value={pickup}]")
    if not choice.is_visible():
        page.locator(".hold-panel details", has=choice).locator("summary").click()
    choice.check()
    page.locator(".hold-panel button[type=submit]").click()
    page.wait_for_url("**/ru/account/holds/*")


def stop_of(page, title):
    """Return where a hold is on its way: the number of the marked station, in my account."""
    page.goto("/ru/account")
    line = page.locator(".loan", has=page.get_by_role("link", name=title, exact=True))
    line = line.filter(has=page.locator("ol.track"))
    expect(line).to_have_count(1)
    return line.locator("ol.track > li").evaluate_all(
        "all => all.findIndex(each => each.getAttribute('aria-current') === 'step')"
    )


PLACED, BEING_FETCHED, ON_ITS_WAY, WAITING = range(4)


def row_of(page, title):
    return page.locator("tr", has=page.locator(".read", has_text=title))


def outcome(page):
    """Return what the desk tells the librarian to do with the copy."""
    return page.locator(".s-outcome h2").inner_text()


@pytest.mark.parametrize("words", ["Достоевский", "Dostoevsky", "достоевский фёдор"])
def test_an_author_is_found_in_any_letters(reader, words):
    reader.goto("/ru")

    titles = search(reader, words)

    assert {IDIOT, KARAMAZOV, "Преступление и наказание", "Crime and Punishment"} <= set(titles)


def test_an_author_is_found_in_any_case(reader):
    reader.goto("/ru")

    assert {IDIOT, KARAMAZOV} <= set(search(reader, "романы достоевского"))


def test_after_going_back_nobody_else_is_chosen(reader):
    """Elena has the book now, so only her child is left in the list: in the place that she had."""
    hold(reader, RESERVE, "fontanka")

    reader.go_back()

    whom = reader.locator(".hold-panel input[name=reader]")
    expect(whom).to_have_count(1)
    expect(whom).not_to_be_checked()


def test_a_book_of_the_readers_own_library(reader, librarian):
    hold(reader, IDIOT, "fontanka")
    assert stop_of(reader, IDIOT) == BEING_FETCHED

    librarian.goto("/en/desk/fontanka/pull")
    row = row_of(librarian, IDIOT)
    barcode = row.locator("bdi.nowrap").inner_text()
    row.get_by_role("button", name="Found", exact=False).first.click()
    expect(row_of(librarian, IDIOT)).to_have_class("is-found")
    librarian.get_by_role("button", name="Take in what was found").click()
    expect(librarian.locator("[data-outcome=shelf]").first).to_be_visible()
    assert stop_of(reader, IDIOT) == WAITING

    # From here on a scanner and the Enter key it presses: nobody takes the mouse.
    librarian.goto("/en/desk/fontanka")
    expect(librarian.locator("#scan")).to_be_focused()
    librarian.keyboard.type(CARD)
    librarian.keyboard.press("Enter")
    expect(librarian.locator(".s-reader h2")).to_have_text("Елена Корнева")
    expect(librarian.locator(".s-reader .is-ready")).to_contain_text(IDIOT)
    expect(librarian.locator("#scan")).to_be_focused()
    librarian.keyboard.type(barcode)
    librarian.keyboard.press("Enter")
    expect(librarian.locator("[data-outcome=lent]")).to_be_visible()
    assert outcome(librarian) == "Lent: give it to the reader"

    reader.goto("/ru/account")
    expect(reader.locator("section#loans")).to_contain_text(IDIOT)
    expect(reader.locator("section#holds")).not_to_contain_text(IDIOT)

    librarian.goto("/en/desk/fontanka")
    expect(librarian.locator("#scan")).to_be_focused()
    librarian.keyboard.type(barcode)
    librarian.keyboard.press("Enter")
    expect(librarian.locator("[data-outcome=put_back]")).to_be_visible()

    reader.goto("/ru/account")
    expect(reader.locator("section#loans")).not_to_contain_text(IDIOT)


def test_a_book_of_another_library_travels(reader, librarian):
    hold(reader, KARAMAZOV, "mayak")
    assert stop_of(reader, KARAMAZOV) == BEING_FETCHED

    # The copy with the shortest way: in a library of the same system.
    librarian.goto("/en/desk/vasilievsky/pull")
    row = row_of(librarian, KARAMAZOV)
    barcode = row.locator("bdi.nowrap").inner_text()
    expect(row.locator(".s-tag")).to_contain_text("Mayak")
    row.get_by_role("button", name="Found").click()
    librarian.get_by_role("button", name="Take in what was found").click()
    expect(librarian.locator("[data-outcome=send]").first).to_be_visible()
    assert stop_of(reader, KARAMAZOV) == ON_ITS_WAY

    librarian.goto("/en/desk/mayak/transits")
    row = row_of(librarian, KARAMAZOV)
    expect(row).to_contain_text("For a reader")
    row.get_by_role("button", name="Take in").click()
    expect(librarian.locator("[data-outcome=shelf]")).to_be_visible()
    assert stop_of(reader, KARAMAZOV) == WAITING
    librarian.goto("/en/desk/mayak/shelf")
    expect(row_of(librarian, KARAMAZOV)).to_contain_text(CARD)

    librarian.goto("/en/desk/mayak")
    for code in (CARD, barcode):
        expect(librarian.locator("#scan")).to_be_focused()
        librarian.keyboard.type(code)
        librarian.keyboard.press("Enter")
        expect(librarian.locator(".s-reader h2")).to_have_text("Елена Корнева")
    expect(librarian.locator("[data-outcome=lent]")).to_be_visible()

    librarian.goto("/en/desk/mayak")
    expect(librarian.locator("#scan")).to_be_focused()
    librarian.keyboard.type(barcode)
    librarian.keyboard.press("Enter")
    expect(librarian.locator("[data-outcome=send]")).to_be_visible()
    assert outcome(librarian) == "Send it to Vasilievsky Island Library"


def test_a_reader_changes_her_mind(reader, librarian):
    hold(reader, OBLOMOV, "central")
    librarian.goto("/en/desk/central/pull")
    expect(row_of(librarian, OBLOMOV)).to_be_visible()

    # She looks for a place near the Finland Station: the browser sorts, and sends nothing.
    reader.context.grant_permissions(["geolocation"])
    reader.context.set_geolocation({"latitude": 59.9556, "longitude": 30.3563})
    reader.locator("#places summary").click()
    asked = []
    reader.on("request", lambda request: asked.append(request.url))
    reader.locator("[data-near-me]").click()
    expect(reader.locator("[data-near-me-said]")).to_contain_text("никуда не отправлено")
    far = reader.locator("[data-place] [data-far]").all_inner_texts()
    kilometres = [float(one.split()[-2].replace(",", ".")) for one in far]
    assert len(kilometres) > FIRST_SHOWN
    assert kilometres == sorted(kilometres)
    assert asked == []

    reader.locator("form[action$='/cancel'] button").click()
    expect(reader.locator("form[action$='/cancel']")).to_have_count(0)
    reader.goto("/ru/account")
    expect(reader.locator("section#holds")).not_to_contain_text(OBLOMOV)

    librarian.reload()
    expect(row_of(librarian, OBLOMOV)).to_have_count(0)


def test_a_book_not_in_its_place_is_sought_elsewhere(reader, librarian):
    hold(reader, DOG, "fontanka")
    librarian.goto("/en/desk/fontanka/pull")

    row_of(librarian, DOG).get_by_role("button", name="Not in its place").click()

    expect(row_of(librarian, DOG)).to_have_count(0)
    librarian.goto("/en/desk/central/pull")
    expect(row_of(librarian, DOG)).to_be_visible()
    assert stop_of(reader, DOG) == BEING_FETCHED
