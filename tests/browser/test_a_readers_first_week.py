"""A reader's first week: a card, a book in a locker, and a question that is answered."""

import email
import email.policy
import re

import pytest
from fixtures.live import wait_until
from fixtures.walking import fits, search, sign_in
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

NAME = "Агния Первых"
ADDRESS = "agnia@example.net"
PASSWORD = "четыре слова для билета"
BOOK = "Обломов"
LOCKER = "islands-locker"
QUESTION = "Где в городе жили наборщики около 1912 года? Ищу адреса типографий."
WHICH = "О какой части города вы спрашиваете?"
THIS_ONE = "О Петроградской стороне, у Большого проспекта."
ANSWER = "Посмотрите справочник «Весь Петербург» за 1912 год: он есть в читальном зале."


@pytest.fixture
def reader(visitors):
    """Somebody new with a telephone, who reads in Russian."""
    return visitors.come(language="ru", viewport={"width": 360, "height": 740})


@pytest.fixture
def consultant(visitors):
    """Vera, who answers on every topic, signed in."""
    page = visitors.come(language="en")
    sign_in(page, "consultant")
    return page


def letters_to(site, address):
    """Return the bodies of the letters in the folder of mail, the latest last."""
    files = sorted((site.data / "mail").glob("*.eml"), key=lambda one: one.stat().st_mtime_ns)
    found = [
        email.message_from_bytes(one.read_bytes(), policy=email.policy.default) for one in files
    ]
    return [one.get_body(("plain",)).get_content() for one in found if address in (one["to"] or "")]


def letter(site, address, words):
    """Wait for a letter that says something, and return it."""

    def arrived():
        return [body for body in letters_to(site, address) if words in body]

    wait_until(arrived, f"a letter to {address} that says {words}")
    return arrived()[-1]


def send(page, form):
    """Send a form by its last own button."""
    with page.expect_navigation():
        page.locator(f"{form} button[type=submit]:not([formaction])").last.click()


def become_a_reader(page, site):
    """Register, open the link of the letter and confirm it with the password."""
    page.goto("/ru/account/register")
    page.fill("#name", NAME)
    page.fill("input[name=born]", "1994-03-08")
    page.fill("#email", ADDRESS)
    page.fill("#password", PASSWORD)
    page.select_option("select[name=home]", index=1)
    page.check("input[name=rules]")
    page.check("input[name=privacy]")
    send(page, "main form[action*=register]")

    body = letter(site, ADDRESS, "confirm-registration")
    page.goto(re.search(r"https?://\S+/confirm-registration/\S+", body).group())
    page.fill("#password", PASSWORD)
    send(page, "main form[action*=confirm-registration]")


def take_a_book_to_the_locker(page):
    """Find a book and have it brought to a locker; ends on the page of the hold."""
    page.goto("/ru")
    search(page, BOOK)
    page.locator(".results h2 a", has_text=BOOK).first.click()
    choice = page.locator(f"input[name=pickup][value={LOCKER}]")
    if not choice.is_visible():
        page.locator(".hold-panel details", has=choice).locator("summary").click()
    choice.check()
    send(page, ".hold-panel form")
    page.wait_for_url("**/ru/account/holds/*")


def ask(page):
    """Ask a question of a topic that is open; ends on the page of the question."""
    page.goto("/ru/ask/books")
    page.fill("#ask textarea[name=text]", QUESTION)
    send(page, "#ask")
    page.wait_for_url("**/ru/account/enquiries/*")


def test_a_reader_comes_borrows_and_is_answered(reader, consultant, live_server):
    become_a_reader(reader, live_server)

    expect(reader.locator(".lib-card")).to_contain_text(NAME)
    assert fits(reader)

    take_a_book_to_the_locker(reader)

    expect(reader.locator("main h1")).to_have_text(BOOK)
    assert fits(reader)
    reader.goto("/ru/account")
    expect(reader.locator("#holds .loan")).to_have_count(1)

    ask(reader)

    question = reader.url
    expect(reader.locator(".thread")).to_contain_text(QUESTION)

    # Vera finds it in the queue, takes it, and asks which part of the city is meant.
    consultant.goto("/en/staff/enquiries")
    row = consultant.locator("tr", has_text=QUESTION[:30])
    with consultant.expect_navigation():
        row.get_by_role("button", name="Take").click()
    consultant.get_by_role("link", name=re.compile(QUESTION[:30])).click()
    consultant.fill("#answer textarea", WHICH)
    with consultant.expect_navigation():
        consultant.locator("#answer").get_by_role("button", name="Ask back and wait").click()
    thread = consultant.url
    expect(consultant.locator("main h1 .s-pill")).to_have_text("Waits for the asker")

    letter(live_server, ADDRESS, WHICH)
    reader.goto(question)
    expect(reader.locator(".thread")).to_contain_text(WHICH)
    reader.fill("#reply textarea", THIS_ONE)
    send(reader, "#reply")

    consultant.goto(thread)
    expect(consultant.locator(".s-thread")).to_contain_text(THIS_ONE)
    consultant.fill("#answer textarea", ANSWER)
    with consultant.expect_navigation():
        consultant.locator("#answer").get_by_role("button", name="Send the answer").click()

    letter(live_server, ADDRESS, ANSWER)
    reader.goto("/ru/account")
    reader.locator("main a[href*='/account/enquiries/']").first.click()
    expect(reader.locator(".thread .said")).to_have_count(4)
    expect(reader.locator(".thread")).to_contain_text(ANSWER)
    assert fits(reader)
