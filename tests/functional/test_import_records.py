"""Bringing a library's catalogue in from the command line."""

import json
import shutil

import pytest
from click.testing import CliRunner
from fixtures.iso_bytes import rusmarc
from fixtures.marc_files import iso2709, koha_item, marc_record, marcxml
from fixtures.sites import SITE
from pymarc import Leader
from sqlalchemy import func, select

from bibliopolis.catalogue.models import Item, Record, SourceRecord
from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.cli import main
from bibliopolis.clock import Clock
from bibliopolis.db import make_engine, make_session
from bibliopolis.libraries.models import Library
from bibliopolis.resources.history import HistoryEntry


class Town:
    """A site in a folder of its own with a library "central", and the command line to it."""

    def __init__(self, data):
        self.data = data
        self.engine = make_engine(f"sqlite:///{data / 'bibliopolis.sqlite'}")
        now = Clock().now()
        with make_session(self.engine, writes=True) as db, db.begin():
            db.add(Library(code="central", name={}, sort_key="central", created=now, changed=now))

    def run(self, *files, options=(), library="central"):
        arguments = ["import-records", "-c", str(SITE / "development.ini"), "--library", library]
        return CliRunner(env={"BIBLIOPOLIS_DATA": str(self.data)}).invoke(
            main, [*arguments, *options, *map(str, files)]
        )

    def count(self, model, *conditions):
        with make_session(self.engine, writes=False) as db:
            return db.scalar(select(func.count()).select_from(model).where(*conditions))


