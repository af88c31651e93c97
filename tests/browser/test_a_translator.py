"""An administrator gives a translator the role for Arabic only, and it holds."""

import pytest
from fixtures.walking import fits, sign_in
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

EVENT = "events/dostoevsky-walk"
TITLE = "نزهة مع دوستويفسكي"
WAYS_TO_WORK = "main a[href*='/@@']"


@pytest.fixture
def administrator(visitors):
    page = visitors.come(language="en")
    sign_in(page, "admin")
    return page


@pytest.fixture
def timur(visitors):
    """A reader who knows Arabic, signed in on a telephone."""
    page = visitors.come(language="en", viewport={"width": 390, "height": 844})
    sign_in(page, "timur")
    return page


def give_role(page, words, role, language):
    """Find somebody in the list of people and let them hold a role for a language."""
    page.goto("/en/staff/people")
    page.fill("#q", words)
    page.press("#q", "Enter")
    page.locator("main tbody a").click()
    page.select_option("#role", role)
    page.select_option("#scope_lang", language)
    with page.expect_navigation():
        page.locator("form[action$='/grant'] button").click()


def ways_in(page, language):
    """Return the links on the page that is open which lead to the editors' side of a language."""
    return page.locator(f"main a[href^='/{language}/'][href*='/@@']").count()


def statuses(page, language):
    """Return how the editors' pages of the event answer in a language."""
    views = ("edit", "translate", "preview", "history", "contents")
    return {page.goto(f"/{language}/{EVENT}/@@{view}").status for view in views}


def send_as_if(page, language):
    """Send the translator's own form to another language; return the status of the answer."""
    page.goto(f"/ar/{EVENT}/@@translate")
    form = page.evaluate("() => Object.fromEntries(new FormData(document.forms.page))")
    sent = {**form, "title": "Taken over", "do": "save"}
    return page.request.post(f"/{language}/{EVENT}/@@translate", form=sent).status


def test_a_role_for_arabic_holds_for_arabic_only(administrator, timur):
    timur.goto(f"/ar/{EVENT}")
    expect(timur.locator(WAYS_TO_WORK)).to_have_count(0)
    assert timur.goto(f"/ar/{EVENT}/@@translate").status == 403

    give_role(administrator, "timur", "translator", "ar")

    held = administrator.locator("section[aria-labelledby=roles-h] tbody tr")
    expect(held).to_have_count(1)
    expect(held).to_contain_text("Arabic")

    timur.goto(f"/ar/{EVENT}")
    timur.locator(WAYS_TO_WORK).click()
    timur.locator("a[href$='@@translate']").first.click()
    assert fits(timur)
    timur.locator("input[name=title]").fill(TITLE)
    with timur.expect_navigation():
        timur.locator("button[name=do][value=save]:not([aria-hidden])").first.click()
    expect(timur.locator("input[name=title]")).to_have_value(TITLE)
    # What others write is not theirs, and no link leads there.
    assert ways_in(timur, "ru") == ways_in(timur, "en") == 0
    assert ways_in(timur, "ar") > 0

    for language in ("ru", "en"):
        timur.goto(f"/{language}/{EVENT}")
        expect(timur.locator(WAYS_TO_WORK)).to_have_count(0)
        assert statuses(timur, language) == {403}
        assert send_as_if(timur, language) == 403
    assert timur.goto("/en/staff/people").status == 403


def test_a_role_taken_away_is_gone_at_the_next_page(administrator, timur):
    give_role(administrator, "timur", "translator", "ar")
    assert timur.goto(f"/ar/{EVENT}/@@translate").status == 200

    with administrator.expect_navigation():
        administrator.locator("form[action$='/revoke'] button").first.click()

    assert timur.goto(f"/ar/{EVENT}/@@translate").status == 403
    assert timur.goto("/en/staff").status == 403
