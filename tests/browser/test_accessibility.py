"""Every kind of page, as those meet it who need the web to be built well: no checker finds a fault.

A page is loaded once a language; then the window and the colours change under it for axe, and what
the site sent is kept for the Nu HTML checker, which looks at all pages in one run. Whoever adds a
template adds a page of it to ``PAGES``; a state that an address alone does not show to ``STATES``.
"""

import json
import shutil
import subprocess
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from fixtures.left_out import leave_out
from fixtures.live import Visitors
from fixtures.people import PASSWORD
from fixtures.sites import SITE
from fixtures.walking import fits, sign_in
from pyotp import TOTP

pytestmark = pytest.mark.browser

LIBRARIES = SITE / "node_modules"
AXE = LIBRARIES / "axe-core" / "axe.min.js"
VNU = LIBRARIES / "vnu-jar" / "build" / "dist" / "vnu.jar"
LANGUAGES = ("ru", "en", "ar")
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 360, "height": 740}
EVENT = "events/dostoevsky-walk"
TODAY = date.today()

# Each of them switches it on once.
WITH_TWO_STEPS = {"ru": "pavel", "en": "maria", "ar": "rana"}

# One page of each template, by who sees it.
PAGES = {
    None: [
        "",
        "catalogue",
        "catalogue?q=Достоевский",
        "catalogue?q=ничегошеньки",
        "catalogue?q=author:(Достоевский)&avail=city",
        "catalogue/@@advanced",
        "catalogue/@@browse",
        "catalogue/@@browse?by=author",
        "catalogue/1",
        "catalogue/1?near=59.93,30.3",
        "catalogue/1/@@cite",
        "catalogue/1/@@editions",
        "catalogue/1/@@similar",
        "libraries?near=59.93,30.3",
        "libraries/okhta",
        "libraries/fontanka/news",
        "libraries/fontanka/events",
        "account/sign-in",
        "account/forgot-password",
        "account/new-password/unknown",
        "account/register",
        "events",
        f"events?from={TODAY}&to={TODAY + timedelta(days=30)}",
        "events?past=1",
        "events?for=children&in=ru",
        EVENT,
        "news",
        "news/one-catalogue",
        "collections",
        "collections/city-in-novels",
        "ask",
        "ask/city",
        "ask/children",
        "ask/confirm/unknown",
        "about",
        "nothing/is/here",
    ],
    "reader": [
        "account",
        "account/security",
        "account/second-factor",
        "account/programs",
        "account/enquiries",
        "account/searches",
        "account/calendar",
        "account/notices",
        "account/notices/sent",
        "account/searches/save?q=1&kind=book",
        "account/register-child",
        "account/profile",
        "account/data",
        "account/history",
        "account/holds/several",
        "catalogue/5",
    ],
    "librarian": [
        "catalogue/1/@@descriptions?join=2",
        "desk",
        "desk/fontanka",
        "desk/fontanka/pull",
        "desk/fontanka/shelf",
        "desk/fontanka/transits",
        "desk/okhta/shelf",
        "desk/central/rounds",
        "desk/fontanka/waiting",
        "desk/fontanka/not-returned",
        "desk/mayak/not-returned",
        "desk/fontanka/waiting?hopeless=1",
        "catalogue/6/queue",
        "staff/readers?all=1",
        "staff/sought",
        "staff/refusals",
        "staff/libraries/fontanka/refusals",
        "staff/libraries/fontanka/waiting-times",
        "staff/libraries/central/hold-ratio?record=6",
        "staff/readers/register",
    ],
    "editor": [
        "staff",
        "home/@@contents",
        "home/@@add",
        "events/@@add?type=event",
        f"{EVENT}/@@edit",
        f"{EVENT}/@@preview",
        f"{EVENT}/@@history",
        f"{EVENT}/@@contents",
        "collections/city-in-novels/@@edit",
    ],
    "consultant": [
        "staff/enquiries",
        "staff/enquiries?show=ended",
        "staff/enquiries/4",
        "staff/enquiries/6",
        "staff/stray-letters",
        "staff/topics",
        "staff/topics/city",
    ],
    "translator": [f"{EVENT}/@@translate"],
    "admin": [
        "staff/people",
        "staff/people/add",
        "staff/people/1",
        "staff/audit",
        "staff/audit?from=yesterday",
        "staff/groups",
        "staff/groups/add",
        "staff/groups/1?find=a",
        "staff/outbox",
        "staff/libraries",
        "staff/libraries/+new",
        "staff/libraries/fontanka",
        "staff/libraries/fontanka/closures",
        "staff/libraries/central/emergency",
        f"staff/libraries/central/emergency-preview?first={date.today()}&last={date.today()}",
        "staff/libraries/central/closing?closing=1",
        "staff/libraries/fontanka/history",
        "staff/libraries/fontanka/rules?category=child&item_type=film&try=1",
        "staff/libraries/fontanka/set-rule?name=loan_days",
        "staff/topics/+new",
        "staff/whatif",
        "staff/workflows",
    ],
}


