"""An administrator reads who did what, and takes it away as a spreadsheet."""

import csv
import io
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from sqlalchemy import event

from bibliopolis.accounts.audit import AuditLog, Wanted
from bibliopolis.accounts.groups import Groups
from bibliopolis.accounts.roles import Roles
from bibliopolis.libraries.closures import Closures
from bibliopolis.libraries.editing import Organisations
from bibliopolis.libraries.models import ExceptionKind
from bibliopolis.libraries.services import Libraries


@pytest.fixture
def people(make_person):
    return make_person("admin", administrator=""), make_person("=rana")


@pytest.fixture
def happened(people, inside, clock, db):
    """On one day a group got a role, on the next Rana joined it."""
    admin, rana = people
    groups, roles = inside.find_service(Groups), inside.find_service(Roles)
    group = groups.add("Arabic desk")
    roles.grant(group, "translator", "lang:ar")
    clock.advance(timedelta(days=1))
    groups.join(group, rana)
    inside.find_service(AuditLog).record("group.deleted", about=("group", 99), who=admin.id)


@contextmanager
def statements(db):
    """Collect the statements that are sent to the database."""
    sent = []

    def note(_connection, _cursor, statement, *_others):
        sent.append(statement)

    engine = db.get_bind().engine
    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def rows(page):
    found = page.html.select("tbody tr")
    return [
        [" ".join(cell.get_text(" ").split()) for cell in row.select("th, td")] for row in found
    ]


@pytest.fixture
def log(web, happened, sign_in):
    sign_in("admin")
    return lambda query="", **how: web.get(f"/en/staff/audit{query}", **how)


def test_the_log_is_read_in_words_newest_first(log):
    deleted, joined, granted, made = rows(log())

    assert deleted[1:4] == ["Group deleted", "Admin", "Group no. 99"]
    assert joined[1:5] == ["Taken into a group", "—", "=rana", "What it is called: Arabic desk"]
    assert granted[1:4] == ["Role granted", "—", "Arabic desk"]
    assert granted[4] == "Role: Translator Where: Arabic"
    assert made[1] == "Group made"


def test_it_is_read_in_the_visitors_language(web, happened, sign_in):
    deleted, _joined, granted, _made = rows(sign_in("admin").get("/ru/staff/audit"))

    assert deleted[1:4] == ["Группа удалена", "Admin", "Группа № 99"]
    assert granted[4] == "Роль: Переводчик Где: арабский"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?who=RANA", ["Taken into a group"]),
        ("?who=admin", ["Group deleted"]),
        ("?who=nobody", []),
        ("?what=role.granted", ["Role granted"]),
        ("?what=something.else&page=x", None),
        ("?to={first}", ["Role granted", "Group made"]),
        ("?from={second}&to={second}", ["Group deleted", "Taken into a group"]),
    ],
)
def test_it_is_asked_for_people_kinds_and_days(log, clock, query, found):
    second = clock.today()
    days = {"first": second - timedelta(days=1), "second": second}

    what = [row[1] for row in rows(log(query.format(**days)))]

    assert what == found if found is not None else len(what) == 4


def test_a_day_nobody_can_read_is_said(log, web):
    page = log("?from=yesterday&who=rana", status=400)

    assert "Write a day like" in page.text
    assert 'value="rana"' in page.text
    web.get("/en/staff/audit/log.csv?from=yesterday", status=400)


def test_the_spreadsheet_holds_what_was_asked_for(log, web):
    page = log("?who=rana")
    answer = web.get(page.html.select_one("a[href*='log.csv']")["href"])

    assert answer.content_type == "text/csv"
    heads, line = csv.reader(io.StringIO(answer.body.decode("utf-8-sig")))
    assert heads == ["When", "What", "Who", "About", "Details", "Network address"]
    assert line[1:5] == ["Taken into a group", "", "'=rana", "What it is called: Arabic desk"]


def test_only_administrators_of_the_whole_site_get_it(web, happened, make_person, sign_in):
    make_person("anna", editor="", manager="", administrator="lang:ar")
    sign_in("anna")

    web.get("/en/staff/audit", status=403)
    web.get("/en/staff/audit/log.csv", status=403)


def test_the_log_asks_no_more_however_long_it_is(log, people, inside, db):
    def asked():
        with statements(db) as sent:
            log("?what=role.granted")
        return len(sent)

    log()
    before = asked()
    for number in range(20):
        details = {"role": "editor", "scope": f"lang:{('ar', 'ru')[number % 2]}"}
        about = ("person", people[number % 2].id)
        inside.find_service(AuditLog).record("role.granted", about=about, details=details)

    db.flush()
    # The first of people among them asks for their names.
    assert asked() <= before + 1


def test_a_long_log_comes_in_parts_and_whole(happened, inside):
    log = inside.find_service(AuditLog)

    parts = list(log.batches(Wanted(), size=3))

    assert [len(part) for part in parts] == [3, 1]
    assert [event.id for part in parts for event in part] == [
        event.id for event in log.page(Wanted())[1]
    ]


def test_what_is_done_to_libraries_and_their_days_is_in_it(people, web, sign_in, inside):
    library = inside.find_service(Libraries).add("okhta", {"en": "Okhta"})
    inside.find_service(Organisations).withdraw(library, withdrawn=True)
    closures = inside.find_service(Closures)
    closures.add(library, ExceptionKind.CLOSED, date(2026, 12, 31), date(2027, 1, 8))
    sign_in("admin")

    closed, withdrawn = rows(web.get("/en/staff/audit"))

    assert closed[1] == "Other hours or a closure added"
    assert closed[3:5] == ["Okhta", "Days: 31 Dec 2026 – 8 Jan 2027"]
    assert withdrawn[1:4] == ["Organisation withdrawn", "—", "Okhta"]
    web.get("/ru/staff/audit").mustcontain("Учреждение упразднено")
