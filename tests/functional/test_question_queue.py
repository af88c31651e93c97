"""A consultant works the queue: takes, asks back, answers, refuses, passes on; nobody else does."""

from datetime import timedelta

import pytest
from fixtures.asking import QUESTION
from sqlalchemy import event, select

from bibliopolis.accounts.models import Person
from bibliopolis.consultations.models import Enquiry, EnquiryMessage, EnquiryState
from bibliopolis.resources.history import HistoryEntry

QUEUE = "/en/staff/enquiries"
JSON = {"Accept": "application/json"}


@pytest.fixture
def enquiry(asking, db):
    """A question that Anna, who has no account, has asked and confirmed."""
    asking.asked()
    return db.scalars(select(Enquiry)).one()


@pytest.fixture
def vera(enquiry, come):
    return come("vera")


def page_of(enquiry):
    return f"{QUEUE}/{enquiry.id}"


def send(web, enquiry, form, verb=None, **fields):
    """Fill in a form of a question's page and send it."""
    found = web.get(page_of(enquiry)).forms[form]
    for name, value in fields.items():
        found[name] = value
    if verb:
        found.action = f"{page_of(enquiry)}/{verb}"
    return found.submit(expect_errors=True)


def person_id(db, name):
    return db.scalar(select(Person.id).where(Person.email == f"{name}@example.org"))


def test_a_question_is_taken_and_answered(asking, vera, enquiry, db):
    assert QUESTION in vera.get(f"{QUEUE}?show=unassigned").text
    send(vera, enquiry, "take")
    assert (enquiry.state, enquiry.consultant_id) == (EnquiryState.IN_WORK, person_id(db, "vera"))
    assert QUESTION in vera.get(f"{QUEUE}?show=mine").text

    send(vera, enquiry, "answer", text="In the printing house of Golike.")

    assert enquiry.state == EnquiryState.ANSWERED
    letter = asking.letters("anna@example.org")[-1]
    assert "In the printing house of Golike." in letter.body
    page = asking.web.get(asking.link(kind="question"))
    assert "In the printing house of Golike." in page.text
    assert "Vera" not in page.text, "readers learn no names of consultants"


def test_notes_never_reach_the_asker(asking, vera, enquiry):
    send(vera, enquiry, "note", text="She asks every week.")
    send(vera, enquiry, "answer", text="In the printing house of Golike.")
    thread = asking.link(kind="question")

    told = [asking.web.get(thread).text, asking.web.get(thread, headers=JSON).text]
    told += [letter.body for letter in asking.letters()]

    assert "She asks every week." in vera.get(page_of(enquiry)).text
    assert not any("every week" in text for text in told)


def test_time_stands_still_while_the_asker_is_asked(asking, vera, enquiry, clock, come):
    send(vera, enquiry, "take")
    promised = enquiry.due
    send(vera, enquiry, "answer", verb="ask-back", text="Which house?")
    assert enquiry.state == EnquiryState.WAITING
    clock.advance(timedelta(days=30))
    assert "Nothing is late." in come("vera").get(f"{QUEUE}?show=overdue").text

    reply = asking.web.get(asking.link(kind="question")).forms["reply"]
    reply["text"] = "Number 14."
    reply.submit(status=303)

    assert enquiry.state == EnquiryState.IN_WORK
    # Three working days were left on Saturday the 21st; Monday the 21st begins with them again.
    assert enquiry.due - promised == timedelta(days=29)
    assert asking.letters("vera@example.org")[-1].subject == f"Для вас есть ответ (№ {enquiry.id})"


def test_the_late_stand_first_and_say_how_late(asking, vera, enquiry, clock):
    clock.advance(timedelta(days=6))

    page = vera.get(f"{QUEUE}?show=overdue")

    assert QUESTION in page.text
    assert "Late by 2 working days" in page.text


