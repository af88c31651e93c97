"""An administrator lets people hold roles together."""

from contextlib import contextmanager

import pytest
from sqlalchemy import event, select

from bibliopolis.accounts.models import AuditEvent, GroupMember, PersonGroup


@pytest.fixture
def administrator(make_person):
    return make_person("admin", administrator="")


@pytest.fixture
def rana(make_person):
    return make_person("rana")


@pytest.fixture
def make_group(web, administrator, sign_in):
    """Make a group as the administrator does; return its page."""

    def make(name, **scope):
        page = sign_in("admin").get("/en/staff/groups/add")
        form = form_of(page, "/groups/add")
        form["name"] = name
        page = form.submit(status=303).follow()
        form = form_of(page, "/grant")
        form["role"] = "translator"
        for kind, value in scope.items():
            form[f"scope_{kind}"] = value
        return form.submit(status=303).follow()

    return make


def form_of(page, action):
    return next(form for form in page.forms.values() if form.action.endswith(action))


@contextmanager
def asked(db):
    """Collect the statements that are sent to the database."""
    statements = []

    def note(_connection, _cursor, statement, *_others):
        statements.append(statement)

    engine = db.get_bind().engine
    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


def take_in(page, words):
    found = form_of(page, "#take-in")
    found["find"] = words
    return form_of(found.submit(), "/take-in").submit(status=303).follow()


def test_whoever_is_taken_into_a_group_holds_its_role(web, make_group, rana, db):
    page = take_in(make_group("Arabic desk", lang="ar"), "rana")

    assert "Rana belongs to the group now." in page.text
    person = web.get(f"/en/staff/people/{rana.id}")
    assert "Translator" in person.text
    assert "Arabic desk" in person.text
    assert "/revoke" not in person.text
    what = db.scalars(select(AuditEvent.what).order_by(AuditEvent.id)).all()
    assert what == ["group.made", "role.granted", "group.joined"]


def test_a_group_lets_its_members_work_and_lets_them_go(web, make_group, rana, sign_in, db):
    page = take_in(make_group("Arabic desk", lang="ar"), "rana")
    address = page.request.path
    web.reset()
    sign_in("rana").get("/en/staff", status=200)

    web.reset()
    form_of(sign_in("admin").get(address), "/take-out").submit(status=303)

    web.reset()
    sign_in("rana").get("/en/staff", status=403)
    assert db.scalar(select(GroupMember.person_id)) is None


def test_a_group_is_renamed_and_deleted(web, make_group, rana, db):
    page = take_in(make_group("Arabic desk"), "rana")
    form = form_of(page, "/rename")
    form["name"] = "  "
    page = form.submit(status=400)
    assert "A group needs a name." in page.text
    form = form_of(page, "/rename")
    form["name"] = "The Arabic desk"
    page = form.submit(status=303).follow()
    assert "The Arabic desk" in page.text

    page = form_of(page, "/delete").submit(status=303).follow()

    assert "The group has been deleted." in page.text
    assert db.scalar(select(PersonGroup.id)) is None
    assert db.get(type(rana), rana.id) is not None


def test_the_last_administrators_group_cannot_be_deleted(
    web, administrator, rana, make_group, sign_in
):
    page = make_group("Administrators")
    form = form_of(page, "/grant")
    form["role"] = "administrator"
    page = take_in(form.submit(status=303).follow(), "admin@")
    address = page.request.path
    own = form_of(web.get(f"/en/staff/people/{administrator.id}"), "/revoke")
    own.submit(status=303)

    page = form_of(web.get(address), "/delete").submit(status=303).follow()

    assert "The site needs an administrator" in page.text
    web.get(address, status=200)


def test_people_are_found_by_role_and_group(web, make_group, rana, make_person):
    page = take_in(make_group("Arabic desk", lang="ar"), "rana")
    make_person("oleg", editor="")
    number = page.request.path.rpartition("/")[2]

    for query in ("role=translator", f"group={number}"):
        page = web.get(f"/en/staff/people?{query}")
        assert "rana@example.org" in page.text
        assert "oleg@example.org" not in page.text
    web.get("/en/staff/people?role=king&group=x&page=-1", status=200)


def test_who_is_not_there_is_said(web, administrator, sign_in):
    sign_in("admin").get("/en/staff/groups/999", status=404)
    web.get("/en/staff/groups/x", status=404)


def test_a_group_costs_its_members_no_further_query(
    web, make_group, rana, make_person, sign_in, db
):
    take_in(make_group("Arabic desk", lang="ar"), "rana")
    make_person("oleg", translator="lang:ar")
    counts = {}
    for name in ("oleg", "rana"):
        web.reset()
        sign_in(name).get("/en/account")
        with asked(db) as statements:
            web.get("/en/account", status=200)
        counts[name] = len(statements)

    assert counts["rana"] == counts["oleg"]