@pytest.fixture
def town(migrated_sqlite, tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    shutil.copyfile(migrated_sqlite, data / "bibliopolis.sqlite")
    town = Town(data)
    yield town
    town.engine.dispose()


@pytest.fixture
def catalogue_file(tmp_path):
    records = [marc_record(n, items=[koha_item(f"B{n}", home="central")]) for n in range(30)]
    path = tmp_path / "catalogue.mrc"
    path.write_bytes(iso2709(records))
    return path


def deleted(path, *records):
    """Write a file of records that say of themselves that they are deleted."""
    for record in records:
        record.leader = Leader(f"{str(record.leader)[:5]}d{str(record.leader)[6:]}")
    path.write_bytes(iso2709(records))
    return path


def test_what_a_library_has_deleted_is_withdrawn_with_its_copies(town, catalogue_file, tmp_path):
    town.run(catalogue_file)
    changes = deleted(tmp_path / "deleted.mrc", marc_record(3), marc_record(99))

    result = town.run(changes)

    assert "2 read, 0 created, 0 updated, 1 unchanged, 1 withdrawn, 0 rejected" in result.output
    assert "0 updated, 1 withdrawn" in result.output
    assert town.count(Record, Record.withdrawn) == 1
    assert town.count(Item, Item.status == ItemStatus.WITHDRAWN) == 1
    again = town.run(changes)
    assert "2 unchanged, 0 withdrawn" in again.output

    # Where the library takes it in again, it is there again.
    town.run(catalogue_file)
    assert town.count(Record, Record.withdrawn) == 0


def test_a_deletion_without_a_number_is_rejected(town, catalogue_file, tmp_path):
    town.run(catalogue_file)
    nameless = marc_record(3, control_number=False)

    result = town.run(deleted(tmp_path / "deleted.mrc", nameless))

    assert "0 withdrawn, 1 rejected" in result.output
    assert "marked as deleted" in result.output
    assert town.count(Record, Record.withdrawn) == 0


def test_a_file_comes_in_and_a_second_time_changes_nothing(town, catalogue_file):
    first = town.run(catalogue_file)
    second = town.run(catalogue_file)

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "30 read, 30 created, 0 updated, 0 unchanged, 0 withdrawn, 0 rejected" in first.output
    assert "copies: 30 created" in first.output
    assert "30 read, 0 created, 0 updated, 30 unchanged, 0 withdrawn, 0 rejected" in second.output
    assert (town.count(Record), town.count(Item)) == (30, 30)


def test_each_run_is_one_row_of_history(town, catalogue_file):
    town.run(catalogue_file)
    town.run(catalogue_file)

    with make_session(town.engine, writes=False) as db:
        rows = db.scalars(select(HistoryEntry).order_by(HistoryEntry.id)).all()
    assert [(row.resource_type, row.action) for row in rows] == [("library", "import")] * 2
    assert [row.data["created"] for row in rows] == [30, 0]
    assert all(row.data["finished"] for row in rows)


def test_what_is_rejected_is_told_with_its_place(town, tmp_path):
    good = [marc_record(n).as_marc() for n in range(3)]
    broken = good[1][:24] + b"x" * 40 + good[1][64:]
    path, report = tmp_path / "mixed.mrc", tmp_path / "report.json"
    other = marc_record(0, title="Идиот").as_marc()
    path.write_bytes(good[0] + broken + good[2] + other)

    result = town.run(path, options=["--report", str(report)])

    told = json.loads(report.read_text())
    assert result.exit_code == 3
    assert (told["read"], told["created"], told["rejected"]) == (4, 2, 2)
    assert told["rejections"][0] == {
        "file": str(path),
        "record": 2,
        "offset": len(good[0]),
        "control_number": "",
        "reason": "the directory is damaged",
    }
    assert told["rejections"][1]["reason"] == "record 1 of this file has the same control number"
    assert f"rejected: {path}: record 2 at byte {len(good[0])}: the directory" in result.output


def test_a_record_that_stands_twice_in_a_file_is_one(town, tmp_path):
    path = tmp_path / "twice.mrc"
    path.write_bytes(marc_record(1).as_marc() * 2)

    result = town.run(path)

    assert "2 read, 1 created, 0 updated, 1 unchanged, 0 withdrawn, 0 rejected" in result.output


def test_marcxml_of_the_same_records_is_no_change(town, catalogue_file, tmp_path):
    town.run(catalogue_file)
    xml = tmp_path / "catalogue.xml"
    records = [marc_record(n, items=[koha_item(f"B{n}", home="central")]) for n in range(30)]
    xml.write_bytes(marcxml(records))

    assert "30 unchanged" in town.run(xml).output


def test_an_unknown_library_is_refused_with_those_there_are(town, catalogue_file):
    result = town.run(catalogue_file, library="nowhere")

    assert result.exit_code == 1
    assert "there is no library nowhere; there are: central" in result.output


@pytest.mark.parametrize(
    ("file", "tag", "records", "items"),
    [
        ("marc/nlnz/NLNZ_1000_example_marc.marc", "952", 1001, 0),
        ("marc/solrmarc/uva_001_2000.mrc", "999", 2000, 2903),
    ],
)
def test_whole_catalogues_come_in_whole(town, samples, file, tag, records, items):
    result = town.run(samples / file, options=["--items", tag])

    assert result.exit_code == 0
    assert (
        f"{records} read, {records} created, 0 updated, 0 unchanged, 0 withdrawn, 0 rejected"
        in result.output
    )
    assert (town.count(Record), town.count(Item)) == (records, items)
    assert town.count(SourceRecord, SourceRecord.source.is_(None)) == 0


def test_every_stored_title_is_the_one_pymarc_reads(town, samples):
    from unicodedata import normalize

    import pymarc

    path = samples / "marc/solrmarc/uva_001_2000.mrc"
    town.run(path, options=["--items", "999"])
    with path.open("rb") as stream:
        expected = {
            record["001"].data: normalize(
                "NFC", " ".join(filter(None, (record["245"].get("a"), record["245"].get("b"))))
            )
            for record in pymarc.MARCReader(stream)
        }

    with make_session(town.engine, writes=False) as db:
        stored = db.execute(select(Record.control_number, Record.title_statement)).all()

    assert dict(map(tuple, stored)) == expected


def test_russian_files_say_what_they_were_recognised_as(town, tmp_path):
    file = tmp_path / "rusmarc.iso"
    file.write_bytes(rusmarc(title="Преступление и наказание", encoding="koi8-r"))
    report = tmp_path / "report.json"

    done = town.run(file, options=["--report", report])

    assert done.exit_code == 0
    assert f"{file}: UNIMARC/RUSMARC, ISO 2709, KOI8-R: 1" in done.output
    assert json.loads(report.read_text("utf-8"))["recognised"] == {
        str(file): {"UNIMARC/RUSMARC, ISO 2709, KOI8-R": 1}
    }
    with make_session(town.engine, writes=False) as db:
        [row] = db.scalars(select(HistoryEntry)).all()
    assert row.data["forms"] == {"UNIMARC/RUSMARC, ISO 2709, KOI8-R": 1}
    assert str(file) not in json.dumps(row.data)


def test_format_and_encoding_can_be_given(town, tmp_path):
    file = tmp_path / "rusmarc.iso"
    file.write_bytes(rusmarc(title="Эхо", encoding="cp866"))

    done = town.run(file, options=["--format", "rusmarc", "--encoding", "cp866"])
    again = town.run(file, options=["--format", "marc21", "--encoding", "cp866"])

    assert (done.exit_code, again.exit_code) == (0, 3)
    assert town.count(Record, Record.title == "Эхо") == 1
    assert "the record has no title (field 245)" in again.output


def test_what_is_rejected_is_kept_with_its_bytes_and_can_be_mended(town, tmp_path):
    good, bad = marc_record(1).as_marc(), marc_record(2).as_marc()
    broken = bad[:27] + b"????" + bad[31:]
    twice = marc_record(1, title="Другое").as_marc()
    file, rejected = tmp_path / "file.mrc", tmp_path / "rejected.mrc"
    file.write_bytes(good + broken + twice)

    done = town.run(file, options=["--rejected", rejected])
    assert done.exit_code == 3
    assert rejected.read_bytes() == broken + b"\n" + twice + b"\n"

    rejected.write_bytes(rejected.read_bytes().replace(broken, bad))
    mended = town.run(rejected)
    assert "2 read, 1 created, 1 updated" in mended.output
