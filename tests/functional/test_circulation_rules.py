"""Staff set the rules of their libraries, see where each comes from, and try them out."""

from datetime import timedelta

import pytest
import yaml
from fixtures.desk import form_to
from sqlalchemy import select

from bibliopolis.circulation.models import CirculationRule
from bibliopolis.resources.history import HistoryEntry

JSON = {"Accept": "application/json"}


@pytest.fixture
def system(town):
    """A system above both libraries of the town."""
    north = town.city.library("North")
    north.kind = "system"
    town.here.parent_id = town.there.parent_id = north.id
    town.city.db.flush()
    return north


@pytest.fixture
def managed(town, system, sign_in, make_person):
    """The browser of somebody who manages the first library."""
    make_person("maria", manager=f"library:{town.here.id}")
    return sign_in("maria")


@pytest.fixture
def administrator(town, system, sign_in, make_person):
    make_person("vasily", administrator="")
    return sign_in("vasily")


def address(library, name="rules"):
    return f"/en/staff/libraries/{library.code}/{name}"


def set_rule(web, library, name, value, status=303, **scope):
    form = form_to(web.get(address(library, "set-rule"), {"name": name}), "/set-rule")
    form["value"] = value
    for field, one in scope.items():
        form[field] = one
    return form.submit(status=status)


def row(page, title, whom="all readers and copies"):
    """Return the row of a rule for some readers."""
    [found] = [
        one
        for one in page.html.select("tbody tr")
        if title in one.th.text and one.select("td")[0].text == whom
    ]
    return [cell.text for cell in found.select("td")]


def test_a_manager_sets_a_rule_and_sees_that_it_counts(managed, town, db):
    before = row(managed.get(address(town.here)), "Open holds of a reader at most")

    page = set_rule(managed, town.here, "max_holds", "7").follow()

    assert (before[1].strip(), before[2]) == ("50", "the file of the whole site")
    after = row(page, "Open holds of a reader at most")
    assert after[1].strip() == "7"
    assert after[2].startswith("set here")
    kept = db.scalars(select(CirculationRule)).one()
    assert (kept.library_id, kept.name, kept.value) == (town.here.id, "max_holds", 7)


def test_a_rule_of_the_system_comes_from_there(administrator, town, system):
    set_rule(administrator, system, "max_holds", "5", category="child")

    found = row(administrator.get(address(town.here)), "Open holds of a reader at most", "Child")

    assert found[1].strip() == "5"
    assert found[2].startswith(f"comes from {system.name['en']}")


def test_a_value_is_tried_out_for_a_category_and_an_item_type(administrator, town, system):
    set_rule(administrator, system, "loan_days", "10", item_type="film")
    set_rule(administrator, town.here, "loan_days", "12")

    page = administrator.get(
        address(town.here), {"category": "child", "item_type": "film", "try": 1}
    )

    found = row(page, "Days on loan")
    assert found[1].split()[0] == "12"
    assert f"10 (Film; comes from {system.name['en']})" in found[1]
    assert "Child · Film" in page.html.select_one("p[role=status]").text


def test_a_rule_is_changed_and_removed(managed, town, db):
    set_rule(managed, town.here, "max_holds", "7")
    page = managed.get(address(town.here, "set-rule"), {"name": "max_holds"})
    form = form_to(page, "/set-rule")
    form["value"] = ""

    changed = form.submit(status=303).follow()

    assert row(changed, "Open holds of a reader at most")[1].strip() == "without limit"
    removed = form_to(changed, "/remove-rule").submit(status=303).follow()
    assert row(removed, "Open holds of a reader at most")[1].strip() == "50"
    assert db.scalars(select(CirculationRule)).all() == []


def test_a_second_rule_for_the_same_readers_is_refused(managed, town):
    set_rule(managed, town.here, "max_holds", "7", category="child")
    page = managed.get(address(town.here, "set-rule"), {"name": "max_holds", "new": "1"})
    form = form_to(page, "/set-rule")
    form["value"], form["category"] = "9", "child"

    refused = form.submit(status=400)

    assert "There is a rule for exactly these readers and copies already" in refused.text
    assert form_to(refused, "/set-rule")["value"].value == "9"


