"""A new password by a letter: for those who read the mail of the account, and nobody else."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from fixtures.people import PASSWORD
from sqlalchemy import func, select

from bibliopolis.accounts.jobs import write_password_letters
from bibliopolis.accounts.models import AuditEvent, PasswordRequest, SignedInSession
from bibliopolis.mail import MailMessage
from bibliopolis.outbox import OutboxRow

NEW = "a longer password"


@pytest.fixture
def ask(web, db, inside):
    """Ask for a link; the worker then does what the outbox says."""

    def ask(name):
        form = web.get("/en/account/forgot-password").forms["forgot"]
        form["name"] = name
        page = form.submit(status=303).follow()
        rows = db.scalars(select(OutboxRow).where(OutboxRow.topic == "password_request")).all()
        write_password_letters(inside, [row.key for row in rows])
        for row in rows:
            db.delete(row)
        return page

    return ask


def link(db):
    """Return the path of the link in the last letter."""
    body = db.scalars(select(MailMessage.body).order_by(MailMessage.id.desc())).first()
    return re.search(r"http://localhost/ru(/\S+)", body).expand(r"/en\1")


def letters(db):
    return db.scalar(select(func.count()).select_from(MailMessage))


def test_a_forgotten_password_is_replaced(web, db, make_person, ask):
    make_person("anna")
    ask("anna@example.org")
    form = web.get(link(db)).forms["new-password"]
    form["new_password"] = NEW

    form = form.submit(status=303).follow().forms["sign-in"]

    form["name"], form["password"] = "anna@example.org", NEW
    assert "anna@example.org" in form.submit(status=303).follow().text


def test_the_letter_is_in_the_persons_language_and_kept_no_longer_than_needed(db, make_person, ask):
    make_person("anna")
    ask("anna@example.org")

    letter = db.scalars(select(MailMessage)).one()

    assert letter.recipient == "anna@example.org"
    assert letter.language == "ru"
    assert letter.confidential
    assert "/ru/account/new-password/" in letter.body


def test_nobody_learns_who_has_an_account(web, db, make_person, ask):
    make_person("anna")

    pages = [ask(name) for name in ("anna@example.org", "nobody@example.org", "999")]

    answers = {re.sub(r'value="\w{30,}"', "", page.text) for page in pages}
    assert len(answers) == 1
    assert letters(db) == 1
    assert db.scalar(select(func.count()).select_from(PasswordRequest)) == 0


def test_a_closed_account_gets_no_letter(db, make_person, ask):
    make_person("anna").disabled = True

    ask("anna@example.org")

    assert letters(db) == 0


def test_no_mailbox_is_filled(db, make_person, ask):
    make_person("anna")

    for _ in range(5):
        ask("anna@example.org")

    assert letters(db) == 3


def test_a_new_password_ends_all_sessions_and_is_told(web, db, make_person, sign_in, ask):
    person = make_person("anna")
    sign_in("anna")
    ask("anna@example.org")
    form = web.get(link(db)).forms["new-password"]
    form["new_password"] = NEW

    form.submit(status=303)

    assert db.scalars(select(SignedInSession)).all() == []
    assert db.execute(select(AuditEvent.what, AuditEvent.actor_id)).one() == (
        "password.reset",
        person.id,
    )
    assert letters(db) == 2


def test_a_mail_scanner_does_not_use_the_link_up(web, db, make_person, ask):
    make_person("anna")
    ask("anna@example.org")

    for _ in range(3):
        page = web.get(link(db))

    assert page.cache_control.no_store
    assert "new-password" in page.forms


def test_a_short_password_can_be_corrected(web, db, make_person, ask):
    make_person("anna")
    ask("anna@example.org")
    path = link(db)
    form = web.get(path).forms["new-password"]
    form["new_password"] = "short"

    page = form.submit(status=400)

    assert "at least 8 characters" in page.text
    page.forms["new-password"]["new_password"] = NEW
    page.forms["new-password"].submit(status=303)
    again = web.get(path, status=303)
    assert again.location == "http://localhost/en/account/sign-in"
    again.follow().mustcontain("This link has done its work")


def test_other_links_are_of_no_use_any_more(web, db, make_person, ask):
    make_person("anna")
    ask("anna@example.org")
    first = link(db)
    ask("anna@example.org")
    form = web.get(link(db)).forms["new-password"]
    form["new_password"] = NEW
    form.submit(status=303)

    web.get(first, status=303).follow().mustcontain("This link has done its work")


def test_no_link_is_of_use_after_the_password_was_changed(web, db, make_person, sign_in, ask):
    make_person("anna")
    ask("anna@example.org")
    kept = link(db)
    form = sign_in("anna").get("/en/account/security").forms["password"]
    form["old_password"], form["new_password"] = PASSWORD, NEW

    form.submit(status=303)

    assert letters(db) == 2
    web.get(kept, status=303)  # to signing in, which shows the account to whoever is signed in
    web.reset()
    web.get(kept, status=303).follow().mustcontain("ask for a new link")


def test_a_link_is_good_for_two_hours(web, db, make_person, ask, clock):
    make_person("anna")
    ask("anna@example.org")
    clock.advance(timedelta(hours=2))

    web.get(link(db), status=409).mustcontain("too old")


@pytest.mark.parametrize("path", ["", "/", "/guessed", "/%D0%AF/%22"])
def test_a_made_up_link_says_so(web, path):
    web.get(f"/en/account/new-password{path}", status=409).mustcontain("not known here")


def test_who_locked_somebody_out_elsewhere_does_not_keep_them_out(web, db, make_person, ask, clock):
    make_person("anna")
    form = web.get("/en/account/sign-in").forms["sign-in"]
    form["name"], form["password"] = "anna@example.org", "guessed"
    for _ in range(9):
        form.submit(status=400)
    ask("anna@example.org")
    form = web.get(link(db)).forms["new-password"]
    form["new_password"] = NEW
    form = form.submit(status=303).follow().forms["sign-in"]

    form["name"], form["password"] = "anna@example.org", NEW

    form.submit(status=303)


@pytest.fixture
def change_address(web, make_person, sign_in):
    """Ask for another address; Boris has one already."""
    make_person("anna")
    make_person("boris")

    def change(email, password=PASSWORD, status=303):
        web.reset()
        form = sign_in("anna").get("/en/account/security").forms["address"]
        form["new_email"], form["address_password"] = email, password
        return form.submit(status=status)

    return change


def test_an_address_changes_when_the_new_one_confirms_it(web, db, change_address):
    change_address("anna@new.example")
    assert db.scalars(select(MailMessage.recipient)).all() == ["anna@new.example"]
    web.get("/en/account/security").mustcontain("anna@example.org")

    web.get(link(db)).forms["confirm"].submit(status=303)

    web.get("/en/account/security").mustcontain("anna@new.example", no="anna@example.org")
    told = db.scalars(select(MailMessage).order_by(MailMessage.id.desc())).first()
    assert told.recipient == "anna@example.org"


def test_whether_an_address_is_taken_only_its_owner_learns(db, change_address):
    free = change_address("nobody@example.org").follow()
    taken = change_address("boris@example.org").follow()

    assert "We have written to nobody@example.org" in free.text
    assert "We have written to boris@example.org" in taken.text
    letter = db.scalars(select(MailMessage).order_by(MailMessage.id.desc())).first()
    assert letter.recipient == "boris@example.org"
    assert "confirm-address" not in letter.body


@pytest.mark.parametrize(
    ("email", "password", "said"),
    [
        ("nobody", PASSWORD, "This is not an e-mail address."),
        ("anna@example.org", PASSWORD, "This is your address already."),
        ("anna@new.example", "guessed", "This is not your present password."),
    ],
)
def test_what_is_wrong_with_a_change_of_address_is_said(change_address, email, password, said):
    page = change_address(email, password, status=400)

    assert said in page.text
    assert page.forms["address"]["new_email"].value == email


def test_of_two_who_want_an_address_the_first_gets_it(web, db, change_address):
    change_address("anna@new.example")
    first = link(db)
    change_address("anna@new.example")
    second = link(db)
    web.get(second).forms["confirm"].submit(status=303)

    for opened in (first, second):
        there = web.get(opened, status=303)
        assert there.location == "http://localhost/en/account/security"
        there.follow().mustcontain("the address of the account has been changed")


def test_who_asks_cannot_say_where_the_link_leads(app, web, db, make_person, ask, monkeypatch):
    make_person("anna")
    web.extra_environ["HTTP_HOST"] = "evil.example"
    form = web.get("/en/account/forgot-password").forms["forgot"]
    form["name"] = "anna@example.org"
    form.submit(status=409).mustcontain("The site cannot write letters yet")
    assert letters(db) == 0

    ours = replace(app.registry["bibliopolis.settings"], url="https://library.example")
    monkeypatch.setitem(app.registry, "bibliopolis.settings", ours)
    ask("anna@example.org")

    body = db.scalars(select(MailMessage.body)).one()
    assert "https://library.example/ru/account/new-password/" in body
    assert "evil" not in body
