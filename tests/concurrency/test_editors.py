"""Several editors at one page, on both databases."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from bibliopolis.accounts.models import Person
from bibliopolis.content.models import Content, Revision
from bibliopolis.content.services import Edit, Editing, SavedMeanwhile
from bibliopolis.content.tree import Tree
from bibliopolis.errors import InvalidInput
from bibliopolis.resources.access import Grant, Principals


def _as_editor(request):
    person = request.db.scalar(select(Person.id))
    grants = frozenset({Grant("editor"), Grant("reviewer")})
    request.principals = Principals(person_id=person, grants=grants)
    return request


@pytest.fixture
def page_id(committing_site, clock):
    with committing_site.transaction() as request:
        person = Person(name="Anna", email="anna@example.org", language="en", created=clock.now())
        request.db.add(person)
        request.db.flush()
        _as_editor(request)
        tree = request.find_service(Tree)
        section = tree.create(tree.root(), "section", "city")
        page = tree.create(section, "page", "bridges")
        request.find_service(Editing).save(page, "ru", Edit(data={"title": "One"}))
        return page.id


def test_of_many_who_save_at_once_one_wins_and_the_others_are_told(committing_site, page_id):
    def save(number):
        with committing_site.transaction() as request:
            _as_editor(request)
            page = request.db.get(Content, page_id)
            edit = Edit(data={"title": f"By {number}"}, base=1)
            try:
                request.find_service(Editing).save(page, "ru", edit)
            except SavedMeanwhile:
                return 0
            return 1

    with ThreadPoolExecutor(8) as threads:
        saved = sum(threads.map(save, range(8)))

    assert saved == 1
    with committing_site.transaction() as request:
        assert request.db.scalars(select(Revision.number)).all() == [1, 2]


def test_of_many_pages_with_one_address_one_is_made(committing_site, page_id):
    def add(_number):
        with committing_site.transaction() as request:
            _as_editor(request)
            tree = request.find_service(Tree)
            try:
                tree.create(tree.by_path("city"), "page", "walls")
            except InvalidInput:
                return 0
            return 1

    with ThreadPoolExecutor(8) as threads:
        made = sum(threads.map(add, range(8)))

    assert made == 1
