import pytest
from fixtures.people import PASSWORD
from sqlalchemy import select

from bibliopolis.accounts.models import SignedInSession


def sign_in_form(web, query=""):
    return web.get(f"/en/account/sign-in{query}").forms["sign-in"]


def test_somebody_signs_in_and_out(web, make_person):
    make_person("anna")
    form = sign_in_form(web)
    form["name"], form["password"] = "anna@example.org", PASSWORD

    account = form.submit(status=303).follow()
    assert "anna@example.org" in account.text

    out = next(f for f in account.forms.values() if f.action.endswith("/sign-out"))
    out.submit(status=303)
    web.get("/en/account", status=303)


def test_the_cookie_is_kept_from_scripts_and_other_sites(web, make_person):
    make_person("anna")
    form = sign_in_form(web)
    form["name"], form["password"] = "anna@example.org", PASSWORD

    answer = form.submit(status=303)

    cookie = next(
        value for value in answer.headers.getall("Set-Cookie") if value.startswith("signed_in=")
    )
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_wrong_password_is_said_and_can_be_corrected(web, make_person):
    make_person("anna")
    form = sign_in_form(web)
    form["name"], form["password"] = "anna@example.org", "guessed"

    answer = form.submit(status=400)

    assert "The name or the password is not right." in answer.text
    assert answer.forms["sign-in"]["name"].value == "anna@example.org"
    assert answer.forms["sign-in"]["password"].value == ""


@pytest.mark.parametrize(
    ("came_from", "goes_to"),
    [
        ("/en/account%3Fpage=2", "/en/account?page=2"),
        ("https://evil.example/", "/en/account"),
        ("//evil.example/", "/en/account"),
        ("/%5Cevil.example/", "/en/account"),
        ("/%09/evil.example/", "/en/account"),
        ("javascript:alert(1)", "/en/account"),
    ],
)
def test_after_signing_in_people_go_on_within_the_site(web, make_person, came_from, goes_to):
    make_person("anna")
    form = sign_in_form(web, f"?came_from={came_from}")
    form["name"], form["password"] = "anna@example.org", PASSWORD

    answer = form.submit(status=303)

    assert answer.location == f"http://localhost{goes_to}"


def test_a_visitor_is_led_to_the_form_and_back(web, make_person):
    make_person("anna")

    answer = web.get("/en/account?x=1", status=303).follow()

    assert answer.forms["sign-in"]["came_from"].value == "/en/account?x=1"


def test_a_program_is_told_that_it_may_not(web):
    web.get("/en/account", headers={"Accept": "application/json"}, status=401)


def test_a_form_without_its_token_is_refused(web, make_person):
    make_person("anna")

    web.post("/en/account/sign-in", {"name": "anna@example.org", "password": PASSWORD}, status=400)


def test_a_new_sign_in_replaces_the_session_of_this_browser(web, make_person, sign_in, db):
    make_person("anna")
    sign_in("anna")
    first = web.cookies["signed_in"]
    token = web.cookies["csrf_token"]

    web.post(
        "/en/account/sign-in",
        {"name": "anna@example.org", "password": PASSWORD, "csrf_token": token},
        status=303,
    )

    assert web.cookies["signed_in"] != first
    assert len(db.scalars(select(SignedInSession)).all()) == 1


def test_a_new_password_signs_out_everywhere_else(web, make_person, sign_in, db):
    make_person("anna")
    sign_in("anna")
    elsewhere = web.cookies["signed_in"]
    web.reset()
    page = sign_in("anna").get("/en/account/security")
    form = page.forms["password"]
    form["old_password"], form["new_password"] = PASSWORD, "a longer password"

    form.submit(status=303)

    web.get("/en/account", status=200)
    web.set_cookie("signed_in", elsewhere)
    web.get("/en/account", status=303)


def test_a_wrong_present_password_is_said_at_its_field(web, make_person, sign_in):
    make_person("anna")
    form = sign_in("anna").get("/en/account/security").forms["password"]
    form["old_password"], form["new_password"] = "guessed", "a longer password"

    answer = form.submit(status=400)

    assert "This is not your present password." in answer.text


def test_a_person_chooses_a_language(web, make_person, sign_in):
    person = make_person("anna")
    page = sign_in("anna").get("/en/account")
    form = next(f for f in page.forms.values() if f.action.endswith("/choose-language"))
    form["language"] = "ar"

    answer = form.submit(status=303)

    assert answer.location == "http://localhost/ar/account"
    assert person.language == "ar"
    assert web.get("/", status=302).location == "http://localhost/ar/"


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (None, "text/html"),
        ("*/*", "text/html"),
        ("text/html,application/xhtml+xml,image/avif,*/*;q=0.8", "text/html"),
        ("application/json", "application/json"),
        ("application/json, text/html;q=0.5", "application/json"),
    ],
)
def test_browsers_get_the_page_and_programs_json(web, make_person, sign_in, accept, content_type):
    make_person("anna")
    headers = {"Accept": accept} if accept else {}

    answer = sign_in("anna").get("/en/account", headers=headers)

    assert answer.content_type == content_type
