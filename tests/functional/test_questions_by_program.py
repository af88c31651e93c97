"""Programs ask the libraries, and consultants' programs answer, by the verbs of the pages."""

from base64 import b64encode

import pytest
from fixtures.asking import QUESTION
from sqlalchemy import func, select

from bibliopolis.accounts.models import Person
from bibliopolis.consultations.asking import QUESTIONS_AN_HOUR, REPLIES_AN_HOUR
from bibliopolis.consultations.models import (
    Enquiry,
    EnquiryFile,
    EnquiryMessage,
    EnquiryState,
    MessageKind,
)

ONCE = "0123456789abcdef" * 2


@pytest.fixture
def elena(asking, program):
    """The program of Elena, who is a reader."""
    return program("elena")


@pytest.fixture
def vera(asking, program):
    """The program of Vera, who answers questions of the topic."""
    return program("vera")


@pytest.fixture
def enquiry(asking, elena, db):
    """A question that Elena's program has asked."""
    elena.post(f"{asking.path}/@enquiries", {"text": QUESTION}, status=201)
    return db.scalars(select(Enquiry)).one()


def steps_of(enquiry):
    return f"/en/staff/enquiries/{enquiry.id}/@workflow"


def own(enquiry):
    return f"/en/account/enquiries/{enquiry.uid}/@workflow"


def names(steps):
    return {one["@id"].rpartition("/")[2] for one in steps}


def kinds(db):
    return list(db.scalars(select(EnquiryMessage.kind).order_by(EnquiryMessage.id)))


def test_a_program_asks_for_whoever_has_the_token(asking, elena, db):
    asking.topic.fields = [
        {"name": "f1", "kind": "line", "title": {"en": "Years"}, "required": True}
    ]
    body = {
        "text": QUESTION,
        "language": "ru",
        "fields": {"f1": "1910–1914"},
        "files": [{"filename": "note.pdf", "data": b64encode(b"%PDF-1.4 x").decode()}],
        "once": ONCE,
    }

    answer = elena.post(f"{asking.path}/@enquiries", body, status=201)

    enquiry = db.scalars(select(Enquiry)).one()
    assert answer.location == f"http://localhost/en/account/enquiries/{enquiry.uid}"
    assert (answer.json["review_state"], answer.json["language"]) == ("new", "ru")
    assert enquiry.asker.email == "elena@example.org"
    assert enquiry.extra == {"f1": "1910–1914"}
    assert db.scalar(select(EnquiryFile.name)) == "note.pdf"
    again = elena.post(f"{asking.path}/@enquiries", body, status=201)
    assert again.json["UID"] == enquiry.uid
    assert db.scalar(select(func.count()).select_from(Enquiry)) == 1


@pytest.mark.parametrize(
    ("body", "field", "said"),
    [
        ({}, "text", "must be filled in"),
        ({"text": "Why?"}, "text", "at least 10 characters"),
        ({"text": QUESTION, "language": "zz"}, "language", "Choose a language of the list."),
        ({"text": QUESTION, "fields": {"f1": 5}}, "fields.f1", "must be text"),
        ({"text": QUESTION, "fields": {"f9": "x"}}, "fields.f9", "no such field"),
        ({"text": QUESTION, "fields": {}}, "fields.f1", "needed to answer"),
        ({"text": QUESTION, "email": "a@example.org"}, "email", "no such member"),
        ({"text": QUESTION, "once": "x"}, "once", "32 hexadecimal digits"),
        (
            {
                "text": QUESTION,
                "fields": {"f1": "x"},
                "files": [{"filename": "a.pdf", "data": "?"}],
            },
            "files.0.data",
            "base64",
        ),
        (
            {
                "text": QUESTION,
                "fields": {"f1": "x"},
                "files": [{"filename": "a.exe", "data": "TVo="}],
            },
            "files",
            "cannot be kept here",
        ),
    ],
)
def test_what_is_wrong_is_told_by_the_names_that_were_sent(asking, elena, db, body, field, said):
    asking.topic.fields = [
        {"name": "f1", "kind": "line", "title": {"en": "Years"}, "required": True}
    ]

    answer = elena.post(f"{asking.path}/@enquiries", body, status=400)

    assert said in {one["field"]: one["message"] for one in answer.json["errors"]}[field]
    assert db.scalars(select(Enquiry)).all() == []


