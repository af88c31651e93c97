"""Codes of an app and recovery codes: each is good once."""

from datetime import timedelta

import pyotp
import pytest
from fixtures.people import PASSWORD
from sqlalchemy import select

from bibliopolis.accounts.access_tokens import Tokens
from bibliopolis.accounts.models import AuditEvent, RecoveryCode, SecondFactor
from bibliopolis.accounts.sign_in import Refusal, SecondStep, SignedIn
from bibliopolis.errors import Conflict, InvalidInput
from bibliopolis.mail import MailMessage

HALF_MINUTE = timedelta(seconds=30)


@pytest.fixture
def app(factors, elena, clock):
    """Elena's app; ``app()`` is the code it shows now."""
    factors.begin(elena)
    totp = pyotp.TOTP(factors.new_key(elena, "Bibliopolis").key)
    return lambda steps=0: totp.at(clock.now(), counter_offset=steps)


@pytest.fixture
def codes(factors, elena, app):
    return factors.confirm(elena, app())


def test_a_key_protects_nothing_before_a_first_code(factors, elena, app, sign_in):
    with pytest.raises(InvalidInput):
        factors.confirm(elena, "000000")

    assert factors.since(elena.id) is None
    assert isinstance(sign_in.sign_in("2104", PASSWORD), SignedIn)
    assert not factors.accepts(elena, app())


def test_a_key_does_not_wait_for_ever(factors, elena, app, clock):
    clock.advance(timedelta(hours=1))

    with pytest.raises(Conflict):
        factors.confirm(elena, app())
    assert factors.new_key(elena, "Bibliopolis") is None


def test_a_new_key_is_another_key(factors, elena):
    keys = set()
    for _attempt in range(3):
        factors.begin(elena)
        keys.add(factors.new_key(elena, "Bibliopolis").key)

    assert len(keys) == 3


def test_what_protects_already_is_not_replaced_by_a_new_key(factors, elena, codes):
    with pytest.raises(Conflict):
        factors.begin(elena)
    assert factors.new_key(elena, "Bibliopolis") is None


def test_the_database_alone_makes_no_codes(factors, elena, app, codes, db):
    key = factors._totp(db.get(SecondFactor, elena.id)).secret

    kept = str(db.connection().exec_driver_sql("SELECT * FROM second_factor").all())
    kept += str(db.connection().exec_driver_sql("SELECT * FROM recovery_code").all())
    assert key not in kept
    assert not any(code.replace("-", "") in kept for code in codes)


def test_a_code_is_good_once_and_none_before_it_any_more(factors, elena, app, codes, clock):
    assert not factors.accepts(elena, app())  # it has switched the factor on
    clock.advance(5 * HALF_MINUTE)

    assert factors.accepts(elena, app())
    assert not factors.accepts(elena, app())
    assert not factors.accepts(elena, app(-1))
    assert factors.accepts(elena, app(+1))


@pytest.mark.parametrize(("steps", "good"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_a_clock_may_be_half_a_minute_wrong(factors, elena, app, codes, clock, steps, good):
    clock.advance(5 * HALF_MINUTE)

    assert factors.accepts(elena, app(steps)) is good


def test_a_code_may_be_typed_with_a_space(factors, elena, app, codes, clock):
    clock.advance(HALF_MINUTE)
    code = app()

    assert factors.accepts(elena, f" {code[:3]} {code[3:]} ")


@pytest.mark.parametrize("code", ["", "0", "-", "\u0661\u0662\u0663\u0664\u0665\u0666", "x" * 9999])
def test_what_is_no_code_is_refused(factors, elena, codes, code):
    assert not factors.accepts(elena, code)


def test_each_of_ten_recovery_codes_is_good_once(factors, elena, codes, db):
    assert len(set(codes)) == 10

    assert factors.accepts(elena, codes[0])
    assert not factors.accepts(elena, codes[0])
    assert factors.accepts(elena, codes[1].upper().replace("-", " "))

    assert factors.codes_left(elena.id) == 8
    letter = db.scalars(select(MailMessage).order_by(MailMessage.id.desc())).first()
    assert letter.recipient == elena.email
    assert "code" in letter.subject


def test_new_recovery_codes_end_the_old_ones(factors, elena, codes):
    new = factors.renew_codes(elena)

    assert not factors.accepts(elena, codes[0])
    assert factors.accepts(elena, new[0])


def test_codes_of_one_person_are_not_anothers(factors, people, codes):
    boris = people.create(name="B", email="b@example.org", password=PASSWORD, language="ru")

    assert not factors.accepts(boris, codes[0])


def test_nothing_is_left_when_it_is_switched_off(factors, elena, codes, sign_in, db):
    factors.switch_off(elena)

    assert isinstance(sign_in.sign_in("2104", PASSWORD), SignedIn)
    assert db.scalar(select(RecoveryCode.id)) is None
    what = db.scalars(select(AuditEvent.what).order_by(AuditEvent.id)).all()
    assert what[-2:] == ["second_factor.on", "second_factor.off"]


def test_the_password_is_only_the_first_step(sign_in, elena, app, codes, clock):
    step = sign_in.sign_in("2104", PASSWORD)
    assert isinstance(step, SecondStep)
    clock.advance(HALF_MINUTE)

    assert isinstance(sign_in.go_on(step.ticket, "000000"), Refusal)
    signed_in = sign_in.go_on(step.ticket, app())

    assert sign_in.visitor(signed_in.token).has_second_factor


def test_a_ticket_is_good_for_ten_minutes_and_one_password(sign_in, people, elena, codes, clock):
    ticket = sign_in.sign_in("2104", PASSWORD).ticket
    number, expires, signature = ticket.split(".")

    for other in (
        "",
        "x",
        f"{number}.{int(expires) + 1}.{signature}",
        f"999.{expires}.{signature}",
    ):
        assert sign_in.go_on(other, codes[0]) is None
    people.set_password(elena, "another password")
    assert sign_in.go_on(ticket, codes[0]) is None
    ticket = sign_in.sign_in("2104", "another password").ticket
    clock.advance(timedelta(minutes=10))
    assert sign_in.go_on(ticket, codes[0]) is None


def test_guessing_codes_is_slow_and_does_not_slow_the_password(sign_in, elena, app, codes, clock):
    ticket = sign_in.sign_in("2104", PASSWORD).ticket
    clock.advance(HALF_MINUTE)
    for _attempt in range(5):
        assert sign_in.go_on(ticket, "000000").wait is None

    assert sign_in.go_on(ticket, app()).wait is not None
    assert isinstance(sign_in.sign_in("2104", PASSWORD), SecondStep)


def test_a_program_brings_both(sign_in, elena, app, codes, clock, db, audit):
    clock.advance(HALF_MINUTE)

    assert isinstance(sign_in.prove_program("2104", PASSWORD, None), Refusal)
    assert isinstance(sign_in.prove_program("2104", PASSWORD, "000000"), Refusal)
    assert sign_in.prove_program("2104", PASSWORD, app()) is elena

    token = Tokens(db, clock, lambda: audit).begin(elena.id, "script")
    assert Tokens(db, clock, lambda: audit).bearer(token.secret).visitor.has_second_factor