def _refused(page, language):
    page.goto(f"/{language}/account/sign-in")
    page.fill("#name", "nobody@example.org")
    page.fill("#password", "wrong")
    page.press("#password", "Enter")
    page.locator(".note--problem, [role=alert], .has-error").first.wait_for()


def _incomplete(page, language):
    page.goto(f"/{language}/account/register")
    page.locator("#register").evaluate("form => { form.noValidate = true; form.submit(); }")
    page.locator(".error-summary").wait_for()


def _unasked(page, language):
    page.goto(f"/{language}/ask/city")
    page.fill("#email", "nobody")
    page.locator("#ask button[type=submit]").click()
    page.locator(".error-summary").wait_for()


def _expired(page, language):
    page.goto(f"/{language}/ask/city")
    page.fill("#text", "Which printers worked here about 1912?")
    page.fill("#email", "somebody@example.org")
    page.context.clear_cookies()
    page.locator("#ask button[type=submit]").click()
    page.locator("#again").wait_for()


def _thread(page, language):
    page.goto(f"/{language}/account/enquiries")
    page.locator(".enquiry-row a").last.click()
    page.locator(".said").first.wait_for()


def _unfinished(page, language):
    page.goto(f"/{language}/staff/readers")
    page.locator("th a").first.click()
    page.locator("#finish").wait_for()


def _at_a_desk(card, shown):
    def state(page, language):
        page.goto(f"/{language}/staff/readers?all=1&q={card}")
        page.locator("th a").first.click()
        page.locator("main details summary").first.click()
        page.locator(shown).wait_for()

    return state


def _slip(page, language):
    page.goto(f"/{language}/desk/fontanka/shelf")
    page.locator("a[href*='/slip?']").first.click()
    page.locator(".s-slip").wait_for()


def _all_reasons(page, language):
    """What waits for one reader is to be lent to another."""
    page.goto(f"/{language}/desk/fontanka/shelf")
    kept = page.locator("a[href*='/slip?']").first.get_attribute("href").partition("item=")[2]
    page.goto(f"/{language}/desk/fontanka")
    page.fill("#scan", "2104420056")
    with page.expect_navigation():
        page.press("#scan", "Enter")
    reader = page.url.partition("reader=")[2]
    page.goto(f"/{language}/desk/fontanka/lend?item={int(kept.partition('&')[0])}&reader={reader}")
    page.locator(".blocks li").first.wait_for()


def _to_be_moved(page, language):
    page.goto(f"/{language}/catalogue/6/queue")
    page.locator("main tbody a[href*='/account/holds/']").first.click()
    page.locator("form[action$='/move-to-title']").wait_for()


def _why_not(page, language):
    page.goto(f"/{language}/catalogue/5")
    form = page.locator(".hold-panel form[action$='/account/holds']")
    form.evaluate("form => { form.elements.pickup[0].value = 'nowhere'; form.submit(); }")
    page.locator(".blocks").wait_for()


def _report(page, language):
    page.goto(f"/{language}/staff/whatif")
    page.locator("tbody th a").first.click()
    page.locator("#all-h").wait_for()


def _compared(page, language):
    page.goto(f"/{language}/staff/whatif")
    for box in page.locator("[name=sel]").all():
        box.check()
    page.locator("form[action$='/compare'] button").click()
    page.locator("#fair-h").wait_for()


def _refined(page, language):
    page.goto(f"/{language}/catalogue?q=Достоевский")
    page.set_viewport_size(WIDE)
    page.locator("input[name=lang]").first.check()
    page.locator("form.facets button.btn-primary").click()
    page.locator(".filters .filter").first.wait_for()


def _key_of_an_app(page, language):
    sign_in(page, WITH_TWO_STEPS[language], language)
    page.goto(f"/{language}/account/second-factor")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.locator("#key").wait_for()


def _recovery_codes(page, language):
    page.fill("#code", TOTP(page.locator("#key").inner_text().replace(" ", "")).now())
    page.press("#code", "Enter")
    page.locator("#codes").wait_for()


def _second_step(page, language):
    page.context.clear_cookies()
    sign_in(page, WITH_TWO_STEPS[language], language)
    page.locator("#second-step").wait_for()


