"""Two-step sign-in: set up, used, lost, required."""

from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest
from fixtures.people import PASSWORD
from fixtures.programs import Program
from sqlalchemy import select

from bibliopolis.accounts.models import AuditEvent, SignedInSession
from bibliopolis.mail import MailMessage

MINUTE = timedelta(minutes=1)


@pytest.fixture
def anna(make_person):
    person = make_person("anna", editor="")
    person.language = "en"
    return person


@pytest.fixture
def required(app):
    """The site wants a second factor of its editors."""
    settings = app.registry["bibliopolis.settings"]
    app.registry["bibliopolis.settings"] = replace(settings, second_factor_for=("editor",))


class App:
    """The app on somebody's phone."""

    def __init__(self, page, clock):
        (self.key,) = (each.get_text() for each in page.html.select("#key"))
        self.clock = clock

    def code(self):
        """Return what it shows a minute later, when the last code is over."""
        self.clock.advance(MINUTE)
        return pyotp.TOTP(self.key.replace(" ", "")).at(self.clock.now())


@pytest.fixture
def set_up(web, clock):
    """Set it up in the browser that is signed in; return the app and the page with the codes."""

    def set_up(page):
        form = page.forms["begin"]
        form["password"] = PASSWORD
        page = form.submit(status=303).follow()
        app = App(page, clock)
        form = page.forms["confirm"]
        form["code"] = app.code()
        return app, form.submit(status=200)

    return set_up


@pytest.fixture
def app_of_anna(anna, web, sign_in, set_up):
    """Anna's app and recovery codes; she is signed out."""
    app, page = set_up(sign_in("anna").get("/en/account/second-factor"))
    app.codes = [code.get_text() for code in page.html.select("#codes li")]
    web.reset()
    return app


def first_step(web, came_from=""):
    form = web.get(f"/en/account/sign-in?came_from={came_from}").forms["sign-in"]
    form["name"], form["password"] = "anna@example.org", PASSWORD
    return form.submit(status=303)


def second_step(page, code, status=303):
    form = page.forms["second-step"]
    form["code"] = code
    return form.submit(status=status)


def subjects(db):
    return db.scalars(select(MailMessage.subject).order_by(MailMessage.id)).all()


def test_it_is_set_up_with_a_first_code_and_shows_recovery_codes_once(
    anna, web, sign_in, set_up, db
):
    page = sign_in("anna").get("/en/account/second-factor")
    _app, page = set_up(page)

    assert len(page.html.select("#codes li")) == 10
    assert page.cache_control.no_store
    assert page.html.select("#key") == []
    assert not web.get("/en/account/second-factor").html.select("#codes")
    assert subjects(db) == ["The second step is switched on"]


def test_the_key_is_a_picture_and_a_text(anna, web, sign_in):
    form = sign_in("anna").get("/en/account/second-factor").forms["begin"]
    form["password"] = PASSWORD

    page = form.submit(status=303).follow()

    assert page.html.select_one("svg.qr")["aria-label"]
    assert page.html.select_one("#key").get_text()
    assert not page.html.select("main [style], main style, main script")
    link = page.html.select_one("a[href^='otpauth://totp/']")["href"]
    assert "issuer=Bibliopolis" in link


def test_a_wrong_password_or_code_switches_nothing_on(anna, web, sign_in, db):
    page = sign_in("anna").get("/en/account/second-factor")
    form = page.forms["begin"]
    form["password"] = "guessed"
    page = form.submit(status=400)
    assert "This is not your present password." in page.text
    form = page.forms["begin"]
    form["password"] = PASSWORD
    form = form.submit(status=303).follow().forms["confirm"]
    form["code"] = "000000"

    page = form.submit(status=400)

    assert "This is not the code the app shows now." in page.text
    assert page.html.select_one("#key")
    assert subjects(db) == []


def test_sessions_begun_with_the_password_alone_end(anna, web, sign_in, set_up, db):
    sign_in("anna")
    elsewhere = web.cookies["signed_in"]
    web.reset()
    set_up(sign_in("anna").get("/en/account/second-factor"))

    web.get("/en/account", status=200)
    web.set_cookie("signed_in", elsewhere)
    web.get("/en/account", status=303)


def test_after_the_password_a_code_is_asked_for(web, app_of_anna, db):
    answer = first_step(web, "/en/account/security")
    web.get("/en/account", status=303)
    assert "signed_in" not in web.cookies
    page = answer.follow()

    page = second_step(page, "000000", status=400)
    assert "This code is not right" in page.text
    answer = second_step(page, app_of_anna.code())

    assert answer.location == "http://localhost/en/account/security"
    web.get("/en/account", status=200)
    assert "second_step" not in web.cookies


def test_a_code_lets_in_once(web, app_of_anna):
    code = app_of_anna.code()
    second_step(first_step(web).follow(), code)
    web.reset()

    second_step(first_step(web).follow(), code, status=400)


def test_a_recovery_code_lets_in_once_and_a_letter_says_so(web, app_of_anna, db):
    code = app_of_anna.codes[0]
    second_step(first_step(web).follow(), code)
    assert subjects(db)[-1] == "A recovery code has been used"
    web.reset()

    second_step(first_step(web).follow(), code, status=400)


