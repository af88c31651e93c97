"""Who has to wait: the rules as a table, and what must hold whatever strangers do."""

from datetime import UTC, datetime, timedelta

import pytest
from fixtures.people import PASSWORD
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bibliopolis.accounts.attempts import (
    FORGOTTEN_AFTER,
    LONGEST_PAUSE,
    RULES,
    Counted,
    pause_after,
)
from bibliopolis.accounts.models import AttemptCount, AuditEvent
from bibliopolis.accounts.networks import Origin

HOME = Origin("198.51.100.7", device="hers")
ELSEWHERE = Origin("203.0.113.9")
LIBRARY = Origin("192.0.2.1", in_library=True)
FREE = {kind: RULES[kind].free for kind in Counted}


def fail(attempts, who, origin, known=False, times=1):
    """Fail so often, and say how often one was let try."""
    tried = 0
    for _ in range(times):
        if attempts.begin(who, origin, known) is None:
            attempts.failed(who, origin, known)
            tried += 1
    return tried


def strangers(attempts, who, times):
    """Fail from as many places."""
    for number in range(times):
        fail(attempts, who, Origin(f"203.0.113.{number}"))


@pytest.mark.parametrize(
    ("failures", "who", "origin", "known", "waits"),
    [
        # nobody has failed
        ([], "anna", ELSEWHERE, False, False),
        # the same account at the same address
        ([("anna", ELSEWHERE, FREE[Counted.PAIR] - 1)], "anna", ELSEWHERE, False, False),
        ([("anna", ELSEWHERE, FREE[Counted.PAIR])], "anna", ELSEWHERE, False, True),
        # neither another account nor another address is concerned
        ([("anna", ELSEWHERE, FREE[Counted.PAIR])], "boris", ELSEWHERE, False, False),
        ([("anna", ELSEWHERE, FREE[Counted.PAIR])], "anna", LIBRARY, False, False),
        # a browser that is known has a count of its own
        ([("anna", ELSEWHERE, FREE[Counted.PAIR])], "anna", HOME, True, False),
        ([("anna", Origin(HOME.address), FREE[Counted.PAIR])], "anna", HOME, True, False),
        ([("anna", HOME, FREE[Counted.DEVICE])], "anna", HOME, True, True),
    ],
)
def test_who_has_to_wait(attempts, failures, who, origin, known, waits):
    for name, place, times in failures:
        fail(attempts, name, place, known=place.device is not None, times=times)

    assert (attempts.begin(who, origin, known) is not None) is waits


def test_strangers_from_everywhere_slow_each_other_down_but_not_the_owner(attempts):
    strangers(attempts, "anna", FREE[Counted.ACCOUNT])

    assert attempts.begin("anna", Origin("203.0.113.250"), False) is not None
    assert attempts.begin("anna", HOME, True) is None
    assert attempts.begin("boris", Origin("203.0.113.250"), False) is None


@pytest.mark.parametrize(
    ("origin", "limit"),
    [(ELSEWHERE, FREE[Counted.ADDRESS]), (LIBRARY, FREE[Counted.LIBRARY])],
)
def test_an_address_has_a_limit_for_the_hour(attempts, clock, db, origin, limit):
    fail(attempts, "somebody", origin)
    counted = db.scalars(select(AttemptCount).where(AttemptCount.count == 1)).all()
    for row in counted:
        row.count = limit - 1
    db.flush()
    fail(attempts, "anna", origin)

    assert attempts.begin("boris", origin, False) <= timedelta(hours=1)
    assert attempts.begin("boris", HOME, True) is None
    clock.advance(timedelta(hours=1))
    assert attempts.begin("boris", origin, False) is None


def test_a_library_does_not_wait_for_what_would_stop_a_household(attempts):
    for number in range(FREE[Counted.ADDRESS] + 5):
        fail(attempts, f"reader {number}", LIBRARY)

    assert attempts.begin("anna", LIBRARY, False) is None


def test_a_right_password_forgets_the_failures_of_this_place_only(attempts):
    fail(attempts, "anna", ELSEWHERE, times=3)
    fail(attempts, "anna", LIBRARY, times=FREE[Counted.PAIR])

    attempts.begin("anna", ELSEWHERE, False)
    attempts.succeeded("anna", ELSEWHERE, False)

    assert fail(attempts, "anna", ELSEWHERE, times=9) == FREE[Counted.PAIR]
    assert attempts.begin("anna", LIBRARY, False) is not None


def test_failures_are_forgotten_after_a_while(attempts, clock):
    fail(attempts, "anna", ELSEWHERE, times=FREE[Counted.PAIR] + 3)

    clock.advance(FORGOTTEN_AFTER + timedelta(seconds=1))

    assert fail(attempts, "anna", ELSEWHERE, times=9) == FREE[Counted.PAIR]


def test_letters_are_limited_by_the_hour(attempts, clock):
    answers = [attempts.allow("letters", "192.0.2.1", 2) for _ in range(3)]

    assert answers == [None, None, timedelta(hours=1)]
    clock.advance(timedelta(hours=1))
    assert attempts.allow("letters", "192.0.2.1", 2) is None


@given(st.integers(0, 10**6), st.integers(1, 100))
def test_pauses_grow_and_end_somewhere(failures, free):
    pause = pause_after(failures, free)

    assert pause <= pause_after(failures + 1, free) <= LONGEST_PAUSE
    assert (pause > timedelta(0)) is (failures >= free)


PLACES = st.builds(
    Origin,
    address=st.sampled_from([HOME.address, "203.0.113.9", "192.0.2.1"]),
    in_library=st.booleans(),
    device=st.sampled_from([None, "made up", "another's"]),
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(PLACES, st.integers(1, 30), st.integers(0, 3600)), max_size=6))
def test_whatever_strangers_do_the_owner_gets_in_at_home(sign_in, elena, db, clock, tries):
    with db.begin_nested() as savepoint:
        clock.instant = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
        home = sign_in.sign_in("elena@example.org", PASSWORD).device
        for place, times, pause in tries:
            for _ in range(times):
                sign_in.prove("elena@example.org", "guessed", place)
            clock.advance(timedelta(seconds=pause))

        answer = sign_in.prove("elena@example.org", PASSWORD, Origin(HOME.address, device=home))
        savepoint.rollback()

    assert answer is elena


def test_guessing_and_a_wave_of_failures_are_written_down_once(sign_in, db, clock, elena):
    for number in range(FREE[Counted.ACCOUNT] + 3):
        sign_in.prove("elena@example.org", "guessed", Origin(f"203.0.113.{number}"))
        clock.advance(LONGEST_PAUSE)

    events = db.execute(select(AuditEvent.what, AuditEvent.about_id)).all()

    assert events.count(("password.guessed_at", elena.id)) == 1


def test_a_wave_on_the_whole_site_is_noticed_once(attempts):
    waves = [
        attempts.failed(f"nobody {number}", Origin(f"2001:db8:{number:x}::"), False).site
        for number in range(FREE[Counted.SITE] + 3)
    ]

    assert waves.count(True) == 1


def test_what_is_kept_of_attempts_names_nobody(attempts, db):
    fail(attempts, "anna@example.org", ELSEWHERE)

    keys = " ".join(db.scalars(select(AttemptCount.key)))

    assert "anna" not in keys
    assert ELSEWHERE.address not in keys
