"""Staff draft rules, have last month's holds replayed, and read and compare what comes of it."""

from datetime import timedelta

import pytest
from fixtures.desk import form_to
from fixtures.lending import City, hold_workflows
from fixtures.sites import SITE
from sqlalchemy import func, select
from webtest import Upload

from bibliopolis.circulation.models import CirculationRule, Hold, Transit
from bibliopolis.circulation.whatif import drafts, reports
from bibliopolis.circulation.whatif.models import WhatIfReport

JSON = {"Accept": "application/json"}
HOME_ONLY = "rules:\n  - set: {fulfilment: homebranch}\n"


@pytest.fixture
def history(town, db, clock):
    """Elena waited ten days ago for a book that was sent to her library, and got it."""
    desk = City(db, clock, hold_workflows(SITE)).desk()
    now = clock.now()
    clock.instant = now - timedelta(days=10)
    town.near.status = "lost"
    hold = desk.holds.place(town.record.id, town.elena.id, town.here.id)
    clock.advance(timedelta(days=1))
    desk.loans.check_in(town.far.id, town.there.id)
    clock.advance(timedelta(days=1))
    desk.loans.check_in(town.far.id, town.here.id)
    clock.instant = now
    db.flush()
    return hold


@pytest.fixture
def maria(town, sign_in, make_person):
    """The browser of somebody who manages the first library."""
    make_person("maria", manager=f"library:{town.here.id}")
    return sign_in("maria")


def begin(web, clock, rules=HOME_ONLY, status=303, **more):
    form = form_to(web.get("/en/staff/whatif"), "/staff/whatif")
    form["rules"] = rules
    form["since"] = (clock.today() - timedelta(days=20)).isoformat()
    form["until"] = clock.today().isoformat()
    for name, value in more.items():
        form[name] = value
    return form.submit(status=status)


def compute(inside, stop=None):
    while reports.compute_some(inside, stop):
        pass


def table(page, section):
    rows = page.html.select(f"section[aria-labelledby={section}-h] tbody tr")
    return {row.th.get_text(strip=True): [one.text for one in row.select("td")] for row in rows}


def test_a_report_compares_what_was_with_both_replays(maria, history, clock, inside, db):
    page = begin(maria, clock, title="Each its own").follow()
    assert "See how far it is" in page.text
    compute(inside)

    page = maria.get(page.request.path)

    found = table(page, "all")
    assert found["Holds in all"] == ["1", "1", "1"]
    assert found["Got a copy"] == ["1", "1", "0"]
    assert found["Days until half of those had it"] == ["2", "2", "–"]
    assert found["Copies sent for holds"] == ["1", "1", "0"]
    kept = db.execute(select(WhatIfReport.period, WhatIfReport.progress)).one()
    assert tuple(kept) == (None, None)
    sheet = maria.get(page.html.select_one(".s-page-acts a")["href"])
    assert "Got a copy,1,1,0" in sheet.text.replace(";", ",")
    assert maria.get(page.request.path, headers=JSON).json["runs"]["after"]["all"]["filled"] == 0


def test_nothing_that_circulates_is_changed(maria, history, clock, inside, db):
    tables = (Hold, Transit, CirculationRule)
    before = [db.scalar(select(func.count()).select_from(one)) for one in tables]
    state = history.state

    begin(maria, clock)
    compute(inside)

    assert [db.scalar(select(func.count()).select_from(one)) for one in tables] == before
    assert history.state == state


def test_a_report_is_stopped_and_goes_on_to_the_same_end(maria, history, clock, inside, db):
    address = begin(maria, clock).location
    assert reports.compute_some(inside, lambda: True)
    assert reports.compute_some(inside, lambda: True)
    form_to(maria.get(address), "/stop").submit(status=303)
    assert not reports.compute_some(inside)

    form_to(maria.get(address), "/go-on").submit(status=303)
    compute(inside)

    assert table(maria.get(address), "all")["Got a copy"] == ["1", "1", "0"]


def test_what_another_worker_computes_is_left_to_it(maria, history, clock, inside, db):
    begin(maria, clock)
    report = db.scalars(select(WhatIfReport)).one()
    report.claimed_until = clock.now() + timedelta(minutes=1)
    db.flush()

    assert not reports.compute_some(inside)
    clock.advance(timedelta(minutes=2))
    assert reports.compute_some(inside)


