"""The way of a page from its writer over the reviewer to the visitors, and what each sees."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from fixtures.pictures import picture
from fixtures.walking import search, sign_in
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

TITLE = "Ночь сказок под лампой"
ALT = "Лампа с зелёным абажуром над раскрытой книгой"
BETTER = "Ночь сказок при свечах"
REMARK = "Напишите, с какого возраста можно прийти."
WORDS = "Читаем вслух до полуночи"


@pytest.fixture
def editor(visitors):
    page = visitors.come(language="en")
    sign_in(page, "editor")
    return page


@pytest.fixture
def reviewer(visitors):
    page = visitors.come(language="en")
    sign_in(page, "reviewer")
    return page


@pytest.fixture
def visitor(visitors):
    """Somebody who reads in Russian and never signs in."""
    return visitors.come(language="ru")


def open_in_russian(page, address, view):
    page.goto(f"/ru/{address}/@@{view}")


def soon(**after):
    """Return a moment to come in the city of the demo, as the field for it takes it."""
    return f"{datetime.now(ZoneInfo('Europe/Moscow')) + timedelta(**after):%Y-%m-%dT%H:%M}"


def press(page, do):
    """Press a button of the form and wait for the page that answers."""
    with page.expect_navigation():
        page.locator(f"button[name=do][value='{do}']:not([aria-hidden])").first.click()


def add_block(page, kind):
    """Add a block at the end of the page and return it."""
    with page.expect_navigation():
        page.locator(f"button[name=do][value^='add:{kind}:']:visible").last.click()
    return page.locator("fieldset.s-block").last


def write_poster(page):
    """Write an event as an editor would, with a picture and blocks; return its address."""
    page.goto("/ru/events/@@contents")
    page.locator("a[href*='type=event']").click()
    page.locator("input[name=title]").fill(TITLE)
    page.locator("textarea[name=summary], input[name=summary]").fill(f"{WORDS} и пьём чай.")
    page.locator("input[name=starts]").fill(soon(hours=1))
    page.locator("select[name=library]").select_option(index=1)
    text = add_block(page, "text")
    text.locator("textarea").fill("Приносите **подушку**.\n\nСказки выбираем вместе.")
    image = add_block(page, "picture")
    image.locator("input[type=file]").set_input_files(
        {"name": "lamp.png", "mimeType": "image/png", "buffer": picture(size=(1200, 800))}
    )
    press(page, "keep")
    # What was typed is still there after the other buttons.
    expect(page.locator("input[name=title]")).to_have_value(TITLE)
    page.locator("fieldset.s-block").last.locator("textarea[name$='-alt']").fill(ALT)
    quote = add_block(page, "quote")
    quote.locator("textarea").fill("Сказка ложь, да в ней намёк.")
    press(page, "save")
    page.wait_for_url("**/@@edit")
    return page.url.split("/ru/", 1)[1].removesuffix("/@@edit")


def is_seen(live_server, page, words):
    """Say whether a visitor can find the words on the front page, in the list, by searching."""
    live_server.wait_for_worker()
    seen = set()
    for address in ("/ru", "/ru/events"):
        page.goto(address)
        if page.locator("main", has_text=words).count():
            seen.add(address)
    if words in search(page, words):
        seen.add("search")
    return seen


EVERYWHERE = {"/ru", "/ru/events", "search"}


def test_a_poster_is_written_mended_published_and_edited_again(
    live_server, editor, reviewer, visitor
):
    address = write_poster(editor)
    press(editor, "take:submit")
    assert is_seen(live_server, visitor, TITLE) == set()
    assert visitor.goto(f"/ru/{address}").status == 404

    reviewer.goto("/en/staff")
    reviewer.get_by_role("link", name=TITLE).first.click()
    expect(reviewer.locator("main")).to_contain_text(WORDS)
    reviewer.locator("textarea[name=comment]").fill(REMARK)
    press(reviewer, "take:reject")

    editor.goto("/en/staff")
    editor.get_by_role("link", name=TITLE).first.click()
    expect(editor.locator("main")).to_contain_text(REMARK)
    open_in_russian(editor, address, "edit")
    block = editor.locator("fieldset.s-block").first.locator("textarea")
    block.fill(block.input_value() + "\n\nДля всех, кому есть двенадцать.")
    press(editor, "take:submit")

    open_in_russian(reviewer, address, "preview")
    expect(reviewer.locator("main")).to_contain_text("кому есть двенадцать")
    press(reviewer, "take:publish")

    assert is_seen(live_server, visitor, TITLE) == EVERYWHERE
    visitor.goto("/ru")
    visitor.locator("main").get_by_role("link", name=TITLE).first.click()
    visitor.wait_for_url(f"**/ru/{address}")
    shown = visitor.get_by_role("img", name=ALT)
    shown.scroll_into_view_if_needed()
    visitor.wait_for_function(
        "alt => document.querySelector(`img[alt='${alt}']`).naturalWidth > 0", arg=ALT
    )
    expect(visitor.locator("main strong", has_text="подушку")).to_be_visible()
    expect(visitor.locator("blockquote")).to_contain_text("Сказка ложь")

    open_in_russian(editor, address, "edit")
    editor.locator("input[name=title]").fill(BETTER)
    press(editor, "save")
    assert is_seen(live_server, visitor, BETTER) == set()
    assert is_seen(live_server, visitor, TITLE) == EVERYWHERE
    visitor.goto(f"/ru/{address}")
    expect(visitor.locator("h1")).to_have_text(TITLE)

    press(editor, "take:submit")
    open_in_russian(reviewer, address, "preview")
    press(reviewer, "take:publish")
    assert is_seen(live_server, visitor, BETTER) == EVERYWHERE
    assert is_seen(live_server, visitor, TITLE) == set()


def test_a_picture_without_words_for_it_is_not_published(editor, reviewer, visitor):
    editor.goto("/ru/news/@@add?type=news")
    editor.locator("input[name=title]").fill("Новая лампа")
    image = add_block(editor, "picture")
    image.locator("input[type=file]").set_input_files(
        {"name": "lamp.png", "mimeType": "image/png", "buffer": picture()}
    )
    press(editor, "save")
    editor.wait_for_url("**/@@edit")
    address = editor.url.split("/ru/", 1)[1].removesuffix("/@@edit")

    open_in_russian(reviewer, address, "preview")

    refused = reviewer.locator("button[value='take:publish']")
    expect(refused).to_have_attribute("aria-disabled", "true")
    expect(reviewer.locator("#why-publish")).to_be_visible()
    refused.press("Enter")
    assert visitor.goto(f"/ru/{address}").status == 404


def test_a_visitor_sees_no_draft_in_any_way(live_server, editor, visitor):
    hidden = "Секретный вечер поэзии"
    editor.goto("/ru/events/@@add?type=event")
    editor.locator("input[name=title]").fill(hidden)
    editor.locator("input[name=starts]").fill(soon(days=2))
    press(editor, "save")
    editor.wait_for_url("**/@@edit")
    address = editor.url.split("/ru/", 1)[1].removesuffix("/@@edit")
    live_server.wait_for_worker()

    assert is_seen(live_server, visitor, hidden) == set()
    for language in ("ru", "en", "ar"):
        for view in ("", "/@@preview", "/@@edit", "/@@history", "/@@compare"):
            visitor.goto(f"/{language}/{address}{view}")
            assert hidden not in visitor.content()
    for path in (f"/ru/{address}", "/ru/events", "/ru/catalogue?q=Секретный"):
        answer = visitor.request.get(path, headers={"Accept": "application/json"})
        assert hidden not in answer.text()
