"""Other libraries are harvested: what is new comes in, what they deleted goes, nothing is lost."""

import gzip
import re
import shutil
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import count as numbers
from threading import Event

import pytest
from fixtures.demo import signed_in
from fixtures.desk import form_to
from fixtures.marc_files import koha_item, marc_record
from fixtures.oai import DAY, OaiServer, OnceEach, a_moment
from fixtures.people import PASSWORDS
from fixtures.sites import SITE, CommittingSite
from pymarc import record_to_xml
from pyramid.request import Request
from pyramid.scripting import prepare
from sqlalchemy import event, func, select, update

from bibliopolis import configure
from bibliopolis.accounts.models import AuditEvent, Person, RoleGrant
from bibliopolis.catalogue.models import Item, SourceRecord
from bibliopolis.clock import FixedClock
from bibliopolis.db import make_session
from bibliopolis.intake.harvest import fetching, working
from bibliopolis.intake.harvest.declared import Source
from bibliopolis.intake.harvest.harvests import TOPIC, Harvests
from bibliopolis.intake.harvest.jobs import look_at_timetable
from bibliopolis.intake.harvest.models import HarvestedRecord, HarvestRun, HarvestSource
from bibliopolis.intake.models import QuarantinedRecord, RunState
from bibliopolis.intake.quarantine import Quarantine
from bibliopolis.libraries.models import Library
from bibliopolis.outbox import OutboxRow
from bibliopolis.request_class import make_app
from bibliopolis.worker import Worker

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
NUMBER = numbers(1)


@pytest.fixture(scope="module")
def site(migrated_sqlite, tmp_path_factory):
    """A site whose requests commit and that may ask this machine; each test has its own library."""
    data = tmp_path_factory.mktemp("harvests")
    shutil.copyfile(migrated_sqlite, data / "bibliopolis.sqlite")
    settings = {
        "bibliopolis.site": str(SITE),
        "bibliopolis.data": str(data),
        "bibliopolis.secret": "for tests only",
        "bibliopolis.harvest_networks": "127.0.0.0/8",
    }
    given = {"bibliopolis.passwords": PASSWORDS, "bibliopolis.clock": FixedClock(NOW)}
    site = CommittingSite(
        make_app(configure(settings, given)), f"sqlite:///{data / 'bibliopolis.sqlite'}", data
    )
    site.app.registry["bibliopolis.harvest_sources"] = {}
    yield site
    site.engine.dispose()


@pytest.fixture
def clock(site):
    clock = site.app.registry["bibliopolis.clock"]
    clock.instant = NOW
    return clock


@pytest.fixture
def server(clock):
    server = OaiServer(clock.now)
    yield server
    server.close()


class Town:
    """A library, its source, and what is asked of them."""

    def __init__(self, site, url, **declared):
        self.site = site
        self.registry = site.app.registry
        self.code = f"library-{next(NUMBER)}"
        self.source = Source(
            name=f"{self.code}-source",
            title="National library",
            url=url,
            prefix="marc21",
            library=self.code,
            **declared,
        )
        self.registry["bibliopolis.harvest_sources"] = {self.source.name: self.source}
        with site.transaction() as request:
            now = request.clock.now()
            library = Library(code=self.code, name={}, sort_key="x", created=now, changed=now)
            request.db.add(library)
            request.db.flush()
            self.library_id = library.id

    def begin(self, **asked):
        with self.site.transaction() as request:
            return request.find_service(Harvests).begin(self.source, **asked).uid

    def do(self, what):
        with self.site.transaction() as request:
            harvests = request.find_service(Harvests)
            getattr(harvests, what)(harvests.newest(self.source))

    def work(self, uid, steps=10_000):
        while steps and working.carry_on_one(self.registry, uid, seconds=0):
            steps -= 1

    def harvest(self, **asked):
        """Harvest to the end and return the run."""
        self.work(self.begin(**asked))
        return self.run()

    def ask(self, statement):
        with make_session(self.site.engine, writes=False) as db:
            return db.scalars(statement).all()

    def run(self):
        mine = select(HarvestSource.id).where(HarvestSource.library_id == self.library_id)
        runs = select(HarvestRun).where(HarvestRun.source_id.in_(mine))
        return self.ask(runs.order_by(HarvestRun.id.desc()))[0]

    def kept(self):
        [kept] = self.ask(select(HarvestSource).where(HarvestSource.library_id == self.library_id))
        return kept

    def held(self):
        """Return the control numbers of what the library describes now."""
        return sorted(
            self.ask(
                select(SourceRecord.control_number).where(
                    SourceRecord.library_id == self.library_id, ~SourceRecord.withdrawn
                )
            )
        )

    def refused(self):
        return self.ask(
            select(QuarantinedRecord).where(
                QuarantinedRecord.library_id == self.library_id,
                QuarantinedRecord.dismissed.is_(None),
            )
        )


