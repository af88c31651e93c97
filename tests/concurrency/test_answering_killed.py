"""The web process is killed while consultants answer: each answer is there once, or can be sent."""

import shutil
import uuid

from fixtures.asking import make_topic
from fixtures.killed import Browser, the_web_process, while_killed
from fixtures.live import is_well, start_site, wait_until
from fixtures.sites import SITE, CommittingSite
from sqlalchemy import select

from bibliopolis import configure
from bibliopolis.accounts.models import Person
from bibliopolis.clock import Clock
from bibliopolis.consultations.services import Enquiries, Question
from bibliopolis.db import make_engine
from bibliopolis.libraries.models import Library
from bibliopolis.request_class import make_app
from bibliopolis.resources.access import Principals

QUESTIONS = 30
KILLS = 2


def ask(data):
    """Let a reader of the city ask; return the numbers of the questions."""
    url = f"sqlite:///{data / 'bibliopolis.sqlite'}"
    engine = make_engine(url)
    settings = {"bibliopolis.site": str(SITE), "bibliopolis.data": str(data)}
    registered = {"bibliopolis.engine": engine, "bibliopolis.clock": Clock()}
    city = CommittingSite(make_app(configure(settings, registered)), url, data)
    with city.transaction() as request:
        library = request.db.scalar(select(Library).where(Library.code == "fontanka"))
        topic = make_topic(request.db, request.clock, library)
        maria = request.db.scalar(select(Person).where(Person.email == "maria@example.org"))
        request.principals = Principals(maria.id)
        asked = [
            request.find_service(Enquiries).ask(
                Question(
                    topic_id=topic.id,
                    text=f"Where did printer {number} work about 1912?",
                    language="en",
                    email=maria.email,
                    page_language="en",
                    site_url="http://localhost",
                    person_id=maria.id,
                )
            )
            for number in range(QUESTIONS)
        ]
        numbers = [enquiry.id for enquiry in asked]
    engine.dispose()
    return numbers


def test_an_answer_is_there_exactly_once_or_can_be_sent_again(demo_data, tmp_path):
    data = tmp_path / "var"
    shutil.copytree(demo_data, data)
    numbers = ask(data)
    forms = {number: uuid.uuid4().hex for number in numbers}
    site = start_site(data)
    vera = Browser()

    def sends(number):
        thread = f"{site.url}/en/staff/enquiries/{number}"
        answer = {"once": forms[number], "text": f"In house {number}."}
        assert vera.send(thread, f"{thread}/answer", **answer) == thread

    def answers(kind="count(*)"):
        listed = ",".join(map(str, numbers))
        return site.column(
            f"SELECT {kind} FROM enquiry_message WHERE kind = 'answer' AND enquiry_id IN ({listed})"
        )

    try:
        proof = {"name": "consultant@example.org", "password": "bibliopolis"}
        vera.send(f"{site.url}/en/account/sign-in", **proof)
        answered = []
        for _kill in range(KILLS):
            left = {one: lambda one=one: sends(one) for one in numbers if one not in answered}
            answered += while_killed(site, left, enough=8, victims=the_web_process)
            wait_until(lambda: is_well(site.url), "it answers again")
            kept = answers("enquiry_id")
            assert len(set(kept)) == len(kept)
            assert set(answered) <= set(kept), "what was confirmed is kept"

        for number in numbers:
            sends(number)  # of those that are there already, the same form once more

        site.wait_for_worker()
        assert sorted(answers("text")) == sorted(f"In house {number}." for number in numbers)
        assert site.scalar("SELECT count(*) FROM mail_message WHERE sent IS NULL") == 0
        letters = [path.read_text() for path in (data / "mail").glob("*.eml")]
        for number in numbers:
            subject = f"Subject: An answer to your question (No. {number})"
            assert sum(subject in letter for letter in letters) == 1, number
    finally:
        site.stop()
