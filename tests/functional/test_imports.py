"""Staff send a file, see how it is read, try it, bring it in, and steer the import."""

import os
import shutil

import pytest
from fixtures.demo import signed_in
from fixtures.desk import form_to
from fixtures.iso_bytes import rusmarc
from fixtures.marc_files import iso2709, koha_item, marc_record
from fixtures.people import PASSWORDS
from fixtures.sites import SITE, CommittingSite
from sqlalchemy import func, select, update
from webtest import Upload

from bibliopolis import configure
from bibliopolis.accounts.models import AuditEvent, Person, RoleGrant
from bibliopolis.catalogue.importing import Importer
from bibliopolis.catalogue.models import Item, Record
from bibliopolis.db import make_session
from bibliopolis.intake import working
from bibliopolis.intake.files import ImportFiles
from bibliopolis.intake.jobs import forget_what_is_old
from bibliopolis.intake.models import IntakeRun, QuarantinedRecord, RunState
from bibliopolis.intake.runs import TOPIC
from bibliopolis.libraries.models import Library, OrganisationKind
from bibliopolis.outbox import OutboxRow
from bibliopolis.request_class import make_app
from bibliopolis.resources.history import HistoryEntry
from bibliopolis.worker import Worker

LIST = "/en/staff/imports"
BROKEN = marc_record(7).as_marc()[:27] + b"????" + marc_record(7).as_marc()[31:]


@pytest.fixture
def site(migrated_sqlite, tmp_path):
    """A site whose requests commit, with two libraries and a librarian of the first."""
    data = tmp_path / "data"
    data.mkdir()
    shutil.copyfile(migrated_sqlite, data / "bibliopolis.sqlite")
    url = f"sqlite:///{data / 'bibliopolis.sqlite'}"
    settings = {
        "bibliopolis.site": str(SITE),
        "bibliopolis.data": str(data),
        "bibliopolis.secret": "for tests only",
        "bibliopolis.import_limit": "2000000",
    }
    app = make_app(configure(settings, {"bibliopolis.passwords": PASSWORDS}))
    site = CommittingSite(app, url, data)
    with site.transaction() as request:
        now = request.clock.now()
        for code in ("fontanka", "okhta"):
            name = {"en": code.capitalize(), "ru": code}
            request.db.add(Library(code=code, name=name, sort_key=code, created=now, changed=now))
        request.db.flush()
        here = request.db.scalar(select(Library.id).where(Library.code == "fontanka"))
        request.db.add(
            Person(
                name="Vera",
                email="vera@example.org",
                password_hash=PASSWORDS.hash("bibliopolis"),
                language="en",
                created=now,
                grants=[RoleGrant(role="librarian", scope=f"library:{here}")],
            )
        )
    yield site
    site.engine.dispose()


@pytest.fixture
def vera(site):
    return signed_in(site, "vera")


def send(web, content, name="catalogue.mrc", status=303, profile=""):
    form = form_to(web.get(LIST), "/send")
    form["upload"] = Upload(name, content)
    form["profile"] = profile
    answer = form.submit(status=status)
    return answer.follow() if status == 303 else answer


def press(page, name, **fields):
    """Press the button of the form "how it is read" that leads to a view."""
    form = form_to(page, "/say")
    for field, value in fields.items():
        form[field] = value
    form.action = form.action.removesuffix("/say") + f"/{name}"
    return form.submit(status=303).follow()


def work(site):
    Worker(site.app.registry).drain()


def facts(page):
    names = [dt.text for dt in page.html.select("dl.facts dt")]
    return dict(
        zip(names, [dd.text.split()[0] for dd in page.html.select("dl.facts dd")], strict=True)
    )


def count(site, model, *conditions):
    with make_session(site.engine, writes=False) as db:
        return db.scalar(select(func.count()).select_from(model).where(*conditions))


def run_of(site):
    with make_session(site.engine, writes=False) as db:
        return db.scalars(select(IntakeRun).order_by(IntakeRun.id.desc())).first()


def catalogue(number, begin=0):
    return iso2709(
        marc_record(n, items=[koha_item(f"B{n}", home="fontanka")])
        for n in range(begin, begin + number)
    )


def test_a_file_is_shown_as_it_would_be_read_and_nothing_is_written(site, vera):
    page = send(vera, catalogue(8))

    rows = page.html.select("tbody tr")
    assert len(rows) == 5
    assert "Преступление и наказание 0: роман" in rows[0].text
    assert "B0 · 84Р1 Д70" in rows[0].text
    assert "MARC 21, ISO 2709, UTF-8" in page.text
    work(site)
    assert count(site, Record) == 0