def test_a_refusal_names_its_rule(asking, vera, enquiry):
    nameless = send(vera, enquiry, "refuse", text="We gladly show which books to use.")
    assert nameless.status_int == 409
    assert "Choose the rule" in nameless.text
    assert enquiry.state == EnquiryState.NEW

    send(vera, enquiry, "refuse", rule="ready_work")

    assert (enquiry.state, enquiry.rule) == (EnquiryState.REFUSED, "ready_work")
    assert "do not write essays" in asking.letters("anna@example.org")[-1].body or (
        "не пишем рефератов" in asking.letters("anna@example.org")[-1].body
    )


def test_it_is_passed_on_to_those_who_answer_this_topic(asking, vera, enquiry, db):
    olga, boris = person_id(db, "olga"), person_id(db, "boris")
    form = vera.get(page_of(enquiry)).forms["pass-on"]
    offered = {value for value, _chosen, _title in form["to"].options}
    assert f"person:{olga}" in offered
    assert f"person:{boris}" not in offered

    form["to"].force_value(f"person:{boris}")
    assert "does not answer questions of this topic" in form.submit(status=409).text
    form["to"] = f"person:{olga}"
    form.submit(status=303)

    assert enquiry.consultant_id == olga
    assert asking.letters("olga@example.org")


def test_it_goes_to_another_topic_and_out_of_sight(asking, vera, enquiry, come):
    form = vera.get(page_of(enquiry)).forms["pass-on"]
    form["to"] = f"topic:{asking.other.id}"
    form.submit(status=303)

    assert (enquiry.state, enquiry.topic_id) == (EnquiryState.NEW, asking.other.id)
    vera.get(page_of(enquiry), status=403)
    assert QUESTION in come("boris").get(QUEUE).text


@pytest.mark.parametrize("name", ["boris", "elena"])
def test_those_of_other_topics_see_nothing(asking, enquiry, come, name):
    web = come(name)

    for path in (QUEUE, f"{QUEUE}?show=ended", page_of(enquiry)):
        for headers in ({}, JSON):
            page = web.get(path, headers=headers, expect_errors=True)
            assert QUESTION not in page.text
    csrf = web.get("/en/ask/" + asking.topic.code).forms["ask"]["csrf_token"].value
    for verb in ("take", "answer", "note", "refuse", "close", "pass-on", "ask-back"):
        web.post(f"{page_of(enquiry)}/{verb}", {"csrf_token": csrf, "text": "x"}, status=403)
    web.post(f"{QUEUE}/take", {"csrf_token": csrf, "sel": enquiry.id}, status=[303, 403])
    assert enquiry.state == EnquiryState.NEW


def test_a_role_for_a_language_or_a_library_counts_only_there(asking, make_person, come):
    here = asking.library.id
    make_person("rana", consultant=f"topic:{asking.topic.id}+lang:ar")
    make_person("igor", consultant=f"library:{here}")
    make_person("lev", consultant=f"library:{here + 1000}")
    asking.asked(language="ar", text="كيف أستعير كتابا لطفلي؟")
    asking.asked(email="mira@example.org")

    seen = {}
    for name in ("rana", "igor", "lev"):
        told = come(name).get(QUEUE, headers=JSON).json
        seen[name] = sorted(item["language"] for item in told["items"])

    assert seen == {"rana": ["ar"], "igor": ["ar", "en"], "lev": []}
    # The language one reads the site in grants nothing.
    assert come("rana").get(QUEUE.replace("/en/", "/ar/"), headers=JSON).json["items_total"] == 1


def test_what_two_write_at_once_is_not_lost(asking, vera, enquiry):
    form = vera.get(page_of(enquiry)).forms["answer"]
    send(vera, enquiry, "answer", text="The first answer.")
    form["text"] = "The second answer, which took long to write."

    page = form.submit(status=409)

    assert "cannot be taken from the state" in page.text
    assert "The second answer, which took long to write." in page.text
    assert len(asking.letters("anna@example.org")) == 3, "confirm, received, answered"


