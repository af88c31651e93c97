"""Forms sent after the session has ended, or after signing in elsewhere: nothing typed is lost."""

import pytest
from fixtures.people import PASSWORD

OURS = {"Origin": "http://localhost", "Referer": "http://localhost/en/account/security?a=1"}
LETTER = "A long letter that nobody wants to write twice."


@pytest.fixture
def typed(make_person, sign_in):
    """A form of Anna's account, open in a tab: its token and a sentence."""
    make_person("anna")
    web = sign_in("anna")
    return {"csrf_token": web.cookies["csrf_token"], "language": "ar", "remark": LETTER}


def end_session(web):
    """Let the browser hold no session, as after a month, but the form's token still."""
    token = web.cookies["csrf_token"]
    web.reset()
    web.set_cookie("csrf_token", token)


def send(web, typed, status, headers=OURS):
    return web.post("/en/account/choose-language", typed, headers=headers, status=status)


def test_who_is_signed_out_signs_in_and_sends_what_was_typed_again(web, typed, make_person):
    end_session(web)

    late = send(web, typed, 401)

    way = late.html.find("a", string="Sign in (opens in a new tab)")
    assert way["target"] == "_blank"
    form = web.get(way["href"]).forms["sign-in"]  # in another tab
    form["name"], form["password"] = "anna@example.org", PASSWORD
    assert form.submit(status=303).location == "http://localhost/en/account/security?a=1"

    again = late.forms["again"].submit(headers=OURS, status=400)
    assert "send it again, as Anna" in again.text
    assert again.forms["again"]["remark"].value.strip() == LETTER
    assert again.forms["again"].submit(headers=OURS, status=303).location.endswith("/ar/account")


def test_a_form_with_nothing_typed_leads_to_signing_in_and_back(web, typed):
    end_session(web)
    del typed["remark"]

    late = send(web, typed, 401)

    assert "again" not in late.forms
    way = late.html.find("a", string="Sign in")
    assert way["href"].endswith("/account/sign-in?came_from=%2Fen%2Faccount%2Fsecurity%3Fa%3D1")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example", "Referer": "http://evil.example/en/account"},
        {"Origin": "null"},
        {"Referer": "http://localhost.evil.example/"},
        {"Origin": "http://evil.example", "Referer": "http://["},
    ],
)
def test_another_site_gets_nothing_shown_or_sent_again(web, typed, headers):
    signed_in = send(web, {**typed, "csrf_token": "guessed"}, 400, headers)
    end_session(web)
    signed_out = send(web, typed, 401, headers)

    for answer in (signed_in, signed_out):
        assert LETTER not in answer.text
        assert "again" not in answer.forms
        assert "evil.example" not in answer.text


def test_a_form_of_another_tab_is_sent_again_after_signing_in(web, typed, make_person, sign_in):
    make_person("boris")
    web.reset()
    sign_in("boris")

    late = send(web, typed, 400)

    assert "send it again, as Boris" in late.text, "it would be sent as him"
    assert late.html.find("a", string="Back to the page of the form")["href"] == (
        "/en/account/security?a=1"
    )
    late.forms["again"].submit(headers=OURS, status=303)


def test_passwords_and_files_are_not_given_back(web, typed):
    typed["csrf_token"] = "old"
    secret = send(web, {**typed, "old_password": "two secret words"}, 400)
    file = web.post(
        "/en/account/choose-language",
        typed,
        upload_files=[("upload", "a.txt", b"some text")],
        headers=OURS,
        status=400,
    )
    empty = web.post(
        "/en/account/choose-language",
        typed,
        upload_files=[("upload", "", b"")],
        headers=OURS,
        status=400,
    )

    assert "two secret words" not in secret.text
    for answer in (secret, file):
        assert "again" not in answer.forms
        assert LETTER in answer.text
    assert "again" in empty.forms


def test_hostile_words_come_back_as_words(web, typed):
    typed |= {"csrf_token": "old", "remark": '</textarea><script>alert("x y")</script>'}

    late = send(web, typed, 400)

    assert "<script>alert" not in late.text
    assert late.forms["again"]["remark"].value.strip() == typed["remark"]


def test_a_program_is_told_to_sign_in(web, typed):
    end_session(web)

    answer = send(web, typed, 401, {"Accept": "application/json"})

    assert answer.content_type == "application/problem+json"