def test_who_saves_an_older_form_is_told(managed, town, clock):
    set_rule(managed, town.here, "max_holds", "7")
    page = managed.get(address(town.here, "set-rule"), {"name": "max_holds"})
    other, mine = form_to(page, "/set-rule"), form_to(page, "/set-rule")
    other["value"], mine["value"] = "8", "9"
    clock.advance(timedelta(minutes=1))
    other.submit(status=303)

    refused = mine.submit(status=400)

    assert "Somebody has saved it meanwhile" in refused.text


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("max_holds", "many", "Write a whole number from 0 to 9999"),
        ("loan_days", "0", "Write a whole number from 1 to 365"),
        ("pickup_groups", "nowhere", "There is no group of libraries “nowhere”"),
    ],
)
def test_what_is_no_value_is_said_at_the_field(managed, town, db, name, value, said):
    refused = set_rule(managed, town.here, name, value, status=400)

    assert said in refused.html.select_one(".has-error").text
    assert db.scalars(select(CirculationRule)).all() == []


def test_a_rule_outside_its_scope_is_refused(managed, town):
    page = managed.get(address(town.here, "set-rule"), {"name": "max_holds"})
    sent = {**dict(form_to(page, "/set-rule").submit_fields()), "item_type": "film", "value": "1"}

    refused = managed.post(address(town.here, "set-rule"), sent, status=400)

    assert "the same for all item types" in refused.text


@pytest.mark.parametrize("field", ["category", "item_type"])
def test_a_rule_for_readers_or_copies_there_are_no_more_counts_for_nobody(managed, town, db, field):
    form = form_to(
        managed.get(address(town.here, "set-rule"), {"name": "holds_allowed"}), "/set-rule"
    )
    form["value"] = "0"
    form[field].force_value("of_yesterday")

    refused = form.submit(status=400)

    assert "There is no such" in refused.html.select_one(".has-error").text
    assert db.scalars(select(CirculationRule)).all() == []


@pytest.mark.parametrize("name", ["", "max_books", "__class__"])
def test_there_is_no_form_for_a_rule_that_does_not_exist(managed, town, name):
    managed.get(address(town.here, "set-rule"), {"name": name}, status=404)


def test_only_who_manages_a_library_sets_its_rules(managed, town, sign_in):
    managed.get(address(town.there), status=403)
    managed.get(address(town.there, "set-rule"), {"name": "max_holds"}, status=403)
    managed.reset()
    librarian = sign_in("vera")

    page = librarian.get(address(town.here))

    assert "Set here" not in page.text
    librarian.get(address(town.here, "set-rule"), {"name": "max_holds"}, status=403)
    librarian.reset()
    sign_in("elena").get(address(town.here), status=403)


def test_the_history_and_the_audit_log_tell_of_it(administrator, town, db):
    set_rule(administrator, town.here, "max_holds", "7", category="child")

    history = administrator.get(address(town.here, "history"))
    log = administrator.get("/en/staff/audit")

    for page in (history, log):
        assert "Rule of circulation set" in page.text
        assert "Open holds of a reader at most (Child): 7" in page.text
    assert db.scalars(select(HistoryEntry.data).where(HistoryEntry.action == "set_rule")).one() == {
        "rule": "max_holds",
        "category": "child",
        "item_type": "",
        "value": "7",
    }


def test_what_is_set_can_be_taken_along_as_a_file(administrator, town, system):
    set_rule(administrator, town.here, "max_holds", "", category="child")
    set_rule(administrator, system, "loan_days", "14", item_type="film")

    whole = administrator.get(address(system, "rules.yaml"))
    part = administrator.get(address(town.here, "rules.yaml"))

    child = {"organisation": town.here.code, "category": "child", "set": {"max_holds": None}}
    film = {"organisation": system.code, "item_type": "film", "set": {"loan_days": 14}}
    assert whole.content_type == "application/yaml"
    assert yaml.safe_load(whole.text) == {"rules": [child, film]}
    assert yaml.safe_load(part.text) == {"rules": [child]}


def test_a_program_is_told_what_counts_and_why(administrator, town, system):
    set_rule(administrator, system, "max_holds", "5", category="child")

    found = administrator.get(address(town.here), {"category": "child"}, headers=JSON).json

    [rule] = [one for one in found["items"] if one["name"] == "max_holds"]
    assert (rule["value"], rule["inherited"]) == (5, True)
    assert rule["rule"]["organisation"] == system.code
    assert rule["rule"]["set_by"] == "staff"
