"""An import that is killed loses nothing and doubles nothing."""

import io
import shutil
import signal
import subprocess
import time

from fixtures.live import bibliopolis
from fixtures.marc_files import iso2709, koha_item, marc_record
from sqlalchemy import func, select

from bibliopolis.catalogue.models import Availability, Item, Record, SourceRecord
from bibliopolis.clock import Clock
from bibliopolis.db import make_engine, make_session, new_uid
from bibliopolis.intake.files import ImportFiles
from bibliopolis.intake.models import IntakeRun, RunState
from bibliopolis.intake.runs import TOPIC
from bibliopolis.libraries.models import Library
from bibliopolis.outbox import Outbox, OutboxRow

RECORDS = 1800
SILENT = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


class Town:
    def __init__(self, folder, schema):
        folder.mkdir()
        self.folder = folder
        shutil.copyfile(schema, folder / "bibliopolis.sqlite")
        self.engine = make_engine(f"sqlite:///{folder / 'bibliopolis.sqlite'}")
        now = Clock().now()
        with make_session(self.engine, writes=True) as db, db.begin():
            db.add(Library(code="c", name={}, sort_key="c", created=now, changed=now))

    def start(self, path):
        return bibliopolis(
            "import-records", "--library", "c", str(path), data=self.folder, **SILENT
        )

    def count(self, what):
        with make_session(self.engine, writes=False) as db:
            return db.scalar(select(func.count()).select_from(what))

    def contents(self):
        with make_session(self.engine, writes=False) as db:
            records = select(
                SourceRecord.control_number, Record.title, SourceRecord.content_hash
            ).join(Record, Record.id == SourceRecord.record_id)
            items = select(Item.barcode, Item.status, Record.control_number).join(Record)
            counts = select(Record.control_number, Availability.total, Availability.available).join(
                Record, Record.id == Availability.record_id
            )
            return [sorted(map(tuple, db.execute(query))) for query in (records, items, counts)]


def test_a_killed_worker_goes_on_with_a_sent_file_where_it_was(migrated_sqlite, tmp_path):
    town = Town(tmp_path / "town", migrated_sqlite)
    records = iso2709(marc_record(n, items=[koha_item(f"A{n}")]) for n in range(RECORDS))
    uid = new_uid()
    size = ImportFiles(town.folder, len(records)).keep(uid, io.BytesIO(records))
    now = Clock().now()
    with make_session(town.engine, writes=True) as db, db.begin():
        library_id = db.scalar(select(Library.id))
        db.add(
            IntakeRun(
                uid=uid,
                library_id=library_id,
                file="catalogue.mrc",
                size=size,
                state=RunState.WAITING,
                created=now,
            )
        )
        Outbox(db, Clock()).add(TOPIC, uid)

    killed = 0
    while killed < 2:
        before = town.count(Record)
        worker = bibliopolis("worker", data=town.folder, **SILENT)
        while worker.poll() is None and town.count(Record) < before + 600:
            time.sleep(0.002)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        killed += 1
    assert 0 < town.count(Record) < RECORDS
    assert bibliopolis("worker", "--once", data=town.folder, **SILENT).wait(120) == 0

    with make_session(town.engine, writes=False) as db:
        run = db.scalar(select(IntakeRun))
        assert (run.state, run.read) == (RunState.FINISHED, RECORDS)
        # Each record was counted once: nothing was brought in a second time.
        assert (run.report["created"], run.report["unchanged"]) == (RECORDS, 0)
    assert (town.count(Record), town.count(Item)) == (RECORDS, RECORDS)
    town.engine.dispose()


def test_kill_minus_nine_in_the_middle_and_the_same_command_again(migrated_sqlite, tmp_path):
    path = tmp_path / "catalogue.mrc"
    path.write_bytes(
        iso2709(
            marc_record(n, items=[koha_item(f"A{n}"), koha_item(f"B{n}")]) for n in range(RECORDS)
        )
    )
    town, calm = (
        Town(tmp_path / "killed", migrated_sqlite),
        Town(tmp_path / "calm", migrated_sqlite),
    )

    killed = 0
    while killed < 3 and town.count(Record) < RECORDS:
        before = town.count(Record)
        process = town.start(path)
        while process.poll() is None and town.count(Record) < min(before + 500, RECORDS):
            time.sleep(0.002)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            killed += 1
        process.wait()
    in_between = town.count(Record)
    assert killed >= 2
    assert 0 < in_between <= RECORDS
    assert town.start(path).wait(120) == 0
    assert calm.start(path).wait(120) == 0

    assert town.contents() == calm.contents()
    assert town.count(Record) == RECORDS
    with make_session(town.engine, writes=False) as db:
        told = set(db.scalars(select(OutboxRow.key)))
        assert told == {f"record:{record_id}" for record_id in db.scalars(select(Record.id))}
    town.engine.dispose()
    calm.engine.dispose()
