"""The reader's part in every language of the house, on a phone, and without JavaScript."""

import pytest
from fixtures.walking import fill_in_sign_in, fits, search, sign_in
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

DIRECTIONS = {"ru": "ltr", "en": "ltr", "ar": "rtl"}
WINDOWS = {
    "desk": {"viewport": {"width": 1280, "height": 900}},
    "phone": {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True},
}
# Whom each language is natural for, and a book each of them asks for; nobody else has it.
PEOPLE = {"ru": "reader", "en": "maria", "ar": "rana"}
BOOKS = {
    ("ru", "desk"): "Доктор Живаго",
    ("ru", "phone"): "Капитанская дочка",
    ("en", "desk"): "Жизнь и судьба",
    ("en", "phone"): "Авиатор",
    ("ar", "desk"): "Медный всадник",
    ("ar", "phone"): "Преступление и наказание",
}


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("language", DIRECTIONS)
def test_a_book_is_found_held_and_cancelled_without_javascript(visitors, language, window):
    page = visitors.come(language=language, javascript=False, **WINDOWS[window])
    title = BOOKS[language, window]

    # The site's root chooses the language that the browser asks for.
    page.goto("/")
    page.wait_for_url(f"**/{language}/")
    assert page.locator("html").get_attribute("dir") == DIRECTIONS[language]
    assert fits(page)

    assert title in search(page, title)
    assert fits(page)
    page.locator(".results h2 a", has_text=title).first.click()
    expect(page.locator("h1")).to_contain_text(title)
    assert fits(page)

    page.locator(".hold-panel a[href*='sign-in']").click()
    assert fits(page)
    fill_in_sign_in(page, PEOPLE[language])
    page.locator("input[name=pickup]").first.check()
    page.locator(".hold-panel button[type=submit]").click()
    page.wait_for_url(f"**/{language}/account/holds/*")
    assert fits(page)

    page.goto(f"/{language}/account")
    line = page.locator("section#holds .loan", has_text=title)
    expect(line.locator("[aria-current=step]")).to_be_visible()
    assert fits(page)
    line.locator("form[action$='/cancel'] button").click()
    page.goto(f"/{language}/account")
    expect(page.locator("section#holds")).not_to_contain_text(title)


@pytest.mark.parametrize("window", WINDOWS)
def test_a_search_is_refined_without_javascript(visitors, window):
    page = visitors.come(language="ru", javascript=False, **WINDOWS[window])
    page.goto("/ru/catalogue?q=Достоевский")
    everything = page.locator(".results > li").count()

    opener = page.locator("button[popovertarget=facets]").first
    if opener.is_visible():
        opener.click()
    page.locator("input[name=lang][value=en]").check()
    page.locator("form.facets button.btn-primary").click()

    expect(page.locator(".filters .filter")).to_have_count(1)
    assert sorted(page.locator(".results h2").all_inner_texts()) == [
        "Crime and Punishment",
        "The Brothers Karamazov",
    ]
    page.locator(".filters .filter").click()
    expect(page.locator(".results > li")).to_have_count(everything)


@pytest.mark.parametrize("language", DIRECTIONS)
def test_a_reader_changes_the_language_and_the_colours_without_javascript(visitors, language):
    page = visitors.come(language="en", javascript=False)
    page.goto("/en/catalogue/1")

    page.locator("details.menu", has=page.locator(f"button[value={language}]")).first.click()
    page.locator(f"button[name=language][value={language}]").click()

    page.wait_for_url(f"**/{language}/catalogue/1")
    page.locator("details.menu", has=page.locator("button[name=theme]")).click()
    page.locator("button[name=theme][value=dark]").click()
    page.wait_for_url(f"**/{language}/catalogue/1")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto("/")
    page.wait_for_url(f"**/{language}/")


def test_arabic_begins_on_the_right(visitors):
    page = visitors.come(language="ar", viewport={"width": 1280, "height": 900})
    page.goto("/ar")

    brand = page.locator(".brand").bounding_box()
    navigation = page.locator(".nav-main").bounding_box()
    assert brand["x"] > navigation["x"]
    heading = page.locator("h1")
    assert heading.evaluate("each => getComputedStyle(each).direction") == "rtl"
    # A book keeps the direction of its own title.
    page.goto("/ar/catalogue/1")
    title = page.locator("h1 bdi")
    assert title.evaluate("each => getComputedStyle(each).direction") == "ltr"


def test_a_translator_puts_a_page_into_arabic(live_server, visitors):
    title, text = "نادي السينما: قصيدة المدينة", "نشاهد فيلمًا صامتًا مع البيانو."
    page = visitors.come(language="ar")
    sign_in(page, "translator", "ar")
    page.goto("/ar/events/film-club/@@translate")

    # What she writes runs to the left, what she reads to the right.
    field = page.locator("input[name=title]")
    assert field.evaluate("each => getComputedStyle(each).direction") == "rtl"
    source = page.locator(".s-tr-src").first
    expect(source).to_have_attribute("lang", "ru")
    assert source.evaluate("each => getComputedStyle(each).direction") == "ltr"
    assert source.bounding_box()["x"] > field.bounding_box()["x"]
    field.fill(title)
    body = page.locator("fieldset.s-block textarea").first
    assert body.evaluate("each => getComputedStyle(each).direction") == "rtl"
    body.fill(text)
    page.locator("button[value=save]:not([aria-hidden])").click()
    page.locator("button[value='take:submit']").click()
    page.wait_for_url("**/@@preview")
    expect(page.locator("main")).to_contain_text(text)

    visitor = visitors.come(language="ar")
    visitor.goto("/ar/events/film-club")
    expect(visitor.locator("main")).not_to_contain_text(title)

    reviewer = visitors.come(language="ar")
    sign_in(reviewer, "reviewer", "ar")
    reviewer.goto("/ar/events/film-club/@@preview")
    reviewer.locator("button[value='take:publish']").click()
    reviewer.wait_for_url("**/@@preview")

    visitor.reload()
    heading = visitor.locator("h1")
    expect(heading).to_have_text(title)
    assert heading.evaluate("each => getComputedStyle(each).direction") == "rtl"
    live_server.wait_for_worker()
    assert title in search(visitor, "قصيدة")
    visitor.goto("/ru/events/film-club")
    expect(visitor.locator("h1")).not_to_have_text(title)


def test_the_nearest_library_comes_first_where_the_browser_tells_the_place(visitors):
    page = visitors.come(language="en")
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": 59.95534, "longitude": 30.38312})
    page.goto("/en/libraries")

    page.locator("[data-near]").click()
    page.wait_for_url("**near=59.955%2C30.383*")

    expect(page.locator(".lib-row h2").first).to_have_text("Orbit Library of Science")
    expect(page.locator(".lib-row").first).to_contain_text("50 m")


def test_whoever_does_not_tell_their_place_can_type_it(visitors):
    page = visitors.come(language="en")
    page.goto("/en/libraries")
    page.locator("[data-near]").click()

    expect(page.locator(".lib-find-said")).to_contain_text("Type a street")
    page.keyboard.type("telescope")
    page.keyboard.press("Enter")

    expect(page.locator(".lib-row h2")).to_have_text(["Orbit Library of Science"])
