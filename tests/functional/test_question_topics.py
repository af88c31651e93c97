"""Staff keep the topics: what can be asked, who answers, how soon, how much a day."""

import pytest
from fixtures.asking import make_topic
from sqlalchemy import select

from bibliopolis.accounts.models import Person
from bibliopolis.consultations.models import Topic

TOPICS = "/en/staff/topics"


@pytest.fixture
def administrator(asking, come, make_person):
    make_person("ada", administrator="")
    return come("ada")


def test_an_administrator_makes_a_topic_and_names_who_answers(administrator, asking, db):
    form = administrator.get(f"{TOPICS}/+new").forms["topic"]
    form["code"], form["title_en"], form["title_ru"] = "family", "Family history", "История семьи"
    form["library"] = str(asking.library.id)
    boxes = [box["value"] for box in form.html.select("[name=languages]")]
    form.set("languages", True, boxes.index("uz"))
    form["daily_quota"], form["working_days"] = "40", "2"
    form["field_0_title_en"], form["field_0_required"] = "Years", True

    page = form.submit(status=303).follow()

    topic = db.scalar(select(Topic).where(Topic.code == "family"))
    assert (topic.languages, topic.daily_quota, topic.working_days) == (["uz"], 40, 2)
    assert topic.fields == [
        {"name": "f1", "kind": "line", "title": {"en": "Years"}, "required": True}
    ]
    naming = page.forms["consultants"]
    naming["email"] = "elena@example.org"
    page = naming.submit(status=303).follow()
    assert "Elena" in page.html.find("aside").text
    elena = db.scalar(select(Person).where(Person.email == "elena@example.org"))
    assert [(one.role, one.scope) for one in elena.grants] == [("consultant", f"topic:{topic.id}")]
    taking = next(f for f in page.forms.values() if f.action.endswith("/consultants-remove"))
    taking.submit(status=303)
    assert elena.grants == []


def test_who_made_and_changed_a_topic_is_in_the_audit_log(administrator, asking):
    form = administrator.get(f"{TOPICS}/{asking.topic.code}").forms["topic"]
    form["working_days"], form["keep_days"] = "2", "30"
    form.submit(status=303)

    entry = administrator.get("/en/staff/audit").html.select_one("tbody tr").text
    for words in (
        "Topic changed",
        "Ada",
        "Working days until the answer",
        asking.topic.title["en"],
    ):
        assert words in entry


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("code", "Семья", "small Latin letters"),
        ("code", "confirm", "another meaning here"),
        ("working_days", "soon", "from 1 to 60"),
        ("daily_quota", "-1", "from 1 to 10000"),
        ("reopens_at", "morning", "an hour like 07:00"),
        ("title_en", "", "Give it a title"),
    ],
)
def test_what_cannot_be_used_is_told_and_nothing_is_lost(
    administrator, asking, db, field, typed, said
):
    form = administrator.get(f"{TOPICS}/+new").forms["topic"]
    form["code"], form["title_en"], form["intro_ru"] = "family", "Family", "О предках"
    form["library"] = str(asking.library.id)
    form.get("languages", index=0).checked = True
    form[field] = typed

    page = form.submit(status=400)

    assert said in page.text
    assert page.forms["topic"]["intro_ru"].value == "О предках"
    assert db.scalar(select(Topic).where(Topic.code == "family")) is None


def test_two_who_edit_at_once_do_not_undo_each_other(administrator, asking):
    page = f"{TOPICS}/{asking.topic.code}"
    mine, theirs = administrator.get(page).forms["topic"], administrator.get(page).forms["topic"]
    theirs["working_days"] = "5"
    theirs.submit(status=303)
    mine["working_days"] = "9"

    told = mine.submit(status=303).follow()

    assert "Somebody has saved it meanwhile." in told.text
    assert asking.topic.working_days == 5


def test_consultants_look_and_managers_of_the_library_edit(asking, make_person, come):
    page = f"{TOPICS}/{asking.topic.code}"
    make_person("maria", manager=f"library:{asking.library.id}")
    vera = come("vera")
    assert "those who manage it may change it" in vera.get(page).text
    csrf = vera.get(page).forms["topic"]["csrf_token"].value
    vera.post(page, {"csrf_token": csrf}, status=403)
    vera.get(f"{TOPICS}/{asking.other.code}", status=403)

    web = come("maria")
    form = web.get(page).forms["topic"]
    form["working_days"] = "7"
    form.submit(status=303)

    assert asking.topic.working_days == 7
    assert "consultants" not in web.get(page).forms, "roles are given by administrators"
    web.post(f"{page}/consultants", {"csrf_token": form["csrf_token"].value}, status=403)


def test_the_list_of_topics_is_paged(administrator, asking, db, clock):
    for _n in range(60):
        make_topic(db, clock, asking.library)

    assert len(administrator.get(TOPICS).html.select("tbody tr")) == 50
    assert len(administrator.get(f"{TOPICS}?page=2").html.select("tbody tr")) == 12