@pytest.fixture
def town(site, server):
    return Town(site, server.url)


def look_at(town):
    """Look at the timetable as the worker does: in a transaction that only reads."""
    with prepare(Request.blank("/"), registry=town.registry) as environment:
        request = environment["request"]
        with request.tm:
            look_at_timetable(request)


def put(server, *range_, **more):
    return [server.put(marc_record(n, **more)) for n in range(*range_)]


def told(run):
    """Return (read, created, updated, unchanged, withdrawn, rejected) of a run."""
    report = run.report
    names = ("read", "created", "updated", "unchanged", "withdrawn", "rejected")
    return tuple(report[name] for name in names)


def why(run):
    text = run.trouble or ""
    for name, value in run.trouble_values.items():
        text = text.replace(f"${{{name}}}", value)
    return text


# What comes and what goes.


def test_all_pages_come_in_with_their_copies(town, server):
    for n in range(25):
        server.put(marc_record(n, items=[koha_item(f"{town.code}-{n}")]))

    run = town.harvest()

    assert (run.state, told(run)) == (RunState.FINISHED, (25, 25, 0, 0, 0, 0))
    assert len(town.held()) == 25
    assert len(town.ask(select(Item).where(Item.library_id == town.library_id))) == 25
    assert [one.get("resumptionToken") for one in server.list_requests()] == [None, "10|", "20|"]
    assert (run.size, run.whole) == (25, True)


@pytest.mark.parametrize("extent", [10, 11, 1])
def test_the_last_page_may_be_full_or_the_only_one(town, server, extent):
    put(server, extent)

    assert told(town.harvest())[:2] == (extent, extent)


def test_the_same_harvest_twice_changes_nothing(town, server):
    put(server, 12)
    town.harvest()

    assert told(town.harvest(whole=True)) == (12, 0, 0, 12, 0, 0)


def test_only_what_was_changed_since_is_asked_for(town, server, clock):
    put(server, 12)
    town.harvest()
    a_moment(clock, hours=1)
    server.put(marc_record(3, title="Братья Карамазовы"), at=clock.now())
    server.put(marc_record(50), at=clock.now())
    a_moment(clock, hours=1)

    run = town.harvest()

    assert told(run) == (2, 1, 1, 0, 0, 0)
    # The source's own time when the last one began, one step earlier.
    assert server.list_requests()[-1]["from"] == "2026-11-24T08:59:59Z"


def test_a_source_that_counts_in_days_is_asked_for_days(town, server, clock):
    server.step = DAY
    put(server, 3)
    town.harvest()
    # Later on the day of the harvest: a day's step cannot tell it from what was harvested.
    server.put(marc_record(7), at=clock.now())
    a_moment(clock, days=2)

    run = town.harvest()

    assert server.list_requests()[-1]["from"] == "2026-11-23"
    assert told(run)[:2] == (1, 1)


