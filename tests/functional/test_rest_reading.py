"""Programs search, learn what can be chosen, and take the steps of holds; in few queries."""

import pytest
from sqlalchemy import event


@pytest.fixture
def queries(engine, db):
    """Count what a request asks, with nothing remembered from before."""
    said = []

    def listen(_connection, _cursor, statement, *_rest):
        if statement.lstrip().upper().startswith("SELECT"):
            said.append(statement)

    def count(call):
        db.expire_all()
        said.clear()
        call()
        return len(said)

    event.listen(engine, "before_cursor_execute", listen)
    yield count
    event.remove(engine, "before_cursor_execute", listen)


@pytest.fixture
def section(publish):
    root = publish.chief.tree.root()
    return publish(root, "section", "city", language="en", title="The city")


@pytest.fixture
def anna(make_person, program):
    make_person("anna", editor="", reviewer="")
    return program("anna")


def test_search_finds_what_is_public_and_to_editors_their_drafts(
    section, publish, index_everything, anna, program
):
    publish(section, "news", "ice", language="en", title="Ice on the river")
    anna.post("/en/city", {"@type": "page", "title": "River walks, a draft"}, status=201)
    index_everything()
    address = "/en/@search?SearchableText=river&facets=kind"

    public = program().get(address).json
    assert [one["title"] for one in public["items"]] == ["Ice on the river"]
    assert public["facets"]["kind"] == [{"value": "news", "count": 1}]
    assert anna.get(address).json["items_total"] == 2
    assert anna.get(f"{address}&portal_type=page").json["items_total"] == 1
    assert anna.get(f"{address}&portal_type=record").json["items_total"] == 0


def test_search_comes_in_batches(section, publish, index_everything, program):
    for number in range(3):
        publish(section, "page", f"river-{number}", language="en", title=f"River {number}")
    index_everything()

    first = program().get("/en/@search?SearchableText=river&b_size=2").json

    assert (len(first["items"]), first["items_total"]) == (2, 3)
    assert len(program().get(first["batching"]["next"]).json["items"]) == 1


def test_an_order_that_is_not_known_is_told(program):
    answer = program().get("/en/@search?sort_on=colour", status=400)

    assert answer.json["errors"][0]["field"] == "sort_on"


def test_those_who_write_learn_what_can_be_chosen(anna, program):
    (audiences,) = (
        one for one in anna.get("/en/@vocabularies").json if one["@id"].endswith("/audiences")
    )

    terms = anna.get(audiences["@id"], Accept_Language="ru").json
    assert terms["items_total"] == len(terms["items"]) > 2
    program().get("/en/@vocabularies", status=401)


def test_words_are_in_the_language_asked_for_and_texts_in_that_of_the_address(anna, section):
    answer = anna.get("/en/city/@workflow", Accept_Language="ru")

    assert answer.json["state"]["title"] == "На сайте"
    assert "Accept-Language" in answer.headers["Vary"]


def test_a_reader_s_program_holds_a_book_and_takes_it_back(town, program):
    elena = program("elena")
    place = f"/en/catalogue/{town.record.id}/@holds"
    program().post(place, {"pickup": town.here.code}, status=401)

    hold = elena.post(place, {"pickup": town.here.code}, status=201)

    steps = elena.get(f"{hold.location}/@workflow").json
    assert steps["state"]["id"] == "queued"
    (cancel,) = [one for one in steps["transitions"] if one["@id"].endswith("/cancel")]
    assert elena.post(cancel["@id"]).json["review_state"] == "cancelled"
    elena.post(cancel["@id"], status=409)
    assert elena.get("/en/account/holds").json["items_total"] == 0


def test_a_locker_is_where_a_program_may_have_a_book_brought(town, program):
    elena = program("elena")
    locker = town.city.locker(town.here)
    place = f"/en/catalogue/{town.record.id}/@holds"

    elena.post(place, {"pickup": "nowhere"}, status=409)
    hold = elena.post(place, {"pickup": locker.code}, status=201).json

    assert hold["pickup_library"]["title"] == locker.name["en"]
    assert hold["pickup_library"]["@id"].endswith(f"/libraries/{town.here.code}"), "it has a page"


def test_a_step_that_needs_a_copy_is_not_taken_by_its_name(town, program):
    elena = program("elena")
    place = f"/en/catalogue/{town.record.id}/@holds"
    hold = elena.post(place, {"pickup": town.here.code}).location

    elena.post(f"{hold}/@workflow/check_out", status=400)
    elena.post(f"{hold}/@workflow/fly", status=400)


def test_what_cannot_be_had_in_the_form_asked_for_is_refused(program, section):
    program().get("/en/city/@breadcrumbs", Accept="image/png", status=406)
    program().get("/en/city/@breadcrumbs", Accept="*/*", status=200)


@pytest.mark.parametrize(
    ("address", "most"),
    [
        ("/en/city/walks", 4),
        ("/en/city", 5),
        ("/en/city/walks/@breadcrumbs", 1),
        ("/en/city/walks/@translations", 1),
        ("/en/city?expand=breadcrumbs,navigation,translations", 6),
    ],
)
def test_a_page_in_json_needs_few_queries_however_much_there_is(
    section, publish, program, queries, address, most
):
    publish(section, "page", "walks", language="en", title="Walks")
    for number in range(12):
        publish(section, "page", f"page-{number}", language="en")

    assert queries(lambda: program().get(address)) <= most


@pytest.mark.parametrize(
    ("address", "most"),
    [("/en/city?version=working", 7), ("/en/city/@workflow", 10), ("/en/city/@history", 7)],
)
def test_what_those_who_write_read_needs_few_queries(
    section, publish, anna, queries, address, most
):
    for number in range(12):
        publish(section, "page", f"page-{number}", language="en")
        anna.patch("/en/city", {"title": f"City {number}"}, status=204)

    assert queries(lambda: anna.get(address)) <= most
