"""What the services of accounts need of each other, without a site around them."""

import pytest
from fixtures.people import PASSWORD, PASSWORDS

from bibliopolis.accounts import events
from bibliopolis.accounts.attempts import Attempts
from bibliopolis.accounts.audit import AuditLog
from bibliopolis.accounts.devices import Devices
from bibliopolis.accounts.groups import Groups
from bibliopolis.accounts.letters import AccountLetters
from bibliopolis.accounts.roles import Roles
from bibliopolis.accounts.second_factor import SecondFactors
from bibliopolis.accounts.services import People
from bibliopolis.accounts.sign_in import SignIn
from bibliopolis.accounts.tickets import Tickets
from bibliopolis.mail import Mailer
from bibliopolis.outbox import Outbox


class CardBox:
    """Readers as accounts knows them: one card, one account."""

    def __init__(self, cards):
        self.cards = cards

    def person_id_by_card(self, number):
        return self.cards.get(number.replace(" ", ""))

    def reader_id_of(self, person_id):
        return None


@pytest.fixture
def audit(db, clock):
    return AuditLog(db, clock, events.TITLES)


@pytest.fixture
def attempts(db, clock):
    return Attempts(db, clock, "for tests only")


@pytest.fixture
def devices(db, clock):
    return Devices(db, clock)


@pytest.fixture
def roles(db, audit):
    return Roles(db, audit)


@pytest.fixture
def groups(db, clock, roles, audit):
    return Groups(db, clock, roles, audit)


@pytest.fixture
def people(db, clock, roles, audit):
    return People(db, clock, PASSWORDS, roles, audit)


@pytest.fixture
def elena(people):
    return people.create(name="Елена", email="Elena@Example.org", password=PASSWORD, language="ru")


@pytest.fixture
def factors(db, clock, audit):
    mailer = Mailer(db, clock, Outbox(db, clock), "Us <us@example.org>")
    letters = AccountLetters(mailer, lambda text, _language: str(text), lambda: "http://localhost")
    return SecondFactors(db, clock, "for tests only", letters, audit)


@pytest.fixture
def sign_in(db, clock, elena, attempts, devices, audit, factors):
    cards = CardBox({"2104": elena.id})
    tickets = Tickets(clock, "for tests only")
    return SignIn(db, clock, PASSWORDS, cards, attempts, devices, audit, lambda: factors, tickets)
