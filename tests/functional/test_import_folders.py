"""Files that a library's system puts into its folder come in by themselves."""

import gzip
import json
import os
import shutil

import pytest
from fixtures.marc_files import iso2709, koha_item, marc_record
from fixtures.sites import SITE, CommittingSite
from pyramid.request import Request
from pyramid.scripting import prepare
from sqlalchemy import func, select

from bibliopolis import configure
from bibliopolis.catalogue.models import Record
from bibliopolis.db import make_session
from bibliopolis.intake.folders import LibraryFolder, look_into_folders, profile_of, shortened
from bibliopolis.intake.models import IntakeRun
from bibliopolis.intake.profiles import load_profiles
from bibliopolis.libraries.models import Library
from bibliopolis.request_class import make_app
from bibliopolis.worker import Worker

RECORDS = iso2709(marc_record(n, items=[koha_item(f"B{n}", home="okhta")]) for n in range(30))


@pytest.fixture
def site(migrated_sqlite, tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    shutil.copyfile(migrated_sqlite, data / "bibliopolis.sqlite")
    settings = {
        "bibliopolis.site": str(SITE),
        "bibliopolis.data": str(data),
        "bibliopolis.secret": "for tests only",
        "bibliopolis.import_folder": str(tmp_path / "in"),
    }
    site = CommittingSite(make_app(configure(settings)), "", data)
    with site.transaction() as request:
        now = request.clock.now()
        for code in ("okhta", "sennaya"):
            library = Library(code=code, name={}, sort_key=code, created=now, changed=now)
            request.db.add(library)
    yield site
    site.engine.dispose()


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "in" / "okhta"
    folder.mkdir(parents=True)
    return folder


def put(folder, name, content=RECORDS, *, complete=True):
    (folder / name).write_bytes(content)
    if complete:
        os.utime(folder / name, (0, 0))


def look(site):
    blank = Request.blank("/")
    with prepare(blank, registry=site.app.registry) as environment:
        request = environment["request"]
        with request.tm:
            look_into_folders(request)
    Worker(site.app.registry).drain()


def look_often(site):
    for _turn in range(3):
        look(site)


def names(folder):
    return sorted(path.name.partition("-")[2] for path in folder.glob("*"))


def count(site, model):
    with make_session(site.engine, writes=False) as db:
        return db.scalar(select(func.count()).select_from(model))


def test_a_complete_file_is_brought_in_and_put_away_with_its_report(site, folder):
    put(folder, "catalogue.mrc.gz", gzip.compress(RECORDS))

    look(site)
    look(site)

    assert count(site, Record) == 30
    assert names(folder / "done") == ["catalogue.mrc.gz", "catalogue.mrc.gz.report.json"]
    [report] = (folder / "done").glob("*.report.json")
    said = json.loads(report.read_text("utf-8"))
    assert (said["state"], said["created"], said["file"]) == ("finished", 30, "catalogue.mrc.gz")
    assert str(site.data) not in report.read_text("utf-8")
    assert list((folder / "working").iterdir()) == []


def test_a_file_that_is_still_written_waits(site, folder):
    put(folder, "catalogue.mrc", complete=False)
    put(folder, "other.mrc.part")
    put(folder, ".hidden")
    (folder / "link.mrc").symlink_to(site.data / "bibliopolis.sqlite")

    look(site)

    assert count(site, IntakeRun) == 0
    assert (folder / "catalogue.mrc").exists()


def test_what_is_no_file_of_records_goes_to_failed_with_the_reason(site, folder):
    put(folder, "letter.pdf", b"%PDF-1.7")

    look(site)

    assert names(folder / "failed") == ["letter.pdf", "letter.pdf.report.json"]
    [report] = (folder / "failed").glob("*.report.json")
    assert "This is a file of PDF" in json.loads(report.read_text("utf-8"))["reason"]
    assert count(site, IntakeRun) == 0


def test_after_a_crash_at_any_moment_the_file_comes_in_once(site, folder, monkeypatch):
    put(folder, "catalogue.mrc")

    class Killed(BaseException):
        pass

    def killed(*_args, **_rest):
        raise Killed

    for moment in ("_begin", "_put_away"):
        with monkeypatch.context() as patched:
            patched.setattr(LibraryFolder, moment, killed)
            with pytest.raises(Killed):
                look_often(site)
        look(site)

    look(site)
    assert (count(site, IntakeRun), count(site, Record)) == (1, 30)
    assert names(folder / "done") == ["catalogue.mrc", "catalogue.mrc.report.json"]


def test_folders_of_nobody_and_no_folder_at_all_are_left_alone(site, folder):
    put(folder.parent, "stray.mrc")
    (folder.parent / "nowhere").mkdir()
    put(folder.parent / "nowhere", "catalogue.mrc")

    look(site)

    assert count(site, IntakeRun) == 0


def test_a_name_that_is_not_utf_8_is_shown_with_marks(site, folder):
    put(folder, os.fsdecode(b"\xea\xe0\xf2.mrc"))

    look_often(site)

    marked = "\ufffd" * 3 + ".mrc"
    assert names(folder / "done") == [marked, f"{marked}.report.json"]
    assert count(site, Record) == 30


def test_a_name_that_leaves_no_room_for_a_report_is_shortened(site, folder):
    name = "к" * 125 + ".mrc"
    put(folder, name)

    look_often(site)

    assert names(folder / "done") == ["к" * 103 + ".mrc", "к" * 103 + ".mrc.report.json"]
    [report] = (folder / "done").glob("*.report.json")
    assert json.loads(report.read_text("utf-8"))["file"] == name


@pytest.mark.parametrize("name", ["a" * 255, "." + "я" * 127, "a." + "b" * 253, "\ufffd" * 255])
def test_every_name_can_be_shortened(name):
    assert 200 <= len(shortened(name).encode()) <= 210


def test_a_file_that_goes_wrong_keeps_no_other_waiting(site, folder, monkeypatch):
    put(folder, "bad.mrc")
    put(folder, "good.mrc")
    other = folder.parent / "sennaya"
    other.mkdir()
    put(other, "good.mrc")
    begin = LibraryFolder._begin

    def begin_unless_bad(self, uid, path):
        if path.name == "bad.mrc":
            raise ValueError(path.name)
        begin(self, uid, path)

    monkeypatch.setattr(LibraryFolder, "_begin", begin_unless_bad)
    look_often(site)

    assert names(folder / "done") == ["good.mrc", "good.mrc.report.json"]
    assert names(other / "done") == ["good.mrc", "good.mrc.report.json"]
    assert len(list((folder / "working").glob("*/bad.mrc"))) == 1


def test_links_below_the_folder_are_not_followed(site, folder, tmp_path):
    secret = tmp_path / "secret"
    secret.mkdir()
    put(secret, "secret.mrc")
    working = folder / "working"
    (working / ("0" * 32)).mkdir(parents=True)
    (working / ("0" * 32) / "link.mrc").symlink_to(secret / "secret.mrc")
    (working / ("1" * 32)).symlink_to(secret)

    look_often(site)

    assert count(site, IntakeRun) == 0
    assert (secret / "secret.mrc").read_bytes() == RECORDS


@pytest.mark.parametrize("name", ["working", "done", "failed"])
def test_a_folder_of_ours_that_is_a_link_is_not_used(site, folder, tmp_path, name):
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / ("0" * 32)).mkdir(parents=True)
    put(elsewhere / ("0" * 32), "other.mrc")
    (folder / name).symlink_to(elsewhere)
    put(folder, "catalogue.mrc")

    look_often(site)

    assert count(site, IntakeRun) == 0
    assert (folder / "catalogue.mrc").exists()
    assert [path.name for path in elsewhere.iterdir()] == ["0" * 32]


def test_nobody_gets_the_report_of_another_library_by_its_uid(site, folder):
    other = folder.parent / "sennaya"
    other.mkdir()
    put(other, "theirs.mrc")
    look_often(site)
    [report] = (other / "done").glob("*.report.json")
    uid = json.loads(report.read_text("utf-8"))["import"]

    (folder / "working" / uid).mkdir(parents=True)
    put(folder / "working" / uid, "ours.mrc")
    look_often(site)

    [report] = folder.glob("*/*.report.json")
    said = json.loads(report.read_text("utf-8"))
    assert (said["file"], said["import"] == uid) == ("ours.mrc", False)


def test_the_profile_is_the_one_that_names_the_library(tmp_path):
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "imports.yaml").write_text(
        "profiles:\n  any: {title: Any}\n  ours: {title: Ours, libraries: [okhta]}\n"
    )
    profiles = load_profiles(tmp_path)

    assert profile_of(profiles, "okhta") == "ours"
    assert profile_of(profiles, "central") == ""