def test_an_answer_sent_twice_is_sent_once(asking, vera, enquiry, db):
    form = vera.get(page_of(enquiry)).forms["answer"]
    form["text"] = "In the printing house of Golike."

    form.submit(status=303)
    form.submit(status=303)

    kinds = [one.kind for one in db.scalars(select(EnquiryMessage))]
    assert kinds == ["question", "answer"]


def test_an_answered_question_is_taken_up_again_with_a_reason(asking, vera, enquiry, clock):
    send(vera, enquiry, "answer", text="In the printing house of Golike.")
    clock.advance(timedelta(days=10))
    without = send(vera, enquiry, "reopen")
    assert without.status_int == 409
    send(vera, enquiry, "reopen", comment="The source was wrong.")

    assert (enquiry.state, enquiry.ended) == (EnquiryState.IN_WORK, None)
    assert enquiry.due > clock.now()


def test_everything_that_happened_is_in_the_history(asking, vera, enquiry, db):
    send(vera, enquiry, "take")
    send(vera, enquiry, "answer", text="In the printing house of Golike.")

    happened = db.scalars(
        select(HistoryEntry.action)
        .where(HistoryEntry.resource_type == "enquiry", HistoryEntry.resource_id == enquiry.id)
        .order_by(HistoryEntry.id)
    )

    assert list(happened) == ["ask", "accept", "take", "answer"]


def test_the_queue_pages_is_narrowed_and_asks_little(asking, come, db, engine):
    for n in range(30):
        asking.clock.advance(timedelta(hours=1))
        asking.asked(email=f"reader{n}@example.org", text=f"Question about the house number {n}")
    web = come("vera")
    web.get(QUEUE)
    asked = []
    event.listen(engine, "before_cursor_execute", lambda *a: asked.append(a[2]))

    page = web.get(QUEUE)
    narrowed = web.get(QUEUE, {"q": "HOUSE number 17"})

    assert len(page.html.select(".s-queue tbody tr")) == 25
    assert len(narrowed.html.select(".s-queue tbody tr")) == 1
    assert len(asked) < 2 * 25
    assert web.get(QUEUE, headers=JSON).json["items_total"] == 30


def test_several_are_taken_by_one_click(asking, come, db):
    asking.asked()
    asking.asked(email="mira@example.org")
    web = come("vera")
    csrf = web.get(QUEUE).html.find("input", {"name": "csrf_token"})["value"]
    numbers = [one.id for one in db.scalars(select(Enquiry))]

    sent = [("csrf_token", csrf), *(("sel", n) for n in numbers), ("sel", "x"), ("sel", "99999")]
    page = web.post(f"{QUEUE}/take", sent).follow()

    assert "You have taken 2 questions." in page.text
    assert "There is no such question." in page.text


def test_a_long_thread_comes_in_pages_the_newest_first_to_be_seen(
    asking, vera, enquiry, db, clock, monkeypatch
):
    monkeypatch.setattr("bibliopolis.consultations.presenters.THREAD_PAGE", 3)
    for n in range(4):
        db.add(
            EnquiryMessage(
                enquiry_id=enquiry.id, kind="reply", text=f"Reply {n}.", written=clock.now()
            )
        )
    send(vera, enquiry, "note", text="She asks every week.")
    send(vera, enquiry, "answer", text="In the printing house of Golike.")
    thread = asking.link(kind="question")

    newest = asking.web.get(thread)
    oldest = newest.click(href="page=1", index=0)
    assert "Golike" in newest.text
    assert "Reply 1." not in newest.text
    assert "Reply 1." in oldest.text
    assert "Golike" not in oldest.text
    assert "Reply 1." not in vera.get(page_of(enquiry)).text
    assert "Reply 1." in vera.get(f"{page_of(enquiry)}?page=1").text

    told, here = [], f"{thread}?b_size=3"
    while here:
        batch = asking.web.get(here, headers=JSON).json
        assert batch["messages_total"] == 6, "the note is not even counted"
        told += [one["text"] for one in batch["messages"]]
        here = batch["batching"].get("next")
    assert told[1:] == [*(f"Reply {n}." for n in range(4)), "In the printing house of Golike."]