def test_nothing_new_is_no_error(town, server, clock):
    put(server, 3)
    town.harvest()
    a_moment(clock, days=1)

    run = town.harvest()

    assert (run.state, run.trouble, run.read) == (RunState.FINISHED, None, 0)
    assert town.kept().since == clock.now()


def test_what_the_source_deleted_is_withdrawn_with_its_copies(town, server, clock):
    gone = server.put(marc_record(1, items=[koha_item(f"{town.code}-1")]))
    put(server, 2, 4)
    town.harvest()
    a_moment(clock, hours=1)
    server.delete(gone)
    server.delete("oai:test:never-seen")

    run = town.harvest()

    assert told(run) == (2, 0, 0, 1, 1, 0)
    assert town.held() == ["test-2", "test-3"]
    a_moment(clock, hours=1)
    server.put(marc_record(1), gone, clock.now())
    town.harvest()
    assert "test-1" in town.held()


def test_a_record_marked_as_deleted_in_its_leader_goes_too(town, server, clock):
    put(server, 2)
    town.harvest()
    a_moment(clock, hours=1)
    record = marc_record(1)
    record.leader.record_status = "d"
    server.put(record, at=clock.now())

    assert told(town.harvest())[4] == 1
    assert town.held() == ["test-0"]


def test_a_number_that_another_identifier_stands_for_stays(town, server, clock):
    server.put(marc_record(1), "oai:test:old")
    town.harvest()
    a_moment(clock, hours=1)
    server.put(marc_record(1), "oai:test:new", clock.now())
    server.delete("oai:test:old")

    assert told(town.harvest())[4] == 0
    assert town.held() == ["test-1"]


def test_an_identifier_with_another_number_takes_the_old_one_out(town, server, clock):
    server.put(marc_record(1), "oai:test:x")
    town.harvest()
    a_moment(clock, hours=1)
    server.put(marc_record(2), "oai:test:x", clock.now())

    assert told(town.harvest())[1::3] == (1, 1)
    assert town.held() == ["test-2"]


def test_a_source_that_tells_no_deletions_shows_them_by_a_whole_harvest(town, server, clock):
    server.deleted = "no"
    put(server, 30)
    town.harvest()
    a_moment(clock, hours=1)
    server.delete("oai:test:test-5")

    assert town.harvest().read == 0
    assert len(town.held()) == 30
    assert told(town.harvest(whole=True)) == (29, 0, 0, 29, 1, 0)

    assert "test-5" not in town.held()
    assert town.kept().deleted == "no"


def test_a_source_that_has_lost_most_of_its_records_takes_none_away(town, server):
    put(server, 60)
    town.harvest()
    server.records = dict(list(server.records.items())[:10])

    run = town.harvest(whole=True)

    assert why(run).startswith("50 of 60 records did not come this time")
    assert len(town.held()) == 60
    run = town.harvest(whole=True, gone=True)
    assert (told(run)[4], len(town.held()), run.trouble) == (50, 10, None)


def test_records_of_other_sources_and_files_are_none_of_its_business(town, server, site):
    other = Town(site, server.url)
    put(server, 3)
    other.harvest()
    site.app.registry["bibliopolis.harvest_sources"] = {town.source.name: town.source}
    town.harvest()
    server.records.popitem()

    town.harvest(whole=True)

    assert (len(town.held()), len(other.held())) == (2, 3)


# What cannot be read.


def test_what_cannot_be_read_waits_with_its_identifier_and_comes_when_it_is_mended(
    town, server, clock, site
):
    put(server, 2)
    server.put('<dc xmlns="x"><title>Not MARC</title></dc>', "oai:test:a/b")

    run = town.harvest()

    assert told(run) == (3, 2, 0, 0, 0, 1)
    [refused] = town.refused()
    assert (refused.file, refused.reason) == ("oai:test:a/b", "the file holds no records")
    assert refused.operation == run.uid
    a_moment(clock, hours=1)
    with site.transaction() as request:
        mended = record_to_xml(marc_record(9), namespace=True)
        request.find_service(Quarantine, context=None).retry(refused.id, mended)
    assert "test-9" in town.held()
    # Its identifier is known for it now: the source can delete it.
    a_moment(clock, hours=1)
    server.delete("oai:test:a/b")
    town.harvest()
    assert "test-9" not in town.held()