# What only a step on the page brings about, by who sees it.
STATES = {
    None: {
        "a refused sign-in": _refused,
        "an incomplete registration": _incomplete,
        "a refined search": _refined,
        "an incomplete question": _unasked,
        "an expired form": _expired,
        "the key of an app": _key_of_an_app,
        "recovery codes": _recovery_codes,
        "the second step": _second_step,
    },
    "reader": {"a thread of one's own": _thread, "why not": _why_not},
    "librarian": {
        "a registration to finish": _unfinished,
        "the slip of a copy": _slip,
        "all reasons against a loan": _all_reasons,
        "a hold to be moved": _to_be_moved,
        "a child at a desk": _at_a_desk("2104418425", "#appoint"),
        "a reader without an account": _at_a_desk("2104002718", "#invite"),
    },
    "admin": {"a report of what if": _report, "reports compared": _compared},
}
# The translator's role holds for Arabic only.
CASES = [(who, tag) for who in PAGES for tag in LANGUAGES if who != "translator" or tag == "ar"]
EVERY_RULE: list[str] = []
RULES_OF_COLOURS = ["color-contrast", "link-in-text-block"]
# Colours change nothing but colours: in the second of a width only the rules about them can tell.
# A language changes the words and the direction, never the colours: one language sees all of them.
LOOKS = {
    "ru": (
        ("light", WIDE, EVERY_RULE),
        ("dark", WIDE, RULES_OF_COLOURS),
        ("dark", NARROW, EVERY_RULE),
        ("light", NARROW, RULES_OF_COLOURS),
    ),
    "en": (("light", NARROW, None), ("light", WIDE, EVERY_RULE)),
    "ar": (("dark", WIDE, None), ("dark", NARROW, EVERY_RULE)),
}

LOOK = """async (rules) => {
    const options = {resultTypes: ['violations']};
    if (rules.length) options.runOnly = {type: 'rule', values: rules};
    const found = await axe.run(document, options);
    return found.violations.map(each => `${each.id}: ` + each.nodes.slice(0, 3).map(
        node => node.target.join(' ') + ' ' + node.html.slice(0, 160)
            + ' ' + (node.any[0]?.message || node.all[0]?.message || node.none[0]?.message || '')
    ).join(' | '));
}"""


@dataclass
class Walk:
    """What one visitor met in one language: what axe says of it, and what the site sent."""

    faults: list[str] = field(default_factory=list)
    sent: dict[str, str] = field(default_factory=dict)


class Walks:
    """Every visitor's walk through their pages, made once for all tests that look at it."""

    def __init__(self, browser, site) -> None:
        self.visitors = Visitors(browser, site.url)
        self.axe = AXE.read_text(encoding="utf-8")
        self.made: dict[tuple, Walk] = {}

    def of(self, who, language) -> Walk:
        if (who, language) not in self.made:
            self.made[who, language] = self._make(who, language)
        return self.made[who, language]

    def _make(self, who, language) -> Walk:
        page = self.visitors.come(language=language, viewport=WIDE)
        if who is not None:
            sign_in(page, who, language)
        walk = Walk()
        for path in PAGES[who]:
            answer = page.goto(f"/{language}/{path}")
            walk.sent[path] = answer.text()
            walk.faults += self._faults(page, path, language)
        for name, step in STATES.get(who, {}).items():
            step(page, language)
            walk.sent[name] = page.content()
            walk.faults += self._faults(page, name, language)
        page.context.close()
        return walk

    def _faults(self, page, name, language) -> list[str]:
        """Return what axe finds on the page that is open, and whether it fits every width."""
        found = []
        page.evaluate(self.axe)
        for colours, size, rules in LOOKS[language]:
            page.emulate_media(color_scheme=colours, reduced_motion="reduce")
            page.set_viewport_size(size)
            wrong = [] if rules is None else page.evaluate(LOOK, rules)
            found += [f"{name}: {colours}, {size['width']}: {each}" for each in wrong]
            if not fits(page):
                found.append(f"{name}: {size['width']}: wider than the window")
        return found


@pytest.fixture(scope="module")
def walks(browser, live_server):
    walks = Walks(browser, live_server)
    yield walks
    walks.visitors.leave()


@pytest.mark.parametrize(("who", "language"), CASES)
def test_axe_finds_nothing(walks, who, language):
    faults = walks.of(who, language).faults

    assert not faults, "\n".join(faults)


def test_the_nu_html_checker_finds_no_error(walks, tmp_path):
    java = shutil.which("java")
    if java is None:
        leave_out("checking the HTML of every page", "java is not installed")
    files = {}
    for who, language in CASES:
        for name, html in walks.of(who, language).sent.items():
            file = tmp_path / f"{len(files)}.html"
            file.write_text(html, encoding="utf-8")
            files[file.name] = f"/{language}/{name}"

    checked = subprocess.run(
        [java, "-Xss2m", "-jar", VNU, "--errors-only", "--format", "json", tmp_path],
        capture_output=True,
        text=True,
        timeout=300,
    )

    errors = [
        f"{files.get(each.get('url', '').rpartition('/')[2])}: {each['message']}"
        f" {each.get('extract', '')}"
        for each in json.loads(checked.stderr)["messages"]
    ]
    assert not errors, f"{len(errors)} errors\n" + "\n".join(errors[:40])
