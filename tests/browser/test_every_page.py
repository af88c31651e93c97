"""A walk through the city: every link a visitor sees leads somewhere, on a desk and on a phone."""

from urllib.parse import urldefrag, urlsplit

import pytest
from playwright.sync_api import Error

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def live_server(city_to_look_at):
    return city_to_look_at


SIZES = {"desk": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
DIRECTIONS = {"ru": "ltr", "en": "ltr", "ar": "rtl"}
# The translator's role holds for Arabic only.
PEOPLE = {
    "reader": "ru",
    "editor": "ru",
    "reviewer": "en",
    "translator": "ar",
    "librarian": "ru",
    "consultant": "ru",
    "admin": "ru",
}
# Enough to meet each kind of page; most are one of many alike.
MOST = 40
ALIKE = 3

FAULTS = """() => {
    const faults = [];
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth + 1) {
        const wide = [...document.querySelectorAll('body *')].find(
            each => each.getBoundingClientRect().right > root.clientWidth + 1
                 || each.getBoundingClientRect().left < -1);
        faults.push('wider than the window: ' + (wide ? wide.outerHTML.slice(0, 120) : ''));
    }
    // A column that lost its room shows words letter under letter; nothing is too wide then.
    for (const each of document.querySelectorAll('main *')) {
        const said = [...each.childNodes].filter(one => one.nodeType === Node.TEXT_NODE)
            .map(one => one.data.trim()).join('');
        const box = each.getBoundingClientRect();
        const across = getComputedStyle(each).writingMode.startsWith('horizontal');
        const squeezed = box.width > 1 && box.width < 40 && box.height > 4 * box.width;
        if (across && squeezed && said.length > 8)
            faults.push('letter under letter: ' + said.slice(0, 60));
    }
    if (document.querySelectorAll('h1').length !== 1) faults.push('not one h1');
    if (!document.querySelector('main')) faults.push('no main');
    if (!document.title.trim()) faults.push('no title');
    for (const each of document.querySelectorAll('img:not([alt])')) faults.push(each.outerHTML);
    const fields = 'input:not([type=hidden]):not([aria-hidden=true]), select, textarea';
    for (const each of document.querySelectorAll(fields)) {
        if (!(each.labels && each.labels.length) && !each.getAttribute('aria-label')
            && !each.getAttribute('aria-labelledby')) faults.push('no label: ' + each.outerHTML);
    }
    // A picture that repeats the link beside it is hidden from those who listen.
    for (const each of document.querySelectorAll('a[href], button')) {
        if (each.closest('[aria-hidden=true]') && each.tabIndex < 0) continue;
        const name = each.textContent.trim() || each.getAttribute('aria-label')
            || each.title || each.querySelector('img[alt]:not([alt=""])');
        if (!name) faults.push('no name: ' + each.outerHTML.slice(0, 120));
    }
    const ids = [...document.querySelectorAll('[id]')].map(each => each.id);
    const twice = ids.find((id, place) => ids.indexOf(id) !== place);
    if (twice) faults.push('this id is there twice: ' + twice);
    return faults;
}"""


def kind_of(path):
    """Return what makes pages alike: the address without numbers and without its last name."""
    parts = [part if not part.isdigit() else "#" for part in path.split("/")]
    return "/".join(parts[:-1]) if len(parts) > 3 and parts[-1] != "#" else "/".join(parts)


def walk(page, start):
    """Follow links from a page, breadth first; return what is wrong on the way."""
    language = start.split("/")[1]
    waiting, seen, kinds, wrong = [start], {start}, {}, []
    while waiting and len(seen) <= MOST * 4 and sum(kinds.values()) < MOST:
        path = waiting.pop(0)
        kind = kind_of(path)
        if kinds.get(kind, 0) >= ALIKE:
            continue
        kinds[kind] = kinds.get(kind, 0) + 1
        try:
            answer = page.goto(path)
        except Error as error:
            if "Download is starting" in str(error):
                continue
            raise
        if answer.status >= 400:
            wrong.append(f"{path}: {answer.status}")
            continue
        if "html" not in (answer.headers.get("content-type") or ""):
            continue
        root = page.locator("html")
        if root.get_attribute("dir") != DIRECTIONS[language]:
            wrong.append(f"{path}: wrong direction")
        wrong += [f"{path}: {fault}" for fault in page.evaluate(FAULTS)]
        for href in page.locator("a[href]").evaluate_all("all => all.map(each => each.href)"):
            parts = urlsplit(urldefrag(href)[0])
            there = parts.path
            here = parts.netloc == urlsplit(page.url).netloc and there.startswith(f"/{language}")
            if here and there not in seen:
                seen.add(there)
                waiting.append(there)
    return wrong


def sign_in(page, language, who):
    page.goto(f"/{language}/account/sign-in")
    page.fill("#name", who)
    page.fill("#password", "bibliopolis")
    page.press("#password", "Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", DIRECTIONS)
def test_a_visitor_meets_no_broken_page(visitors, language, size):
    page = visitors.come(language=language, viewport=SIZES[size])

    assert walk(page, f"/{language}/") == []


@pytest.mark.parametrize("language", DIRECTIONS)
def test_reading_needs_no_javascript(visitors, language):
    page = visitors.come(language=language, javascript=False)

    page.goto(f"/{language}/catalogue")

    assert page.locator("h1").count() == 1


@pytest.mark.parametrize(
    "who", ["reader", "editor", "reviewer", "translator", "librarian", "admin"]
)
def test_people_of_the_house_meet_no_broken_page(visitors, who):
    language = PEOPLE[who]
    page = visitors.come(language=language)
    sign_in(page, language, f"{who}@example.org")

    wrong = walk(page, f"/{language}/account")
    if who != "reader":
        wrong += walk(page, f"/{language}/{'desk' if who == 'librarian' else 'staff'}")

    assert wrong == []


SCROLLED = """() => [...document.querySelectorAll('main *')]
    .filter(each => each.scrollWidth > each.clientWidth + 1
                 && ['auto', 'scroll'].includes(getComputedStyle(each).overflowX))
    .map(each => each.outerHTML.slice(0, 120))"""
LISTS = {
    "admin": ["staff", "staff/people", "staff/groups/1", "staff/audit", "staff/outbox"],
    "librarian": [
        *("desk", "desk/central/pull", "desk/central/shelf", "desk/central/waiting"),
        *("desk/central/transits", "desk/central/rounds", "desk/okhta/shelf"),
        *("staff/readers?all=1", "catalogue/6/queue", "staff/refusals?days=90"),
        *("staff/libraries/central/waiting-times", "staff/libraries/central/hold-ratio"),
    ],
    "manager": [
        *("staff/topics", "staff/libraries", "staff/libraries/central/closures", "staff/whatif"),
        *("staff/libraries/central/emergency", "staff/libraries/central/closing?closing=1"),
    ],
    "reviewer": ["staff", "news/@@contents", "events/dostoevsky-walk/@@history"],
}


@pytest.mark.parametrize("language", DIRECTIONS)
@pytest.mark.parametrize("who", LISTS)
def test_lists_of_the_staff_side_fit_a_phone(visitors, who, language):
    page = visitors.come(language=language, viewport={"width": 360, "height": 740})
    sign_in(page, language, f"{who}@example.org")

    wide = {}
    for path in LISTS[who]:
        assert page.goto(f"/{language}/{path}").status == 200, path
        wide[path] = page.evaluate(SCROLLED)

    assert {path: found for path, found in wide.items() if found} == {}


def test_a_translator_finds_the_contents_of_her_language_from_any_other(visitors):
    page = visitors.come(language="ru")
    sign_in(page, "ru", "translator@example.org")
    page.goto("/ru/staff")

    page.locator("a[href$='/@@contents']").first.click()

    page.wait_for_url("**/ar/home/@@contents")
    assert page.locator("h1").is_visible()
