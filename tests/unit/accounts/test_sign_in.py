from datetime import timedelta

import pytest
from fixtures.people import PASSWORD
from sqlalchemy import func, select

from bibliopolis.accounts.models import SignedInSession
from bibliopolis.accounts.networks import Origin
from bibliopolis.accounts.sign_in import LASTS, LASTS_IN_LIBRARY, Refusal
from bibliopolis.resources.access import Grant


@pytest.mark.parametrize("name", ["elena@example.org", " ELENA@example.org ", "21 04"])
def test_people_sign_in_by_address_or_card(sign_in, elena, name):
    answer = sign_in.sign_in(name, PASSWORD)

    assert answer.person_id == elena.id
    assert sign_in.visitor(answer.token).name == "Елена"


@pytest.mark.parametrize("name", ["elena@example.org", "nobody@example.org", "999", "", "@"])
def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(sign_in, name):
    answer = sign_in.sign_in(name, "guessed")

    assert isinstance(answer, Refusal)
    assert answer.reason == "The name or the password is not right."


def test_the_database_does_not_know_the_token(sign_in, db):
    answer = sign_in.sign_in("elena@example.org", PASSWORD)

    kept = db.scalars(select(SignedInSession.token_hash)).one()

    assert answer.token not in kept


def test_a_card_does_not_give_a_second_set_of_attempts(sign_in):
    for name in ("2104", "elena@example.org", "2104", "elena@example.org", "2104"):
        sign_in.sign_in(name, "guessed")

    answer = sign_in.sign_in("2104", PASSWORD)

    assert answer.reason.singular.startswith("Too many attempts")


def test_a_session_ends_after_a_month(sign_in, clock):
    token = sign_in.sign_in("elena@example.org", PASSWORD).token

    clock.advance(LASTS)

    assert sign_in.visitor(token) is None


def test_signing_in_clears_away_sessions_that_have_ended(sign_in, clock, db):
    sign_in.sign_in("elena@example.org", PASSWORD)
    clock.advance(LASTS + timedelta(days=1))

    sign_in.sign_in("elena@example.org", PASSWORD)

    assert db.scalar(select(func.count()).select_from(SignedInSession)) == 1


def test_a_closed_account_lets_nobody_in(sign_in, people, elena):
    token = sign_in.sign_in("elena@example.org", PASSWORD).token

    people.set_disabled(elena, True)

    assert sign_in.visitor(token) is None
    assert isinstance(sign_in.sign_in("elena@example.org", PASSWORD), Refusal)


def test_signing_out_ends_this_session_only(sign_in):
    here = sign_in.sign_in("elena@example.org", PASSWORD).token
    elsewhere = sign_in.sign_in("elena@example.org", PASSWORD).token

    sign_in.sign_out(here)

    assert sign_in.visitor(here) is None
    assert sign_in.visitor(elsewhere) is not None


def test_a_visitor_comes_with_their_roles(sign_in, roles, elena):
    roles.grant(elena, "translator", "lang:ar")
    roles.grant(elena, "editor", "node:5+lang:ar")
    token = sign_in.sign_in("elena@example.org", PASSWORD).token

    visitor = sign_in.visitor(token)

    assert visitor.grants == {
        Grant("translator", frozenset({"lang:ar"})),
        Grant("editor", frozenset({"node:5", "lang:ar"})),
    }


def test_on_a_computer_of_a_library_a_session_is_short_and_no_browser_is_known(sign_in, clock):
    reading_room = Origin("192.0.2.1", in_library=True)

    answer = sign_in.sign_in("elena@example.org", PASSWORD, origin=reading_room)
    clock.advance(LASTS_IN_LIBRARY)

    assert answer.device is None
    assert sign_in.visitor(answer.token) is None


def test_a_browser_is_known_to_those_who_signed_in_with_it(sign_in, devices, elena):
    home = sign_in.sign_in("elena@example.org", PASSWORD).device

    assert devices.knows(elena.id, home)
    assert not devices.knows(elena.id + 1, home)
    assert not devices.knows(elena.id, "guessed")


def test_one_browser_may_be_known_to_several_people(sign_in, devices, people, elena):
    olga = people.create(name="O", email="o@example.org", password=PASSWORD, language="ru")
    home = sign_in.sign_in("elena@example.org", PASSWORD).device

    again = sign_in.sign_in("o@example.org", PASSWORD, origin=Origin(device=home)).device

    assert again == home
    assert devices.knows(elena.id, home)
    assert devices.knows(olga.id, home)