def test_what_was_refused_and_deleted_since_waits_no_more(town, server, clock):
    server.put("<dc/>", "oai:test:a")
    town.harvest()
    assert len(town.refused()) == 1
    a_moment(clock, hours=1)
    server.delete("oai:test:a")

    town.harvest()

    assert town.refused() == []


def test_one_record_that_is_no_xml_spoils_no_other(town, server):
    put(server, 12)
    server.put("<record><leader>\x01</leader></record>", "oai:test:bad&worse")

    run = town.harvest()

    assert told(run) == (13, 12, 0, 0, 0, 1)
    [refused] = town.refused()
    assert refused.file == "oai:test:bad&worse"
    assert "not well-formed XML" in refused.reason


def test_a_record_without_identifier_or_content_is_told(town, server):
    server.put(marc_record(1), " ")
    server.put("", "oai:test:empty")
    server.put(marc_record(2), "oai:" + "x" * 300)

    assert told(town.harvest())[5] == 3
    assert {one.reason for one in town.refused()} == {
        "the record has no identifier",
        "the source sent nothing but the identifier",
        "the identifier of the record is too long",
    }


def test_two_identifiers_with_one_number_are_remarked(town, server):
    server.put(marc_record(1, title="Один"), "oai:test:a")
    server.put(marc_record(1, title="Другой"), "oai:test:b")

    run = town.harvest()

    assert "has the same control number" in run.report["remarks"][0]["reason"]
    assert town.held() == ["test-1"]


# Interrupted, steered, resumed.


def test_a_killed_worker_asks_for_the_page_again_it_was_in_the_middle_of(town, server):
    put(server, 45)
    uid = town.begin()
    while town.run().read < 20:
        town.work(uid, steps=1)

    # Another process knows nothing of it but its row.
    town.registry.pop(working.OPEN)
    town.work(uid)

    run = town.run()
    assert told(run) == (45, 45, 0, 0, 0, 0)
    tokens = [one.get("resumptionToken") for one in server.list_requests()]
    assert len(set(tokens)) == 5


def test_a_large_page_is_taken_in_parts_and_counted_once(town, server):
    server.page = 450
    put(server, 450)
    uid = town.begin()
    while town.run().read < 200:
        town.work(uid, steps=1)
    assert town.run().done == 200

    town.registry.pop(working.OPEN)
    town.work(uid)

    assert told(town.run()) == (450, 450, 0, 0, 0, 0)


def test_a_harvest_rests_goes_on_and_is_cancelled(town, server):
    put(server, 45)
    uid = town.begin()
    while town.run().read < 10:
        town.work(uid, steps=1)
    town.do("pause")
    town.work(uid)
    assert (town.run().state, len(town.held())) == (RunState.PAUSED, 10)

    town.do("resume")
    while town.run().read < 20:
        town.work(uid, steps=1)
    town.do("cancel")
    town.work(uid)

    assert (town.run().state, len(town.held())) == (RunState.CANCELLED, 20)
    # The next one begins where this one did.
    assert town.kept().since is None
    assert told(town.harvest()) == (45, 25, 0, 20, 0, 0)


def test_two_workers_do_nothing_twice(town, server):
    put(server, 45)
    uid = town.begin()
    town.work(uid, steps=4)
    mine = town.registry[working.OPEN]
    town.registry[working.OPEN] = {}
    while town.run().read < 30:
        town.work(uid, steps=1)
    town.registry[working.OPEN] = mine
    town.work(uid)
    town.work(uid)

    assert told(town.run()) == (45, 45, 0, 0, 0, 0)


