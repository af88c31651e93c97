"""The whole way of one copy across two libraries and a locker, without a mouse.

The reader reads in Russian, the librarians in English; a scanner is a keyboard that types a number
and presses Enter. After every key the focus is looked at: it is visible, and where it was meant.
"""

import re
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
    """Somebody at a keyboard: walks by Tab, and looks where the focus is.

    ``FEW`` keys at most lead to anything that is done every day.
    """

    FEW = 15

    def __init__(self, page):
        self.page = page

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def to(self, target, key="Tab", few=FEW):
        """Walk to an element by Tab, and see that the focus shows."""
        for _ in range(few):
            if target.evaluate("one => one === document.activeElement"):
                break
            self.press(key)
        expect(target).to_be_focused()
        assert target.evaluate(SEEN) == ""

    def enter(self, target, key="Enter"):
        """Walk to a link or a button and press it; ends on the page it leads to."""
        self.to(target)
        with self.page.expect_navigation():
            self.press(key)

    def skip(self, to="main"):
        """Jump over the frame of the page by one of the first links it has."""
        self.to(self.page.locator(f"a.skip[href='#{to}']"), few=2)
        self.press("Enter")
        expect(self.page.locator(f"#{to}")).to_be_focused()

    def leap(self, digit):
        """Press an access key; the driver of the browser has no way for it of its own."""
        devtools = self.page.context.new_cdp_session(self.page)
        key = {"key": digit, "text": digit, "unmodifiedText": digit, "code": f"Digit{digit}"}
        with self.page.expect_navigation():
            devtools.send("Input.dispatchKeyEvent", {"type": "keyDown", "modifiers": 1, **key})
        devtools.send("Input.dispatchKeyEvent", {"type": "keyUp", **key})
        devtools.detach()

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
        """Return what a screen reader says of the outcome, which is what the page shows.

        A live region that is there from the start may stay unsaid: the title of the page and the
        field that has the focus say the same.
        """
        said = self.page.get_by_role("status").filter(has=self.page.locator(".s-outcome-sign"))
        expect(said.first).to_be_visible()
        outcome = said.first.locator("h2").inner_text()
        expect(self.page).to_have_title(re.compile("^" + re.escape(outcome)))
        expect(self.page.locator("#scan")).to_have_accessible_description(
            re.compile("^" + re.escape(outcome))
        )
        return outcome


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


def work_at(librarian, name):
    """Let the librarian leave the desk for another one: by the key of the place of work."""
    desk = librarian.page
    librarian.leap("0")
    librarian.skip()
    librarian.enter(desk.get_by_role("link", name=name))
    expect(desk.locator("#scan")).to_be_focused()


def my_account(reader):
    """Let the reader come from any page to what is theirs: by the menu of the card on top."""
    mine = reader.page
    reader.to(mine.locator(".topbar details:has(form[action*='sign-out']) summary"))
    reader.press("Enter")
    reader.enter(mine.locator(".topbar details[open] a").first)
    expect(mine.locator("#loans")).to_be_visible()


def part(reader, name):
    """Let the reader jump to a part of their page by the list of its parts."""
    reader.skip()
    reader.to(reader.page.locator(f"main nav a[href$='#{name}']"))
    reader.press("Enter")


def test_one_copy_goes_out_and_comes_home(reader, librarian, live_server):
    mine, desk = reader.page, librarian.page

    # From a result of the search two keystrokes on: the title, and the button of the hold.
    mine.goto("/ru")
    reader.skip()
    reader.to(mine.locator("form[role=search] input[name=q]").first)
    mine.keyboard.type(TITLE)
    with mine.expect_navigation():
        reader.press("Enter")
    reader.skip("results")
    reader.enter(mine.locator(".results h2 a", has_text=TITLE).first)
    reader.skip()
    expect(mine.locator(f"input[name=pickup][value={LOCKER}]")).to_be_checked()
    reader.enter(mine.locator(".hold-panel form button[type=submit]"), key="Space")
    expect(mine.get_by_role("status").first).to_be_visible()
    assert "/ru/account/holds/" in mine.url

    # Library A: the copy is found by the pull list and taken in.
    desk.goto("/en/staff")
    librarian.skip()
    librarian.enter(desk.get_by_role("link", name="Open the desk"))
    librarian.skip()
    librarian.enter(desk.get_by_role("link", name="Library on the Fontanka"))
    expect(desk.locator("#scan")).to_be_focused()
    librarian.to(desk.locator("input[name=mode]:checked"), "Shift+Tab")
    librarian.press("ArrowRight", "ArrowRight")
    expect(desk.locator("input[name=mode][value=in]")).to_be_checked()
    librarian.leap("2")
    librarian.skip()
    row = desk.locator("tr", has=desk.locator(".read", has_text=TITLE))
    barcode = row.locator("bdi.nowrap").inner_text()
    librarian.enter(row.get_by_role("button", name="Found"))
    expect(row).to_have_class("is-found")
    expect(row).to_be_focused()
    assert row.evaluate(SEEN) == ""
    librarian.to(row.get_by_role("button", name="Undo"))  # what was done is undone beside it
    librarian.leap("1")
    librarian.scan(barcode)
    assert librarian.heard().startswith("Send it to Locker at Okhtinskaya")
    librarian.enter(desk.get_by_role("link", name="Slip to print"))
    librarian.skip()
    expect(desk.locator(".s-slip-alias bdi")).to_be_visible()
    librarian.enter(desk.get_by_role("link", name="Back to the desk"))
    expect(desk.locator("#scan")).to_be_focused()

    # Library B: it arrives and goes into a cell.
    work_at(librarian, "Okhta Library")
    librarian.scan(barcode)
    assert librarian.heard().startswith("Put it into cell ")

    # The reader sees the cell and the code, and types it at the locker, which tells the desk.
    my_account(reader)
    part(reader, "holds")
    reader.enter(mine.locator("#holds .loan", has_text=TITLE).get_by_role("link", name="Подробнее"))
    librarian.scan(mine.locator(".opening bdi").inner_text())
    assert librarian.heard() == "Lent: give it to the reader"

    days_later(live_server, barcode, 5)
    my_account(reader)
    part(reader, "loans")
    loan = mine.locator("#loans .loan", has_text=TITLE)
    reader.enter(loan.locator("form[action$='/renew'] button"))
    expect(loan.locator(".status--done")).to_be_visible()
    reader.to(loan.get_by_role("link", name=TITLE), few=1)  # it goes on where the book stands

    # Back at library A: it is home, and the reader has it no more.
    work_at(librarian, "Library on the Fontanka")
    librarian.scan(barcode)
    assert librarian.heard().startswith("Put it back")
    mine.reload()
    expect(mine.locator("#loans .loan", has_text=TITLE)).to_have_count(0)
