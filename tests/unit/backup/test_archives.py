"""Archives that are damaged or made to do harm: one line says so, and nothing is touched."""

import gc
import hashlib
import json
import os
import shutil
import stat
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from bibliopolis.cli import main

SITE = Path(__file__).resolve().parents[3]


class Place:
    """A data folder with SQLite, looked after from the terminal."""

    def __init__(self, data):
        self.data = data

    def run(self, *arguments):
        runner = CliRunner(env={"BIBLIOPOLIS_DATA": str(self.data), "BIBLIOPOLIS_DATABASE": ""})
        config = str(SITE / "development.ini")
        return runner.invoke(main, [arguments[0], "--config", config, *map(str, arguments[1:])])


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path / "restored")


@pytest.fixture(scope="module")
def backup(tmp_path_factory, migrated_sqlite):
    """The backup of a site with one uploaded file and a secret."""
    folder = tmp_path_factory.mktemp("archives")
    data = folder / "data"
    content = b"what somebody uploaded"
    digest = hashlib.sha256(content).hexdigest()
    (data / "files" / digest[:2]).mkdir(parents=True)
    (data / "files" / digest[:2] / digest).write_bytes(content)
    (data / "files" / digest[:2] / "tmp1234").write_bytes(b"an upload that broke off")
    (data / "index").mkdir()
    (data / "index" / "segment").write_bytes(b"made again")
    (data / "leads-elsewhere").symlink_to("/etc/passwd")
    (data / "secret").write_text("a secret")
    (data / "secret").chmod(0o600)
    shutil.copyfile(migrated_sqlite, data / "bibliopolis.sqlite")
    answer = Place(data).run("backup", folder / "site.zip")
    assert answer.exit_code == 0, answer.output
    return folder / "site.zip"


