"""Refusals are counted though what was attempted is undone, and only what was kept meets a wish."""

import pytest
from fixtures.lending import City
from fixtures.people import PASSWORD, PASSWORDS
from sqlalchemy import delete, event, func, select

from bibliopolis.circulation.models import CirculationRule, Hold
from bibliopolis.circulation.refusals.kinds import Act, Outcome
from bibliopolis.circulation.refusals.models import Refusal, RefusedWish
from bibliopolis.circulation.refusals.noting import RefusalNotes


@pytest.fixture
def town(committing_site):
    """A library that takes no holds, some titles with copies, and Elena who reads."""
    committing_site.app.registry["bibliopolis.passwords"] = PASSWORDS
    with committing_site.transaction() as request:
        city = City(request.db, request.clock, None)
        library, person = city.library(), city.person()
        person.email, person.password_hash = "elena@example.org", PASSWORDS.hash(PASSWORD)
        records = [city.record(library, f"Book {n}") for n in range(5)]
        for record in records:
            city.item(record, library)
        city.rule("max_holds", 0, library)
        reader = city.reader(library, person=person)
        return {
            "code": library.code,
            "library": library.id,
            "records": [record.id for record in records],
            "reader": reader.id,
        }


def try_to_hold(web, town):
    sent = {"record": town["records"][0], "pickup": town["code"]}
    headers = {"Accept": "application/json", "X-CSRF-Token": web.cookies["csrf_token"]}
    return web.post_json("/en/account/holds", sent, headers=headers, expect_errors=True)


def counted(site):
    with site.transaction() as request:
        rows = request.db.execute(select(Refusal.code, Refusal.times, Refusal.avoided))
        return [tuple(row) for row in rows]


def test_what_is_refused_is_undone_but_counted_and_what_is_met_later_is_avoided(
    committing_site, committing_web, town
):
    form = committing_web.get("/en/account/sign-in").forms["sign-in"]
    form["name"], form["password"] = "elena@example.org", PASSWORD
    form.submit(status=303)

    assert try_to_hold(committing_web, town).status_int == 409

    assert counted(committing_site) == [("too_many_total", 1, 0)]
    with committing_site.transaction() as request:
        assert request.db.scalars(select(Hold)).all() == []
        request.db.execute(delete(CirculationRule))

    assert try_to_hold(committing_web, town).status_int == 201

    assert counted(committing_site) == [("too_many_total", 1, 1)]


def refuse(notes, town, record_id):
    notes.refused(Act.RENEWAL, ["renewal_rules"], town["reader"], record_id, town["library"])


def break_off(_session):
    raise OSError("the disk is full")


def test_what_did_not_happen_at_last_is_neither_met_nor_given_up(committing_site, town):
    first, second = town["records"][:2]
    with committing_site.transaction() as request:
        refuse(request.find_service(RefusalNotes, context=None), town, first)

    with committing_site.transaction() as request:
        notes = request.find_service(RefusalNotes, context=None)
        notes.met(town["reader"], first)
        notes.unfilled(Outcome.GIVE_UP, town["reader"], second, town["library"])
        event.listen(request.db, "before_commit", break_off)
        request.db.execute(delete(CirculationRule))
        with pytest.raises(OSError, match="full"):
            request.tm.commit()
        request.tm.abort()
        request.tm.begin()

    assert counted(committing_site) == [("renewal_rules", 1, 0)]
    with committing_site.transaction() as request:
        assert request.db.scalar(select(func.count()).select_from(RefusedWish)) == 1
        notes = request.find_service(RefusalNotes, context=None)
        notes.met(town["reader"], first)
        notes.unfilled(Outcome.GIVE_UP, town["reader"], second, town["library"])
    assert sorted(counted(committing_site)) == [("give_up", 1, 0), ("renewal_rules", 1, 1)]


def test_all_refusals_and_all_that_is_met_in_a_request_cost_one_transaction(committing_site, town):
    begun = []
    event.listen(committing_site.engine, "begin", begun.append)
    with committing_site.transaction() as request:
        notes = request.find_service(RefusalNotes, context=None)
        for record_id in town["records"]:
            refuse(notes, town, record_id)
            notes.met(town["reader"], record_id)
    written = len(begun)

    assert written == 1
    assert sum(times for _code, times, _avoided in counted(committing_site)) == len(town["records"])