def test_what_cannot_be_computed_says_so_and_can_be_tried_again(
    maria, history, clock, inside, monkeypatch
):
    address = begin(maria, clock).location
    with monkeypatch.context() as broken:
        broken.setattr(reports, "_portion", lambda *_all: 1 / 0)
        reports.compute_some(inside)
    assert "It could not be computed" in maria.get(address).text

    form_to(maria.get(address), "/go-on").submit(status=303)
    compute(inside)

    assert "The report is ready" in maria.get(address).text


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ("", "not YAML"),
        ("rules: [", "Line 1"),
        ("limits: 1", "Begin with “rules:”"),
        ("rules:\n  - set: {max_holds: many}", "Line 2: max_holds: Write a whole number"),
        ("rules:\n  - set: {no_such: 1}", "Line 2: no_such: There is no such rule"),
        ("rules:\n  - {category: martian, set: {max_holds: 1}}", "no such category"),
        ("rules:\n  - {organisation: atlantis, set: {max_holds: 1}}", "“atlantis”"),
        ("rules:\n  - {colour: red, set: {max_holds: 1}}", "There is no “colour”"),
        ("rules:\n  - {category: child, set: {go_home_days: 1}}", "all categories"),
        ("rules:\n  - set: {max_holds: 1}\n  - set: {max_holds: 2}", "Line 3: max_holds: There is"),
        ("rules:\n  - remove: [age_protection_days]", "could be removed"),
        ("rules:\n  - {}", "Each entry says"),
        ("rules:\n  - &a {set: {max_holds: 1}}", "not YAML"),
    ],
)
def test_a_draft_is_refused_with_the_line_and_kept_as_it_was_typed(
    maria, history, clock, rules, said, db
):
    page = begin(maria, clock, rules, status=400)

    assert said in page.html.select_one(".has-error .error").text
    assert form_to(page, "/staff/whatif")["rules"].value.strip() == rules.strip()
    assert not db.scalars(select(WhatIfReport)).all()


def test_a_draft_that_is_too_long_is_refused(maria, clock, monkeypatch):
    # Short, because WebOb keeps long fields in files that only the garbage collector closes.
    monkeypatch.setattr(drafts, "LONGEST", len(HOME_ONLY) // 2)

    page = begin(maria, clock, status=400)

    assert "too long" in page.html.select_one(".has-error .error").text


def test_a_period_in_which_nobody_waited_is_refused(maria, town, clock):
    page = begin(maria, clock, status=400)

    assert "Nobody waited for anything" in page.html.select_one(".has-error .error").text


def test_a_file_with_rules_counts_before_the_field(maria, history, clock, db):
    begin(maria, clock, "", upload=Upload("draft.yaml", HOME_ONLY.encode(), "application/yaml"))
    assert db.scalars(select(WhatIfReport)).one().draft == HOME_ONLY.strip() + "\n"

    page = begin(maria, clock, "", 400, upload=Upload("x.yaml", b"\xff\xfe", "text/plain"))
    assert "UTF-8" in page.html.select_one(".has-error .error").text


def test_the_form_of_a_rule_leads_to_a_draft(maria, town):
    form = form_to(
        maria.get(f"/en/staff/libraries/{town.here.code}/set-rule?name=max_holds"), "/set-rule"
    )
    form["value"] = "7"
    sent = dict(form.submit_fields())

    page = maria.post("/en/staff/whatif/draft", sent)

    rules = form_to(page, "/staff/whatif")["rules"].value
    assert f'"organisation": "{town.here.code}"' in rules
    assert '"max_holds": 7' in rules


def test_finished_reports_are_compared_and_deleted(maria, history, clock, inside, db, queries):
    begin(maria, clock, title="Home only")
    begin(maria, clock, "rules:\n  - set: {fulfilment: any}\n", title="Any")
    compute(inside)
    uids = db.scalars(select(WhatIfReport.uid).order_by(WhatIfReport.id)).all()

    def compare(uids):
        return maria.get("/en/staff/whatif/compare", [("sel", uid) for uid in uids])

    page = compare(uids)

    assert table(page, "all")["Got a copy"] == ["0", "1"]
    assert queries(lambda: compare(uids)) == queries(lambda: compare(uids[:1]))
    form_to(maria.get(f"/en/staff/whatif/{uids[0]}"), "/delete").submit(status=303)
    assert db.scalars(select(WhatIfReport.uid)).all() == uids[1:]
    maria.get(f"/en/staff/whatif/{uids[0]}", status=404)


def test_so_many_reports_are_kept_and_no_more(maria, history, clock, monkeypatch):
    monkeypatch.setattr(reports, "MOST_REPORTS", 1)
    begin(maria, clock)

    refused = begin(maria, clock, status=409, title="Only at home")

    form = form_to(refused, "/staff/whatif")
    assert (form["title"].value, form["rules"].value.strip()) == ("Only at home", HOME_ONLY.strip())
    assert "delete one first" in refused.html.select_one("[role=alert]").text


def test_who_sees_rules_sees_reports_and_who_sets_them_begins_them(
    town, history, clock, maria, sign_in, db
):
    address = begin(maria, clock).location
    maria.reset()
    vera = sign_in("vera")
    assert not vera.get("/en/staff/whatif").html.select("textarea")
    vera.get(address, status=200)
    token = {"csrf_token": vera.cookies["csrf_token"]}
    for act in ("", "/draft"):
        vera.post(f"/en/staff/whatif{act}", token, status=403)
    for act in ("stop", "go-on", "delete"):
        vera.post(f"{address}/{act}", token, status=403)
    vera.reset()
    elena = sign_in("elena")
    for place in ("/en/staff/whatif", address, "/en/staff/whatif/compare"):
        elena.get(place, status=403)
    elena.get(f"{address}/report.csv", status=403)
    elena.get(address, headers=JSON, status=403)