def test_who_guesses_has_to_wait(web, app_of_anna):
    page = first_step(web).follow()
    for _attempt in range(5):
        page = second_step(page, "000000", status=400)

    page = second_step(page, app_of_anna.codes[0], status=400)

    assert "Too many attempts" in page.text


def test_who_takes_too_long_begins_again(web, app_of_anna, clock):
    page = first_step(web).follow()
    clock.advance(timedelta(minutes=10))

    answer = second_step(page, app_of_anna.codes[0])

    assert "/account/sign-in" in answer.location
    assert "This took too long" in answer.follow().text


def test_without_the_password_there_is_no_second_step(web, app_of_anna):
    assert "/account/sign-in" in web.get("/en/account/second-step", status=303).location
    web.set_cookie("second_step", "1.99999999999.0")
    page = web.get("/en/account/second-step", status=200)
    assert "/account/sign-in" in second_step(page, app_of_anna.codes[0]).location


def test_it_is_switched_off_with_password_and_code(web, app_of_anna, db):
    second_step(first_step(web).follow(), app_of_anna.codes[0])
    form = web.get("/en/account/second-factor").forms["off"]
    form["off_password"], form["off_code"] = "guessed", app_of_anna.codes[1]
    assert "This is not your present password." in form.submit(status=400).text
    form["off_password"], form["off_code"] = PASSWORD, "000000"
    assert "This code is not right" in form.submit(status=400).text
    form["off_password"], form["off_code"] = PASSWORD, app_of_anna.codes[1]

    form.submit(status=303)

    assert subjects(db)[-1] == "The second step is switched off"
    web.reset()
    assert first_step(web).location == "http://localhost/en/account"


def test_new_recovery_codes_are_shown_once(web, app_of_anna):
    second_step(first_step(web).follow(), app_of_anna.codes[0])
    form = web.get("/en/account/second-factor").forms["renew"]
    form["renew_password"], form["renew_code"] = PASSWORD, app_of_anna.code()

    page = form.submit(status=200)

    new = [code.get_text() for code in page.html.select("#codes li")]
    assert len(new) == 10
    assert not set(new) & set(app_of_anna.codes)


def test_an_administrator_resets_what_somebody_has_lost(
    web, app_of_anna, anna, make_person, sign_in, db
):
    second_step(first_step(web).follow(), app_of_anna.codes[0])
    web.reset()
    make_person("admin", administrator="")
    page = sign_in("admin").get(f"/en/staff/people/{anna.id}")
    form = next(f for f in page.forms.values() if f.action.endswith("/reset-second-factor"))

    form.submit(status=303)

    event = db.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert (event.what, event.about_id) == ("second_factor.reset", anna.id)
    assert db.scalar(select(SignedInSession.id).filter_by(person_id=anna.id)) is None
    assert subjects(db)[-1] == "Your second step has been reset"
    web.reset()
    assert first_step(web).location == "http://localhost/en/account"


def test_nobody_resets_their_own(web, make_person, sign_in, set_up, db):
    admin = make_person("admin", administrator="")
    set_up(sign_in("admin").get("/en/account/second-factor"))
    page = web.get(f"/en/staff/people/{admin.id}")
    form = next(f for f in page.forms.values() if f.action.endswith("/reset-second-factor"))

    page = form.submit(status=303).follow()

    assert "Switch off your own second step in your account." in page.text


def test_whoever_needs_it_is_led_there_before_staff_opens(required, anna, web, sign_in, set_up):
    answer = sign_in("anna").get("/en/staff", status=303)
    assert "/en/account/second-factor?came_from=%2Fen%2Fstaff" in answer.location
    page = answer.follow()
    assert "Your role needs it" in page.text
    web.get("/en/", status=200)
    web.get("/en/home/@@edit", status=303)

    _app, page = set_up(page)

    page = page.click("I have written them down")
    assert page.request.path == "/en/staff"
    assert web.get("/en/staff", status=200)


def test_a_role_held_by_nobody_here_asks_nothing(required, make_person, web, sign_in):
    make_person("oleg", translator="")

    sign_in("oleg").get("/en/staff", status=200)


def test_a_program_brings_a_code(web, app_of_anna, clock):
    credentials = {"login": "anna@example.org", "password": PASSWORD}
    program = Program(web)
    answer = program.post("/@login", credentials, status=401)
    assert "code" in answer.json["detail"]
    program.post("/@login", {**credentials, "code": "000000"}, status=401)

    answer = program.post("/@login", {**credentials, "code": app_of_anna.code()}, status=200)

    assert Program(web, answer.json["token"]).get("/en/account", status=200)


def test_a_program_of_somebody_who_needs_it_is_told(app, anna, web, program):
    acting = program("anna")
    settings = app.registry["bibliopolis.settings"]
    app.registry["bibliopolis.settings"] = replace(settings, second_factor_for=("editor",))
    credentials = {"login": "anna@example.org", "password": PASSWORD}

    for answer in (
        Program(web).post("/en/@login", credentials, status=403),
        acting.post("/en/home", {"@type": "page", "title": "x"}, status=403),
    ):
        assert "second step" in answer.json["detail"]
    acting.get("/en/account", status=200)


def test_a_program_cannot_change_how_its_person_signs_in(app, anna, web, program):
    acting = program("anna")

    acting.post("/en/account/second-factor/begin", {"password": PASSWORD}, status=403)
