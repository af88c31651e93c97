import pytest

from bibliopolis.frame import in_language


@pytest.mark.parametrize(
    ("url", "current"),
    [
        ("/ru/staff/people", "page"),
        ("/ru/staff/people/", "page"),
        ("/ru/staff/people#new", None),
        ("/ru/staff", None),
        ("/ru", None),
        ("/ru/staff/peop", None),
        ("#", None),
    ],
)
def test_a_link_knows_whether_it_leads_here(make_request, url, current):
    assert make_request("/ru/staff/people").frame.is_here(url) == current


def test_a_section_is_marked_on_the_pages_below_it(make_request):
    assert make_request("/ru/events/poem").frame.is_here("/ru/events") == "true"


@pytest.mark.parametrize(
    ("path", "there"),
    [("/ru", "/ar"), ("/ru/", "/ar"), ("/ru/a/b", "/ar/a/b"), ("/xx/a", "/ar"), ("/", "/ar")],
)
def test_a_page_is_found_in_another_language(path, there):
    assert in_language(path, "ar", ("ru", "en", "ar")) == there


def test_reading_messages_that_are_not_there_sets_no_cookie(make_request):
    request = make_request("/ru")

    assert request.frame.messages == ()
    assert not request.session.keys()