def test_a_token_that_ran_out_begins_again_without_loss(town, server):
    put(server, 45)
    gone = (200, {}, server.error("badResumptionToken"))
    server.answer = OnceEach(gone, after=3)

    run = town.harvest()

    assert (run.state, run.restarts) == (RunState.FINISHED, 1)
    assert len(town.held()) == 45


def test_a_source_that_always_loses_its_place_is_left_alone(town, server):
    put(server, 45)
    server.answer = lambda asked: (
        (200, {}, server.error("badResumptionToken")) if "resumptionToken" in asked else None
    )

    assert "loses its place in the list again and again" in why(town.harvest())


def test_a_trial_writes_nothing_but_its_report(town, server):
    put(server, 12)
    server.put("<dc/>", "oai:test:a")

    run = town.harvest(dry=True)

    assert told(run) == (13, 12, 0, 0, 0, 1)
    assert (town.held(), town.refused(), town.kept().since) == ([], [], None)
    assert run.report["rejections"][0]["file"] == "oai:test:a"
    mine = HarvestedRecord.source_id == town.kept().id
    assert town.ask(select(func.count()).select_from(HarvestedRecord).where(mine)) == [0]


def test_from_a_date_that_leaves_a_gap_the_next_harvest_does_not_begin(town, server, clock):
    put(server, 3)
    town.harvest()
    before = town.kept().since
    a_moment(clock, days=2)

    town.harvest(since=clock.now() - timedelta(hours=1))
    assert town.kept().since == before
    town.harvest(since=before - timedelta(days=1))
    assert town.kept().since == clock.now()


def test_another_address_begins_from_the_beginning(town, server, clock, site):
    put(server, 3)
    town.harvest()
    town.source = replace(town.source, set="books")
    site.app.registry["bibliopolis.harvest_sources"] = {town.source.name: town.source}

    run = town.harvest()

    assert (run.whole, server.list_requests()[-1].get("from")) == (True, None)
    assert server.list_requests()[-1]["set"] == "books"


# A source that does not answer as it should.


def test_a_busy_source_is_left_alone_for_as_long_as_it_says(town, server, clock):
    put(server, 25)
    server.answer = OnceEach((503, {"Retry-After": "600"}, b""), after=1)
    uid = town.begin()
    town.work(uid)

    run = town.run()
    assert (run.state, run.not_before) == (RunState.WAITING, NOW + timedelta(seconds=600))
    assert why(run) == "The source answers with the error 503."
    asked = len(server.asked)
    town.work(uid)
    assert len(server.asked) == asked

    a_moment(clock, seconds=601)
    look_at(town)
    town.work(uid)
    assert (town.run().state, told(town.run())[1]) == (RunState.FINISHED, 25)
    assert town.run().trouble is None


def test_pauses_grow_and_have_an_end(town, server, clock):
    put(server, 3)
    server.answer = lambda asked: (500, {}, b"")
    uid = town.begin()
    pauses = []
    while True:
        town.work(uid)
        if town.run().state != RunState.WAITING:
            break
        pauses.append((town.run().not_before - clock.now()).total_seconds())
        clock.instant = town.run().not_before
        look_at(town)

    assert pauses == [30, 60, 120, 240, 480, 960, 1920]
    assert town.run().state == RunState.FAILED
    server.answer = lambda asked: None
    town.do("resume")
    town.work(uid)
    assert told(town.run())[1] == 3


