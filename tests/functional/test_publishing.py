"""From the first draft to the public page: writers, reviewers, translators, visitors."""

import pytest
from sqlalchemy import select

from bibliopolis.content.models import Content
from bibliopolis.content.services import Edit
from bibliopolis.mail import MailMessage


@pytest.fixture
def site(publish):
    """A site with a section that is public."""
    root = publish.chief.tree.root()
    return publish(root, "section", "city", title="Город")


@pytest.fixture
def writer(make_person, sign_in, web):
    def work_as(name, language="en", **roles):
        web.reset()
        make_person(name, **roles)
        return sign_in(name, language)

    return work_as


def _again(sign_in, web, name):
    web.reset()
    return sign_in(name)


def _add(web, place="city", type_name="page", language="ru", **fields):
    form = web.get(f"/{language}/{place}/@@add", {"type": type_name}).forms["page"]
    for name, value in fields.items():
        form[name] = value
    return form.submit("do", value="save", status=303).follow()


def test_an_editor_writes_a_reviewer_sends_back_then_publishes(site, writer, sign_in, web, db):
    writer("anna", editor="")
    page = _add(web, title="Мосты", slug="bridges")
    assert page.request.path == "/ru/city/bridges/@@edit"
    form = page.forms["page"]
    form.submit("do", value="take:submit", status=303)

    web.reset()
    web.get("/ru/city/bridges", status=404)

    writer("rita", reviewer="")
    assert "Мосты" in web.get("/ru/staff")
    review = web.get("/ru/city/bridges/@@preview")
    refused = review.forms["steps"].submit("do", value="take:reject", status=303).follow()
    assert "comment" in refused.text or "Say why" in refused.text
    form = web.get("/ru/city/bridges/@@preview").forms["steps"]
    form["comment"] = "Назовите мосты."
    form.submit("do", value="take:reject", status=303)
    letter = db.scalars(select(MailMessage)).one()
    assert letter.recipient == "anna@example.org"
    assert "Назовите мосты." in letter.body

    _again(sign_in, web, "anna")
    history = web.get("/ru/city/bridges/@@history")
    assert "Назовите мосты." in history
    form = web.get("/ru/city/bridges/@@edit").forms["page"]
    form["title"] = "Дворцовый мост"
    form.submit("do", value="take:submit", status=303)

    _again(sign_in, web, "rita")
    form = web.get("/ru/city/bridges/@@preview").forms["steps"]
    form.submit("do", value="take:publish", status=303)

    web.reset()
    assert "Дворцовый мост" in web.get("/ru/city/bridges")
    assert "Дворцовый мост" in web.get("/ru/city")


def test_after_a_step_the_page_says_where_it_stands_now(site, writer, web):
    writer("anna", editor="")
    _add(web, language="en", title="Bridges", slug="bridges")
    written = web.get("/en/city/bridges/@@preview")

    sent = written.forms["steps"].submit("do", value="take:submit", status=303).follow()

    assert "The state is now: In review." in sent.text
    assert "Needed to send a page back" not in written.text, "no step of hers needs a comment"
    writer("rita", reviewer="")
    review = web.get("/en/city/bridges/@@preview")
    assert "Needed to send a page back" in review.text


def test_visitors_see_what_was_published_while_a_draft_is_written(site, publish, writer, web):
    publish(site, "page", "bridges", title="Мосты")
    writer("anna", editor="")
    form = web.get("/ru/city/bridges/@@edit").forms["page"]
    form["title"] = "Тайный черновик"
    form.submit("do", value="save", status=303)
    assert "Тайный черновик" in web.get("/ru/city/bridges/@@preview")

    web.reset()
    for address in ("/ru/city/bridges", "/ru/city", "/ru/", "/ru/catalogue"):
        assert "Тайный черновик" not in web.get(address)
    answer = web.get("/ru/city/bridges", headers={"Accept": "application/json"}).json
    assert answer["title"] == "Мосты"


