"""What a desk prints, on a sheet and on the roll of a receipt printer: what hands need, no more."""

import re

import pytest
from fixtures.walking import sign_in
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

SHEET, ROLL = {"format": "A4"}, {"width": "80mm", "height": "297mm"}
MARGIN = dict.fromkeys(("top", "right", "bottom", "left"), "4mm")
WIDTHS = {"sheet": 763, "roll": 272}
"""What is left of the paper between its margins, in CSS pixels."""
TOO_WIDE = "document.documentElement.scrollWidth > innerWidth"
BOX = "one => getComputedStyle(one, '::before').content"


@pytest.fixture(scope="module")
def live_server(city_to_look_at):
    return city_to_look_at


@pytest.fixture
def desk(visitors):
    """A librarian's browser that shows pages as they are printed."""
    page = visitors.come()
    sign_in(page, "librarian", "ru")
    return page


def printed(page, address, paper):
    """Show a page as on such paper; nothing to click and nothing beside the paper is on it."""
    page.emulate_media(media="screen")
    page.goto(address)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": WIDTHS[paper], "height": 900})
    assert not page.evaluate(TOO_WIDE)
    for one in ("button", "input:not([type=hidden])", ".s-rail", ".s-top"):
        assert page.locator(f"{one}:visible").count() == 0, (address, paper, one)


def sheets(page, **paper):
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(margin=MARGIN, **paper)))


@pytest.mark.parametrize("paper", WIDTHS)
def test_lists_and_slips_are_printed_for_hands(desk, paper):
    printed(desk, "/ru/desk/central/rounds", paper)
    row = desk.locator("#out tbody tr").first
    for said in ("Moby-Dick", "Николай Петрович Зорин", "Набережная, 12", "звонить дважды"):
        expect(row).to_contain_text(said)
    expect(row.locator(".s-sub bdi").first).to_have_text(re.compile(r"^[A-Z]{2} \d{3}$"))
    assert "☐" in row.locator("td").last.evaluate(BOX)
    # A roll is too narrow for a table: each book is a block of its own there.
    assert row.evaluate("one => getComputedStyle(one).display") == (
        "block" if paper == "roll" else "table-row"
    )

    printed(desk, "/ru/desk/fontanka/pull", paper)
    row = desk.locator(".s-pull tbody tr[id]").first
    expect(row.locator(".s-mark")).to_be_visible()
    assert "☐" in row.locator("td").last.evaluate(BOX)

    desk.emulate_media(media="screen")
    desk.goto("/ru/desk/fontanka/shelf")
    slip = desk.locator("a[href*='/slip?']").first
    alias, address = slip.inner_text(), slip.get_attribute("href")
    printed(desk, address, paper)
    expect(desk.locator(".s-slip-alias")).to_contain_text(alias)
    expect(desk.locator("h1")).not_to_be_visible()
    assert sheets(desk, **(ROLL if paper == "roll" else SHEET)) == 1