@pytest.mark.parametrize("verb", ["Identify", "ListRecords"])
@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((404, {}, b"nothing"), "The source answers with the error 404."),
        ((401, {}, b""), "The source refuses access (error 401)."),
        ((200, {"Content-Type": "text/html"}, b"<html>x</html>"), "a page for people"),
        ((200, {}, b"<rss/>"), "is not OAI-PMH 2.0"),
        ((200, {}, b""), "is not OAI-PMH 2.0"),
        ((200, {"Content-Encoding": "br"}, b"x"), "packs its answers"),
        ((302, {"Location": "http://10.0.0.1/"}, b""), "10.0.0.1 leads into an internal network"),
        ((302, {"Location": "http://[::1]/"}, b""), "leads into an internal network"),
        ((302, {"Location": "file:///etc/passwd"}, b""), "cannot be followed"),
        ((302, {"Location": "/oai/\u00e9"}, b""), "cannot be followed"),
        ((302, {"Location": "http://[::1"}, b""), "cannot be followed"),
        ((302, {}, b""), "cannot be followed"),
        ((302, {"Location": "/oai"}, b""), "from one address to the next without an end"),
    ],
)
def test_what_is_wrong_with_a_source_is_told(town, server, verb, answer, said):
    put(server, 3)
    server.answer = lambda asked: answer if asked.get("verb", verb) == verb else None

    run = town.harvest()

    assert run.state == RunState.FAILED
    assert said in why(run)
    assert town.held() == []


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("cannotDisseminateFormat", "The source does not have the format marc21."),
        ("noSetHierarchy", "The source has no sets"),
        ("badArgument", "The source refuses the request: badArgument"),
    ],
)
def test_errors_of_the_protocol_are_told(town, server, code, said):
    server.answer = OnceEach((200, {}, server.error(code)))

    assert said in why(town.harvest())