def test_a_draft_is_nowhere_for_visitors(site, publish, web):
    chief = publish.chief
    node = chief.tree.create(site, "page", "secret", source_language="ru")
    chief.editing.save(node, "ru", Edit(data={"title": "Тайна"}))

    for address in (
        "/ru/city/secret",
        "/en/city/secret",
        "/ru/city/secret/@@preview",
        "/ru/city/secret/@@edit",
        "/ru/city/secret/@@history",
        "/ru/city/secret/@@contents",
    ):
        web.get(address, status=404)
    listing = web.get("/ru/city", headers={"Accept": "application/json"}).json
    assert listing["items_total"] == 0
    assert listing["items"] == []
    web.get("/ru/city/secret", headers={"Accept": "application/json"}, status=404)
    assert "Тайна" not in web.get("/ru/city")
    assert "Тайна" not in web.get("/ru/")


def test_what_was_public_once_is_gone(site, publish, web):
    node = publish(site, "page", "bridges")
    publish.chief.editing.take(node, "ru", "retract")
    other = publish(site, "page", "walls")
    publish.chief.tree.bin(other)

    web.get("/ru/city/bridges", status=410)
    web.get("/ru/city/walls", status=410)
    web.get("/ru/city/never", status=404)


def test_buttons_of_blocks_lose_nothing_that_was_typed(site, writer, web, db):
    writer("anna", editor="")
    form = web.get("/ru/city/@@add", {"type": "page"}).forms["page"]
    form["title"] = "Мосты"
    page = form.submit("do", value="add:text:0")
    form = page.forms["page"]
    assert form["title"].value == "Мосты"
    first = form["block"].value.partition(":")[0]
    form[f"block-{first}-markup"] = "**Один**"
    form = form.submit("do", value="add:quote:1").forms["page"]
    second = form.get("block", 1).value.partition(":")[0]
    form[f"block-{second}-text"] = "Город."
    form = form.submit("do", value=f"up:{second}").forms["page"]
    assert [form.get("block", n).value.partition(":")[2] for n in (0, 1)] == ["quote", "text"]
    form = form.submit("do", value=f"copy:{first}").forms["page"]
    third = form.get("block", 2).value.partition(":")[0]
    assert form[f"block-{third}-markup"].value.strip() == "**Один**"
    form = form.submit("do", value=f"remove:{third}").forms["page"]
    assert db.scalar(select(Content.id).where(Content.slug == "mosty")) is None

    form.submit("do", value="save", status=303)

    preview = web.get("/ru/city/mosty/@@preview")
    assert "<strong>Один</strong>" in preview
    assert "Город." in preview


def test_text_blocks_cannot_smuggle_markup(site, publish, web):
    text = "<script>alert(1)</script> [x](javascript:alert(1)) <img src=x onerror=alert(1)>"
    block = {"id": "a", "type": "text", "markup": text}
    publish(site, "page", "bridges", blocks=[block])

    page = web.get("/ru/city/bridges")

    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert 'href="javascript' not in page


def test_who_saves_second_gets_the_text_back(site, publish, writer, web):
    node = publish(site, "page", "bridges", title="Мосты")
    writer("anna", editor="")
    form = web.get("/ru/city/bridges/@@edit").forms["page"]
    publish.chief.editing.save(node, "ru", Edit(data={"title": "Чужое"}))
    form["title"] = "Моё"

    conflict = form.submit("do", value="save", status=409)

    assert "Чужое" in conflict
    form = conflict.forms["page"]
    assert form["title"].value == "Моё"
    form.submit("do", value="save", status=303)
    assert "Моё" in web.get("/ru/city/bridges/@@preview")


def test_reasons_against_publishing_are_all_on_the_page(site, writer, web):
    writer("rita", reviewer="", editor="")
    page = _add(web, type_name="event", title="Прогулка", slug="walk")

    assert "Не заполнено поле «" in page.text
    button = page.html.find("button", {"value": "take:publish"}) if hasattr(page, "html") else None
    assert button is None or button["aria-disabled"] == "true"
    page.forms["page"].submit("do", value="take:publish", status=303)
    web.reset()
    web.get("/ru/city/walk", status=404)


def test_a_translator_works_in_one_language_only(site, publish, writer, web):
    publish(site, "page", "bridges", title="Мосты")
    writer("samir", translator="lang:ar")

    web.get("/ru/city/bridges/@@edit", status=403)
    page = web.get("/ar/city/bridges/@@translate")
    assert "Мосты" in page
    form = page.forms["page"]
    form["title"] = "الجسور"
    form.submit("do", value="save", status=303)
    assert "الجسور" in web.get("/ar/city/bridges/@@preview")

    web.reset()
    public = web.get("/ar/city/bridges")
    assert "الجسور" not in public
    assert "Мосты" in public
    assert 'lang="ru" dir="ltr"' in public


