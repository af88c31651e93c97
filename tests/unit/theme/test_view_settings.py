import pytest
from pyramid.config import Configurator
from webtest import TestApp

from bibliopolis.settings import parse_settings
from bibliopolis.view_settings import local_path


@pytest.fixture
def browser(ini):
    config = Configurator(settings=ini)
    config.registry["bibliopolis.settings"] = parse_settings(ini)
    for piece in ("web", "negotiation", "theme"):
        config.include(f"bibliopolis.{piece}")
    return TestApp(config.make_wsgi_app())


def test_colours_are_kept_and_the_visitor_stays_where_they_were(browser):
    answer = browser.post("/view-settings", {"theme": "dark", "back": "/ru/events?page=2"})

    assert answer.status_int == 303
    assert answer.location == "http://localhost/ru/events?page=2"
    assert browser.cookies["theme"] == "dark"


def test_views_for_low_vision_are_turned_on_and_off_each_alone(browser):
    for view in ("large", "contrast", "large"):
        browser.post("/view-settings", {"view": view, "back": "/ru"})

    assert browser.cookies["view"] == "contrast"


def test_a_language_is_kept_and_the_page_shown_in_it(browser):
    answer = browser.post("/view-settings", {"language": "ar", "back": "/ru/events?page=2"})

    assert answer.location == "http://localhost/ar/events?page=2"
    assert browser.cookies["language"] == "ar"


def test_what_is_no_choice_is_not_kept(browser):
    browser.post("/view-settings", {"theme": "pink", "view": "x", "language": "xx", "back": "/"})

    assert not browser.cookies.keys() & {"theme", "view", "language"}


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example/x",
        "/\\evil.example",
        "javascript:x",
        "/\n/x",
        "x",
        "//[",
        "/ /x",
    ],
)
def test_the_way_back_leads_nowhere_else(address):
    assert local_path(address) == "/"
