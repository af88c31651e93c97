"""Where one is signed in: seen, and ended at once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bibliopolis.accounts.models import SignedInSession
from bibliopolis.accounts.sessions import browser_name

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def elsewhere(web, make_person, sign_in):
    """Anna is signed in elsewhere, too: the cookie of that browser."""
    make_person("anna")
    sign_in("anna")
    cookie = web.cookies["signed_in"]
    web.reset()
    sign_in("anna")
    return cookie


def is_signed_in(web, cookie):
    web.set_cookie("signed_in", cookie)
    return web.get("/en/account", status="*").status_int == 200


def test_a_session_elsewhere_is_ended_at_once(web, elsewhere):
    page = web.get("/en/account/security")
    (form,) = (f for f in page.forms.values() if f.action.endswith("/end-session"))

    form.submit(status=303).follow().mustcontain("You are signed out there.")

    web.get("/en/account", status=200)
    assert not is_signed_in(web, elsewhere)


def test_all_others_are_ended_at_once(web, elsewhere):
    page = web.get("/en/account/security").forms["end-others"].submit(status=303).follow()

    assert "end-others" not in page.forms
    assert not is_signed_in(web, elsewhere)


def test_nobody_ends_the_session_of_somebody_else(web, elsewhere, make_person, sign_in, db):
    hers = db.scalars(select(SignedInSession.id)).first()
    make_person("boris")
    web.reset()
    page = sign_in("boris").get("/en/account/security")
    token = page.forms["password"]["csrf_token"].value

    web.post("/en/account/end-session", {"session": hers, "csrf_token": token}, status=303)

    assert is_signed_in(web, elsewhere)


@pytest.mark.parametrize("session", ["", "0", "x", "9" * 30])
def test_what_is_no_session_is_not_found(web, elsewhere, session):
    token = web.get("/en/account/security").forms["password"]["csrf_token"].value

    web.post("/en/account/end-session", {"session": session, "csrf_token": token}, status=404)


def test_the_last_use_is_noted_now_and_then(web, elsewhere, clock, db):
    def last_uses():
        db.expire_all()
        return db.scalars(select(SignedInSession.last_used).order_by(SignedInSession.id)).all()

    start = clock.now()
    clock.advance(timedelta(minutes=30))
    web.get("/en/account")
    assert last_uses() == [start, start]

    clock.advance(timedelta(minutes=40))
    web.get("/en/account")

    assert last_uses() == [start, clock.now()]


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (FIREFOX, "Firefox, Windows"),
        (
            "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/130.0 Mobile Safari/537.36",
            "Chrome, Android",
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/130.0 YaBrowser/24.1 Safari/537.36",
            "Yandex, Linux",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 "
            "(KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
            "Safari, iPhone",
        ),
        ("curl/8.5.0", "curl"),
        ("", ""),
        ("<script>", ""),
    ],
)
def test_browsers_are_called_what_people_call_them(user_agent, name):
    assert browser_name(user_agent) == name
