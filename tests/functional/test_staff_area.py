import pytest

from bibliopolis.accounts.models import RoleGrant
from bibliopolis.outbox import Outbox, OutboxRow


@pytest.fixture
def administrator(make_person):
    return make_person("admin", administrator="")


@pytest.mark.parametrize(
    ("roles", "status"),
    [
        ({}, 403),
        ({"editor": ""}, 200),
        ({"librarian": "library:17"}, 200),
        ({"translator": "node:5+lang:ar"}, 200),
    ],
)
def test_whoever_has_a_staff_role_anywhere_may_enter(web, make_person, sign_in, roles, status):
    make_person("anna", **roles)

    sign_in("anna").get("/en/staff", status=status)


@pytest.mark.parametrize(
    "page",
    ["people", "outbox", "people/add", "people/1", "groups", "groups/add", "groups/1", "audit"],
)
@pytest.mark.parametrize("scope", ["lang:en", "library:17"])
def test_a_role_at_a_scope_does_not_open_what_is_the_whole_sites(
    web, make_person, sign_in, page, scope
):
    make_person("anna", administrator=scope)

    sign_in("anna").get(f"/en/staff/{page}", status=403)


def test_an_administrator_opens_an_account_and_gives_it_a_role(web, administrator, sign_in, db):
    form = next(
        f
        for f in sign_in("admin").get("/en/staff/people/add").forms.values()
        if f.action.endswith("/people/add")
    )
    form["name"], form["email"], form["password"] = "Rana", "rana@example.org", "long enough"
    page = form.submit(status=303).follow()

    form = next(f for f in page.forms.values() if f.action.endswith("/grant"))
    form["role"], form["scope_lang"] = "translator", "ar"
    page = form.submit(status=303).follow()

    grant = db.query(RoleGrant).filter_by(role="translator").one()
    assert (grant.person.name, grant.scope) == ("Rana", "lang:ar")
    assert "العربية" in page.text

    form = next(f for f in page.forms.values() if f.action.endswith("/revoke"))
    form.submit(status=303)
    assert db.query(RoleGrant).filter_by(role="translator").count() == 0


def test_the_last_administrator_is_told_why_they_stay(web, administrator, sign_in):
    page = sign_in("admin").get(f"/en/staff/people/{administrator.id}")
    form = next(f for f in page.forms.values() if f.action.endswith("/revoke"))

    page = form.submit(status=303).follow()

    assert "The site needs an administrator" in page.text


def test_people_are_listed_with_their_roles(web, administrator, make_person, sign_in):
    make_person("rana", translator="lang:ar")

    page = sign_in("admin").get("/en/staff/people?q=rana")

    assert "Translator" in page.text
    assert "admin@example.org" not in page.forms[0].text if page.forms else True


def test_what_failed_is_shown_and_tried_again(web, administrator, sign_in, db, clock):
    Outbox(db, clock).add("mail", "12")
    db.query(OutboxRow).update({"failed": True, "error": "no route to the mail server"})
    page = sign_in("admin").get("/en/staff/outbox")
    assert "no route to the mail server" in page.text
    assert "No worker is running" in page.text

    form = next(f for f in page.forms.values() if f.action.endswith("/retry"))
    form.submit("all", status=303)

    assert not db.query(OutboxRow).one().failed


@pytest.mark.parametrize("number", ["0", "x", "٣", "99999999999"])
def test_an_unreadable_page_number_is_the_first_page(web, administrator, sign_in, number):
    sign_in("admin").get("/en/staff/outbox", {"page": number}, status=200)


def test_an_administrator_is_told_at_once_that_nobody_works(web, administrator, sign_in):
    page = sign_in("admin").get("/en/staff")

    assert "No worker is running" in page.text


def test_an_editor_is_not_troubled_with_it(web, make_person, sign_in):
    make_person("anna", editor="")

    assert "No worker is running" not in sign_in("anna").get("/en/staff").text


@pytest.mark.parametrize(
    ("roles", "leads_to"),
    [
        ({"editor": ""}, "/en/home/@@contents"),
        ({"translator": "lang:ar"}, "/ar/home/@@contents"),
        ({"editor": "node:{city}"}, "/en/city/@@contents"),
        ({"editor": "node:{city}+lang:ar"}, "/ar/city/@@contents"),
        ({"manager": "library:17"}, None),
        ({"editor": "node:999999"}, None),
    ],
)
def test_the_way_to_the_contents_leads_where_one_works(
    web, make_person, sign_in, publish, roles, leads_to
):
    city = publish(publish.chief.tree.root(), "section", "city", title="City")
    make_person("anna", **{role: scope.format(city=city.id) for role, scope in roles.items()})

    page = sign_in("anna").get("/en/staff")

    ways = {link["href"] for link in page.html.select("a[href$='@@contents']")}
    assert ways == ({leads_to} if leads_to else set())
    for way in ways:
        web.get(way, status=200)