@pytest.fixture
def forge(backup, tmp_path):
    """Write an archive like the backup, but for what ``change`` does to its members."""

    def forge(change, infos=()):
        with zipfile.ZipFile(backup) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        manifest = json.loads(members.pop("manifest.json"))
        change(manifest, members)
        forged = tmp_path / "forged.zip"
        with zipfile.ZipFile(forged, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                archive.writestr(name, content)
            for info, content in infos:
                archive.writestr(info, content)
            archive.writestr("manifest.json", json.dumps(manifest))
        return forged

    return forge


def announce(manifest, members, name, content=b"harm"):
    members[name] = content
    manifest["files"].append(
        {
            "member": name,
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
            "private": False,
        }
    )


def refused(place, archive, said):
    answer = place.run("restore", archive)
    assert answer.exit_code == 1, answer.output
    assert answer.output.count("\n") == 1
    assert said in answer.output
    assert not place.data.exists()


def test_only_its_owner_may_read_an_archive(backup):
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600


def test_an_archive_holds_what_cannot_be_made_again_and_nothing_else(backup):
    with zipfile.ZipFile(backup) as archive:
        names = archive.namelist()

    digest = hashlib.sha256(b"what somebody uploaded").hexdigest()
    kept = [name for name in names if name.startswith("data/")]
    assert kept == [f"data/files/{digest[:2]}/{digest}", "data/secret"]
    assert "tables/person.jsonl" in names
    assert "tables/worker_heartbeat.jsonl" not in names
    assert {
        "settings/development.ini",
        "settings/workflows/hold.yaml",
        "settings/content_types/vocabularies/audiences.yaml",
    } <= set(names)


def test_what_is_private_stays_private(backup, place):
    assert place.run("restore", backup).exit_code == 0

    assert stat.S_IMODE((place.data / "secret").stat().st_mode) == 0o600
    assert (place.data / "secret").read_text() == "a secret"


def test_a_place_in_use_is_refused(backup, place):
    place.run("restore", backup)
    before = sorted(path.name for path in place.data.iterdir())

    answer = place.run("restore", backup)

    assert (answer.exit_code, answer.output.count("\n")) == (1, 1)
    assert "is not empty: it holds" in answer.output
    assert sorted(path.name for path in place.data.iterdir()) == before


def test_a_database_in_use_is_refused(backup, place, migrated_sqlite):
    place.data.mkdir()
    shutil.copyfile(migrated_sqlite, place.data / "bibliopolis.sqlite")

    assert "the database is not empty" in place.run("restore", backup).output


def test_a_site_of_which_only_a_half_was_restored_is_not_opened(place):
    place.data.mkdir()
    (place.data / "restore-is-unfinished").write_text("an archive's name")

    for command in (["web"], ["worker", "--once"]):
        answer = place.run(*command)
        assert (answer.exit_code, answer.output.count("\n")) == (1, 1)
        assert "is not finished: run the same command again" in answer.output
        assert gc.isenabled()  # the process that called it goes on


def test_a_backup_replaces_nothing(backup, place):
    place.data.mkdir()
    answer = place.run("backup", backup)

    assert (answer.exit_code, answer.output) == (1, f"Error: there is a file {backup} already\n")


def test_where_there_is_no_site_there_is_no_backup(place, tmp_path):
    answer = place.run("backup", tmp_path / "new.zip")

    assert (answer.exit_code, answer.output.count("\n")) == (1, 1)
    assert list(tmp_path.iterdir()) == []


def test_an_archive_can_be_looked_at_without_being_restored(backup, place):
    answer = place.run("restore", "--check", backup)

    assert answer.exit_code == 0
    assert "is whole and can be restored here" in answer.output
    assert not place.data.exists()


def test_a_secret_that_is_not_in_the_archive_is_told_at_both_ends(backup, place, tmp_path):
    place.run("restore", backup)
    (place.data / "secret").unlink()

    made = place.run("backup", tmp_path / "later.zip")
    restored = Place(tmp_path / "elsewhere").run("restore", tmp_path / "later.zip")

    assert (made.exit_code, restored.exit_code) == (0, 0)
    assert "bibliopolis.secret is a setting of its own: keep it, too" in made.output
    assert "the secret is not in the archive" in restored.output


def test_an_upload_whose_bytes_have_changed_is_told(backup, place, tmp_path):
    place.run("restore", backup)
    upload = next((place.data / "files").glob("*/*")).resolve()
    upload.write_bytes(b"rot")

    answer = place.run("backup", tmp_path / "later.zip")

    assert answer.exit_code == 0
    assert f"{upload} is damaged" in answer.output


@pytest.mark.parametrize("kept", [0, 100, 5000, -10])
def test_one_that_was_cut_off_is_refused(backup, place, tmp_path, kept):
    part = tmp_path / "part.zip"
    part.write_bytes(backup.read_bytes()[:kept])

    refused(place, part, "is no whole archive")


def test_one_with_a_changed_byte_is_refused(backup, place, tmp_path):
    with zipfile.ZipFile(backup) as archive:
        member = max(archive.infolist(), key=lambda info: info.compress_size)
    content = bytearray(backup.read_bytes())
    content[member.header_offset + 200] ^= 1
    damaged = tmp_path / "damaged.zip"
    damaged.write_bytes(content)

    refused(place, damaged, "Error: ")


@pytest.mark.parametrize(
    "name",
    [
        "data/../../harm",
        "data/files/../../../harm",
        "/etc/harm",
        "data//etc/harm",
        "data\\..\\harm",
        "data/.hidden",
        "data/files/..",
        "data/c:harm",
        "data/cache/templates/harm.py",
        "data/index/harm",
        "data/bibliopolis.sqlite",
        "data/restore-is-unfinished",
        "data/files/ab/harm.html",
        "data/" + "x/" * 50 + "harm",
        "data/" + "x" * 300,
    ],
)
def test_a_file_that_would_lie_elsewhere_is_refused(forge, place, name):
    refused(place, forge(lambda *parts: announce(*parts, name)), "is no name of a file")


def test_a_link_is_refused(forge, place):
    link = zipfile.ZipInfo("data/link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16

    refused(place, forge(lambda *_parts: None, [(link, "/etc/passwd")]), "is no plain file")


def test_what_the_manifest_does_not_name_is_refused(forge, place):
    archive = forge(lambda manifest, members: members.update({"data/harm": b"harm"}))

    refused(place, archive, "is not in its manifest")


def test_what_the_manifest_names_and_is_not_there_is_refused(forge, place):
    refused(place, forge(lambda manifest, members: members.pop("data/secret")), "is missing")


def test_a_bomb_is_refused(forge, place):
    archive = forge(lambda *parts: announce(*parts, "data/bomb", bytes(60_000_000)))

    refused(place, archive, "would grow beyond all measure")


def test_one_that_needs_more_than_there_is_is_refused(forge, place, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _place: shutil._ntuple_diskusage(9, 4, 5))

    refused(place, forge(lambda *_parts: None), "has 0 MB left")


def test_one_of_a_later_version_is_refused(forge, place):
    refused(
        place,
        forge(lambda manifest, _members: manifest.update(schema="of the future")),
        "another version of Bibliopolis",
    )
    refused(
        place,
        forge(lambda manifest, _members: manifest.update(format=2)),
        "the archive has form 2, this version of Bibliopolis reads 1",
    )


@pytest.mark.parametrize(
    "manifest",
    [
        b"",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b'{"format": 1}',
        b'{"format": 1, "id": "x", "made": "", "program": "", "schema": "", "database": "",'
        b' "tables": [], "files": [], "settings": []}',
    ],
)
def test_a_manifest_that_is_none_is_refused(place, tmp_path, manifest):
    archive = tmp_path / "other.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("manifest.json", manifest)

    refused(place, archive, "manifest.json")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (b"[1,2,3]\n", "a row of sequence cannot be read"),
        (b'[{"a": 1},1]\n', "a row of sequence cannot be read"),
        (b"rubbish\n", "a row of sequence cannot be read"),
        (b'["x",null]\n', "the database refused"),
    ],
)
def test_rows_that_no_table_has_leave_the_database_empty(forge, place, rows, said):
    def change(manifest, members):
        table = next(one for one in manifest["tables"] if one["table"] == "sequence")
        members[table["member"]] = rows
        table.update(rows=1, size=len(rows), sha256=hashlib.sha256(rows).hexdigest())

    answer = place.run("restore", forge(change))

    assert (answer.exit_code, answer.output.count("\n")) == (1, 1), answer.output
    assert said in answer.output
    assert {path.name for path in place.data.iterdir()} <= {
        "serve.lock",
        "bibliopolis.sqlite",
        "bibliopolis.sqlite-wal",
        "bibliopolis.sqlite-shm",
    }
    assert place.run("restore", forge(lambda *_parts: None)).exit_code == 0


def test_what_a_killed_backup_left_is_cleared_away(backup, place, tmp_path):
    place.run("restore", backup)
    left = tmp_path / f".new.zip.part-{os.getpid() + 1}"
    left.write_bytes(b"half")

    assert place.run("backup", tmp_path / "new.zip").exit_code == 0

    assert not left.exists()
