from datetime import timedelta
from ipaddress import ip_address
from types import SimpleNamespace

import pytest

from bibliopolis.accounts.audit import AuditLog, Wanted
from bibliopolis.accounts.networks import address_of, shortened

TITLES = {"role.granted": "Role granted", "password.changed": "Password changed"}


@pytest.fixture
def log(db, clock):
    return AuditLog(db, clock, TITLES, actor=lambda: 1, network="192.0.2.0/24")


def found(log, **wanted):
    total, events = log.page(Wanted(**wanted))
    assert total == len(events)
    return [(event.what, event.actor_id, event.about_id) for event in events]


def test_an_event_says_who_did_what_to_whom_and_from_where(log, clock):
    log.record("role.granted", about=("person", 7), details={"role": "editor"})

    _total, (event,) = log.page(Wanted())

    assert (event.what, event.actor_id, event.about_type, event.about_id) == (
        "role.granted",
        1,
        "person",
        7,
    )
    assert event.details == {"role": "editor"}
    assert event.network == "192.0.2.0/24"
    assert event.happened == clock.now()


def test_what_nobody_has_declared_cannot_be_recorded(log):
    with pytest.raises(LookupError):
        log.record("role.garnted")


def test_events_are_found_by_kind_person_and_time(log, clock):
    log.record("role.granted", about=("person", 7))
    clock.advance(timedelta(days=1))
    noon = clock.now()
    log.record("password.changed", about=("person", 7), who=7)
    log.record("password.changed", about=("record", 7), who=8)

    assert found(log, what="role.granted") == [("role.granted", 1, 7)]
    assert found(log, person_id=7) == [("password.changed", 7, 7), ("role.granted", 1, 7)]
    assert found(log, until=noon) == [("role.granted", 1, 7)]
    assert found(log, since=noon, person_id=8) == [("password.changed", 8, 7)]


def test_where_it_was_is_forgotten_before_what_it_was(log, clock):
    limits = {"networks_after": timedelta(days=30), "events_after": timedelta(days=1000)}
    log.record("role.granted")
    clock.advance(timedelta(days=31))
    log.record("password.changed")

    log.forget(**limits)
    _total, events = log.page(Wanted())
    assert [event.network for event in events] == ["192.0.2.0/24", None]

    clock.advance(timedelta(days=980))
    log.forget(**limits)
    assert found(log) == [("password.changed", 1, None)]


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("", None),
        ("unix:", None),
    ],
)
def test_of_an_address_only_its_network_is_kept(address, kept):
    request = SimpleNamespace(environ={"REMOTE_ADDR": address})

    assert shortened(address_of(request)) == kept


def test_what_a_client_says_of_its_own_address_is_not_believed():
    environ = {"REMOTE_ADDR": "192.0.2.1", "HTTP_X_FORWARDED_FOR": "198.51.100.9"}

    assert address_of(SimpleNamespace(environ=environ)) == ip_address("192.0.2.1")
