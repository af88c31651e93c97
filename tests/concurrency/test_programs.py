"""Several programs at one page, with real commits, on both databases: no change is lost."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from fixtures.people import PASSWORD, PASSWORDS
from fixtures.programs import Program

from bibliopolis.accounts.models import Person, RoleGrant
from bibliopolis.accounts.passwords import Passwords

MANY = 6


@pytest.fixture
def page(committing_site, clock):
    """The token of an editor, and the address of a page of theirs."""
    committing_site.app.registry["bibliopolis.passwords"] = PASSWORDS
    with committing_site.transaction() as request:
        grants = [RoleGrant(role="editor", scope=""), RoleGrant(role="reviewer", scope="")]
        kept = PASSWORDS.hash(PASSWORD)
        request.db.add(
            Person(
                name="Anna",
                email="anna@example.org",
                password_hash=kept,
                language="en",
                created=clock.now(),
                grants=grants,
            )
        )
    web = committing_site.web()
    sent = {"login": "anna@example.org", "password": PASSWORD}
    anna = Program(web, Program(web).post("/@login", sent).json["token"])
    made = anna.post("/en/home", {"@type": "page", "title": "0"}, status=201)
    yield anna.token, made.location
    committing_site.app.registry["bibliopolis.passwords"] = Passwords()


def change(site, token, address, body, **headers):
    return Program(site.web(), token).patch(address, body, status="*", **headers).status_int


def test_of_many_who_have_seen_one_version_one_changes_it(committing_site, page):
    token, address = page
    seen = Program(committing_site.web(), token).get(address).headers["ETag"]

    def write(number):
        return change(committing_site, token, address, {"title": str(number)}, If_Match=seen)

    with ThreadPoolExecutor(MANY) as threads:
        answers = sorted(threads.map(write, range(1, MANY + 1)))

    assert answers == [204] + [412] * (MANY - 1)


def test_who_names_no_version_overwrites_no_other_field(committing_site, page):
    token, address = page

    def write(field):
        body = {field: "changed"}
        for _attempt in range(20):
            if change(committing_site, token, address, body) == 204:
                return
        raise AssertionError("it was never written")

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(write, ("title", "summary")))

    now = Program(committing_site.web(), token).get(address).json
    assert (now["title"], now["summary"]) == ("changed", "changed")


def test_a_refused_page_leaves_nothing_behind(committing_site, page):
    token, _address = page
    anna = Program(committing_site.web(), token)
    before = anna.get("/en/home?version=working").json["items_total"]

    anna.post("/en/home", {"@type": "event", "title": "x", "starts": 5}, status=400)
    anna.post("/en/home", {"@type": "page", "title": "x", "id": "Not a slug"}, status=400)

    assert anna.get("/en/home?version=working").json["items_total"] == before
