"""A reader asks: with an account or by a letter, and reads what is answered."""

from datetime import timedelta

import pytest
from fixtures.asking import QUESTION, make_topic
from sqlalchemy import func, select

from bibliopolis.consultations.asking import REPLIES_AN_HOUR
from bibliopolis.consultations.models import Enquiry, EnquiryMessage, EnquiryState


def enquiries(db):
    return list(db.scalars(select(Enquiry).order_by(Enquiry.id)))


def messages(db):
    return db.scalar(select(func.count()).select_from(EnquiryMessage))


def test_a_stranger_asks_and_confirms_by_the_letter(asking, db):
    page = asking.ask().follow()
    (enquiry,) = enquiries(db)
    assert "sent a letter to anna@example.org" in page.text
    assert enquiry.state == EnquiryState.UNCONFIRMED

    shown = asking.web.get(asking.link())
    assert QUESTION in shown.text
    assert enquiry.state == EnquiryState.UNCONFIRMED, "scanners of mail open links, too"
    page = shown.forms["confirm"].submit(status=303).follow()

    assert "Your question is on its way." in page.text
    assert enquiry.state == EnquiryState.NEW
    # Saturday the 21st; Monday, Tuesday and Wednesday are its three working days.
    letter = asking.letters("anna@example.org")[-1]
    assert "You get an answer by 25 November 2026, 20:00." in letter.body
    assert letter.confidential, "its link lets people in"


def test_the_link_of_the_letter_opens_the_thread_and_nothing_else_does(asking, db):
    asking.asked()
    thread = asking.link(kind="question")

    page = asking.web.get(thread)

    assert QUESTION in page.text
    assert page.headers["Cache-Control"].startswith("no-store")
    number, seal = thread.rsplit("/", 1)[1].split("-")
    asking.web.get(f"/en/ask/question/{number}-{'a' * len(seal)}", status=404)
    asking.web.get(f"/en/ask/question/{int(number) + 1}-{seal}", status=404)
    uid = enquiries(db)[0].uid
    asking.web.get(f"/en/account/enquiries/{uid}", status=[303, 403])


def test_who_has_an_account_asks_at_once_and_finds_it_there(asking, db, come):
    web = come("elena")

    page = asking.ask(web).follow()

    assert QUESTION in page.text
    assert enquiries(db)[0].state == EnquiryState.NEW
    assert QUESTION in web.get("/en/account").text
    assert QUESTION in web.get("/en/account/enquiries").text


def test_a_question_confirmed_at_the_address_of_an_account_is_in_that_account(asking, come):
    asking.asked(email="Elena@example.org")

    assert QUESTION in come("elena").get("/en/account/enquiries").text


def test_somebody_elses_question_is_not_there(asking, db, come):
    asking.ask(come("elena"))
    uid = enquiries(db)[0].uid

    web = come("boris")

    assert QUESTION not in web.get("/en/account/enquiries").text
    web.get(f"/en/account/enquiries/{uid}", status=403)
    web.get(f"/en/account/enquiries/{uid}", headers={"Accept": "application/json"}, status=403)


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("email", "anna.example.org", "The sign @ is missing"),
        ("email", "anna@", "a full address"),
        ("text", "Why?", "at least 10 characters"),
        ("text", "x" * 5001, "at most 5,000 characters"),
    ],
)
def test_what_cannot_be_used_is_told_and_nothing_is_lost(asking, db, field, typed, said):
    page = asking.ask(name="Анна", **{field: typed})

    assert page.status_int == 400
    assert said in page.text
    assert page.forms["ask"][field].value == typed
    assert page.forms["ask"]["name"].value == "Анна"
    assert enquiries(db) == []


def test_further_fields_are_asked_and_shown(asking, db):
    asking.topic.fields = [
        {"name": "f1", "kind": "line", "title": {"en": "Years"}, "required": True},
        {"name": "f2", "kind": "tick", "title": {"en": "For school"}, "required": False},
    ]
    assert "This is needed to answer." in asking.ask().text

    asking.asked(extra_f1="1910–1914", extra_f2="yes")

    assert enquiries(db)[-1].extra == {"f1": "1910–1914", "f2": True}
    assert "1910–1914" in asking.web.get(asking.link(kind="question")).text


def test_sending_the_form_twice_asks_once(asking, db):
    form = asking.web.get(asking.path).forms["ask"]
    form["text"], form["email"] = QUESTION, "anna@example.org"

    form.submit(status=303)
    form.submit(status=303)

    assert len(enquiries(db)) == 1
    assert len(asking.letters()) == 1


def test_a_full_quota_says_when_it_opens_again(asking, db):
    asking.topic.daily_quota = 1
    asking.ask()
    asking.ask(email="mira@example.org")
    first, second = asking.link(), asking.link("mira@example.org")

    asking.web.get(first).forms["confirm"].submit(status=303)
    page = asking.web.get(second).forms["confirm"].submit(status=409)

    assert "You can ask again from 22 November 2026, 07:00." in page.text
    assert "You can ask again from 22 November 2026, 07:00." in asking.web.get(asking.path).text
    assert "ask" not in asking.web.get(asking.path).forms
    asking.clock.advance(timedelta(hours=18, minutes=59))  # 6:59 on the clocks of the library
    asking.web.get(second).forms["confirm"].submit(status=409)
    asking.clock.advance(timedelta(minutes=1))
    asking.web.get(second).forms["confirm"].submit(status=303)