def test_nobody_asks_without_a_token_and_not_without_end(asking, program, elena):
    program().post(f"{asking.path}/@enquiries", {"text": QUESTION}, status=401)
    for _number in range(QUESTIONS_AN_HOUR):
        elena.post(f"{asking.path}/@enquiries", {"text": QUESTION}, status=201)

    refused = elena.post(f"{asking.path}/@enquiries", {"text": QUESTION}, status=429)

    assert int(refused.headers["Retry-After"]) > 0


def test_a_full_quota_is_a_conflict_that_says_until_when(asking, elena):
    asking.topic.daily_quota = 1
    elena.post(f"{asking.path}/@enquiries", {"text": QUESTION}, status=201)

    full = elena.post(f"{asking.path}/@enquiries", {"text": QUESTION}, status=409)

    assert "You can ask again" in full.json["reasons"][0]


def test_a_closed_topic_takes_no_question(asking, elena):
    asking.topic.is_open = False

    closed = elena.post(f"{asking.path}/@enquiries", {"text": QUESTION}, status=409)

    assert "not taken now" in closed.json["reasons"][0]


def test_a_consultant_takes_asks_back_and_answers(asking, elena, vera, enquiry, db):
    at = steps_of(enquiry)
    told = vera.get(at).json
    assert told["state"] == {"id": "new", "title": "New"}
    assert names(told["transitions"]) == {
        *("take", "pass_to", "hand_back", "ask_back", "answer", "refuse", "close")
    }
    assert told["refused"] == []

    taken = vera.post(f"{at}/take", status=200).json
    assert (taken["action"], taken["review_state"]) == ("take", "in_work")
    vera.post(f"{at}/ask_back", {"text": "Which house?"}, status=200)
    assert names(elena.get(own(enquiry)).json["transitions"]) == {"reply", "close"}
    elena.post(f"{own(enquiry)}/reply", {"text": "The one with the tower."}, status=200)
    file = {"filename": "plan.pdf", "data": b64encode(b"%PDF-1.4 x").decode()}
    vera.post(f"{at}/answer", {"text": "By Golike.", "files": [file]}, status=200)

    assert enquiry.state == EnquiryState.ANSWERED
    assert "By Golike." in asking.letters("elena@example.org")[-1].body
    assert [one["text"] for one in elena.get(own(enquiry)[:-10]).json["messages"]][1:] == [
        "Which house?",
        "The one with the tower.",
        "By Golike.",
    ]
    assert names(vera.get(at).json["transitions"]) == {"close", "reopen"}
    vera.post(f"{at}/reopen", {}, status=409)
    vera.post(f"{at}/reopen", {"comment": "There is more."}, status=200)
    assert enquiry.state == EnquiryState.IN_WORK


def test_more_words_are_taken_before_anybody_has_asked_back(elena, enquiry, db):
    assert names(elena.get(own(enquiry)).json["transitions"]) == {"reply", "close"}

    told = elena.post(f"{own(enquiry)}/reply", {"text": "And when?", "once": ONCE}, status=200)
    elena.post(f"{own(enquiry)}/reply", {"text": "And when?", "once": ONCE}, status=200)

    assert told.json["review_state"] == "new"
    assert kinds(db) == [MessageKind.QUESTION, MessageKind.REPLY]
    for number in range(REPLIES_AN_HOUR - 2):
        elena.post(f"{own(enquiry)}/reply", {"text": f"More {number}."}, status=200)
    elena.post(f"{own(enquiry)}/reply", {"text": "Too much."}, status=429)


