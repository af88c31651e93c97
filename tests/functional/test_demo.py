"""The demo city: that it is whole, made by the workflow, and loaded once."""

from collections import Counter

from fixtures.demo import signed_in
from sqlalchemy import func, select

from bibliopolis.accounts.models import Person
from bibliopolis.circulation.models import Hold, HoldState, Loan
from bibliopolis.circulation.whatif.models import WhatIfReport
from bibliopolis.cli.serve import ACCOUNTS
from bibliopolis.content.models import NEUTRAL, Content, ContentTranslation
from bibliopolis.demo import is_loaded
from bibliopolis.outbox import OutboxRow


def test_the_city_is_whole(demo_site):
    with demo_site.transaction() as request:
        db = request.db
        states = Counter(db.scalars(select(Hold.state)))
        types = Counter(db.scalars(select(Content.type)))
        ends = db.scalars(select(Content.ends).where(Content.type == "event")).all()
        loans = db.scalar(select(func.count()).select_from(Loan))
        now = request.clock.now()

    assert set(states) == set(HoldState)
    assert loans == 5
    assert (types["event"], types["collection"], types["news"], types["page"]) == (31, 5, 11, 12)
    assert all(end > now for end in ends)


def test_staff_have_something_to_look_back_at(demo_site):
    """Refusals, a closing that moved a date and is over, and reports that are done."""
    web = signed_in(demo_site, "manager")
    asking = {"headers": {"Accept": "application/json"}}
    with demo_site.transaction() as request:
        reports = request.db.scalars(select(WhatIfReport)).all()
        left = request.db.scalars(select(OutboxRow.topic)).all()

    refused = web.get("/ru/staff/refusals", {"days": 90}, **asking).json
    assert refused["items_total"] > 20
    assert len(refused["sums"]) > 4
    (closing,) = web.get("/ru/staff/libraries/central/emergency", **asking).json["items"]
    assert (closing["state"], closing["moved_loans"]) == ("done", 1)
    assert closing["last"] < "2026-11-01"
    listed = web.get("/ru/staff/whatif").text
    assert [(one.state, one.title in listed) for one in reports] == [("done", True)] * 2
    assert left == []


def test_everything_went_through_the_workflow(demo_site):
    with demo_site.transaction() as request:
        languages = ContentTranslation.language != NEUTRAL
        states = Counter(request.db.scalars(select(ContentTranslation.state).where(languages)))

    assert set(states) == {"published", "in_review"}
    assert states["in_review"] == 1


def test_those_who_are_greeted_by_name_are_there(demo_site):
    with demo_site.transaction() as request:
        known = set(request.db.scalars(select(Person.email)))

    assert {f"{name}@example.org" for name in ACCOUNTS} <= known


def test_what_is_there_is_not_loaded_again(demo_site):
    with demo_site.transaction() as request:
        assert is_loaded(request)


def test_its_people_can_sign_in(demo_site):
    page = signed_in(demo_site, "reader").get("/ru/account")

    assert "Елена Корнева" in page.text


def test_its_books_are_found_in_both_scripts(demo_site):
    for query in ("Достоевский", "Dostoevsky"):
        found = demo_site.web().get(
            "/ru/catalogue", {"q": query}, headers={"Accept": "application/json"}
        )
        assert found.json["items_total"] >= 5