def test_entities_are_not_followed(town, server, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("a secret")
    doctype = f'<!DOCTYPE OAI-PMH [<!ENTITY x SYSTEM "file://{secret}">]>'
    bomb = '<!DOCTYPE OAI-PMH [<!ENTITY a "' + "b" * 1000 + '">'
    for n in range(9):
        bomb += f'<!ENTITY {chr(98 + n)} "' + f"&{chr(97 + n)};" * 10 + '">'
    for declared, entity in ((doctype, "&x;"), (bomb + "]>", "&j;")):
        server.records.clear()
        server.put(f"<record><leader>{entity}</leader></record>", "oai:test:x")
        body = server.say({"verb": "ListRecords"}).decode().replace("<OAI", declared + "<OAI", 1)
        server.answer = OnceEach((200, {}, body.encode()))

        run = town.harvest()

        assert run.state == RunState.FAILED
        assert "a secret" not in str(run.report) + why(run)
    assert town.refused() == []


def test_a_list_without_an_end_is_left(town, server):
    put(server, 3)
    page = server.say({"verb": "ListRecords"}).decode()
    turns = numbers()

    def answer(asked):
        if asked["verb"] != "ListRecords":
            return None
        token = f"<resumptionToken>t{next(turns) % 3}</resumptionToken></ListRecords>"
        return 200, {}, page.replace("</ListRecords>", token).encode()

    server.answer = answer
    assert "has no end" in why(town.harvest())
    assert len(server.list_requests()) < 12

    turns = numbers()
    fresh = numbers(100)
    server.answer = lambda asked: (
        None
        if asked["verb"] != "ListRecords"
        else (
            200,
            {},
            page.replace(
                "</ListRecords>",
                f"<resumptionToken>{next(fresh)}</resumptionToken></ListRecords>",
            ).encode(),
        )
    )
    run = town.harvest()
    assert "has no end" in why(run)
    assert len(town.held()) == 3


def test_a_page_without_an_end_is_cut_off(town, server, monkeypatch):
    monkeypatch.setattr(
        working, "rules_of", lambda s: fetching.Rules(s.harvest_networks, largest=3000)
    )
    put(server, 5)
    run = town.harvest()
    assert "One page of the source has more than" in why(run)

    packed = gzip.compress(b" " * 10_000_000)
    server.answer = lambda asked: (200, {"Content-Encoding": "gzip"}, packed)
    assert "One page of the source has more than" in why(town.harvest())


def test_packed_answers_are_read(town, server):
    put(server, 5)
    server.answer = lambda asked: (
        200,
        {"Content-Encoding": "gzip"},
        gzip.compress(server.say(asked)),
    )

    assert told(town.harvest())[1] == 5


def test_a_connection_that_breaks_off_loses_nothing(town, server, clock):
    put(server, 5)
    whole = server.say({"verb": "ListRecords"})
    cut = whole[: len(whole) // 2]
    server.answer = OnceEach((200, {"Content-Length": str(len(whole))}, cut), (200, {}, cut))
    uid = town.begin()
    for _turn in range(2):
        town.work(uid)
        assert why(town.run()) == "The connection to the source broke off."
        a_moment(clock, hours=1)
        look_at(town)

    town.work(uid)

    assert told(town.run()) == (5, 5, 0, 0, 0, 0)


def test_a_source_that_never_answers_is_given_up_for_now(town, server, monkeypatch):
    monkeypatch.setattr(
        working, "rules_of", lambda s: fetching.Rules(s.harvest_networks, patience=0.05)
    )
    done = Event()

    def answer(asked):
        done.wait(5)

    server.answer = answer
    uid = town.begin()
    town.work(uid)
    done.set()

    assert why(town.run()) == "The source did not answer in time."


def test_a_clock_that_runs_ahead_hides_nothing(town, server, clock):
    put(server, 3)
    server.now = lambda: datetime(2999, 1, 1, tzinfo=UTC)
    town.harvest()

    assert town.kept().since == NOW


@pytest.mark.parametrize("year", ["0001", "9999"])
@pytest.mark.parametrize("zone", ["Z", "+14:00", "-14:00"])
def test_a_clock_that_tells_no_real_year_hides_nothing(town, server, year, zone):
    put(server, 3)
    told_time = f"<responseDate>{year}-01-01T00:00:00{zone}".encode()
    server.answer = lambda asked: (
        200,
        {},
        re.sub(b"<responseDate>[^<]*", told_time, server.say(asked)),
    )
    town.harvest()

    again = town.harvest()

    assert (again.state, why(again), town.kept().since) == (RunState.FINISHED, "", NOW)


def test_a_source_that_is_declared_no_more_is_told(town, server, site):
    uid = town.begin()
    site.app.registry["bibliopolis.harvest_sources"] = {}
    town.work(uid)

    assert why(town.run()) == "The source is no longer declared."


# The timetable and the worker.


def test_the_worker_keeps_the_timetable(site, server, clock):
    town = Town(site, server.url, times=(time(3, 30),), whole_days=frozenset({3}))
    put(server, 12)
    worker = Worker(site.app.registry)

    def look():
        look_at(town)
        worker.drain()

    look()
    assert town.held() == []  # declared after the time of today
    a_moment(clock, days=1)
    look()
    look()
    assert (len(town.held()), town.run().whole) == (12, True)
    first = town.run().id
    a_moment(clock, days=1)  # Thursday: everything
    look()
    assert (town.run().id > first, town.run().whole) == (True, True)
    a_moment(clock, days=1)
    look()
    assert (town.run().whole, town.run().state) == (False, RunState.FINISHED)


def test_a_night_that_was_too_short_goes_on_in_the_next_one(site, server, clock):
    town = Town(site, server.url, times=(time(3, 30),))
    put(server, 25)
    uid = town.begin()
    while town.run().read < 10:
        town.work(uid, steps=1)
    with site.transaction() as request:
        request.db.execute(
            update(HarvestRun).where(HarvestRun.uid == uid).values(attempts=working.ATTEMPTS - 1)
        )
    server.answer = lambda asked: (503, {}, b"")
    town.work(uid)
    assert town.run().state == RunState.FAILED

    server.answer = lambda asked: None
    a_moment(clock, days=1)
    look_at(town)
    town.work(uid)

    assert (town.run().uid, town.run().state) == (uid, RunState.FINISHED)
    assert told(town.run()) == (25, 25, 0, 0, 0, 0)


def test_what_nobody_works_on_any_more_is_taken_up(town, server, clock, site):
    put(server, 3)
    uid = town.begin(queue=False)  # as by a command, which is killed then
    a_moment(clock, minutes=11)
    look_at(town)
    look_at(town)
    queued = town.ask(select(OutboxRow.key).where(OutboxRow.topic == TOPIC))
    assert queued.count(uid) == 1


# The pages.


@pytest.fixture
def vera(town, site):
    name = f"vera{town.library_id}"
    with site.transaction() as request:
        request.db.add(
            Person(
                name=name,
                email=f"{name}@example.org",
                password_hash=PASSWORDS.hash("bibliopolis"),
                language="en",
                created=NOW,
                grants=[RoleGrant(role="librarian", scope=f"library:{town.library_id}")],
            )
        )
    return signed_in(site, name)


def test_a_librarian_harvests_and_sees_what_became_of_it(town, server, vera, site):
    put(server, 12)
    server.put("<dc/>", "oai:test:a")
    page = vera.get("/en/staff/imports/harvests")
    assert "Never harvested" in page.text
    page = page.click("National library")
    form = form_to(page, "/begin")
    page = form.submit("what", value="new", status=303).follow()
    assert "How far is it now?" in page.text
    Worker(site.app.registry).drain()

    page = vera.get(page.request.path)

    facts = [one.text.split()[0] for one in page.html.select("section dl.facts dd")]
    assert facts[:2] == ["13", "12"]
    assert "oai:test:a" in page.click("to the quarantine").text
    assert "Finished" in vera.get("/en/staff/imports/harvests").text


def test_a_librarian_steers_a_harvest(town, server, vera):
    put(server, 45)
    uid = town.begin()
    while town.run().read < 10:
        town.work(uid, steps=1)
    address = f"/en/staff/imports/harvests/{town.source.name}"
    page = form_to(vera.get(address), "/pause").submit(status=303).follow()
    assert "Paused" in page.text
    page = form_to(page, "/resume").submit(status=303).follow()
    late = form_to(page, "/pause")
    page = form_to(page, "/cancel").submit(status=303).follow()

    assert "Cancelled" in page.text
    assert late.submit(status=409)
    cancelled = AuditEvent.what == "library.cancel_harvest"
    assert {"brought_from": town.source.name} in town.ask(
        select(AuditEvent.details).where(cancelled)
    )


def test_sources_of_other_libraries_are_not_shown(town, server, vera, site):
    other = Town(site, server.url)
    both = {one.source.name: one.source for one in (town, other)}
    site.app.registry["bibliopolis.harvest_sources"] = both

    page = vera.get("/en/staff/imports/harvests")

    assert len(page.html.select("tbody tr")) == 1
    vera.get(f"/en/staff/imports/harvests/{other.source.name}", status=403)
    vera.get("/en/staff/imports/harvests/nobody", status=404)


def test_ten_sources_ask_the_database_no_more_than_one(town, server, vera, site):
    put(server, 1)
    asked = []
    for many in (1, 10):
        sources = {f"source-{n}": replace(town.source, name=f"source-{n}") for n in range(many)}
        site.app.registry["bibliopolis.harvest_sources"] = sources
        for source in sources.values():
            town.source = source
            town.harvest()
        with statements(site) as sent:
            page = vera.get("/en/staff/imports/harvests")
        assert len(page.html.select("tbody tr")) == many
        asked.append(len(sent))

    assert asked[1] <= asked[0]


@contextmanager
def statements(site):
    """Collect the statements that are sent to the database."""
    sent = []

    def note(_connection, _cursor, statement, *_others):
        sent.append(statement)

    event.listen(site.engine, "before_cursor_execute", note)
    yield sent
    event.remove(site.engine, "before_cursor_execute", note)


def test_russian_librarians_read_russian(town, server, vera):
    server.answer = lambda asked: (404, {}, b"")
    town.harvest()

    page = vera.get(f"/ru/staff/imports/harvests/{town.source.name}")

    assert "Источник ответил ошибкой 404." in page.text
