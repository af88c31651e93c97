"""Two who show the same code at the same time, on both databases: one gets in."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pyotp
import pytest
from fixtures.people import PASSWORD, PASSWORDS

from bibliopolis.accounts.models import Person
from bibliopolis.accounts.passwords import Passwords
from bibliopolis.accounts.second_factor import SecondFactors

MANY = 4


@pytest.fixture
def second_step(committing_site, clock):
    """A code of the app, a recovery code, and browsers that wait for the second step."""
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
        request.db.flush()
        factors = request.find_service(SecondFactors)
        factors.begin(anna)
        app = pyotp.TOTP(factors.new_key(anna, "Bibliopolis").key)
        codes = factors.confirm(anna, app.at(clock.now()))
    clock.advance(timedelta(minutes=5))
    forms = []
    for _browser in range(MANY):
        form = committing_site.web().get("/en/account/sign-in").forms["sign-in"]
        form["name"], form["password"] = "anna@example.org", PASSWORD
        forms.append(form.submit(status=303).follow().forms["second-step"])
    yield {"app": app.at(clock.now()), "recovery": codes[0]}, forms
    committing_site.app.registry["bibliopolis.passwords"] = Passwords()


@pytest.mark.parametrize("kind", ["app", "recovery"])
def test_one_code_lets_one_browser_in(second_step, kind):
    codes, forms = second_step
    for form in forms:
        form["code"] = codes[kind]

    with ThreadPoolExecutor(MANY) as threads:
        answers = list(threads.map(lambda form: form.submit(status="*"), forms))

    assert sorted(answer.status_int for answer in answers) == [303] + [400] * (MANY - 1)
    (let_in,) = (answer for answer in answers if answer.status_int == 303)
    assert let_in.follow().status_int == 200
