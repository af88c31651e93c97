"""An operator backs a living site up, loses the machine, and restores the site on another one."""

import subprocess

import pytest
from fixtures.live import Visitors, bibliopolis, start_site
from fixtures.walking import search, sign_in
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

SILENT = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
BOOK = "Обломов"
PAGES = ("/ru", "/ru/for-readers/rules", "/ru/libraries", "/ru/account", "/ru/account/holds")


# The worker forgets every few minutes what letters were about: before or after the backup.
WITHOUT_LETTERS = "() => document.querySelector('#notices')?.remove()"
PICTURES = """
    all => all.map(one => [new URL(one.currentSrc, location.href).pathname, one.naturalWidth])
"""


def shown(page, path):
    """Return what a person reads at an address, and the pictures that are really there."""
    page.goto(path)
    page.evaluate(WITHOUT_LETTERS)
    main = page.locator("main")
    return main.inner_text(), main.locator("img").evaluate_all(PICTURES)


def place_a_hold(page, title):
    page.goto("/ru")
    search(page, title)
    page.locator(".results h2 a", has_text=title).first.click()
    page.locator(".hold-panel button[type=submit]").click()
    page.wait_for_url("**/ru/account/holds/*")


def test_what_was_restored_is_the_same_site(visitors, live_server, browser, tmp_path):
    reader = visitors.come(language="ru")
    sign_in(reader, "reader")
    place_a_hold(reader, BOOK)
    hold = reader.url.removeprefix(live_server.url)
    live_server.wait_for_worker()
    before = {path: shown(reader, path) for path in (*PAGES, hold)}
    assert BOOK in before["/ru/account"][0]

    archive = tmp_path / "city.zip"
    assert bibliopolis("backup", str(archive), data=live_server.data, **SILENT).wait(60) == 0
    data = tmp_path / "var"
    assert bibliopolis("restore", str(archive), data=data, **SILENT).wait(120) == 0
    restored = start_site(data, "--no-demo")

    elsewhere = Visitors(browser, restored.url)
    try:
        same = elsewhere.come(language="ru", storage_state=reader.context.storage_state())
        assert {path: shown(same, path) for path in (*PAGES, hold)} == before

        newcomer = elsewhere.come(language="ru")
        sign_in(newcomer, "reader")
        newcomer.goto("/ru/account")
        expect(newcomer.get_by_role("link", name=BOOK).first).to_be_visible()
        newcomer.goto("/ru")
        search(newcomer, BOOK)
        expect(newcomer.locator(".results h2 a", has_text=BOOK).first).to_be_visible()
        elsewhere.leave()
    finally:
        restored.stop()
