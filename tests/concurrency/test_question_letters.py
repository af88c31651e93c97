"""Replies that come by mail while workers meet, fail and are killed: each counts exactly once."""

import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from fixtures.asking import WEEK, make_topic
from fixtures.lending import City
from fixtures.live import bibliopolis, wait_until
from fixtures.mail_in import deliver, reply_to
from fixtures.sites import SITE, CommittingSite
from sqlalchemy import func, select

from bibliopolis import configure
from bibliopolis.clock import Clock
from bibliopolis.consultations.jobs import read_letters
from bibliopolis.consultations.models import EnquiryMessage, IncomingMail
from bibliopolis.consultations.services import Enquiries, Question
from bibliopolis.db import make_engine
from bibliopolis.mail import MailMessage
from bibliopolis.request_class import make_app
from bibliopolis.resources.access import Principals

ADDRESS = "questions@library.example"
LETTERS = 60


def ask(site):
    """Let somebody with an account ask; return our letter to them."""
    with site.transaction() as request:
        city = City(request.db, request.clock, None)
        library = city.library("Fontanka", settings={"opening_hours": WEEK})
        topic = make_topic(request.db, request.clock, library)
        person = city.person()
        request.principals = Principals(person.id)
        request.find_service(Enquiries).ask(
            Question(
                topic_id=topic.id,
                text="Where did printers work about 1912?",
                language="en",
                email=person.email,
                page_language="en",
                site_url="http://localhost",
                person_id=person.id,
            )
        )
        letter = request.db.scalars(select(MailMessage).order_by(MailMessage.id.desc())).first()
        request.db.expunge(letter)
        return letter


def look(site):
    with site.transaction() as request:
        read_letters(request)


def replies(site):
    with site.transaction() as request:
        found = select(EnquiryMessage.text).where(EnquiryMessage.kind == "reply")
        return sorted(request.db.scalars(found))


def waiting(site):
    return [path for path in (site.data / "mail-in").rglob("*") if path.is_file()]


@pytest.fixture
def site(committing_site):
    registry = committing_site.app.registry
    ours = replace(registry["bibliopolis.settings"], mail_replies=ADDRESS)
    registry["bibliopolis.settings"] = ours
    return committing_site


def test_workers_that_read_the_same_letters_count_each_once(site):
    letter = ask(site)
    for n in range(8):
        deliver(site.data, reply_to(letter, f"Reply {n}", sender=letter.recipient))

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _n: look(site), range(12)))

    assert replies(site) == [f"Reply {n}" for n in range(8)]
    assert waiting(site) == []


def test_a_look_that_fails_at_its_end_is_repeated_and_one_that_cannot_put_away_is_not(
    site, monkeypatch
):
    letter = ask(site)
    deliver(site.data, reply_to(letter, "Once", sender=letter.recipient))

    def killed_before_the_commit():
        with site.transaction() as request:
            read_letters(request)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        killed_before_the_commit()
    assert replies(site) == []

    look(site)
    assert replies(site) == ["Once"]
    assert len(waiting(site)) == 1, "it is put away only when that is sure to be committed"
    with monkeypatch.context() as broken:
        broken.setattr(Path, "unlink", lambda *_a, **_k: (_ for _ in ()).throw(OSError("full")))
        with pytest.raises(OSError, match="full"):
            look(site)
    look(site)

    assert replies(site) == ["Once"]
    assert waiting(site) == []


def test_a_worker_killed_in_the_middle_of_reading_loses_and_repeats_nothing(
    migrated_sqlite, tmp_path, monkeypatch
):
    monkeypatch.setenv("BIBLIOPOLIS_MAIL_REPLIES", ADDRESS)
    data = tmp_path / "var"
    data.mkdir()
    shutil.copyfile(migrated_sqlite, data / "bibliopolis.sqlite")
    url = f"sqlite:///{data / 'bibliopolis.sqlite'}"
    engine = make_engine(url)
    settings = {
        "bibliopolis.site": str(SITE),
        "bibliopolis.data": str(data),
        "bibliopolis.mail_replies": ADDRESS,
    }
    registered = {"bibliopolis.engine": engine, "bibliopolis.clock": Clock()}
    site = CommittingSite(make_app(configure(settings, registered)), url, data)
    letter = ask(site)
    for n in range(LETTERS):
        deliver(data, reply_to(letter, f"Reply {n:02}", sender=letter.recipient))

    def read():
        with site.transaction() as request:
            return request.db.scalar(select(func.count()).select_from(IncomingMail))

    for enough in (1, 20, 40, LETTERS):
        worker = bibliopolis(
            "worker", data=data, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            wait_until(lambda enough=enough: read() >= enough, f"{enough} letters are read")
            if enough == LETTERS:
                wait_until(lambda: not waiting(site), "all are put away")
        finally:
            worker.kill()
            worker.wait()

    assert replies(site) == [f"Reply {n:02}" for n in range(LETTERS)]
    engine.dispose()
