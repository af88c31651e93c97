"""Programs sign in with a token; people make, see and end the tokens that act for them."""

from datetime import timedelta

import pytest
from fixtures.people import PASSWORD
from fixtures.programs import Program

from bibliopolis.accounts.models import AccessToken, AuditEvent


@pytest.fixture
def anna(make_person):
    return make_person("anna", editor="")


@pytest.fixture
def make_token(sign_in):
    """Make a token by hand, in "my account"."""

    def make(name="script", may_write=False, days="30"):
        browser = sign_in("anna")
        form = browser.get("/en/account/programs").forms["add-program"]
        form["name"], form["days"], form["may_write"] = name, days, may_write
        return form.submit()

    return make


def secret_in(page):
    return page.html.find(id="issued").code.text


def end_form(page):
    return next(form for form in page.forms.values() if form.action.endswith("/end"))


def test_a_program_signs_in_and_acts_for_its_person(anna, program):
    acting = program("anna")

    assert acting.get("/en/account").json["email"] == "anna@example.org"


def test_only_the_hash_of_a_token_is_kept(anna, program, db):
    acting = program("anna")

    (kept,) = db.query(AccessToken).all()
    assert acting.token not in kept.token_hash
    assert kept.expires - kept.created == timedelta(hours=12)


@pytest.mark.parametrize(
    ("credentials", "status"),
    [
        ({"login": "anna@example.org", "password": "wrong"}, 401),
        ({"login": "nobody@example.org", "password": PASSWORD}, 401),
        ({"login": "anna@example.org"}, 400),
        ({"login": "anna@example.org", "password": 5}, 400),
        ({"login": "anna@example.org", "password": PASSWORD, "admin": True}, 400),
        ({}, 400),
    ],
)
def test_a_sign_in_that_is_not_right_is_refused(anna, program, credentials, status):
    answer = program().post("/@login", credentials, status=status)

    assert answer.content_type == "application/problem+json"
    assert "token" not in answer.json


def test_who_guesses_passwords_has_to_wait(anna, program):
    for _attempt in range(5):
        program().post("/@login", {"login": "anna@example.org", "password": "x"}, status=401)

    right = {"login": "anna@example.org", "password": PASSWORD}
    answer = program().post("/@login", right, status=429, Accept_Language="en")

    assert int(answer.headers["Retry-After"]) > 0
    assert answer.json["detail"].startswith("Too many attempts")


def test_a_token_is_not_valid_for_ever(anna, program, clock):
    acting = program("anna")
    clock.advance(timedelta(hours=13))

    answer = acting.get("/en/account", status=401)

    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_renewed_token_takes_the_place_of_the_old_one(anna, program, web):
    old = program("anna")
    new = Program(web, old.post("/@login-renew").json["token"])

    assert new.get("/en/account", status=200)
    old.get("/en/account", status=401)


def test_a_program_that_signs_out_is_out(anna, program):
    acting = program("anna")
    acting.post("/@logout", status=204)

    acting.get("/en/account", status=401)


def test_a_token_that_nobody_issued_opens_nothing_not_even_what_is_public(web):
    Program(web, "made-up").get("/en/libraries", status=401)


def test_a_cookie_alone_changes_nothing_by_json(anna, sign_in):
    browser = sign_in("anna")

    answer = browser.post_json("/en/account/holds", {"record": 1, "pickup": "x"}, status=401)

    assert answer.content_type == "application/problem+json"


def test_a_token_counts_whatever_cookie_comes_along(anna, make_person, sign_in, program):
    make_person("boris")
    boris = program("boris")
    sign_in("anna")

    assert boris.get("/en/account").json["email"] == "boris@example.org"


def test_a_person_makes_a_token_that_only_reads(anna, make_token, web):
    reading = Program(web, secret_in(make_token(may_write=False)))

    assert reading.get("/en/account", status=200)
    answer = reading.post("/en/home", {"@type": "page", "title": "New"}, status=403)
    assert answer.json["detail"] == "This token may only read."


def test_a_token_is_shown_once_and_ended_at_any_time(anna, make_token, web, db):
    secret = secret_in(make_token("poster script"))

    page = web.get("/en/account/programs")
    assert secret not in page.text
    assert "poster script" in page.text
    end_form(page).submit(status=303)
    Program(web, secret).get("/en/account", status=401)
    assert "No program acts for you." in web.get("/en/account/programs")
    told = [one.what for one in db.query(AuditEvent).order_by(AuditEvent.id)]
    assert told[-2:] == ["program.allowed", "program.ended"]


def test_a_token_without_a_name_is_not_made(anna, sign_in, db):
    form = sign_in("anna").get("/en/account/programs").forms["add-program"]
    form["name"] = "   "

    answer = form.submit(status=400)

    assert "Say which program this is for." in answer
    assert db.query(AccessToken).count() == 0


def test_a_program_cannot_make_tokens_that_outlive_its_own(anna, program, web):
    acting = program("anna")
    headers = {"Authorization": f"Bearer {acting.token}"}

    form = {"name": "worm", "days": "365", "may_write": "1"}
    web.post("/en/account/programs", form, headers=headers, status=403)


def test_nobody_ends_the_program_of_another(anna, make_person, make_token, program, web):
    secret = secret_in(make_token())
    make_person("eva")
    token = end_form(web.get("/en/account/programs"))["token"].value
    web.post("/en/account/sign-out", {"csrf_token": web.cookies["csrf_token"]})
    page = web.get("/en/account/sign-in")
    form = page.forms["sign-in"]
    form["name"], form["password"] = "eva@example.org", PASSWORD
    form.submit(status=303)

    web.get("/en/account/programs")
    sent = {"csrf_token": web.cookies["csrf_token"], "token": token}
    web.post("/en/account/programs/end", sent, status=303)

    web.reset()
    Program(web, secret).get("/en/account", status=200)


def test_a_new_password_signs_programs_out(anna, program, sign_in, web):
    acting = program("anna")
    browser = sign_in("anna")
    form = browser.get("/en/account/security").forms["password"]
    form["old_password"], form["new_password"] = PASSWORD, "another long one"
    form.submit(status=303)

    web.reset()
    acting.get("/en/account", status=401)
