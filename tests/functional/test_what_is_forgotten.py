"""What the worker forgets: links and letters that let people in, old traces of visitors."""

from datetime import timedelta

from sqlalchemy import func, select

from bibliopolis.accounts.access_tokens import Tokens
from bibliopolis.accounts.attempts import Attempts
from bibliopolis.accounts.audit import AuditLog
from bibliopolis.accounts.confirmations import Confirmations
from bibliopolis.accounts.jobs import forget_what_is_old
from bibliopolis.accounts.models import (
    AccessToken,
    AttemptCount,
    AuditEvent,
    ConfirmationToken,
    SignedInSession,
)
from bibliopolis.accounts.networks import Origin
from bibliopolis.mail import Mailer, MailMessage, deliver_mail, forget_sent


def test_old_links_and_addresses_are_forgotten(inside, db, clock):
    inside.find_service(Confirmations).issue("password", "person:1")
    inside.environ["REMOTE_ADDR"] = "192.0.2.77"
    inside.find_service(AuditLog).record("password.changed")
    db.flush()
    assert db.scalar(select(AuditEvent.network)) == "192.0.2.0/24"
    clock.advance(timedelta(days=40))

    forget_what_is_old(inside)

    assert db.scalar(select(func.count()).select_from(ConfirmationToken)) == 0
    assert db.scalars(select(AuditEvent.network)).all() == [None]


def test_a_confidential_letter_is_forgotten_when_it_is_sent(inside, db):
    mailer = inside.find_service(Mailer)
    secret = mailer.send("a@example.org", "Link", "open sesame", "en", confidential=True)
    plain = mailer.send("a@example.org", "Hello", "hello", "en")

    deliver_mail(inside, [str(secret.id), str(plain.id)])

    sent = db.scalars(select(MailMessage.body).order_by(MailMessage.id)).all()
    assert sent == ["", "hello"]
    folder = inside.settings.data / "mail"
    assert any("open sesame" in file.read_text() for file in folder.glob("*.eml"))


def test_sent_letters_are_kept_for_a_year_and_unsent_ones_until_they_are(inside, db, clock):
    mailer = inside.find_service(Mailer)
    sent = [mailer.send("a@example.org", f"Letter {n}", "hello", "en") for n in range(3)]
    mailer.send("a@example.org", "Nobody took this one", "hello", "en")
    deliver_mail(inside, [str(letter.id) for letter in sent])
    db.flush()

    clock.advance(timedelta(days=365))
    assert forget_sent(inside) == 0
    clock.advance(timedelta(seconds=1))
    assert forget_sent(inside) == 3

    assert db.scalars(select(MailMessage.subject)).all() == ["Nobody took this one"]


def test_letters_are_forgotten_some_at_a_time(inside, db, clock, monkeypatch):
    monkeypatch.setattr("bibliopolis.mail.AT_ONCE", 2)
    mailer = inside.find_service(Mailer)
    sent = [mailer.send("a@example.org", f"Letter {n}", "hello", "en") for n in range(3)]
    for letter in sent:
        deliver_mail(inside, [str(letter.id)])
        clock.advance(timedelta(hours=1))
    db.flush()
    clock.advance(timedelta(days=366))

    assert forget_sent(inside) == 2
    assert db.scalars(select(MailMessage.subject)).all() == ["Letter 2"], "the oldest went first"
    assert [forget_sent(inside), forget_sent(inside)] == [1, 0]


def test_sessions_programs_and_attempts_that_are_over_are_forgotten(
    web, inside, db, clock, make_person, sign_in
):
    anna = make_person("anna")
    sign_in("anna")
    inside.find_service(Tokens).begin(anna.id, "Reader's tool")
    inside.find_service(Attempts).failed("anna", Origin("198.51.100.7"), False)
    db.flush()
    kept = [SignedInSession, AccessToken, AttemptCount]

    forget_what_is_old(inside)
    assert all(db.scalar(select(func.count()).select_from(table)) for table in kept)
    clock.advance(timedelta(days=31))
    forget_what_is_old(inside)

    assert [db.scalar(select(func.count()).select_from(table)) for table in kept] == [0, 0, 0]