def test_a_step_without_what_it_needs_says_so_and_changes_nothing(vera, enquiry, db):
    at = steps_of(enquiry)
    for step, said in (
        ("answer", "Write something first."),
        ("refuse", "Choose the rule by which it is refused."),
        ("pass_to", "Choose somebody."),
    ):
        assert said in vera.post(f"{at}/{step}", {}, status=409).json["reasons"]
    for body in ({"rule": "quiz?"}, {"topic": "nowhere"}, {"consultant": "vera"}, {"text": 1}):
        vera.post(f"{at}/hand_back" if "topic" in body else f"{at}/refuse", body, status="4*")

    assert (enquiry.state, enquiry.consultant_id) == (EnquiryState.NEW, None)
    assert kinds(db) == [MessageKind.QUESTION]


@pytest.mark.parametrize(
    ("step", "more"),
    [("answer", {}), ("ask_back", {}), ("refuse", {"rule": "quiz"})],
)
def test_a_message_whose_answer_was_lost_may_be_sent_again(asking, vera, enquiry, db, step, more):
    sent = {"text": "By Golike.", "once": ONCE, **more}
    first = vera.post(f"{steps_of(enquiry)}/{step}", sent, status=200).json
    letters = len(asking.letters())

    again = vera.post(f"{steps_of(enquiry)}/{step}", sent, status=200).json

    assert again["review_state"] == first["review_state"]
    assert len(kinds(db)) == 2
    assert len(asking.letters()) == letters


def test_a_question_is_passed_on_and_refused(asking, vera, enquiry, db):
    at, told = steps_of(enquiry), vera.get(steps_of(enquiry)).json
    olga = db.scalar(select(Person.id).where(Person.email == "olga@example.org"))
    assert {"id": olga, "fullname": "Olga"} in told["consultants"]
    assert "quiz" in {one["token"] for one in told["rules"]}
    assert asking.other.code in {one["token"] for one in told["topics"]}

    vera.post(f"{at}/pass_to", {"consultant": olga}, status=200)
    assert enquiry.consultant_id == olga
    vera.post(f"{at}/hand_back", {}, status=200)
    vera.post(f"{at}/refuse", {"rule": "quiz", "text": "Sorry."}, status=200)
    assert (enquiry.state, enquiry.rule) == (EnquiryState.REFUSED, "quiz")


def test_a_question_goes_to_another_topic(asking, vera, program, enquiry):
    vera.post(f"{steps_of(enquiry)}/hand_back", {"topic": asking.other.code}, status=200)

    assert enquiry.topic_id == asking.other.id
    vera.get(steps_of(enquiry), status=403)
    program("boris").get(steps_of(enquiry), status=200)


def test_notes_are_for_consultants(elena, vera, enquiry, db):
    notes = f"/en/staff/enquiries/{enquiry.id}/@notes"

    vera.post(notes, {"text": "She asks every week.", "once": ONCE}, status=204)
    vera.post(notes, {"text": "She asks every week.", "once": ONCE}, status=204)
    elena.post(notes, {"text": "Let me in."}, status=403)

    assert kinds(db) == [MessageKind.QUESTION, MessageKind.NOTE]
    assert "every week" not in elena.get(own(enquiry)[:-10]).text


def test_nobody_takes_steps_that_are_not_theirs(asking, elena, vera, program, enquiry):
    boris = program("boris")

    for step in ("take", "answer", "close"):
        boris.post(f"{steps_of(enquiry)}/{step}", {"text": "x"}, status=403)
        elena.post(f"{steps_of(enquiry)}/{step}", {"text": "x"}, status=403)
    boris.post(f"{own(enquiry)}/reply", {"text": "x"}, status=403)
    for step in ("answer", "take", "accept"):
        elena.post(f"{own(enquiry)}/{step}", {"text": "x"}, status=400)
    for step in ("reply", "accept", "ask_again"):
        vera.post(f"{steps_of(enquiry)}/{step}", {"text": "x"}, status=400)

    assert enquiry.state == EnquiryState.NEW
