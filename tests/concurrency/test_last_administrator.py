"""Two administrators who close each other's accounts at the same time: one of them stays."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from fixtures.people import PASSWORDS
from sqlalchemy import select

from bibliopolis.accounts.models import Person, RoleGrant
from bibliopolis.accounts.services import People
from bibliopolis.errors import Conflict


@pytest.fixture
def administrators(committing_site, clock):
    with committing_site.transaction() as request:
        people = [
            Person(
                name=name,
                email=f"{name}@example.org",
                password_hash=PASSWORDS.hash("bibliopolis"),
                language="en",
                created=clock.now(),
                grants=[RoleGrant(role="administrator", scope="")],
            )
            for name in ("anna", "boris", "vera")
        ]
        request.db.add_all(people)
        request.db.flush()
        return [person.id for person in people]


def test_one_administrator_stays(committing_site, administrators):
    def close(person_id):
        try:
            with committing_site.transaction() as request:
                people = request.find_service(People)
                people.set_disabled(people.by_id(person_id), True)
        except Conflict:
            return "refused"
        return "closed"

    with ThreadPoolExecutor(len(administrators)) as threads:
        outcomes = sorted(threads.map(close, administrators))

    assert outcomes == ["closed", "closed", "refused"]
    with committing_site.transaction() as request:
        open_ones = request.db.scalars(select(Person.id).where(Person.disabled.is_(False))).all()
    assert len(open_ones) == 1
