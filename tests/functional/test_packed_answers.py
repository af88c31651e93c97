"""Answers are packed for the wire, but none from whose length a secret could be guessed."""

import gzip

import pytest
from webob import Request

GZIP = {"Accept-Encoding": "br, gzip;q=0.9"}


@pytest.fixture
def get(web):
    """Ask as a browser does, and return what is on the wire: WebTest would unpack it."""

    def get(address, headers=GZIP):
        request = Request.blank(address, environ=dict(web.extra_environ), headers=headers)
        cookies = "; ".join(f"{name}={value}" for name, value in web.cookies.items())
        if cookies:
            request.headers["Cookie"] = cookies
        return request.get_response(web.app)

    return get


def test_a_page_for_everybody_goes_out_packed(get):
    plain = get("/en/", {})
    packed = get("/en/")

    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) < len(plain.body) / 3
    assert gzip.decompress(packed.body) == plain.body
    assert "Accept-Encoding" in packed.vary
    assert "Accept-Encoding" in plain.vary


@pytest.mark.parametrize("wish", [{}, {"Accept-Encoding": "gzip;q=0"}, {"Accept-Encoding": "br"}])
def test_who_does_not_ask_for_it_gets_no_packed_page(get, wish):
    assert "Content-Encoding" not in get("/en/", wish).headers


def test_choices_of_colours_and_library_are_no_secret(web, get):
    web.set_cookie("theme", "dark")
    web.set_cookie("my_library", "fontanka")

    assert get("/en/").headers["Content-Encoding"] == "gzip"


def test_a_page_with_the_token_of_a_form_is_not_packed(web, get):
    for _visit in ("the token is new", "the browser has it already"):
        page = get("/en/account/sign-in")

        assert b'name="csrf_token"' in page.body
        assert "Content-Encoding" not in page.headers
        web.get("/en/account/sign-in")


def test_a_page_for_somebody_is_not_packed(get, make_person, sign_in):
    make_person("anna")
    sign_in("anna")

    for address in ("/en/account", "/en/catalogue?q=secret"):
        assert "Content-Encoding" not in get(address).headers


def test_what_a_program_asks_in_somebodys_name_is_not_packed(get):
    asked = {**GZIP, "Accept": "application/json", "Authorization": "Bearer nothing"}

    assert "Content-Encoding" not in get("/en/", asked).headers
