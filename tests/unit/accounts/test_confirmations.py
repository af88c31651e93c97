from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from bibliopolis.accounts.confirmations import ConfirmationRefused, Confirmations
from bibliopolis.accounts.models import ConfirmationToken

DAY = timedelta(days=1)


@pytest.fixture
def confirmations(db, clock):
    return Confirmations(db, clock)


@pytest.fixture
def token(confirmations):
    return confirmations.issue("address", "person:12", {"email": "new@example.org"}, DAY)


def test_a_link_confirms_what_it_was_written_for(confirmations, token):
    confirmed = confirmations.redeem("address", token)

    assert confirmed.subject == "person:12"
    assert confirmed.data == {"email": "new@example.org"}


def test_a_link_works_once(confirmations, token):
    confirmations.redeem("address", token)

    with pytest.raises(ConfirmationRefused, match="used already"):
        confirmations.redeem("address", token)


def test_looking_at_a_link_does_not_use_it_up(confirmations, token):
    seen = confirmations.peek("address", token)

    assert seen == confirmations.peek("address", token) == confirmations.redeem("address", token)


def test_a_link_ends(confirmations, token, clock):
    clock.advance(DAY)

    with pytest.raises(ConfirmationRefused, match="too old"):
        confirmations.redeem("address", token)


def test_a_link_is_of_no_use_for_another_purpose(confirmations, token):
    with pytest.raises(ConfirmationRefused, match="not known"):
        confirmations.redeem("password", token)

    assert confirmations.redeem("address", token)


@given(st.text())
def test_what_was_never_written_confirms_nothing(guess):
    confirmations = Confirmations(Nothing(), None)

    with pytest.raises(ConfirmationRefused, match="not known"):
        confirmations.peek("address", guess)


class Nothing:
    """A database in which there is nothing: of the link only the hash is asked for."""

    def scalar(self, statement):
        statement.compile().params["token_hash_1"].encode("ascii")


def test_links_of_somebody_can_be_made_useless(confirmations, token):
    others = confirmations.issue("address", "person:13", {}, DAY)

    confirmations.withdraw("address", "person:12")

    with pytest.raises(ConfirmationRefused):
        confirmations.redeem("address", token)
    assert confirmations.redeem("address", others)


def test_links_written_lately_are_counted(confirmations, token, clock):
    clock.advance(timedelta(minutes=50))
    confirmations.issue("address", "person:12", {}, DAY)
    clock.advance(timedelta(minutes=20))

    assert confirmations.issued_within("address", "person:12", timedelta(hours=1)) == 1


def test_the_database_knows_no_token_and_forgets_old_links(confirmations, token, clock, db):
    assert db.scalar(select(ConfirmationToken.token_hash)) != token

    clock.advance(timedelta(days=9))
    confirmations.forget_old()

    assert db.scalar(select(func.count()).select_from(ConfirmationToken)) == 0
