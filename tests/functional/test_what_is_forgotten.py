"""What the worker forgets: links and letters that let people in, old traces of visitors."""

from datetime import timedelta

from sqlalchemy import func, select

from bibliopolis.accounts.audit import AuditLog
from bibliopolis.accounts.confirmations import Confirmations
from bibliopolis.accounts.jobs import forget_what_is_old
from bibliopolis.accounts.models import AuditEvent, ConfirmationToken
from bibliopolis.mail import Mailer, MailMessage, deliver_mail


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