def test_what_was_recognised_wrongly_can_be_put_right_before_anything_is_written(site, vera):
    page = send(vera, rusmarc(title="Эхо", charset="0189", encoding="koi8-r"))
    assert "Эхо" not in page.html.select_one("tbody").text

    page = press(page, "say", encoding="koi8-r")
    assert "Эхо" in page.html.select_one("tbody").text
    press(page, "begin", encoding="koi8-r")
    work(site)

    assert count(site, Record, Record.title == "Эхо") == 1


def test_a_trial_reports_what_would_become_of_it_and_writes_nothing(site, vera):
    page = press(send(vera, catalogue(300) + BROKEN), "try")
    work(site)
    page = vera.get(page.request.path)

    assert facts(page)["New records"] == "300"
    assert facts(page)["Refused records"] == "1"
    assert "the directory is damaged" in page.text
    assert count(site, Record) == count(site, QuarantinedRecord) == 0
    assert count(site, HistoryEntry, HistoryEntry.action == "import") == 0
    assert count(site, OutboxRow) == 0

    press(page, "begin")
    work(site)
    assert count(site, Record) == 300


def test_the_report_stays_and_leads_to_what_was_refused(site, vera):
    page = press(send(vera, catalogue(3) + BROKEN), "begin")
    work(site)
    page = vera.get(page.request.path)

    assert (facts(page)["New records"], facts(page)["New copies"]) == ("3", "3")
    refused = page.click("to the quarantine")
    assert [row.th.a.text for row in refused.html.select("tbody tr")] == ["catalogue.mrc, record 4"]
    assert count(site, HistoryEntry, HistoryEntry.action == "import") == 1
    assert page.html.find("form", action=lambda one: one and one.endswith("/say")) is None


def test_the_same_file_again_changes_nothing(site, vera):
    for _turn in range(2):
        page = press(send(vera, catalogue(3) + BROKEN), "begin")
        work(site)

    page = vera.get(page.request.path)
    assert (facts(page)["Unchanged records"], facts(page)["New records"]) == ("3", "0")
    assert count(site, QuarantinedRecord) == 1


def test_a_profile_says_what_the_file_does_not(site, vera):
    record = "#920: PAZK\n#903: 1\n#200: ^AКнига\n#910: ^A0^B1^DЧЗ\n*****\n".encode()

    page = press(send(vera, record, "base.txt", profile="irbis"), "begin", profile="irbis")
    work(site)

    with make_session(site.engine, writes=False) as db:
        [item] = db.scalars(select(Item))
        assert (item.location, item.status) == ("Читальный зал", "reading_room")
    assert "IRBIS, text export" in vera.get(page.request.path).text


def test_an_import_rests_goes_on_where_it_was_and_can_be_cancelled(site, vera):
    page = press(send(vera, catalogue(900)), "begin")
    uid = run_of(site).uid
    assert working.carry_on_one(site.app.registry, uid, seconds=0)
    page = vera.get(page.request.path)
    assert facts(page)["Records read"] == "200"

    page = form_to(page, "/pause").submit(status=303).follow()
    assert not working.carry_on_one(site.app.registry, uid)
    work(site)
    assert count(site, Record) == 200

    page = form_to(page, "/resume").submit(status=303).follow()
    # Another process knows nothing of it but its row.
    site.app.registry.pop(working.OPEN)
    assert working.carry_on_one(site.app.registry, uid, seconds=0)
    while working.carry_on_one(site.app.registry, uid, seconds=0) and run_of(site).read < 600:
        pass
    assert facts(vera.get(page.request.path))["New records"] == "600"
    form_to(vera.get(page.request.path), "/cancel").submit(status=303)
    work(site)

    assert (run_of(site).state, count(site, Record)) == (RunState.CANCELLED, 600)


def test_remarks_outlive_a_pause_and_are_told_in_the_words_of_the_reader(site, vera):
    twice = (0, 300, 700)
    data = iso2709(
        marc_record(n, items=[koha_item("B" if n in twice else f"B{n}", home="fontanka")])
        for n in range(900)
    )
    page = press(send(vera, data), "begin")
    uid = run_of(site).uid
    while run_of(site).read < 400:
        working.carry_on_one(site.app.registry, uid, seconds=0)
    site.app.registry.pop(working.OPEN)  # as in another process
    work(site)

    remarks = run_of(site).report["remarks"]
    assert [(one["file"], one["record"]) for one in remarks] == [
        ("catalogue.mrc", 301),
        ("catalogue.mrc", 701),
    ]
    assert "copy B belongs to another record" in vera.get(page.request.path).text
    russian = vera.get(page.request.path.replace("/en/", "/ru/"))
    assert "экземпляр B принадлежит другой записи" in russian.text
    assert str(site.data) not in str(run_of(site).report)