def test_contents_name_no_draft_to_those_who_may_not_open_it(site, publish, writer, web):
    chief = publish.chief
    publish(site, "page", "bridges", title="Мосты")
    draft = chief.tree.create(
        site, "page", "secret", source_language="ru", owner_id=chief.person.id
    )
    chief.editing.save(draft, "ru", Edit(data={"title": "Тайный черновик"}))
    writer("samir", translator="lang:ar")

    seen = web.get("/ar/city/@@contents")

    assert "Мосты" in seen
    assert "Тайный черновик" not in seen
    assert "secret" not in seen
    writer("anna", editor="")
    assert "Тайный черновик" in web.get("/ru/city/@@contents")


def test_a_page_takes_a_new_address_and_place(site, publish, writer, web):
    publish(site, "page", "bridges", title="Мосты")
    publish(publish.chief.tree.root(), "section", "walks", title="Прогулки")
    writer("rita", reviewer="", editor="")

    def send(path, **values):
        form = web.get(f"/ru/{path}/@@contents")
        values["csrf_token"] = form.forms[0]["csrf_token"].value if form.forms else ""
        return values

    token = web.get("/ru/city/bridges/@@edit").forms["page"]["csrf_token"].value
    web.post(
        "/ru/city/bridges/@@contents",
        {"csrf_token": token, "do": "rename", "slug": "spans"},
        status=303,
    )
    web.post(
        "/ru/city/spans/@@contents",
        {"csrf_token": token, "do": "move", "parent": "walks"},
        status=303,
    )

    web.reset()
    assert "Мосты" in web.get("/ru/walks/spans")


def test_an_editor_cannot_move(site, publish, writer, web):
    publish(site, "page", "bridges", title="Мосты")
    writer("anna", editor="")
    token = web.get("/ru/city/bridges/@@edit").forms["page"]["csrf_token"].value

    web.post(
        "/ru/city/bridges/@@contents",
        {"csrf_token": token, "do": "rename", "slug": "x"},
        status=403,
    )


def _token(page):
    return page.html.select_one("input[name=csrf_token]")["value"]


def test_who_cannot_publish_takes_nothing_published_off_the_site(
    site, publish, writer, sign_in, web
):
    walks = publish.chief.tree.create(site, "section", "walks")
    publish(walks, "page", "bridges", title="Мосты")
    chief = publish.chief
    draft = chief.tree.create(site, "page", "idea", source_language="ru")
    chief.editing.save(draft, "ru", Edit(data={"title": "Замысел"}))
    writer("anna", editor="")
    contents = web.get("/ru/city/@@contents")
    token = _token(contents)

    def send(do, node, **expected):
        values = {"csrf_token": token, "do": do, "node": str(node.id)}
        return web.post("/ru/city/@@contents", values, **expected)

    # Only the draft can be thrown away.
    assert len(contents.html.select("button[value=bin]")) == 1
    refused = send("bin", walks, status=403)
    assert "опубликован" in refused.text
    send("bin", draft, status=303)
    assert web.get("/ru/city/walks/bridges", status=200)

    writer("rita", editor="", reviewer="")
    token = _token(web.get("/ru/city/@@contents"))
    send("bin", walks, status=303)
    web.get("/ru/city/walks/bridges", status=410)

    _again(sign_in, web, "anna")
    token = _token(web.get("/ru/city/@@contents"))
    send("restore", walks, status=403)
    send("restore", draft, status=303)


def test_a_translator_sees_that_the_source_has_changed(site, publish, writer, web):
    node = publish(site, "page", "bridges", title="Мосты")
    writer("sam", translator="lang:en")
    form = web.get("/en/city/bridges/@@translate").forms["page"]
    form["title"] = "Bridges"
    page = form.submit("do", value="save", status=303).follow()
    assert "The source has changed" not in page

    editing = publish.chief.editing
    editing.save(node, "ru", Edit(data={"title": "Все мосты"}))
    editing.take(node, "ru", "publish")

    page = web.get("/en/city/bridges/@@translate")
    assert "The source has changed" in page
    page = page.forms["page"].submit("do", value="save", status=303).follow()
    assert "The source has changed" not in page
