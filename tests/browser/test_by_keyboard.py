"""The whole way of one copy across two libraries and a locker, without a mouse.

The reader reads in Russian, the librarians in English; a scanner is a keyboard that types a number
and presses Enter. After every key the focus is looked at: it is visible, and where it was meant.
"""

import sqlite3

import pytest
from fixtures.walking import sign_in
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

TITLE = "Часть речи"
LOCKER = "okhta-locker"
SEEN = """element => {
  if (!element.matches(":focus-visible")) return "no :focus-visible";
  const box = element.getBoundingClientRect();
  const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  if (!inside || !box.width) return "out of sight";
  const marks = [element, element.parentElement].flatMap((one) => {
    const style = getComputedStyle(one);
    return [style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0,
            style.boxShadow !== "none"];
  });
  return marks.some(Boolean) ? "" : "no mark of focus";
}"""


class Keys:
    """Somebody at a keyboard: walks by Tab, and looks where the focus is."""

    def __init__(self, page):
        self.page = page

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def to(self, target, most=80):
        """Walk to an element by Tab, and see that the focus shows."""
        for _ in range(most):
            if target.evaluate("one => one === document.activeElement"):
                break
            self.press("Tab")
        expect(target).to_be_focused()
        assert target.evaluate(SEEN) == ""

    def enter(self, target, key="Enter"):
        """Walk to a link or a button and press it; ends on the page it leads to."""
        self.to(target)
        with self.page.expect_navigation():
            self.press(key)

    def scan(self, code):
        """Let the scanner type a number where the desk waits for one."""
        field = self.page.locator("#scan")
        expect(field).to_be_focused()
        assert field.evaluate(SEEN) == ""
        self.page.keyboard.type(code)
        with self.page.expect_navigation():
            self.press("Enter")
        expect(field).to_be_focused()

    def heard(self):
        """Return what a screen reader says of the outcome, which is what the page shows."""
        said = self.page.get_by_role("status").filter(has=self.page.locator(".s-outcome-sign"))
        expect(said.first).to_be_visible()
        return said.first.locator("h2").inner_text()


@pytest.fixture
def reader(visitors):
    """Timur, who has fetched a book from the locker at the station before."""
    page = visitors.come(language="ru")
    sign_in(page, "timur", "ru")
    return Keys(page)


@pytest.fixture
def librarian(visitors):
    """Olga, who may work at every desk."""
    page = visitors.come(language="en")
    sign_in(page, "librarian")
    return Keys(page)


def days_later(site, barcode, days):
    """Let a loan be so many days old: on its first day there is nothing to renew."""
    with sqlite3.connect(site.database, timeout=10) as connection:
        connection.execute(
            "UPDATE loan SET due = date(due, ?) WHERE closed IS NULL AND item_id ="
            " (SELECT id FROM item WHERE barcode = ?)",
            (f"-{days} days", barcode),
        )
    connection.close()


def test_one_copy_goes_out_and_comes_home(reader, librarian, live_server):
    mine, desk = reader.page, librarian.page

    # From a result of the search two keystrokes on: the title, and the button of the hold.
    mine.goto("/ru")
    box = mine.locator("form[role=search] input[name=q]").first
    reader.to(box)
    mine.keyboard.type(TITLE)
    with mine.expect_navigation():
        reader.press("Enter")
    reader.enter(mine.locator(".results h2 a", has_text=TITLE).first)
    expect(mine.locator(f"input[name=pickup][value={LOCKER}]")).to_be_checked()
    reader.enter(mine.locator(".hold-panel form button[type=submit]"))
    mine.wait_for_url("**/ru/account/holds/*")
    hold = mine.url

    # Library A: the copy is found by the pull list and taken in.
    desk.goto("/en/desk/fontanka/pull")
    row = desk.locator("tr", has=desk.locator(".read", has_text=TITLE))
    barcode = row.locator("bdi.nowrap").inner_text()
    librarian.enter(row.get_by_role("button", name="Found"))
    expect(row).to_have_class("is-found")
    desk.goto("/en/desk/fontanka")
    librarian.scan(barcode)
    assert librarian.heard().startswith("Send it to Locker at Okhtinskaya")

    # Library B: it arrives and goes into a cell.
    desk.goto("/en/desk/okhta")
    librarian.scan(barcode)
    assert librarian.heard().startswith("Put it into cell ")

    # The reader sees the cell and the code, and types it at the locker, which tells the desk.
    mine.goto(hold)
    expect(mine.locator(".opening h2")).to_be_visible()
    librarian.scan(mine.locator(".opening bdi").inner_text())
    assert librarian.heard() == "Lent: give it to the reader"

    days_later(live_server, barcode, 5)
    mine.goto("/ru/account")
    loan = mine.locator("#loans .loan", has_text=TITLE)
    expect(loan).to_be_visible()
    renew = loan.locator("form[action$='/renew'] button")
    reader.enter(renew)
    expect(mine.locator("#loans .loan", has_text=TITLE)).to_be_visible()
    expect(mine.locator("#loans .loan", has_text=TITLE).locator(".status--done")).to_be_visible()

    # Back at library A: it is home, and the reader has it no more.
    desk.goto("/en/desk/fontanka")
    librarian.scan(barcode)
    assert librarian.heard().startswith("Put it back")
    mine.reload()
    expect(mine.locator("#loans .loan", has_text=TITLE)).to_have_count(0)