@pytest.mark.parametrize(("together", "place"), [(False, "fontanka"), (True, "okhta")])
def test_copies_come_to_libraries_of_the_same_system_only(site, vera, together, place):
    with site.transaction() as request:
        now = request.clock.now()
        system = Library(
            code="south",
            kind=OrganisationKind.SYSTEM,
            name={},
            sort_key="south",
            created=now,
            changed=now,
        )
        request.db.add(system)
        request.db.flush()
        if together:
            request.db.execute(
                update(Library)
                .where(Library.kind == OrganisationKind.LIBRARY)
                .values(parent_id=system.id)
            )
    data = iso2709(
        [
            marc_record(1, items=[koha_item("B1", home="okhta")]),
            marc_record(2, items=[koha_item("B2", home="south")]),
        ]
    )

    press(send(vera, data), "begin")
    work(site)

    with make_session(site.engine, writes=False) as db:
        found = db.execute(
            select(Item.barcode, Library.code).join(Library, Library.id == Item.library_id)
        )
        assert dict(found.all()) == {"B1": place, "B2": "fontanka"}


def test_the_history_of_the_library_tells_who_brought_it_in(site, vera):
    press(send(vera, catalogue(1)), "begin")
    work(site)

    with make_session(site.engine, writes=False) as db:
        actor = db.scalar(select(HistoryEntry.actor_id).where(HistoryEntry.action == "import"))
        assert actor == db.scalar(select(Person.id).where(Person.name == "Vera"))


def test_the_audit_log_tells_who_began_and_who_cancelled(site, vera):
    page = press(send(vera, catalogue(300)), "begin")
    working.carry_on_one(site.app.registry, run_of(site).uid, seconds=0)
    form_to(vera.get(page.request.path), "/cancel").submit(status=303)

    with make_session(site.engine, writes=False) as db:
        person = db.scalar(select(Person.id).where(Person.name == "Vera"))
        told = db.execute(
            select(AuditEvent.what, AuditEvent.actor_id, AuditEvent.details)
            .where(AuditEvent.what.startswith("library."))
            .order_by(AuditEvent.id)
        ).all()
    file = {"brought_from": "catalogue.mrc"}
    assert [tuple(one) for one in told] == [
        ("library.begin_import", person, file),
        ("library.import", None, {}),
        ("library.cancel_import", person, file),
    ]


def test_an_import_that_breaks_down_says_so_and_can_go_on(site, vera, monkeypatch):
    def take(*_given):
        raise RuntimeError("out of order")

    page = press(send(vera, catalogue(3)), "begin")
    with monkeypatch.context() as broken:
        broken.setattr(Importer, "take", take)
        work(site)
    page = vera.get(page.request.path)
    assert "Something has gone wrong that nobody foresaw" in page.text
    assert run_of(site).state == RunState.FAILED

    form_to(page, "/resume").submit(status=303)
    work(site)

    assert (run_of(site).state, run_of(site).trouble) == (RunState.FINISHED, None)
    assert count(site, Record) == 3


def test_a_disk_that_fails_for_a_moment_is_tried_again(site, vera, monkeypatch):
    def steps(*_given):
        raise PermissionError("a disk")

    page = press(send(vera, catalogue(3)), "begin")
    monkeypatch.setattr(working.ImportRun, "steps", steps)
    work(site)
    assert run_of(site).state == RunState.RUNNING

    with site.transaction() as request:
        request.db.execute(
            update(OutboxRow)
            .where(OutboxRow.topic == TOPIC)
            .values(attempts=working.TRIES - 1, not_before=request.clock.now())
        )
    work(site)

    assert run_of(site).state == RunState.FAILED
    assert "The file cannot be read or written now." in vera.get(page.request.path).text


def test_two_workers_that_meet_at_one_import_do_nothing_twice(site, vera):
    press(send(vera, catalogue(900)), "begin")
    uid, registry = run_of(site).uid, site.app.registry
    working.carry_on_one(registry, uid, seconds=0)
    mine = registry[working.OPEN]
    registry[working.OPEN] = {}
    while run_of(site).read < 600:
        assert working.carry_on_one(registry, uid, seconds=0)
    registry[working.OPEN] = mine

    while working.carry_on_one(registry, uid, seconds=0):
        pass

    run = run_of(site)
    assert (run.state, run.read, run.report["created"]) == (RunState.FINISHED, 900, 900)


