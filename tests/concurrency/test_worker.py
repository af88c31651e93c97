"""The worker with real commits: what it does, and what is left when it is killed."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from threading import Thread

import pytest
from aiosmtpd.controller import Controller
from fixtures.live import free_port, wait_until
from sqlalchemy import func, select

from bibliopolis.db import make_engine, make_session
from bibliopolis.mail import Mailer, MailMessage
from bibliopolis.outbox import Job, Outbox, OutboxRow, Priority, Upkeep, WorkerHeartbeat
from bibliopolis.schema import migrate
from bibliopolis.settings import parse_settings
from bibliopolis.worker import Worker

SITE = Path(__file__).resolve().parent.parent.parent


class Work:
    """A job that notes what it is given and cannot do some keys."""

    def __init__(self, impossible=()):
        self.impossible = set(impossible)
        self.batches = []

    def __call__(self, request, keys):
        self.batches.append(list(keys))
        if self.impossible & set(keys):
            raise ValueError("this cannot be done")


@pytest.fixture
def worker(committing_site):
    return Worker(committing_site.app.registry)


def give(worker, work, **options):
    worker.jobs = {"test": Job("test", work, options.pop("batch", 100), **options)}
    return work


def put(site, *keys, priority=Priority.NOW):
    with site.transaction() as request:
        request.find_service(Outbox).add_all("test", keys, priority)


def waiting(site):
    with site.transaction() as request:
        return request.db.scalar(select(func.count()).select_from(OutboxRow))


@pytest.mark.parametrize("writes", [True, False])
def test_what_is_done_leaves_the_outbox(committing_site, worker, writes):
    work = give(worker, Work(), writes=writes)
    put(committing_site, "a", "b", "a")

    worker.drain()

    assert work.batches == [["a", "b"]]
    assert waiting(committing_site) == 0


def test_people_go_before_imports(committing_site, worker):
    work = give(worker, Work(), batch=1)
    put(committing_site, "bulk-1", "bulk-2", priority=Priority.BULK)
    put(committing_site, "person")

    worker.drain()

    assert work.batches == [["person"], ["bulk-1"], ["bulk-2"]]


def test_what_cannot_be_done_does_not_stop_the_rest(committing_site, worker):
    give(worker, Work(impossible={"c"}))
    put(committing_site, *"abcdefgh")

    worker.drain()

    with committing_site.transaction() as request:
        row = request.db.scalars(select(OutboxRow)).one()
        assert (row.key, row.attempts, row.error) == ("c", 1, "ValueError: this cannot be done")


def test_it_is_tried_again_later_and_finally_left_to_people(committing_site, worker, clock):
    work = give(worker, Work(impossible={"c"}))
    put(committing_site, "c")

    for _ in range(20):
        worker.drain()
        clock.advance(timedelta(hours=2))

    assert len(work.batches) == 8
    with committing_site.transaction() as request:
        assert request.find_service(Outbox).failures()[0] == 1
        request.find_service(Outbox).retry()
    worker.drain()
    assert len(work.batches) == 9


def test_what_a_failed_job_wrote_is_undone(committing_site, worker):
    def write_and_fail(request, keys):
        request.db.add(WorkerHeartbeat(name="half done", seen=request.clock.now()))
        request.db.flush()
        raise ValueError

    give(worker, write_and_fail)
    put(committing_site, "a")

    worker.drain()

    with committing_site.transaction() as request:
        assert request.db.get(WorkerHeartbeat, "half done") is None


def test_a_dead_workers_claims_are_taken_over_at_once(committing_site, worker, clock):
    put(committing_site, "a")
    with committing_site.transaction() as request:
        row = request.db.scalars(select(OutboxRow)).one()
        row.attempts, row.not_before = 3, clock.now() + timedelta(minutes=5)
        request.db.add(WorkerHeartbeat(name=worker.name, seen=clock.now()))
    work = give(worker, Work())

    worker.take_over()
    worker.drain()

    assert work.batches == [["a"]]


def test_a_living_workers_claims_are_left_alone(committing_site, worker, clock):
    put(committing_site, "a")
    with committing_site.transaction() as request:
        request.db.scalars(select(OutboxRow)).one().not_before += timedelta(minutes=5)
        request.db.add(WorkerHeartbeat(name="elsewhere:1", seen=clock.now()))
    work = give(worker, Work())

    worker.take_over()
    worker.drain()

    assert work.batches == []


def test_what_waits_for_its_next_attempt_is_not_hurried(committing_site, worker, clock):
    work = give(worker, Work(impossible={"a"}))
    put(committing_site, "a")
    worker.drain()

    worker.take_over()
    worker.drain()

    assert len(work.batches) == 1


def test_several_workers_share_without_doing_anything_twice(committing_site):
    registry = committing_site.app.registry
    work = Work()
    workers = [Worker(registry) for _ in range(4)]
    for worker in workers:
        give(worker, work, batch=3)
    put(committing_site, *(str(number) for number in range(100)))

    threads = [Thread(target=worker.drain) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    done = [key for batch in work.batches for key in batch]
    assert sorted(done, key=int) == [str(number) for number in range(100)]


def test_it_shows_life_while_it_runs_and_says_goodbye(committing_site, worker):
    worker.jobs = {}
    thread = Thread(target=worker.run)
    thread.start()
    web = committing_site.web()
    try:
        for _ in range(100):
            answer = web.get("/healthz", status="*")
            if answer.json["parts"]["worker"] == "well":
                break
            time.sleep(0.05)
        assert answer.json["parts"]["worker"] == "well"
    finally:
        worker.stop.set()
        thread.join(10)
    assert web.get("/healthz", status=503).json["parts"]["worker"] == "not running"


@pytest.fixture
def killable(tmp_path):
    """A site in a folder, whose worker is a process of its own."""
    data = tmp_path / "data"
    data.mkdir()
    settings = parse_settings({"bibliopolis.site": str(SITE), "bibliopolis.data": str(data)})
    engine = make_engine(settings.database_url)
    migrate(engine, SITE)
    yield data, engine
    engine.dispose()


def start_worker(data, *options):
    environment = {**os.environ, "BIBLIOPOLIS_DATA": str(data), "PYTHONPATH": str(SITE / "src")}
    command = [sys.executable, "-m", "bibliopolis", "worker", *options]
    return subprocess.Popen(command, cwd=SITE, env=environment, stderr=subprocess.DEVNULL)


def write_letters(engine, clock, count):
    """Put letters into the outbox; return who each Message-ID is for."""
    with make_session(engine, writes=True) as db, db.begin():
        mailer = Mailer(db, clock, Outbox(db, clock), "Us <us@example.org>")
        written = [
            mailer.send(f"reader{number}@example.org", "Ready", "Your book waits.", "en")
            for number in range(count)
        ]
        return {letter.message_id: letter.recipient for letter in written}


def nothing_waits(engine):
    with make_session(engine, writes=False) as db:
        unsent = select(func.count()).select_from(MailMessage).where(MailMessage.sent.is_(None))
        rows = select(func.count()).select_from(OutboxRow)
        return (db.scalar(rows), db.scalar(unsent)) == (0, 0)


def test_a_worker_killed_while_it_sends_mail_writes_each_message_once(killable, clock):
    data, engine = killable
    letters = len(write_letters(engine, clock, 300))

    for _ in range(3):
        process = start_worker(data)
        before = len(list(data.glob("mail/*.eml")))
        deadline = time.monotonic() + 30
        while len(list(data.glob("mail/*.eml"))) < before + 20 and time.monotonic() < deadline:
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert 60 <= len(list(data.glob("mail/*.eml"))) < letters
    assert start_worker(data, "--once").wait(120) == 0

    assert len(list(data.glob("mail/*.eml"))) == letters
    assert nothing_waits(engine)


class Mailbox:
    """A mail server that takes a moment for each message and remembers all it accepted."""

    def __init__(self):
        self.accepted = []

    async def handle_DATA(self, _server, _session, envelope):
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.accepted.append((message["Message-ID"], message["To"]))
        # Between here and the worker's commit is where a kill costs a repeat.
        await asyncio.sleep(0.01)
        return "250 OK"


@pytest.fixture
def mailbox():
    mailbox = Mailbox()
    server = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    server.start()
    mailbox.url = f"smtp://{server.hostname}:{server.port}"
    yield mailbox
    server.stop()


def test_a_worker_killed_while_it_speaks_smtp_loses_nothing_and_repeats_one_at_most(
    killable, clock, mailbox, monkeypatch
):
    data, engine = killable
    monkeypatch.setenv("BIBLIOPOLIS_MAIL", mailbox.url)
    letters = write_letters(engine, clock, 120)

    kills = 2
    for _ in range(kills):
        before = len(mailbox.accepted)
        process = start_worker(data)
        wait_until(lambda before=before: len(mailbox.accepted) >= before + 20, "mail is sent", 30)
        process.kill()
        process.wait()
    assert len(set(mailbox.accepted)) < len(letters)
    assert start_worker(data, "--once").wait(120) == 0

    counted = Counter(mailbox.accepted)
    assert dict(mailbox.accepted) == letters
    assert max(counted.values()) <= 2
    assert sum(counted.values()) - len(letters) <= kills
    assert nothing_waits(engine)


def test_a_worker_told_to_stop_stops_soon(killable):
    data, _engine = killable
    process = start_worker(data)
    patience = time.monotonic() + 30
    # It gives way to others from the moment on at which it begins to work.
    while os.getpriority(os.PRIO_PROCESS, process.pid) <= os.getpriority(os.PRIO_PROCESS, 0):
        assert time.monotonic() < patience
        time.sleep(0.1)

    process.terminate()

    assert process.wait(10) == 0


def test_what_is_looked_after_seldom_is_looked_after_at_the_start(worker):
    looks = []
    worker.registry["bibliopolis.upkeep"] = {
        "often": Upkeep(lambda request: looks.append("often"), every=0.0, writes=False),
        "seldom": Upkeep(lambda request: looks.append("seldom"), every=3600.0, writes=True),
    }

    worker.look_after()
    worker.look_after()

    assert looks == ["often", "seldom", "often"]
