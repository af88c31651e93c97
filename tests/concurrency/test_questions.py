"""Many ask and answer at once: the quota holds to the last place, and nothing is done twice."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from fixtures.asking import WEEK, make_topic
from fixtures.lending import City
from sqlalchemy import func, select

from bibliopolis.accounts.models import RoleGrant
from bibliopolis.consultations.models import Enquiry, EnquiryMessage, EnquiryState, TopicDay
from bibliopolis.consultations.services import Enquiries, Question
from bibliopolis.errors import BibliopolisError, Conflict
from bibliopolis.mail import MailMessage
from bibliopolis.resources.access import Grant, Principals

ASKERS, QUOTA = 24, 7


@pytest.fixture
def town(committing_site):
    """A topic with a quota, people who ask, and people who answer."""
    with committing_site.transaction() as request:
        city = City(request.db, request.clock, None)
        library = city.library("Fontanka", settings={"opening_hours": WEEK})
        topic = make_topic(request.db, request.clock, library, daily_quota=QUOTA)
        askers = [(one.id, one.email) for one in (city.person() for _n in range(ASKERS))]
        staff = []
        for _n in range(6):
            person = city.person()
            person.grants = [RoleGrant(role="consultant", scope=f"topic:{topic.id}")]
            request.db.flush()
            staff.append(person.id)
        return committing_site, topic.id, askers, staff


def at_once(work, arguments):
    with ThreadPoolExecutor(ASKERS) as threads:
        return list(threads.map(work, arguments))


def ask(town, asker, topic_id=None):
    """Ask as somebody with an account; return the refusal, if there is one."""
    site, topic, *_others = town
    person_id, email = asker
    try:
        with site.transaction() as request:
            request.principals = Principals(person_id)
            enquiry = request.find_service(Enquiries).ask(
                Question(
                    topic_id=topic_id or topic,
                    text="Where did printers work about 1912?",
                    language="en",
                    email=email,
                    page_language="en",
                    site_url="http://localhost",
                    person_id=person_id,
                )
            )
            return enquiry.id
    except Conflict as refusal:
        return refusal


def as_consultant(town, person_id, verb, *arguments):
    """Do something as a consultant; return the refusal, if there is one."""
    site, topic_id, *_others = town
    try:
        with site.transaction() as request:
            grant = Grant("consultant", frozenset({f"topic:{topic_id}"}))
            request.principals = Principals(person_id, grants=frozenset({grant}))
            getattr(request.find_service(Enquiries), verb)(*arguments)
    except BibliopolisError as refusal:
        return refusal


def count(town, what, *where):
    with town[0].transaction() as request:
        return request.db.scalar(select(func.count()).select_from(what).where(*where))


def test_exactly_the_quota_is_accepted_and_the_others_are_told_when_it_opens(town):
    site, _topic, askers, _staff = town

    answers = at_once(lambda asker: ask(town, asker), askers)

    refusals = [one for one in answers if isinstance(one, Conflict)]
    assert len(refusals) == ASKERS - QUOTA
    told = {one.reasons[0].mapping["moment"].isoformat() for one in refusals}
    assert told == {"2026-11-22T07:00:00+03:00"}
    assert count(town, Enquiry) == QUOTA, "what was refused leaves nothing"
    assert count(town, MailMessage) == QUOTA
    with site.transaction() as request:
        assert [one.accepted for one in request.db.scalars(select(TopicDay))] == [QUOTA]


def test_a_new_day_has_a_quota_of_its_own(town):
    site, _topic, askers, _staff = town
    at_once(lambda asker: ask(town, asker), askers)

    site.app.registry["bibliopolis.clock"].advance(timedelta(days=1))
    answers = at_once(lambda asker: ask(town, asker), askers)

    assert sum(not isinstance(one, Conflict) for one in answers) == QUOTA
    assert count(town, Enquiry) == 2 * QUOTA


def test_of_those_who_take_a_question_at_once_one_has_it(town):
    enquiry_id = ask(town, town[2][0])

    refusals = at_once(lambda person: as_consultant(town, person, "take", enquiry_id), town[3])

    assert sum(refusal is None for refusal in refusals) == 1


def test_of_answers_at_once_one_is_sent(town):
    enquiry_id = ask(town, town[2][0])
    before = count(town, MailMessage)

    refusals = at_once(
        lambda person: as_consultant(town, person, "answer", enquiry_id, "In Gorokhovaya 14."),
        town[3],
    )

    assert Counter(refusal is None for refusal in refusals) == {True: 1, False: len(town[3]) - 1}
    assert count(town, EnquiryMessage, EnquiryMessage.kind == "answer") == 1
    assert count(town, MailMessage) == before + 1
    assert count(town, Enquiry, Enquiry.state == EnquiryState.ANSWERED) == 1


def test_one_answer_sent_by_many_clicks_is_one_answer(town):
    enquiry_id = ask(town, town[2][0])
    uid = "ab" * 16

    refusals = at_once(
        lambda _n: as_consultant(town, town[3][0], "answer", enquiry_id, "In 14.", uid), range(8)
    )

    assert refusals == [None] * 8
    assert count(town, EnquiryMessage, EnquiryMessage.kind == "answer") == 1
