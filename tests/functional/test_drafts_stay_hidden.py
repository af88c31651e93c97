"""What is not public is found by nobody but those who may see it."""

import pytest

from bibliopolis.content.services import Edit


@pytest.fixture
def drafts(publish, index_everything):
    """A public page with a draft ahead of it, and a page that was never public."""
    chief = publish.chief
    section = publish(chief.tree.root(), "section", "city", title="Город")
    public = publish(section, "page", "bridges", title="Переправа")
    chief.editing.save(public, "ru", Edit(data={"title": "Переправа тайная"}))
    secret = chief.tree.create(section, "page", "secret", source_language="ru")
    chief.editing.save(secret, "ru", Edit(data={"title": "Переправа неизданная"}))
    index_everything()


def _search(web, text):
    page = web.get("/ru/catalogue", {"q": text})
    answer = web.get("/ru/catalogue", {"q": text}, headers={"Accept": "application/json"}).json
    return page, answer


def test_visitors_find_and_count_only_what_is_public(drafts, web):
    page, answer = _search(web, "переправа")

    assert answer["items_total"] == 1
    assert [one["title"] for one in answer["items"]] == ["Переправа"]
    for word in ("тайная", "неизданная"):
        assert word not in page
        assert _search(web, word)[1]["items_total"] == 0


def test_a_reader_with_an_account_finds_no_more(drafts, web, make_person, sign_in):
    make_person("boris")
    sign_in("boris")

    assert _search(web, "переправа")[1]["items_total"] == 1


def test_an_editor_finds_drafts_that_lead_to_their_preview(drafts, web, make_person, sign_in):
    make_person("anna", editor="")
    sign_in("anna")

    titles = {one["title"]: one["@id"] for one in _search(web, "переправа")[1]["items"]}

    assert titles["Переправа неизданная"].endswith("/ru/city/secret/@@preview")


def test_a_draft_is_not_shown_as_a_resource_of_a_shelf(drafts, publish, web):
    tree = publish.chief.tree
    ids = [tree.by_path(path).id for path in ("city/bridges", "city/secret")]
    items = [{"id": f"i{one}", "ref": f"content:{one}", "note": ""} for one in ids]
    block = {"id": "a", "type": "resources", "heading": "", "items": items}
    publish(tree.by_path("city"), "page", "list", blocks=[block])

    page = web.get("/ru/city/list")

    assert "Переправа" in page
    assert "неизданная" not in page
    assert "тайная" not in page
