"""What a command cannot work with is one line that says what to do, never a traceback."""

import sqlite3
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from bibliopolis.cli import main
from bibliopolis.cli.environment import migrate_database
from bibliopolis.cli.first_run import occupy
from bibliopolis.settings import parse_settings

SITE = Path(__file__).resolve().parents[3]


def test_a_data_folder_that_is_a_file_is_refused(tmp_path):
    place = tmp_path / "data"
    place.touch()

    with pytest.raises(click.ClickException, match="cannot be the data folder"):
        occupy(place)


@pytest.mark.parametrize("url", ["rubbish", "oracle7://x", "sqlite:////nowhere/at/all.sqlite"])
def test_a_database_that_cannot_be_used_is_one_line(ini, tmp_path, url):
    given = {**ini, "bibliopolis.data": str(tmp_path), "bibliopolis.database": url}

    with pytest.raises(click.ClickException, match="database"):
        migrate_database(parse_settings(given))


def test_a_damaged_database_is_one_line(ini, tmp_path):
    (tmp_path / "bibliopolis.sqlite").write_text("this is no database at all" * 50)

    with pytest.raises(click.ClickException, match="file is not a database"):
        migrate_database(parse_settings({**ini, "bibliopolis.data": str(tmp_path)}))


def test_a_database_of_a_newer_version_is_one_line(ini, tmp_path):
    database = sqlite3.connect(tmp_path / "bibliopolis.sqlite")
    database.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
    database.execute("INSERT INTO alembic_version VALUES ('from_the_future')")
    database.commit()
    database.close()

    with pytest.raises(click.ClickException, match="this version of Bibliopolis"):
        migrate_database(parse_settings({**ini, "bibliopolis.data": str(tmp_path)}))


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["serve", "--port", "99999"], "65535"),
        (["import-records", "--library", "a", "--items", "zzz", __file__], "three digits"),
        (["import-records", "--library", "a", "--report", "/no/r.json", __file__], "no folder /no"),
    ],
)
def test_an_option_that_cannot_be_meant_is_refused_at_once(command, said):
    result = CliRunner().invoke(main, command)

    assert result.exit_code == 2
    assert said in result.output


@pytest.mark.parametrize(
    ("name", "text"),
    [("site.md", "# A site"), ("site.ini", "no section"), ("other.ini", "[logging]\nlevel = 1\n")],
)
def test_a_file_that_is_no_site_is_one_line(tmp_path, name, text):
    place = tmp_path / name
    place.write_text(text)

    result = CliRunner().invoke(main, ["migrate", "-c", str(place)])

    assert result.exit_code == 78
    assert "is not an .ini file of a site" in result.output


@pytest.mark.parametrize(
    "command",
    [
        ["add-person", "a@example.org", "--name", "A"],
        ["import-records", "--library", "a", __file__],
        ["reindex"],
        ["reset-second-factor", "a@example.org"],
        ["demo"],
        ["backup", "b.tar"],
    ],
)
def test_a_command_for_a_site_that_is_not_there_makes_none(tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    place = tmp_path / "data"
    config = ["--config", str(SITE / "development.ini")]
    runner = CliRunner(env={"BIBLIOPOLIS_DATA": str(place)})

    for exists in (False, True):
        if exists:
            place.mkdir()
        result = runner.invoke(main, [*command, *config], input="a password\na password\n")

        assert result.exit_code == 1, result.output
        assert "run `bibliopolis init`" in result.output
        assert place.exists() is exists
        assert not exists or list(place.iterdir()) == []