def test_a_long_import_is_left_to_the_process_that_has_its_file_open(site, vera, monkeypatch):
    press(send(vera, catalogue(900)), "begin")
    uid, registry = run_of(site).uid, site.app.registry
    monkeypatch.setattr(working, "MANY", 100)
    working.carry_on_one(registry, uid, seconds=0)

    mine = registry[working.OPEN]
    registry[working.OPEN] = {}
    monkeypatch.setattr(working, "process_name", lambda: "another:1")
    work(site)
    assert run_of(site).read == 200
    with make_session(site.engine, writes=False) as db:
        [waits] = db.scalars(select(OutboxRow.not_before).where(OutboxRow.topic == TOPIC))
        assert waits > run_of(site).touched
    # Until nothing is heard of that one any more.
    with site.transaction() as request:
        long_ago = request.clock.now() - 2 * working.IN_HAND
        request.db.execute(update(IntakeRun).values(touched=long_ago))
    while working.carry_on_one(registry, uid, seconds=0):
        pass
    assert run_of(site).state == RunState.FINISHED

    registry[working.OPEN] = mine
    assert not working.carry_on_one(registry, uid, seconds=0)
    assert (run_of(site).read, run_of(site).report["created"]) == (900, 900)


def test_others_write_while_a_file_is_unpacked(site, vera, monkeypatch):
    keep = ImportFiles.keep
    wrote = []

    def keep_slowly(files, uid, stream):
        with site.transaction() as request:
            request.db.execute(update(Library).values(sort_key="written meanwhile"))
        wrote.append(uid)
        return keep(files, uid, stream)

    monkeypatch.setattr(ImportFiles, "keep", keep_slowly)
    page = send(vera, catalogue(3))

    assert [run_of(site).uid] == wrote
    assert len(page.html.select("tbody tr")) == 3
    send(vera, b"%PDF-1.7", status=400)
    assert count(site, IntakeRun) == 1


def test_other_libraries_are_none_of_their_business(site, vera):
    form = form_to(vera.get(LIST), "/send")
    assert [option[2] for option in form["library"].options] == ["Fontanka"]
    with site.transaction() as request:
        theirs = request.db.scalar(select(Library.id).where(Library.code == "okhta"))
        now = request.clock.now()
        run = IntakeRun(library_id=theirs, file="theirs.mrc", size=1, created=now)
        request.db.add(run)
        request.db.flush()
        number = run.id
    form["library"].force_value(str(theirs))
    form["upload"] = Upload("catalogue.mrc", catalogue(1))

    form.submit(status=403)
    vera.get(f"{LIST}/{number}", status=403)
    assert "theirs.mrc" not in vera.get(LIST).text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.7", "This is a file of PDF, not one of records."),
        (b"x" * 2_000_001, "The file is too large: at most 2 megabytes fit, unpacked."),
        (b"PK\x03\x04", "The packed file is damaged or locked: pack it anew."),
    ],
)
def test_what_cannot_be_taken_is_told_at_the_form(site, vera, content, said):
    page = send(vera, content, status=400)

    assert said in page.text
    assert count(site, IntakeRun) == 0


def test_a_form_that_came_too_late_changes_nothing(site, vera):
    page = send(vera, catalogue(1))
    late = form_to(vera.get(page.request.path), "/say")
    press(page, "begin")
    work(site)

    assert "in the catalogue already" in late.submit(status=409).text


def test_files_and_old_imports_are_forgotten(site, vera):
    press(send(vera, catalogue(1)), "begin")
    send(vera, catalogue(1), "draft.mrc")
    work(site)
    folder = site.data / "imports"
    done, draft = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime)
    for path in (done, draft):
        os.utime(path, (0, 0))

    with site.transaction() as request:
        forget_what_is_old(request)

    assert [path.name for path in folder.iterdir()] == [run_of(site).uid]
    assert count(site, IntakeRun) == 2


def test_the_worker_takes_turns_with_everything_else(site, vera):
    press(send(vera, catalogue(5)), "begin")

    assert count(site, OutboxRow, OutboxRow.topic == TOPIC, OutboxRow.priority == 10) == 1
    work(site)
    assert count(site, OutboxRow, OutboxRow.topic == TOPIC) == 0