def test_a_link_works_once_and_for_three_days(asking):
    asking.ask()
    link = asking.link()
    form = asking.web.get(link).forms["confirm"]
    form.submit(status=303)

    said = "Your question is on its way already. A letter"
    assert said in form.submit(status=303).follow().text
    assert said in asking.web.get(link, status=303).follow().text
    told = asking.web.get(link, headers={"Accept": "application/json"}, status=409)
    assert "used already" in told.json["detail"]

    asking.ask(email="mira@example.org")
    asking.clock.advance(timedelta(days=3))
    assert "too old" in asking.web.get(asking.link("mira@example.org"), status=409).text


def test_a_link_opened_again_shows_the_question_to_whoever_asked_it(
    asking, web, make_person, sign_in
):
    make_person("anna")
    make_person("tariq")
    asking.ask()
    link = asking.link()
    asking.web.get(link).forms["confirm"].submit(status=303)

    there = sign_in("anna").get(link, status=303).follow()
    web.reset()
    stranger = sign_in("tariq").get(link, status=303)

    assert QUESTION in there.text
    assert "here it is" in there.text
    assert stranger.location == "http://localhost/en/ask"


def test_the_letter_to_a_stranger_carries_nothing_a_stranger_wrote(asking):
    asking.ask()

    letter = asking.letters()[-1]

    assert QUESTION[:15] not in letter.subject + letter.body
    assert f"of the topic “{asking.topic.title_in('en')}”" in letter.body


def test_closed_topics_and_those_for_accounts_take_no_stranger(asking, db):
    asking.topic.is_open = False
    assert "not taken now" in asking.web.get(asking.path).text
    token = asking.web.get("/en/account/sign-in").forms["sign-in"]["csrf_token"].value
    sent = {"csrf_token": token, "text": QUESTION, "language": "en", "email": "a@example.org"}

    closed = asking.web.post(asking.path, sent, status=409)
    asking.topic.is_open, asking.topic.without_account = True, False
    for_accounts = asking.web.post(asking.path, sent, status=409)

    assert "not taken now" in closed.text
    assert "Sign in to ask about this topic." in for_accounts.text
    assert enquiries(db) == []


def test_nobody_fills_a_mailbox(asking):
    for _n in range(5):
        asking.ask()

    page = asking.ask()

    assert "Too many attempts" in page.text
    assert len(asking.letters()) == 5


def test_the_asker_replies_once_asks_again_and_closes(asking, db, come):
    web = come("elena")
    page = asking.ask(web).follow()
    reply = page.forms["reply"]
    reply["text"] = "It was number 14."
    reply.submit(status=303)
    reply.submit(status=303)
    assert messages(db) == 2

    empty = web.get(page.request.path).forms["reply"].submit(status=409)
    assert "Write something first." in empty.text
    closing = next(form for form in empty.forms.values() if form.action.endswith("/close"))
    closing.submit(status=303)

    assert enquiries(db)[0].state == EnquiryState.CLOSED
    assert "reply" not in web.get(page.request.path).forms


def test_nobody_fills_the_mailbox_of_a_consultant(asking, db, come):
    web = come("elena")
    thread = asking.ask(web).follow().request.path
    for number in range(REPLIES_AN_HOUR):
        form = web.get(thread).forms["reply"]
        form["text"] = f"And {number}."
        form.submit(status=303)

    form = web.get(thread).forms["reply"]
    form["text"] = "And one more."
    page = form.submit(status=400)

    assert "Too many attempts" in page.text
    assert "And one more." in page.forms["reply"]["text"].value
    assert messages(db) == 1 + REPLIES_AN_HOUR


def test_topics_are_told_to_programs(asking, db, clock):
    make_topic(db, clock, asking.library, daily_quota=5)

    told = asking.web.get("/en/ask", headers={"Accept": "application/json"}).json

    assert told["items_total"] == 3
    assert told["items"][-1]["left_today"] == 5


def test_an_expired_form_gives_back_what_was_written(asking):
    sent = {"csrf_token": "of yesterday", "text": QUESTION, "password": "two secret words of mine"}

    ours = asking.web.post(asking.path, sent, {"Origin": "http://localhost"}, status=400)
    foreign = asking.web.post(asking.path, sent, {"Origin": "http://evil.example"}, status=400)

    assert ours.html.find("textarea").text.strip() == QUESTION
    assert "secret words" not in ours.text
    assert "form has expired" in foreign.text
    assert QUESTION not in foreign.text


def test_a_question_that_comes_too_late_is_given_back(asking):
    form = asking.web.get(asking.path).forms["ask"]
    form["text"], form["email"] = QUESTION, "anna@example.org"
    asking.topic.is_open = False

    late = form.submit(headers={"Origin": "http://localhost"}, status=409)

    assert late.html.find("textarea").text.strip() == QUESTION
    assert "not taken now" in late.text


def test_what_is_not_done_names_no_question_that_is_only_unclear(asking):
    shown = asking.web.get(asking.path).text

    assert "Legal advice" in shown
    assert "Cannot be understood" not in shown
