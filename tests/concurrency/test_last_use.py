"""The last use of a session is noted after the answer, in a transaction of its own."""

from datetime import timedelta

from fixtures.people import PASSWORD, PASSWORDS
from sqlalchemy import select

from bibliopolis.accounts.models import Person, SignedInSession


def test_a_visit_is_noted_though_reading_writes_nothing(committing_site, committing_web, clock):
    committing_site.app.registry["bibliopolis.passwords"] = PASSWORDS
    with committing_site.transaction() as request:
        anna = Person(
            name="Anna",
            email="anna@example.org",
            password_hash=PASSWORDS.hash(PASSWORD),
            language="en",
            created=clock.now(),
        )
        request.db.add(anna)
    form = committing_web.get("/en/account/sign-in").forms["sign-in"]
    form["name"], form["password"] = "anna@example.org", PASSWORD
    form.submit(status=303)
    clock.advance(timedelta(hours=2))

    committing_web.get("/en/account", status=200)

    with committing_site.transaction() as request:
        assert request.db.scalar(select(SignedInSession.last_used)) == clock.now()
