"""The command that harvests is killed and given again: nothing is lost, nothing counted twice."""

import os
import shutil
import signal
import subprocess
import time
from threading import Event

import pytest
from fixtures.live import bibliopolis
from fixtures.marc_files import marc_record
from fixtures.oai import OaiServer
from fixtures.sites import SITE
from sqlalchemy import func, select

from bibliopolis.catalogue.models import SourceRecord
from bibliopolis.clock import Clock
from bibliopolis.db import make_engine, make_session
from bibliopolis.intake.harvest.models import HarvestRun
from bibliopolis.libraries.models import Library

RECORDS = 600
DECLARED = """\
sources:
  national:
    title: National library
    url: {url}
    prefix: marc21
    library: c
"""


@pytest.fixture
def server():
    server = OaiServer(Clock().now, page=30)
    for n in range(RECORDS):
        server.put(marc_record(n))
    yield server
    server.close()


def hold_back(server, pages):
    """Let so many more pages be read, and no further until the event is set."""
    goes_on, enough = Event(), len(server.list_requests()) + pages

    def answer(_parameters):
        if len(server.list_requests()) > enough:
            goes_on.wait(60)

    server.answer = answer
    return goes_on


class Town:
    def __init__(self, folder, schema, url):
        self.data, self.place = folder / "data", folder / "site"
        self.data.mkdir()
        self.place.mkdir()
        for one in ("content_types", "workflows", "themes", "locales", "migrations"):
            (self.place / one).symlink_to(SITE / one)
        shutil.copytree(SITE / "policies", self.place / "policies")
        (self.place / "policies" / "harvests.yaml").write_text(DECLARED.format(url=url))
        shutil.copyfile(schema, self.data / "bibliopolis.sqlite")
        self.engine = make_engine(f"sqlite:///{self.data / 'bibliopolis.sqlite'}")
        now = Clock().now()
        with make_session(self.engine, writes=True) as db, db.begin():
            db.add(Library(code="c", name={}, sort_key="c", created=now, changed=now))

    def start(self, *options):
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        return bibliopolis("harvest", *options, data=self.data, **pipes)

    def ask(self, statement):
        with make_session(self.engine, writes=False) as db:
            return db.scalar(statement)

    def count(self):
        return self.ask(select(func.count()).select_from(SourceRecord))


@pytest.fixture
def town(migrated_sqlite, tmp_path, server, monkeypatch):
    town = Town(tmp_path, migrated_sqlite, server.url)
    monkeypatch.setitem(os.environ, "BIBLIOPOLIS_SITE", str(town.place))
    monkeypatch.setitem(os.environ, "BIBLIOPOLIS_HARVEST_NETWORKS", "127.0.0.0/8")
    yield town
    town.engine.dispose()


def test_kill_minus_nine_in_the_middle_and_the_same_command_again(town, server):
    for how, code in ((signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 130)):
        before = town.count()
        goes_on = hold_back(server, pages=9)
        process = town.start()
        while process.poll() is None and town.count() < before + 100:
            time.sleep(0.005)
        process.send_signal(how)
        goes_on.set()
        said, _nothing = process.communicate(timeout=60)
        assert process.returncode == code
    assert "Interrupted. The same command goes on where this one stopped." in said
    assert 0 < town.count() < RECORDS

    process = town.start("national")
    said, _nothing = process.communicate(timeout=120)

    assert process.returncode == 0
    assert f"national: {RECORDS} read, {RECORDS} created, 0 updated, 0 unchanged" in said
    assert town.count() == RECORDS
    assert town.ask(select(func.count()).select_from(HarvestRun)) == 1
    # It went on with its token: the beginning was not asked for again.
    first = [one for one in server.list_requests() if "resumptionToken" not in one]
    assert len(first) == 1


def test_the_command_tells_what_was_refused_and_what_is_wrong(town, server):
    server.records = {"oai:x:1": (*server.records["oai:test:test-1"],)}
    server.put("<dc/>", "oai:x:2")

    tried = town.start("--dry-run")
    said, _nothing = tried.communicate(timeout=60)
    assert (tried.returncode, town.count()) == (3, 0)
    assert "rejected: oai:x:2: the file holds no records" in said
    for options, code, words in (
        (["nobody"], 1, "there is no source nobody; there are: national"),
        (["--gone"], 2, "--gone goes with --whole"),
    ):
        wrong = town.start(*options)
        said, _nothing = wrong.communicate(timeout=60)
        assert (wrong.returncode, words in said) == (code, True)

    server.answer = lambda asked: (404, {}, b"")
    failed = town.start()
    said, _nothing = failed.communicate(timeout=60)
    assert failed.returncode == 4
    assert "national: The source answers with the error 404." in said
